"""Placing rows of files of any size: a stream of batches goes in, the areas of each row's point come out beside it.

`sources` reads, `numerals`, `times` and `points` say what the cells mean, `placer` finds the areas by the rule of
`data.region.Region.place`, `sinks` writes, `running` ties them together.
"""

from data.placing.errors import PlacingError
from data.placing.flags import ALL_FLAGS, NO_TIME
from data.placing.placer import Placed, Placer
from data.placing.running import Job, Summary, place_file, prepared

__all__ = ["ALL_FLAGS", "NO_TIME", "Job", "Placed", "Placer", "PlacingError", "Summary", "place_file", "prepared"]
