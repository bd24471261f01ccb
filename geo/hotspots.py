"""Places worth looking at: where counts are high together, and whether that is new, lasting or fading.

The statistics are PySAL's; decided here is which ones, on which neighbours, and when one may speak of a hot spot.
A county of 2,500 cells tested one by one at 5 % shows 125 hot spots in pure noise, so significance is always controlled
for the false discovery rate (Benjamini and Hochberg 1995; for local statistics: Caldas de Castro and Singer 2006).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import esda
import geopandas
import numpy as np
from libpysal.graph import Graph
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from shapely.geometry.base import BaseGeometry

from geo.errors import GeoError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Labels = NDArray[np.str_]

ALPHA = 0.05
"""Share of false discoveries that is accepted among the spots shown."""
LASTING = 0.5
"""A spot that was hot in at least this share of the earlier periods is an old one."""


class Spot(StrEnum):
    """What a cell is in one period."""

    HOT = "hot"
    COLD = "cold"
    NONE = "none"


class Course(StrEnum):
    """What a cell is over several periods."""

    EMERGING = "emerging"
    PERSISTENT = "persistent"
    FADING = "fading"
    NONE = "none"


class Quadrant(StrEnum):
    """How a cell compares with its neighbours: itself first, then they."""

    HIGH_HIGH = "high_high"
    LOW_HIGH = "low_high"
    LOW_LOW = "low_low"
    HIGH_LOW = "high_low"


@dataclass(frozen=True, slots=True)
class HotSpots:
    """Getis-Ord Gi* of every cell.

    Attributes
    ----------
    z
        Shape (n,): standard scores; NaN where nothing can be said (all counts equal).
    p
        Shape (n,): two-sided, not corrected.
    spot
        Shape (n,): values of `Spot`, significant after the correction.
    threshold
        The largest p that still counts; 0 when none does.
    """

    z: Floats
    p: Floats
    spot: Labels
    threshold: float


@dataclass(frozen=True, slots=True)
class LocalMoran:
    """Local Moran's I of every cell.

    Attributes
    ----------
    i
        Shape (n,): positive among its like, negative as an outlier.
    p
        Shape (n,): two-sided, not corrected, from the exact moments under conditional randomisation.
    quadrant
        Shape (n,): values of `Quadrant`.
    significant
        Shape (n,): whether it counts after the correction.
    """

    i: Floats
    p: Floats
    quadrant: Labels
    significant: Flags


def neighbours(cells: Sequence[BaseGeometry]) -> Graph:
    """Say which cells of a coverage touch: along an edge or in a corner (queen contiguity).

    Parameters
    ----------
    cells
        Polygons of one coverage, any CRS. Neighbours share their edges vertex for vertex, so no tolerance is needed.

    Returns
    -------
    Graph
        Binary, over positions 0 to n - 1. A cell that touches none is an island: its own count alone speaks for it.
    """
    series = geopandas.GeoSeries(list(cells))
    # strict=False: an overlap is the business of the coverage check, not of statistics.
    return Graph.build_contiguity(series, rook=False, strict=False)


def getis_ord(counts: ArrayLike, graph: Graph, *, alpha: float = ALPHA) -> HotSpots:
    """Find hot and cold spots by Gi* (Ord and Getis 1995), each cell among its own neighbours.

    Parameters
    ----------
    counts
        Shape (n,): cases, or a rate, of each cell in the order of the graph.
    alpha
        False discovery rate.

    Raises
    ------
    GeoError
        The counts are not one finite number for each cell of the graph.
    """
    values = _checked(counts, graph)
    if np.ptp(values) == 0:
        nothing = np.full(len(values), np.nan)
        return HotSpots(nothing, np.ones(len(values)), np.full(len(values), Spot.NONE.value), 0.0)
    # A cell is its own neighbour in Gi*: that is what tells it from Gi.
    z = np.asarray(esda.G_Local(values, graph, transform="B", star=True, permutations=0).Zs, float)
    p = np.where(np.isfinite(z), 2 * stats.norm.sf(np.abs(z)), 1.0)
    threshold = _threshold(p, alpha)
    spot = np.select(
        [(p <= threshold) & (z > 0), (p <= threshold) & (z < 0)], [Spot.HOT.value, Spot.COLD.value], Spot.NONE.value
    )
    return HotSpots(z, p, spot, threshold)


def local_moran(counts: ArrayLike, graph: Graph, *, alpha: float = ALPHA) -> LocalMoran:
    """Find clusters and outliers by local Moran's I (Anselin 1995), tested under conditional randomisation.

    The moments are exact (Sokal, Oden and Thomson 1998): permutations would give other answers each time, and 999 of
    them could not reach the small p that a correction over thousands of cells asks for.

    Parameters
    ----------
    counts
        Shape (n,): as in `getis_ord`.
    alpha
        False discovery rate.

    Raises
    ------
    GeoError
        As in `getis_ord`.
    """
    values = _checked(counts, graph)
    names = np.array([Quadrant.HIGH_HIGH, Quadrant.LOW_HIGH, Quadrant.LOW_LOW, Quadrant.HIGH_LOW])
    if np.ptp(values) == 0:
        zero, none = np.zeros(len(values)), np.zeros(len(values), bool)
        return LocalMoran(zero, np.ones(len(values)), np.full(len(values), Quadrant.LOW_LOW.value), none)
    found = esda.Moran_Local(values, graph.transform("r"), permutations=0)
    with np.errstate(divide="ignore", invalid="ignore"):  # an island has no neighbours to be like or unlike
        z = (np.asarray(found.Is, float) - found.EIc) / np.sqrt(found.VIc)
    p = np.where(np.isfinite(z), 2 * stats.norm.sf(np.abs(z)), 1.0)
    return LocalMoran(np.asarray(found.Is, float), p, names[np.asarray(found.q) - 1], p <= _threshold(p, alpha))


def adjusted(p: ArrayLike) -> Floats:
    """Give the q values of Benjamini and Hochberg: a cell is significant at a false discovery rate of its q or more.

    Parameters
    ----------
    p
        Shape (n,): as `HotSpots` and `LocalMoran` have them.
    """
    values = np.asarray(p, np.float64)
    return np.asarray(stats.false_discovery_control(values), np.float64) if len(values) else values


def course(hot: ArrayLike) -> Labels:
    """Say what became of each cell over several periods.

    ======== ==================== ============
    now      in earlier periods   course
    ======== ==================== ============
    hot      hot in half or more  persistent
    hot      hot in fewer         emerging
    not hot  hot in half or more  fading
    not hot  hot in fewer         none
    ======== ==================== ============

    Parameters
    ----------
    hot
        Shape (periods, n): whether the cell was a hot spot, oldest period first; two periods or more.

    Returns
    -------
    Labels
        Shape (n,): values of `Course`.

    Raises
    ------
    GeoError
        There are fewer than two periods: with one nothing is new or old.
    """
    table = np.asarray(hot, bool)
    if table.ndim != 2 or len(table) < 2:
        raise GeoError(f"The table of hot spots has the shape {table.shape}; give two periods or more, oldest first.")
    before, now = table[:-1].mean(axis=0) >= LASTING, table[-1]
    return np.select(
        [now & before, now & ~before, ~now & before],
        [Course.PERSISTENT.value, Course.EMERGING.value, Course.FADING.value],
        Course.NONE.value,
    )


def _checked(counts: ArrayLike, graph: Graph) -> Floats:
    values = np.asarray(counts, np.float64)
    if values.shape != (graph.n,):
        raise GeoError(f"There are counts of the shape {values.shape} for {graph.n} cells; give one for each.")
    if not np.isfinite(values).all():
        place = int(np.flatnonzero(~np.isfinite(values))[0])
        raise GeoError(f"The count of cell {place} is {values[place]}; give 0 for a cell without cases.")
    return values


def _threshold(p: Floats, alpha: float) -> float:
    """Give the largest p that passes Benjamini and Hochberg's procedure, or 0."""
    ranked = np.sort(p)
    passing = ranked[ranked <= alpha * np.arange(1, len(p) + 1) / len(p)]
    return float(passing[-1]) if len(passing) else 0.0
