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
from sqlalchemy.dialects import postgresql, sqlite

from data import tables
from data.engine import reading, writing
from data.placing.placer import Placer
from data.reattributing.comparing import Page, columns_of, page_of, place_at, same
from data.reattributing.versions import Version, base_of
from data.region import Region
from data.views.bases import Base

AT_ONCE = 10_000
"""Cases of one transaction."""


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
        page, before, seen = page_of(rows, region), seen, rows[-1].revision
        found = _elsewhere(page, placer, base)
        with writing(engine) as connection:
            _write(connection, found, base, (before, seen), now())
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
    connection: Connection, rows: Sequence[dict[str, Any]], base: Base, between: tuple[int, int], now: datetime
) -> None:
    placements, bases, cases = tables.placements, tables.placement_bases, tables.cases.c
    looked_at = select(cases.number).where(cases.revision > between[0], cases.revision <= between[1])
    connection.execute(delete(placements).where(placements.c.number.in_(looked_at)))
    if rows:
        # One that has changed since the look at it may be here yet; the next look at it makes it right.
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(placements).on_conflict_do_nothing(), list(rows))
    reached = {"revision": between[1], "placed_at": now}
    connection.execute(update(bases).where(bases.c.boundaries == base.boundaries).values(**reached))
