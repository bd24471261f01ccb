"""What a change of lines costs in a large history: looking, moving, placing, counting, each beside what does the least.

`REATTRIBUTED_CASES=1000000` makes the history as long; the table in docs/performance.md was made so.
"""

import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, insert, select, text

from cases.case import Span, Status
from cases.desk import Reattribution
from cases.history import fold
from cases.ports import Place
from data import tables, views
from data.engine import migrate, open_engine, reading, writing
from data.placing.placer import Placer
from data.reattributing import Comparison, apply, base_of, change_of, place_history, preview
from data.reattributing.applying import _batches, _open_pages
from data.region import Region
from data.store import SqlCaseStore, case_row, length_class
from tests.data.samples import a_state
from tests.environment import postgres
from tests.reattributing import county

pytestmark = pytest.mark.bench

CASES = int(os.environ.get("REATTRIBUTED_CASES", "200000"))
OPEN = 1_500  # in 庵东镇, of which about two thirds move
PAGE = 10_000
LOOPED = 200
AT = datetime(2024, 10, 1, tzinfo=UTC)
NOW = datetime(2024, 11, 25, 2, 0, tzinfo=UTC)
WHY = Reattribution(county.SPLIT, "浙政函〔2024〕147号", "县编办")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cixi: Region) -> Iterator[Engine]:
    """Closed cases all over the county, and open ones in what was 庵东镇; commits wait for the disk."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('bench')}/onemap.db")
        migrate(engine)
        fill(engine, cixi)
        yield engine
        engine.dispose()
        return
    with postgres.running(durable=True) as server:
        engine = open_engine(server.url(server.create()))
        migrate(engine)
        fill(engine, cixi)
        yield engine
        engine.dispose()


def fill(engine: Engine, region: Region) -> None:
    """Write closed cases as bare rows, and open ones through the desk."""
    area = region.layers["township"].by_code(county.ANDONG, county.BEFORE)
    county.receive(county.desk(region, engine), list(county.points_in(area.geometry, OPEN, 1)), AT, "open")
    placer, chance = Placer(region), np.random.default_rng(2)
    west, south, east, north = region.bounds
    span = Span(AT, AT + timedelta(days=3))
    state = a_state(status=Status.CLOSED, legs=a_state().legs, spans=(span,), clocks=(), areas={}, flags=())
    plain = case_row(state) | {"body_hash": "-", "pending": False}
    for start in range(0, CASES, PAGE):
        lon, lat = chance.uniform(west, east, PAGE), chance.uniform(south, north, PAGE)
        placed = placer.locate(lon, lat, county.BEFORE).areas
        codes = {
            column: placed[layer].to_pylist()
            for layer, column in (("township",) * 2, ("village",) * 2, ("grid", "cell"))
        }
        rows, spans = [], []
        for at in range(PAGE):
            number = f"OLD-{start + at:09d}"
            own = {"number": number, "source_id": number, "lon": float(lon[at]), "lat": float(lat[at])}
            rows.append(plain | own | {"revision": 0} | {column: values[at] for column, values in codes.items()})
            spans.append({"number": number, "ordinal": 0, "opened_at": span.opened_at, "closed_at": span.closed_at})
        with writing(engine) as connection:
            first = connection.execute(
                text(f"UPDATE counters SET value = value + {PAGE} WHERE name = 'revision' RETURNING value")
            ).scalar_one()
            for at, row in enumerate(rows):
                row["revision"] = first - PAGE + 1 + at
            connection.execute(insert(tables.cases), rows)
            connection.execute(insert(tables.spans), [row | {"length": length_class(span)} for row in spans])
    with writing(engine) as connection:
        connection.execute(text("ANALYZE"))


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = function()
    return time.perf_counter() - begun, found


def say(engine: Engine, what: str, seconds: float, count: int, peer: float, of: str) -> None:
    rate = count / seconds
    sys.stdout.write(
        f"\n{engine.dialect.name:<10} {what:<34} {seconds:8.2f} s {rate:12,.0f} /s   {of}: {peer:12,.0f} /s"
        f" ({rate / peer:.2f})"
    )


def test_looking_moving_placing_and_counting(history: Engine, cixi: Region) -> None:
    change = change_of(cixi, "first", "pack")
    comparison = Comparison(cixi, change)
    whole = CASES // PAGE * PAGE + OPEN

    def walk() -> None:
        with reading(history) as connection:
            columns = [
                tables.cases.c[name] for name in ("number", "pending", "lon", "lat", "township", "village", "cell")
            ]
            for _ in connection.execution_options(yield_per=PAGE).execute(select(*columns)):
                pass

    def one_by_one() -> None:
        rows = views.open_cases(history)[:1000]
        for row in rows:
            for day in (change.before.day, change.after.day):
                cixi.place(row.lon, row.lat, "EPSG:4490", "grid", datetime(day.year, day.month, day.day, 4, tzinfo=UTC))

    comparison.of(next(_open_pages(history, comparison)))  # the indexes are built
    bare, _ = timed(walk)
    single, _ = timed(one_by_one)
    tracemalloc.start()
    preview(history, comparison)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    seconds, found = timed(lambda: preview(history, comparison))
    say(history, f"preview of {whole:,}", seconds, whole, whole / bare, "SELECT of the same rows alone")
    say(history, "  beside", seconds, whole, min(1000, OPEN) / single, "Region.place twice, one by one")
    sys.stdout.write(f"\n{'':<10} peak of Python's own memory {peak:.0f} MiB; {found.count('moved'):,} move")
    moving(history, cixi, comparison)
    seconds, placed = timed(lambda: place_history(history, cixi, change.after, lambda: NOW))
    say(history, "placing for figures as current", seconds, placed.looked_at, whole / bare, "SELECT of the same rows")
    base = base_of(cixi, change.after)
    for basis in (views.Basis.OCCURRED, views.Basis.CURRENT):
        seconds, _ = timed(lambda b=basis: views.area_figures(history, "township", AT, NOW, b, base))
        day, _ = timed(lambda: views.day_figures(history, AT, NOW))
        say(history, f"figures by township, {basis}", seconds, whole, whole / day, "day_figures, one sum")


def moving(engine: Engine, region: Region, comparison: Comparison) -> None:
    """Move some one by one, then the rest together; and write the codes of as many by one UPDATE."""
    desk = county.desk(region, engine)
    places: dict[str, Place] = {}
    for page in _open_pages(engine, comparison):
        for some, _ in _batches(comparison, page):
            places |= some
    looped = dict(list(places.items())[:LOOPED])
    loop, _ = timed(lambda: [desk.reattribute(WHY, {number: place}, NOW) for number, place in looped.items()])
    numbers = list(places)[LOOPED : 2 * LOOPED]

    def update() -> None:
        with writing(engine) as connection:
            for number in numbers:
                connection.execute(text("UPDATE cases SET notes = notes WHERE number = :number"), {"number": number})

    plain, _ = timed(update)
    seconds, done = timed(lambda: apply(engine, comparison, desk, WHY, lambda: NOW))
    moved = done.outcomes.total()
    assert moved == len(places) - len(looped)
    say(engine, f"moving {moved:,} open cases", seconds, moved, LOOPED / loop, "one by one through the desk")
    say(engine, "  beside", seconds, moved, LOOPED / plain, "UPDATE of the row alone")
    number = numbers[0]
    assert fold(SqlCaseStore(engine).history(number), region.calendar, number).township == county.LUZHONGWAN
