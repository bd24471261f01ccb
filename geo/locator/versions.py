"""Several boundary versions at once: points with times, each located by the boundaries of its own moment."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.locator.answers import OUTSIDE, Located
from geo.locator.locator import Locator

BEFORE = -1


@dataclass(frozen=True, slots=True)
class Dated:
    """Answers for points with times.

    Attributes
    ----------
    version
        (n,) number of the version that holds, `BEFORE` (-1) where the time is none or lies before the first one.
    located
        Positions in the rank order of the point's own version.
    """

    version: NDArray[np.int32]
    located: Located


class Versions:
    """One layer in several versions.

    Parameters
    ----------
    firsts
        (k,) first moment of each version, ascending; each holds until the next one begins.
    locators
        (k,) the same locator may stand more than once, where a layer does not change.

    Raises
    ------
    ValueError
        The moments do not ascend, or their number is not that of the locators.
    """

    def __init__(self, firsts: ArrayLike, locators: Sequence[Locator]) -> None:
        self._firsts = np.asarray(firsts, dtype="datetime64[us]")
        self._locators = tuple(locators)
        if len(self._firsts) != len(locators) or not (self._firsts[1:] > self._firsts[:-1]).all():
            raise ValueError("Give as many first moments as locators, in ascending order")

    def locate(self, lon: ArrayLike, lat: ArrayLike, when: ArrayLike, threads: int = 1) -> Dated:
        """Locate points by the boundaries of their times.

        Parameters
        ----------
        lon, lat
            See `geo.locator.Locator.locate`.
        when
            (n,) times in the zone in which `firsts` is given; NaT is before every version.
        """
        x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        times = np.asarray(when, dtype="datetime64[us]")
        version = (np.searchsorted(self._firsts, times, side="right") - 1).astype(np.int32)
        version[np.isnat(times)] = BEFORE
        index, flags = np.full(x.shape, OUTSIDE, np.int32), np.zeros(x.shape, np.uint8)
        for number in np.unique(version[version >= 0]).tolist():
            here = np.flatnonzero(version == number)
            part = self._locators[number].locate(x[here], y[here], threads)
            index[here], flags[here] = part.index, part.flags
        return Dated(version, Located(index, flags))
