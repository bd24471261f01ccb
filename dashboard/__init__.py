"""What people see and call: pages, HTTP interface, live stream, command line."""
