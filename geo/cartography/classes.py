"""Classes of a choropleth map: few, told apart on paper, with limits that a reader can remember."""

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import mapclassify
import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import GeoError

MOST_CLASSES = 5
FIGURES = 6


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


def classify(values: ArrayLike, most: int = MOST_CLASSES) -> Classes:
    """Find natural breaks, with limits as round as the values between them allow; of counts they are whole numbers.

    Parameters
    ----------
    values
        (n,) numbers; NaN and what is not above zero are left out.
    most
        Most classes.

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
            limits = _rounded(mapclassify.FisherJenks(some, k=most).bins.tolist(), some)
    classes = Classes(limits, ())
    found = classes.of(array[~np.isnan(array)])
    return Classes(limits, tuple(np.bincount(found, minlength=len(limits) + 1).tolist()))


def _rounded(breaks: Sequence[float], values: NDArray[np.float64]) -> tuple[float, ...]:
    """Move each break to the roundest number before the next value, so that every value keeps its class."""
    distinct = np.unique(values)
    limits = []
    for limit in breaks[:-1]:
        following = distinct[np.searchsorted(distinct, limit, side="right")]
        limits.append(next(near for near in _rounder(limit) if near < following))
    # The last class ends at the greatest value itself: the legend says what there is.
    return (*limits, float(values.max()))


def _rounder(limit: float) -> Iterator[float]:
    """Give numbers not below a limit, the roundest first, and the limit itself at last."""
    power = math.floor(math.log10(limit))
    for digits in range(FIGURES):
        step = 10.0 ** (power - digits)
        yield round(math.ceil(limit / step - 1e-9) * step, max(digits - power, 0))
    yield limit
