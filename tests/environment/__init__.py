"""What the tests need around them: a database server of their own, a browser."""
