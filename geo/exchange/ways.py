"""Ways to read the numbers of a file: a CRS, axes the other way round, a shift under a CRS, or one applied twice."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import DEGREES, SHIFTED, Floats, crs_name, gcj02_from_wgs84, to_wgs84
from geo.errors import UnknownCRS

SWAPPED = "swapped"
UNSHIFTED = "-GCJ-02"
"""Somebody took a true position for GCJ-02 and converted it: the shift has to be added again."""


@dataclass(frozen=True, slots=True)
class Way:
    """Steps from the numbers of a file to WGS84 degrees, in order: ``swapped``, names of CRSs, ``-GCJ-02``.

    After the first CRS the numbers are degrees, so that ``EPSG:4549>GCJ-02`` is a shift under a projection and
    ``GCJ-02>GCJ-02`` one that was applied twice.
    """

    steps: tuple[str, ...]

    def __str__(self) -> str:
        return ">".join(self.steps)

    @classmethod
    def parse(cls, text: str) -> "Way":
        """Read a way as people write it: ``EPSG:4549``, ``swapped>EPSG:4490``, ``GCJ-02>GCJ-02``.

        Raises
        ------
        UnknownCRS
            A step that is none.
        """
        steps = [step.strip() for step in text.split(">")]
        named = [step.lower() if step.lower() == SWAPPED else _step(step) for step in steps]
        if SWAPPED in named[1:]:
            raise UnknownCRS(f"{text!r}: {SWAPPED} can only be the first step, for it is about the file's own numbers")
        return cls(tuple(named) if named != [SWAPPED] else (SWAPPED, "EPSG:4326"))

    @property
    def shifts(self) -> bool:
        """Whether a shift of Chinese web maps is undone, or done, on the way."""
        return any(step in SHIFTED or step == UNSHIFTED for step in self.steps)

    def degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Convert numbers of the file to lon, lat in degrees; NaN where that is not possible."""
        for step in self.steps:
            x, y = _apply(step)(x, y)
        return x, y

    def convert(self, geometry: BaseGeometry) -> BaseGeometry:
        """Convert a geometry; equal vertices stay equal, and degrees keep every digit."""
        if set(self.steps) <= DEGREES:
            return geometry
        converted: BaseGeometry = shapely.transform(
            geometry, lambda xy: np.column_stack(self.degrees(xy[:, 0], xy[:, 1]))
        )
        return converted


def _step(text: str) -> str:
    if not text.startswith("-"):
        return crs_name(text)
    if crs_name(text[1:]) != "GCJ-02":
        raise UnknownCRS(f"{text!r} is no step; only {UNSHIFTED} can be done as well as undone")
    return UNSHIFTED


def _apply(step: str) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    if step == SWAPPED:
        return lambda x, y: (y, x)
    if step == UNSHIFTED:
        return gcj02_from_wgs84
    return lambda x, y: to_wgs84(x, y, step)
