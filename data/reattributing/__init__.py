"""Cases and boundaries that change: which cases lie elsewhere, what open ones do about it, and figures on both bases.

`versions` names the boundaries of a region, `comparing` places cases by two of them, `previewing` tells what would move
and writes nothing, `applying` moves open cases through the desk, `placing` keeps where all cases lie by the boundaries
in force, `geopackage` writes what moves for a map program.
"""

from data.reattributing.applying import Applied, apply
from data.reattributing.comparing import Comparison, Moves
from data.reattributing.errors import ReattributionError
from data.reattributing.geopackage import writing_package
from data.reattributing.lock import alone
from data.reattributing.placing import PlacedHistory, place_history
from data.reattributing.previewing import Preview, preview
from data.reattributing.versions import Change, Version, base_of, change_of, in_force, versions_of

__all__ = [
    "Applied",
    "Change",
    "Comparison",
    "Moves",
    "PlacedHistory",
    "Preview",
    "ReattributionError",
    "Version",
    "alone",
    "apply",
    "base_of",
    "change_of",
    "in_force",
    "place_history",
    "preview",
    "versions_of",
    "writing_package",
]
