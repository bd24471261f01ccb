"""The board: every pending case in arrays, so that counts per area and level for an instant need no database.

Its cost follows the open cases and the changes, never the history. It is a cache that can be thrown away: `load` fills
it, `apply` folds what has changed since, and any number of threads may read it meanwhile.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cases.clock import Level
from data.views import CaseRow

NEVER = np.iinfo(np.int64).max
NOWHERE = 0  # gid of cases that stand in no area of the layer; real gids begin at 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
By = Literal["cells", "townships", "lead", "due_department", "matter", "domain", "platform", "status", "source"]
ASKED_ONLY = frozenset({"due_next"})
"""Figures that whoever asks the board is given, and no stream: half of a delta would tell the next limit."""
CODED = ("lead", "due_department", "matter", "domain", "platform", "status", "source")


@dataclass(frozen=True, slots=True)
class Ground:
    """The areas that the board counts by: codes in the order of their gid (the first code has gid 1).

    Attributes
    ----------
    finest
        Which code of a case names its cell: ``cell``, ``village`` or ``township``, by the finest layer of the region.
    """

    cells: tuple[str, ...] = ()
    townships: tuple[str, ...] = ()
    finest: Literal["cell", "village", "township"] = "cell"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases count; None or an empty tuple lets all pass, several values are alternatives.

    Attributes
    ----------
    department
        That leads a case, or whose limit falls due next in it.
    occurred_from, occurred_to
        Period of `occurred_at` (aware), the end excluded.
    """

    township: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    due_department: tuple[str, ...] = ()
    matter: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    level: tuple[int, ...] = ()
    source: tuple[str, ...] = ()
    department: tuple[str, ...] = ()
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None

    def __bool__(self) -> bool:
        """Whether it holds anything back."""
        return any(getattr(self, item.name) for item in fields(self))


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Counts:
    """Cases per key at one instant. Index 0 of areas holds those outside every area.

    Attributes
    ----------
    keys
        Codes in the order of the arrays; None first for areas (outside) and for columns (not set).
    pending, amber, overdue
        Number of pending cases, of those in the last fifth of their time, and of those past it.
    """

    keys: tuple[str | None, ...]
    pending: NDArray[np.int64]
    amber: NDArray[np.int64]
    overdue: NDArray[np.int64]

    @property
    def level(self) -> NDArray[np.int64]:
        """The worst level of each key's cases, as `cases.clock.Level`."""
        worst = np.where(self.pending > 0, int(Level.GREEN), int(Level.NONE))
        worst = np.where(self.amber > 0, int(Level.AMBER), worst)
        return np.where(self.overdue > 0, int(Level.RED), worst)

    def by_key(self) -> dict[str, dict[str, int]]:
        """Give plain numbers for every key with pending cases, ready for JSON."""
        level = self.level
        return {
            key: {
                "level": int(level[i]),
                "pending": int(self.pending[i]),
                "amber": int(self.amber[i]),
                "overdue": int(self.overdue[i]),
            }
            for i, key in enumerate(self.keys)
            if key is not None and self.pending[i]
        }


@dataclass(frozen=True, slots=True)
class Day:
    """What the database says of today so far; the board itself remembers only what is pending."""

    received: int = 0
    closed: int = 0
    reports: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """All that a page shows at an instant: a pure function of the revision and the instant."""

    revision: int
    at: datetime
    cells: Counts
    townships: Counts
    figures: Mapping[str, Any] = field(default_factory=dict)


def microseconds(instant: datetime | None) -> int:
    """Count whole microseconds since 1970 in UTC, exactly (a float of seconds is not); NEVER for None."""
    if instant is None:
        return NEVER
    passed = instant - EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def milliseconds(instant: datetime) -> int:
    """Count whole milliseconds since 1970 in UTC, as scripts count."""
    return microseconds(instant) // 1000


class Board:
    """Pending cases in columns. Slots of cases that have left are used again."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.revision = 0
        self.day = Day()
        self._lock = threading.RLock()
        self._gid_of_cell = {code: i for i, code in enumerate(ground.cells, 1)}
        self._gid_of_township = {code: i for i, code in enumerate(ground.townships, 1)}
        self._clear(256)

    def _clear(self, size: int) -> None:
        self._slot_of: dict[str, int] = {}
        self._rows: list[CaseRow | None] = [None] * size
        self._free = list(range(size - 1, -1, -1))
        self._codes: dict[str, dict[str | None, int]] = {name: {None: 0} for name in CODED}
        self._columns: dict[str, NDArray[np.int32]] = {
            name: np.zeros(size, np.int32) for name in ("cells", "townships", *CODED)
        }
        self._pending = np.zeros(size, bool)
        self._amber_at = np.full(size, NEVER, np.int64)
        self._due_at = np.full(size, NEVER, np.int64)
        self._occurred_at = np.full(size, NEVER, np.int64)

    def _grow(self) -> None:
        size = len(self._rows)
        self._columns = {name: np.concatenate([c, np.zeros(size, np.int32)]) for name, c in self._columns.items()}
        self._pending = np.concatenate([self._pending, np.zeros(size, bool)])
        self._amber_at = np.concatenate([self._amber_at, np.full(size, NEVER, np.int64)])
        self._due_at = np.concatenate([self._due_at, np.full(size, NEVER, np.int64)])
        self._occurred_at = np.concatenate([self._occurred_at, np.full(size, NEVER, np.int64)])
        self._rows += [None] * size
        self._free += range(2 * size - 1, size - 1, -1)

    def load(self, rows: Iterable[CaseRow], revision: int) -> None:
        """Forget everything and take these pending cases, which hold as of `revision`."""
        with self._lock:
            self._clear(256)
            self.revision = 0
            self.apply(rows)
            self.revision = max(self.revision, revision)

    def apply(self, rows: Iterable[CaseRow]) -> dict[str, str]:
        """Fold changed cases in and say of each what that did to the map.

        Returns
        -------
        dict
            Case number to ``came`` (is pending now), ``left`` (no longer), ``moved`` (to another area) or ``event``.
        """
        with self._lock:
            found = {}
            for row in rows:
                found[row.number] = self._take(row) if row.pending else self._drop(row.number)
                self.revision = max(self.revision, row.revision)
            return found

    def _drop(self, number: str) -> str:
        slot = self._slot_of.pop(number, None)
        if slot is None:
            return "event"
        self._pending[slot] = False
        self._amber_at[slot] = self._due_at[slot] = NEVER
        self._rows[slot] = None
        self._free.append(slot)
        return "left"

    def _take(self, row: CaseRow) -> str:
        slot = self._slot_of.get(row.number)
        change = "came" if slot is None else "event"
        if slot is None:
            if not self._free:
                self._grow()
            slot = self._slot_of[row.number] = self._free.pop()
        place = (self.cell_gid(row), self._gid_of_township.get(row.township or "", NOWHERE))
        cells, townships = self._columns["cells"], self._columns["townships"]
        if change == "event" and place != (cells[slot], townships[slot]):
            change = "moved"
        cells[slot], townships[slot] = place
        for name in CODED:
            codes = self._codes[name]
            self._columns[name][slot] = codes.setdefault(getattr(row, name), len(codes))
        self._pending[slot] = True
        self._amber_at[slot] = microseconds(row.amber_at)
        self._due_at[slot] = microseconds(row.due_at)
        self._occurred_at[slot] = microseconds(row.occurred_at)
        self._rows[slot] = row
        return change

    def cell_gid(self, row: CaseRow) -> int:
        """Give the gid of the area that the map paints for this case; NOWHERE outside."""
        return self._gid_of_cell.get(getattr(row, self.ground.finest) or "", NOWHERE)

    def __len__(self) -> int:
        """Count the pending cases."""
        return len(self._slot_of)

    def _levels(self, at: datetime) -> NDArray[np.int64]:
        """Level of each slot, with the limits of `cases.clock.level`: amber from `amber_at` on, red after `due_at`."""
        t = microseconds(at)
        level = np.where(self._pending, int(Level.GREEN), int(Level.NONE))
        level[self._pending & (self._amber_at <= t)] = int(Level.AMBER)
        level[self._pending & (self._due_at < t)] = int(Level.RED)
        return level

    def _chosen(self, at: datetime, only: Filter) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Slots of the pending cases that pass the filter, and the levels of all slots."""
        level = self._levels(at)
        keep = self._pending.copy()
        for name in CODED:
            if wanted := getattr(only, name):
                keep &= self._has(name, wanted)
        if only.department:
            keep &= self._has("lead", only.department) | self._has("due_department", only.department)
        if only.occurred_from is not None:
            keep &= self._occurred_at >= microseconds(only.occurred_from)
        if only.occurred_to is not None:
            keep &= self._occurred_at < microseconds(only.occurred_to)
        if only.township:
            gids = [self._gid_of_township[code] for code in only.township if code in self._gid_of_township]
            keep &= np.isin(self._columns["townships"], gids)
        if only.level:
            keep &= np.isin(level, only.level)
        return np.flatnonzero(keep), level

    def _has(self, name: str, wanted: tuple[str, ...]) -> NDArray[np.bool_]:
        numbers = [self._codes[name][code] for code in wanted if code in self._codes[name]]
        return np.isin(self._columns[name], numbers)

    def _keys(self, by: By) -> tuple[str | None, ...]:
        if by == "cells":
            return (None, *self.ground.cells)
        if by == "townships":
            return (None, *self.ground.townships)
        return tuple(self._codes[by])

    def counts(self, at: datetime, by: By = "cells", only: Filter = EVERYTHING) -> Counts:
        """Count pending cases per area, department, matter, ... at an instant not before the last change."""
        with self._lock:
            slots, level = self._chosen(at, only)
            keys = self._keys(by)
            column, level = self._columns[by][slots], level[slots]
            return Counts(
                keys,
                np.bincount(column, minlength=len(keys)),
                np.bincount(column[level == Level.AMBER], minlength=len(keys)),
                np.bincount(column[level == Level.RED], minlength=len(keys)),
            )

    def soonest(self, at: datetime, limit: int, only: Filter = EVERYTHING) -> list[tuple[CaseRow, Level]]:
        """Give pending cases by the time left, the longest overdue first, those without a running clock last."""
        with self._lock:
            slots, level = self._chosen(at, only)
            order = slots[np.lexsort((slots, self._due_at[slots]))][:limit]
            return [(row, Level(level[slot])) for slot in order if (row := self._rows[slot]) is not None]

    def lately(self, at: datetime, received: timedelta, due: timedelta) -> list[CaseRow]:
        """Give the pending cases that were received, or whose limit passed, within so long before an instant."""
        with self._lock:
            limit = self._pending & (self._due_at <= microseconds(at)) & (self._due_at > microseconds(at - due))
            late = {int(slot) for slot in np.flatnonzero(limit)}
            since = at - received
            return [
                row for slot, row in enumerate(self._rows) if row and (slot in late or since < row.received_at <= at)
            ]

    def case(self, number: str) -> CaseRow | None:
        """Give the row of a pending case, or None."""
        with self._lock:
            slot = self._slot_of.get(number)
            return None if slot is None else self._rows[slot]

    def next_change(self, after: datetime) -> datetime | None:
        """Give the first instant after `after` at which time alone changes a level; None when it will not."""
        with self._lock:
            t = microseconds(after)
            # A case is red from the first microsecond after its due time.
            limits = np.concatenate([self._amber_at, np.minimum(self._due_at, NEVER - 1) + 1])
            ahead = limits[(limits > t) & (limits != NEVER)]
            return None if ahead.size == 0 else after + timedelta(microseconds=int(ahead.min() - t))

    def figures(self, at: datetime) -> dict[str, Any]:
        """Give the county's figures: pending, amber, overdue, what today brought, and the next case to fall due."""
        with self._lock:
            level = self._levels(at)
            ahead = np.where(self._pending & (self._due_at >= microseconds(at)), self._due_at, NEVER)
            first = int(ahead.argmin())
            row = self._rows[first] if ahead[first] != NEVER else None
            return {
                "received_today": self.day.received,
                "reports_today": self.day.reports,
                "closed_today": self.day.closed,
                "pending": len(self._slot_of),
                "amber": int((level == Level.AMBER).sum()),
                "overdue": int((level == Level.RED).sum()),
                "due_next": None if row is None else self._due(row),
            }

    def _due(self, row: CaseRow) -> dict[str, Any]:
        return {
            "number": row.number,
            "due_at": None if row.due_at is None else milliseconds(row.due_at),
            "kind": row.due_kind,
            "department": row.due_department,
            "township": row.township,
            "matter": row.matter,
            "g": self.cell_gid(row),
        }

    def picture(self, at: datetime) -> Picture:
        """Draw everything that a page shows, at one instant and one revision."""
        with self._lock:
            return Picture(self.revision, at, self.counts(at, "cells"), self.counts(at, "townships"), self.figures(at))


def flat(counts: Counts, gids: Sequence[int] | NDArray[np.intp]) -> list[int]:
    """Write [gid, level, pending, amber, overdue, gid, ...] of these areas, as the stream sends them."""
    chosen = np.asarray(gids, dtype=np.intp)
    columns = (counts.level, counts.pending, counts.amber, counts.overdue)
    return np.stack([chosen, *(c[chosen] for c in columns)], axis=1).ravel().tolist()


def changed(before: Counts, after: Counts) -> NDArray[np.intp]:
    """Find the gids of areas whose numbers differ; level follows from the numbers, and outside is no area."""
    differs = (before.pending != after.pending) | (before.amber != after.amber) | (before.overdue != after.overdue)
    differs[NOWHERE] = False
    return np.flatnonzero(differs)


def full(picture: Picture) -> dict[str, Any]:
    """Write the whole picture as the stream sends it: cells with pending cases only, all townships and figures."""
    cells = np.flatnonzero(picture.cells.pending)
    return {
        "rev": picture.revision,
        "at": milliseconds(picture.at),
        "cells": flat(picture.cells, cells[cells != NOWHERE]),
        "townships": flat(picture.townships, range(1, len(picture.townships.keys))),
        "figures": {name: value for name, value in picture.figures.items() if name not in ASKED_ONLY},
    }


def delta(before: Picture, after: Picture) -> dict[str, Any]:
    """Write what differs between two pictures of the same ground, in absolute values; empty keys are left out."""
    found = {
        "cells": flat(after.cells, changed(before.cells, after.cells)),
        "townships": flat(after.townships, changed(before.townships, after.townships)),
        "figures": {k: v for k, v in after.figures.items() if k not in ASKED_ONLY and before.figures.get(k) != v},
    }
    return {k: v for k, v in found.items() if v}
