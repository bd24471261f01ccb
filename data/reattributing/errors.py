"""What can be wrong about a re-attribution that somebody asks for."""


class ReattributionError(Exception):
    """It cannot be done; the message names the value and the way out, and nothing was written."""
