"""What would move: counted in one walk through the history, in the memory of one page, and nothing written."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Engine, select

from data import tables
from data.engine import reading
from data.reattributing.comparing import Comparison, Moves, counted, pages
from data.reattributing.versions import Change

SQUARES = 256
"""Squares of the raster of moved points, in each direction."""
OPEN, CLOSED = "open", "closed"
STATES = (OPEN, CLOSED)
COUNTED = ("moved", "there", "otherwise", "unlocated", "outside", "boundary", "gap")
"""What is counted by name, of open and closed cases apart. See docs/reattribute.md."""

Flow = tuple[str | None, str | None]
Bounds = tuple[float, float, float, float]


@dataclass
class Preview:
    """What would move.

    Attributes
    ----------
    revision
        The last event that it knows of.
    looked_at
        State to cases in all.
    counts
        (name, state) to cases: those that move, that stand there already, that stand by neither version, that have no
        point; and of those that move: that fall outside, lie on an edge, lie in a gap.
    flows
        Layer to (from, to) to state to cases; None is no area of the layer.
    bounds
        West, south, east and north of the raster, in degrees.
    squares
        State to (rows, columns) moved cases, the first row in the south.
    """

    change: Change
    bounds: Bounds
    revision: int = 0
    looked_at: Counter[str] = field(default_factory=Counter)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    flows: dict[str, dict[Flow, Counter[str]]] = field(default_factory=dict)
    squares: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.squares = {state: np.zeros((SQUARES, SQUARES), np.int64) for state in STATES}

    def count(self, name: str, state: str | None = None) -> int:
        """Give how many cases were counted under a name, of one state or of both."""
        return sum(self.counts[name, one] for one in STATES if state in (None, one))

    def add(self, found: Moves) -> None:
        """Count a page."""
        for state in STATES:
            of_state = found.page.pending if state == OPEN else ~found.page.pending
            self.looked_at[state] += int(of_state.sum())
            moved = found.moves & of_state
            named = {"moved": moved, "there": found.there & of_state, "otherwise": found.otherwise & of_state}
            named["unlocated"] = np.isnan(found.page.lon) & of_state
            named |= {flag: moved & found.has(flag) for flag in ("outside", "boundary", "gap")}
            self.counts.update({(name, state): int(mask.sum()) for name, mask in named.items()})
            if moved.any():
                self._add_flows(found, moved, state)
                self._add_squares(found, moved, state)

    def _add_flows(self, found: Moves, moved: NDArray[np.bool_], state: str) -> None:
        rows = pa.array(np.flatnonzero(moved))
        for layer, before in found.before.areas.items():
            pairs = pa.table({"old": before.take(rows), "new": found.after.areas[layer].take(rows)})
            for pair in pairs.group_by(["old", "new"]).aggregate([([], "count_all")]).to_pylist():
                if pair["old"] != pair["new"]:
                    flow = self.flows.setdefault(layer, {}).setdefault((pair["old"], pair["new"]), Counter())
                    flow[state] += pair["count_all"]

    def _add_squares(self, found: Moves, moved: NDArray[np.bool_], state: str) -> None:
        west, south, east, north = self.bounds
        column = (found.page.lon[moved] - west) / (east - west) * SQUARES
        row = (found.page.lat[moved] - south) / (north - south) * SQUARES
        inside = (column >= 0) & (column < SQUARES) & (row >= 0) & (row < SQUARES)
        np.add.at(self.squares[state], (row[inside].astype(np.int64), column[inside].astype(np.int64)), 1)


def preview(
    engine: Engine,
    comparison: Comparison,
    each: Callable[[Moves], object] = lambda _: None,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> Preview:
    """Count what would move, of one moment of the database.

    Parameters
    ----------
    each
        Given every page, for those who write the cases down one by one.
    progress
        Told how many cases are done, of how many.
    """
    found = Preview(comparison.change, bounds_of(comparison))
    done = 0
    with reading(engine) as connection:
        counters = tables.counters.c
        found.revision = connection.execute(select(counters.value).where(counters.name == tables.REVISION)).scalar_one()
        total = counted(connection)
        progress(0, total)
        for page in pages(connection, comparison.region):
            moves = comparison.of(page)
            found.add(moves)
            each(moves)
            done += len(page)
            progress(done, total)
    return found


def bounds_of(comparison: Comparison) -> Bounds:
    """Give the box around every area that changes, a little wider; the region's where none does."""
    boxes = [
        area.geometry.bounds
        for changed in comparison.change.areas(comparison.region)
        for area in (changed.before, changed.after)
        if area is not None
    ]
    if not boxes:
        return comparison.region.bounds
    west, south = (min(box[at] for box in boxes) for at in (0, 1))
    east, north = (max(box[at] for box in boxes) for at in (2, 3))
    wide, high = (east - west) * 0.02, (north - south) * 0.02
    return west - wide, south - high, east + wide, north + high
