"""What can go wrong on the map. Each message names the value and the way out; HTTP codes live at the edge."""


class GeoError(Exception):
    """Root of every error that the map raises."""


class UnknownCRS(GeoError):
    """A coordinate reference system that nobody here can read; the message lists those that are accepted."""


class BadArea(GeoError):
    """An area that the map cannot use: an empty geometry, a span that ends before it begins."""


class Unreadable(GeoError):
    """A file that cannot be read at all; the message names it, the reason and the way out."""
