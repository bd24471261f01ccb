"""How exact the coordinates of a layer are: too few decimals, or single precision, and points change sides."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

ENOUGH_DECIMALS = 6
METRES_PER_DEGREE = 111_320.0
_LEAST_VERTICES = 50


@dataclass(frozen=True, slots=True)
class Precision:
    """What the numbers are rounded to.

    Attributes
    ----------
    decimals
        Decimals that are used at all; None for more than nine.
    single
        Whether every number is one of single precision (float32).
    step_m
        The largest distance between two numbers of that kind, in metres.
    """

    decimals: int | None
    single: bool
    step_m: float

    @property
    def is_coarse(self) -> bool:
        """Whether points that other files place exactly would change sides."""
        return bool(self.step_m > METRES_PER_DEGREE * 10.0 ** -(ENOUGH_DECIMALS - 0.5))


def precision_of(geometries: Sequence[BaseGeometry], *, degrees: bool) -> Precision | None:
    """Look at every number of a layer in the file's own unit; None where there are too few to tell."""
    xy = shapely.get_coordinates(np.asarray(geometries, dtype=object))
    if len(xy) < _LEAST_VERTICES or not np.isfinite(xy).all():
        return None
    metres = METRES_PER_DEGREE if degrees else 1.0
    decimals = next((n for n in range(10) if np.array_equal(np.round(xy, n), xy)), None)
    single = decimals is None and bool(np.array_equal(xy.astype(np.float32).astype(np.float64), xy))
    step = 10.0**-decimals if decimals is not None else 0.0
    if single:
        step = float(np.spacing(np.abs(xy).max().astype(np.float32)))
    return Precision(decimals, single, step * metres)
