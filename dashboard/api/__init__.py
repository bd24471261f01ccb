"""The doors over HTTP: each route parses, asks the desk or a view, and answers with JSON."""
