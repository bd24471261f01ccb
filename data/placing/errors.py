"""What stops a file before it is read, or while it is. What is wrong with a single row never does: it is flagged."""


class PlacingError(Exception):
    """A file, a column or an option that cannot be used; the message names it and the way out."""
