"""What people see, in a real Chromium, against the real server."""
