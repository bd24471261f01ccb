"""Where all cases lie by the boundaries in force, kept beside them, so that figures as current need no map.

Only cases that lie elsewhere than they stand are kept. They are looked at in the order of their last events, and how
far this has come is kept in the same transaction: so it goes on where it was stopped, and later looks only at what has
changed since.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, delete, insert, select, update

from data import tables
from data.engine import reading, writing
from data.placing.placer import Placer
from data.reattributing.comparing import Page, columns_of, page_of, place_at, same
from data.reattributing.versions import Version, base_of
from data.region import Region
from data.views.bases import Base

AT_ONCE = 10_000
"""Cases of one transaction."""
NAMED = 500
"""Numbers in one statement; SQLite allows some thousand parameters."""


@dataclass(frozen=True, slots=True)
class PlacedHistory:
    """How many cases were looked at, and how many of these lie elsewhere than they stand."""

    looked_at: int
    elsewhere: int


def place_history(
    engine: Engine,
    region: Region,
    version: Version,
    now: Callable[[], datetime],
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> PlacedHistory:
    """Place every case by a version, from where the last run has come to; another base than the last one begins anew.

    To be called by one at a time: `data.reattributing.alone`.

    Parameters
    ----------
    now
        Gives the current instant (aware).
    progress
        Told up to which event it has come, and up to which one it goes.
    """
    base, placer = base_of(region, version), Placer(region)
    seen, last = _begin(engine, base, now())
    looked_at = elsewhere = 0
    while seen < last:
        with reading(engine) as connection:
            revision = tables.cases.c.revision
            query = columns_of(region, revision).where(revision > seen).order_by(revision).limit(AT_ONCE)
            rows = connection.execute(query).all()
        if not rows:
            break
        page, seen = page_of(rows, region), rows[-1].revision
        found = _elsewhere(page, placer, base)
        with writing(engine) as connection:
            _write(connection, page, found, base, seen, now())
        looked_at, elsewhere = looked_at + len(page), elsewhere + len(found)
        progress(seen, max(seen, last))
    return PlacedHistory(looked_at, elsewhere)


def _begin(engine: Engine, base: Base, now: datetime) -> tuple[int, int]:
    """Give how far this base has come, and the last event; forget every other base."""
    bases, counters = tables.placement_bases, tables.counters.c
    latest = select(counters.value).where(counters.name == tables.REVISION)
    known = select(bases.c.revision).where(bases.c.boundaries == base.boundaries, bases.c.content == base.content)
    with reading(engine) as connection:
        last: int = connection.execute(latest).scalar_one()
        seen: int | None = connection.execute(known).scalar_one_or_none()
    if seen is None:
        seen = 0
        with writing(engine) as connection:
            connection.execute(delete(tables.placements))
            connection.execute(delete(bases))
            row = {"boundaries": base.boundaries, "content": base.content, "revision": 0, "placed_at": now}
            connection.execute(insert(bases), row)
    return seen, last


def _elsewhere(page: Page, placer: Placer, base: Base) -> list[dict[str, Any]]:
    placed = placer.locate(page.lon, page.lat, base.boundaries)
    differs = ~np.isnan(page.lon) & ~same(page.areas, placed.areas)
    rows = []
    for at in np.flatnonzero(differs).tolist():
        place = place_at(page, placed, at)
        codes = {"cell": place.cell, "village": place.village, "township": place.township, "areas": dict(place.areas)}
        point = {"number": page.numbers[at], "boundaries": base.boundaries, "lon": place.lon, "lat": place.lat}
        rows.append(point | codes)
    return rows


def _write(
    connection: Connection, page: Page, rows: Sequence[dict[str, Any]], base: Base, seen: int, now: datetime
) -> None:
    placements, bases = tables.placements, tables.placement_bases
    for start in range(0, len(page), NAMED):
        numbers = list(page.numbers[start : start + NAMED])
        connection.execute(delete(placements).where(placements.c.number.in_(numbers)))
    if rows:
        connection.execute(insert(placements), list(rows))
    reached = {"revision": seen, "placed_at": now}
    connection.execute(update(bases).where(bases.c.boundaries == base.boundaries).values(**reached))
