"""Several layers from one look-up: cell, village and township of a point."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.locator.answers import OUTSIDE, Located
from geo.locator.locator import Locator
from geo.locator.rings import edges_of

Geometries = Sequence[BaseGeometry] | NDArray[np.object_]


def fingerprints(geometries: Geometries, owners: NDArray[np.int32], count: int) -> NDArray[np.uint64]:
    """Give a fingerprint of the boundary of each owner's areas taken together.

    Edges that two areas of one owner share cancel each other, so equal boundaries have equal fingerprints, whatever
    lies inside; others have different ones but for one chance in 2**64.

    Parameters
    ----------
    owners
        (n,) owner of each geometry, below `count`; negative for none.
    """
    edges = edges_of(geometries)
    begins = np.flatnonzero(edges.area >= 0)
    owner = owners[edges.area[begins]]
    begins, owner = begins[owner >= 0], owner[owner >= 0]
    # + 0.0: minus zero is the same number in other bits.
    ends = [_mixed(_mixed((edges.xy[at, 0] + 0.0).view(np.uint64)) + (edges.xy[at, 1] + 0.0).view(np.uint64))
            for at in (begins, begins + 1)]  # fmt: skip
    found = np.zeros(count, np.uint64)
    # The sum of both ends is the same from either side; an edge without length is none.
    np.bitwise_xor.at(found, owner, np.where(ends[0] == ends[1], np.uint64(0), _mixed(ends[0] + ends[1])))
    return found


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread bits over the whole word (the finaliser of SplitMix64)."""
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def nests(inner: Geometries, outer: Geometries, parents: NDArray[np.int32]) -> bool:
    """Whether the inner areas of every outer one fill exactly it, to the last digit of every vertex of its boundary.

    Parameters
    ----------
    parents
        (n,) position of the outer area that an inner one belongs to.
    """
    whole = np.arange(len(outer), dtype=np.int32)
    if (parents < 0).any():
        return False
    filled = fingerprints(inner, parents, len(outer))
    return bool((filled == fingerprints(outer, whole, len(outer))).all())


class Layers:
    """Layers above each other, the finest first: each gets exactly the answers of its own locator.

    Where a layer nests in the next one exactly (`nests`), a point that one area alone covers needs no second look-up:
    the parent of the area is the answer. Points on edges, in overlaps, and layers that do not nest are looked up again.

    Parameters
    ----------
    layers
        The geometries of each layer in rank order, and its locator.
    parents
        For each layer but the last, (n,) position of each area's parent in the next layer; negative for none.
    """

    def __init__(self, layers: Sequence[tuple[Geometries, Locator]], parents: Sequence[ArrayLike]) -> None:
        if len(parents) != len(layers) - 1:
            raise ValueError(f"{len(layers)} layers need {len(layers) - 1} lists of parents, not {len(parents)}")
        self._locators = [locator for _, locator in layers]
        self._parents: list[NDArray[np.int32] | None] = []
        for (inner, _), (outer, _), given in zip(layers, layers[1:], parents, strict=False):
            above = np.asarray(given, dtype=np.int32)
            fits = nests(inner, outer, above) and not shapely.is_empty(np.asarray(inner, dtype=object)).all()
            # The last place answers for position -1: outside stays outside.
            self._parents.append(np.append(above, np.int32(OUTSIDE)) if fits else None)

    @property
    def nested(self) -> tuple[bool, ...]:
        """For each layer but the last, whether it nests in the next one exactly."""
        return tuple(above is not None for above in self._parents)

    def locate(self, lon: ArrayLike, lat: ArrayLike, threads: int = 1) -> list[Located]:
        """Locate points in every layer; see `geo.locator.Locator.locate`."""
        x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        found = [self._locators[0].locate(x, y, threads)]
        for above, locator in zip(self._parents, self._locators[1:], strict=True):
            found.append(locator.locate(x, y, threads) if above is None else _lifted(found[-1], above, locator, x, y))
        return found


def _lifted(
    below: Located, above: NDArray[np.int32], locator: Locator, x: NDArray[np.float64], y: NDArray[np.float64]
) -> Located:
    index, flags = above[below.index], np.zeros_like(below.flags)
    several = np.flatnonzero(below.flags)
    if len(several):
        again = locator.locate(x[several], y[several])
        index[several], flags[several] = again.index, again.flags
    return Located(index, flags)
