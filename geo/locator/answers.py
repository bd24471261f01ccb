"""What a locator answers: for arrays of points, for one point, and for a point beside the areas."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OUTSIDE = -1
SUGGEST_WITHIN_M = 200.0

EDGE = 1
OVERLAP = 2


@dataclass(frozen=True, slots=True)
class Located:
    """Answers for an array of points.

    Attributes
    ----------
    index
        (n,) position of the area in rank order, `OUTSIDE` (-1) where no area covers the point or it is not finite.
    flags
        (n,) bits: `EDGE` where more than one area covers the point, `OVERLAP` where one of them does so with its
        inside, which areas that only share their edges never do.
    """

    index: NDArray[np.int32]
    flags: NDArray[np.uint8]

    @property
    def on_edge(self) -> NDArray[np.bool_]:
        """Whether more than one area covers the point."""
        return (self.flags & EDGE).astype(np.bool_)

    @property
    def overlapped(self) -> NDArray[np.bool_]:
        """Whether the point lies where areas overlap: a fault of the layer, not an edge."""
        return (self.flags & OVERLAP).astype(np.bool_)

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Whether no area covers the point."""
        return self.index < 0


@dataclass(frozen=True, slots=True)
class Hit:
    """The answer for one point: see `Located`."""

    position: int
    on_edge: bool
    overlapped: bool = False


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest area and its distance in metres; -1 and NaN where none is near enough."""

    position: int
    distance_m: float
