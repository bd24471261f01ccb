"""One layer at one boundary version: the door to index, tree and outlines."""

import contextlib
import math
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from shapely import box
from shapely.geometry.base import BaseGeometry

from geo.locator import index as pixels
from geo.locator import store
from geo.locator.answers import OUTSIDE, SUGGEST_WITHIN_M, Hit, Located, Nearest
from geo.locator.compiled import HAS_NUMBA
from geo.locator.index import PixelIndex
from geo.locator.outlines import Outlines
from geo.locator.tree import Tree


class Locator:
    """One layer at one boundary version. Read-only once made, so threads may share it.

    Parameters
    ----------
    geometries
        Valid polygons in degrees, (lon, lat), in rank order: on a shared edge the first one wins.
    metric_crs
        CRS in which distances are measured.
    folder
        Where the index is kept between starts and shared by processes; without it, it is built in memory.
    budget
        Bytes that the index may take; see `geo.locator.plan`.
    compiled
        False: numpy and shapely only, which is also what happens without numba. The answers are the same.
    """

    def __init__(
        self,
        geometries: Sequence[BaseGeometry],
        metric_crs: str,
        *,
        folder: Path | None = None,
        budget: int | None = None,
        compiled: bool = True,
    ) -> None:
        self._geometries: NDArray[np.object_] = np.fromiter(geometries, dtype=object, count=len(geometries))
        self._metric_crs = metric_crs
        self._lock = threading.Lock()
        self._outlines: Outlines | None = None
        self._index = self._find(folder, budget) if compiled and HAS_NUMBA else None
        self._engine: PixelIndex | Tree = self._index or Tree(self._geometries)

    def _find(self, folder: Path | None, budget: int | None) -> PixelIndex:
        if folder is None:
            return pixels.build(self._geometries, budget)
        key = store.key_of(self._geometries, budget)
        found = store.load(folder, key)
        if found is None:
            found = pixels.build(self._geometries, budget)
            # A folder that is full or cannot be written must not keep the duty officer from starting.
            with contextlib.suppress(OSError):
                store.save(found, folder, key)
                found = store.load(folder, key) or found
        return found

    def __len__(self) -> int:
        return len(self._geometries)

    @property
    def index(self) -> PixelIndex | None:
        """The pixel index, if this locator has one."""
        return self._index

    def locate(self, lon: ArrayLike, lat: ArrayLike, threads: int = 1) -> Located:
        """Locate points.

        Parameters
        ----------
        lon, lat
            WGS84 degrees, one-dimensional and of equal length; what is not finite is outside.
        threads
            As many parts are located at a time; the tree knows only one.

        Raises
        ------
        ValueError
            The two are not one-dimensional and of equal length.
        """
        x, y = _pair(lon, lat)
        if isinstance(self._engine, Tree):
            return self._engine.locate(x, y)
        return self._engine.locate(x, y, threads)

    def locate_one(self, lon: float, lat: float) -> Hit:
        """Locate one point; the same rule and the same answer as `locate`."""
        return self._engine.locate_one(lon, lat)

    def nearest(
        self, lon: ArrayLike, lat: ArrayLike, within_m: float = SUGGEST_WITHIN_M
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Give the nearest area of each point and its distance in metres; -1 and NaN beyond `within_m`.

        Distances are those of the metric CRS, 0 where an area covers the point; at equal distance the lowest rank wins.
        """
        x, y = _pair(lon, lat)
        index = self.locate(x, y).index
        distance = np.where(index == OUTSIDE, np.nan, 0.0)
        beside = np.flatnonzero(index == OUTSIDE)
        if len(beside):
            index[beside], distance[beside] = self._lines().nearest(x[beside], y[beside], within_m)
        return index, distance

    def _lines(self) -> Outlines:
        # Made when first asked for: most points lie inside, and a mapped index must not wait for it.
        if self._outlines is None:
            with self._lock:
                self._outlines = self._outlines or Outlines(self._geometries, self._metric_crs)
        return self._outlines

    def nearest_one(self, lon: float, lat: float, within_m: float = SUGGEST_WITHIN_M) -> Nearest:
        """Give the nearest area of one point; see `nearest`."""
        index, distance_m = self.nearest([lon], [lat], within_m)
        return Nearest(int(index[0]), float(distance_m[0]))


def _pair(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.ascontiguousarray(lon, dtype=np.float64), np.ascontiguousarray(lat, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"lon has the shape {x.shape}, lat {y.shape}; give two rows of equal length")
    return x, y


def warm_up() -> None:
    """Compile every kernel that a locator needs, for layers small and large; from the disk where it was done before."""
    side = math.isqrt(pixels.SMALL) + 1
    west, south = np.meshgrid(121.0 + np.arange(side) * 0.01, 30.0 + np.arange(side) * 0.01)
    many = box(west, south, west + 0.01, south + 0.01).ravel()
    for layer in (many[:1], many):
        locator = Locator(layer, "EPSG:4549", budget=1 << 20)
        locator.locate([121.0], [30.0])
        locator.locate_one(121.0, 30.0)
