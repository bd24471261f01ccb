"""Classes of a choropleth map: few, told apart on paper, with limits that a reader can remember."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import mapclassify
import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import GeoError

MOST_CLASSES = 5


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes above zero: nothing at all is a class of its own, 0, and is ground.

    Attributes
    ----------
    limits
        Upper limit of each class, rising; a value belongs to the first class whose limit it does not exceed.
    counts
        Number of values in each class; the first one is of those that are nothing.
    """

    limits: tuple[float, ...]
    counts: tuple[int, ...]

    def of(self, values: ArrayLike) -> NDArray[np.int64]:
        """Give the class of each value: 0 for nothing, else 1 and up."""
        array = np.asarray(values, dtype=float)
        found = np.searchsorted(self.limits, array, side="left").astype(np.int64) + 1
        return np.where(array > 0, np.minimum(found, max(len(self.limits), 1)), 0)


def classify(values: ArrayLike, most: int = MOST_CLASSES, *, whole: bool = False) -> Classes:
    """Find natural breaks and round them to limits of at most two figures, as far as values stay apart.

    Parameters
    ----------
    values
        (n,) numbers; NaN and what is not above zero are left out.
    most
        Most classes.
    whole
        Whether values are counts, so that limits are whole numbers.

    Raises
    ------
    GeoError
        A value is infinite.

    Notes
    -----
    Breaks by Fisher (1958) and Jenks (1977): the classes with the least squared deviation within them.
    """
    array = np.asarray(values, dtype=float)
    if np.isinf(array).any():
        raise GeoError(f"Value {int(np.flatnonzero(np.isinf(array))[0])} is infinite; no class can hold it")
    some = array[array > 0]
    if not len(some):
        return Classes((), (int(np.count_nonzero(~np.isnan(array))),))
    distinct = np.unique(some)
    if len(distinct) <= most:
        limits = tuple(distinct.tolist())
    else:
        with warnings.catch_warnings():
            # It warns of ties, which are no fault: counts of cases are mostly small.
            warnings.simplefilter("ignore")
            limits = _rounded(mapclassify.FisherJenks(some, k=most).bins.tolist(), some, whole=whole)
    classes = Classes(limits, ())
    found = classes.of(array[~np.isnan(array)])
    return Classes(limits, tuple(np.bincount(found, minlength=len(limits) + 1).tolist()))


def _rounded(breaks: Sequence[float], values: NDArray[np.float64], *, whole: bool) -> tuple[float, ...]:
    limits: list[float] = []
    for limit in breaks[:-1]:
        digits = 1 - math.floor(math.log10(limit))
        near = round(limit, digits)
        near = float(math.floor(near)) if whole else near
        if near > (limits[-1] if limits else 0.0):
            limits.append(near)
    # The last class ends at the greatest value itself: the legend says what there is.
    limits.append(float(values.max()))
    return tuple(sorted(set(limits)))
