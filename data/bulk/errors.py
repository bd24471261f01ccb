"""What stops an import before its first row. What is wrong with a single row never stops it: the report names it."""


class BulkError(Exception):
    """A file or a mapping that cannot be used; the message names the file, the place and the way out."""
