"""Boundary files as offices have them, in and out: every format, every feature, and what is wrong with each."""

from geo.errors import Unreadable
from geo.exchange.features import BoundaryFile, Feature, TextEncoding, Trouble, TroubleKind
from geo.exchange.reading import layers_of, read_boundaries
from geo.exchange.staging import weigh

__all__ = [
    "BoundaryFile",
    "Feature",
    "TextEncoding",
    "Trouble",
    "TroubleKind",
    "Unreadable",
    "layers_of",
    "read_boundaries",
    "weigh",
]
