"""Which area a point lies in: one layer at one boundary version, by the rules for edges and for points outside.

This room holds the whole rule and nothing else does, so that another way to compute it changes only this room. Callers
put the areas in rank order; the lowest rank wins on a shared edge. docs/locating.md explains how it works.

From the bottom up: `answers`, `compiled` (numba, if there is one), `orientation` (on which side of an edge), `grid`
(which pixel), `rings`, `plan` (how fine), `tiles` and `records` (building), `query` (asking), `index`, `store` (on
disk), `tree` (numpy and shapely alone), `outlines` (distances), `locator` (the door), `layers` and `versions` (several
at once).
"""

from geo.locator.answers import OUTSIDE, SUGGEST_WITHIN_M, Hit, Located, Nearest
from geo.locator.layers import Layers, nests
from geo.locator.locator import Locator
from geo.locator.versions import BEFORE, Dated, Versions

__all__ = [
    "BEFORE",
    "OUTSIDE",
    "SUGGEST_WITHIN_M",
    "Dated",
    "Hit",
    "Layers",
    "Located",
    "Locator",
    "Nearest",
    "Versions",
    "nests",
]
