"""Which piece of land is which village: communities in the middle, and names that say where they lie.

A township's villages have real names and codes, but no public line says where they are. Names help: 东 lies in the
east, 岙 in the hills, a community 社区 in the town. The assignment is the cheapest one by these hints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

HINTS: dict[str, tuple[float, float]] = {
    # part of the name: where it pulls to, in shares of the township's half width (east) and half height (north)
    "东": (1.0, 0.0), "西": (-1.0, 0.0), "南": (0.0, -1.0), "北": (0.0, 1.0), "中": (0.0, 0.0),
    "山": (0.0, -0.7), "岙": (0.0, -1.0), "岭": (0.0, -1.0), "岗": (0.0, -0.8), "溪": (0.0, -0.8), "湖": (0.0, -0.6),
    "龙舌": (0.0, -0.8), "畈": (0.0, -0.4), "海": (0.0, 0.9), "浦": (0.0, 0.6), "闸": (0.0, 0.9), "塘下": (0.0, 0.3),
    "五塘": (0.0, 0.4), "六塘": (0.0, 0.7), "四塘": (0.0, 0.2), "二塘": (0.0, -0.3), "农垦": (0.3, 1.0),
}  # fmt: skip
TWINS, ANCHORED = 8.0, 6.0
"""Cost of a whole diagonal of the township between two bodies of one name, and between a name and its place."""
CENTRAL = {"社区": 1.0, "居委会": 1.4}


def assign(
    names: Sequence[str],
    places: NDArray[np.float64],
    areas_m2: NDArray[np.float64],
    crowding: NDArray[np.float64],
    anchors: Mapping[str, NDArray[np.float64]],
) -> NDArray[np.int64]:
    """Piece of each name.

    Parameters
    ----------
    names : sequence of str
        Full names of one township's villages, n of them, in the order of their codes.
    places : ndarray, (n, 2)
        Middles of the pieces, metres.
    areas_m2, crowding : ndarray, (n,)
        Size of each piece and how close people live there.
    anchors : mapping
        Name of a known place to its (x, y): a village whose name holds it lies there.

    Returns
    -------
    ndarray of int, (n,)
        For each name the index of its piece; every piece is taken once.
    """
    low, high = places.min(axis=0), places.max(axis=0)
    square = (places - (low + high) / 2) / np.maximum((high - low) / 2, 1.0)
    far = np.argsort(np.argsort(-crowding, kind="stable"), kind="stable") / max(len(names) - 1, 1)
    large = np.argsort(np.argsort(areas_m2, kind="stable"), kind="stable") / max(len(names) - 1, 1)
    cost = np.array([_cost(name, square, far, large) for name in names])
    diagonal = float(np.hypot(*(high - low)))
    for i, name in enumerate(names):
        for place, at in anchors.items():
            if place in name:
                cost[i] = cost[i] + ANCHORED * np.hypot(*(places - at).T) / diagonal
    piece = linear_sum_assignment(cost)[1]
    # 马家路居委会 and 马家路村委会 are one old village: the second lies beside the first.
    first = {stem(name): piece[i] for i, name in enumerate(names) if not name.endswith("村委会")}
    for i, name in enumerate(names):
        if name.endswith("村委会") and stem(name) in first:
            away = np.hypot(*(places - places[first[stem(name)]]).T)
            cost[i] = cost[i] + TWINS * away / diagonal
        elif stem(name) in first:
            cost[i, piece[i]] -= 10.0  # stays where it is
    return np.asarray(linear_sum_assignment(cost)[1])


def stem(name: str) -> str:
    """Name without what kind of body it is."""
    return name.removesuffix("村委会").removesuffix("居委会").removesuffix("社区")


def _cost(
    name: str, square: NDArray[np.float64], far: NDArray[np.float64], large: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How ill each piece suits the name."""
    central = next(
        (pull for ending, pull in CENTRAL.items() if name.endswith(ending) and not name.endswith("村委会")), 0.0
    )
    cost = central * (2.5 * far + 0.5 * large)
    for part, (east, north) in HINTS.items():
        if part in stem(name):
            weight = 0.9 if stem(name).endswith(part) else 0.5
            cost = cost + weight * np.hypot(square[:, 0] - east, square[:, 1] - north) ** 2 / 2
    return cost
