"""What a moment of the past costs over one year and over five of the same county, beside reading all spans for it."""

import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, or_, select, text

from cases.calendar import Calendar
from cases.case import Span
from data import tables, views
from data.engine import migrate, open_engine, reading, writing
from data.region import Region
from data.store import length_class
from data.views import Known
from tests.environment import postgres

# Filling takes minutes on a busy machine.
pytestmark = [pytest.mark.bench, pytest.mark.timeout(7200)]

# A million with ONEMAP_BENCH_CASES=1000000: five years instead of one.
CASES, BATCH, DAY_CASES = int(os.environ.get("ONEMAP_BENCH_CASES", "200000")), 10_000, 548
END = datetime(2026, 11, 24, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MOMENTS = 12


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Some years of a county with 200,000 cases a year, which are pending four days in the mean."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('bench')}/onemap.db")
        migrate(engine)
        fill(engine)
        yield engine
        engine.dispose()
        return
    with postgres.running() as server:
        engine = open_engine(server.url(server.create()))
        migrate(engine)
        fill(engine)
        yield engine
        engine.dispose()


def fill(engine: Engine) -> None:
    chance = random.Random(1)
    for start in range(0, CASES, BATCH):
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ("cases", "clocks", "spans", "events")}
        for n in range(start, start + BATCH):
            write(rows, chance, n)
        with writing(engine) as connection:
            for name, values in rows.items():
                connection.execute(insert(tables.metadata.tables[name]), values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def write(rows: dict[str, list[dict[str, Any]]], chance: random.Random, n: int) -> None:
    number, at = f"CX-{n:07}", END - DAY * ((CASES - n) / DAY_CASES)
    accepted = at + chance.randrange(45) * MINUTE
    finished = accepted + chance.expovariate(1 / 5000) * MINUTE
    closed = finished + 300 * MINUTE
    closed_at = closed if closed < END else None
    rows["cases"].append(case_row(number, at, closed_at is None, chance))
    for place, (kind, start, minutes, stop) in enumerate(
        (("respond", at, 30, accepted), ("finish", accepted, 7_200, finished), ("verify", finished, 480, closed))
    ):
        if start < END:
            rows["clocks"].append(clock_row(number, place, kind, start, minutes, stop if stop < END else None))
    span = Span(at, closed_at)
    rows["spans"].append(
        {"number": number, "ordinal": 0, "opened_at": at, "closed_at": closed_at, "length": length_class(span)}
    )
    steps = [("received", at), ("accepted", accepted), ("finished", finished), ("closed", closed)]
    # One step in twenty is written down hours later, one case in fifty was suspended.
    steps += [("suspended", finished - MINUTE)] * (chance.random() < 0.02)
    for k, (kind, happened) in enumerate(steps, start=1):
        late = chance.random() * 600 * MINUTE if chance.random() < 0.05 else chance.random() * MINUTE
        if happened < END:
            rows["events"].append(event_row(n * 8 + k, number, kind, happened, late))


def event_row(revision: int, number: str, kind: str, at: datetime, late: timedelta) -> dict[str, Any]:
    data = {} if kind != "received" else RECEIVED | {"source_id": number, "occurred_at": at.isoformat()}
    return {
        "revision": revision, "number": number, "kind": kind, "occurred_at": at, "recorded_at": at + late,
        "actor": "zhzf", "leg": 1 if kind != "suspended" else None,
        "data": data or {"finding": "已清理", "reason": "等待", "approved_by": "zhzx"},
    }  # fmt: skip


PLACE = {"lon": 121.3, "lat": 30.2, "cell": "330282002001001", "village": "330282002001", "township": "330282002"}
RECEIVED: dict[str, Any] = {
    "source": "grid", "matter": "SD-01", "platform": "enforcement", "domain": "law_enforcement",
    "place": {**PLACE, "areas": {}, "flags": []}, "report": {"description": "桥下有垃圾"}, "list_version": "1",
    "legs": [{"role": "lead", "department": "zhzf", "unit": None, "clause": "", "sentence": ""}],
    "budgets": {
        "respond": {"amount": 30, "unit": "minutes"}, "arrive": {"amount": 60, "unit": "minutes"},
        "finish": {"amount": 7200, "unit": "minutes"}, "verify": {"amount": 480, "unit": "minutes"},
    },
}  # fmt: skip


def case_row(number: str, at: datetime, is_open: bool, chance: random.Random) -> dict[str, Any]:
    cell = f"3302820{chance.randrange(1, 20):02}0{chance.randrange(1, 20):02}00{chance.randrange(1, 7)}"
    return {
        "number": number, "source": "grid", "source_id": number, "body_hash": "", "matter": "SD-01",
        "platform": "enforcement", "domain": "law_enforcement", "status": "accepted" if is_open else "closed",
        "occurred_at": at, "received_at": at, "lon": 121.1 + chance.random() / 2, "lat": 30.1 + chance.random() / 4,
        "cell": cell, "village": cell[:12], "township": cell[:9], "areas": {}, "flags": [], "report": {},
        "list_version": "1", "notes": [], "lead": "zhzf", "lead_unit": None, "pending": is_open,
        "provisional": False, "revision": 1,
    }  # fmt: skip


def clock_row(
    number: str, place: int, kind: str, start: datetime, minutes: int, stop: datetime | None
) -> dict[str, Any]:
    return {
        "number": number, "ordinal": place, "kind": kind, "leg": 1 if kind == "respond" else None,
        "department": "zhzf", "round": 1, "started_at": start, "budget": minutes, "unit": "minutes", "pauses": [],
        "stopped_at": stop, "amber_at": start + minutes * MINUTE * 4 / 5, "due_at": start + minutes * MINUTE,
        "provisional": False,
    }  # fmt: skip


def whole(engine: Engine, at: datetime) -> int:
    """Count what was pending as anyone would first: by all spans."""
    spans = tables.spans.c
    query = select(func.count()).where(spans.opened_at <= at, or_(spans.closed_at.is_(None), spans.closed_at > at))
    with reading(engine) as connection:
        return connection.execute(query).scalar_one()


def median_ms(do: Callable[[datetime], object], moments: list[datetime]) -> float:
    times = []
    for at in moments:
        began = time.perf_counter()
        do(at)
        times.append(time.perf_counter() - began)
    return 1000 * sorted(times)[len(times) // 2]


def test_what_a_moment_costs(county: Engine, cixi: Region) -> None:
    calendar: Calendar = cixi.calendar
    chance, length = random.Random(2), DAY * (CASES / DAY_CASES)
    eras = {
        "old": [END - length * chance.uniform(0.8, 0.95) for _ in range(MOMENTS)],
        "new": [END - DAY * chance.uniform(1, 20) for _ in range(MOMENTS)],
    }
    name, pending = county.dialect.name, len(views.standing_at(county, eras["new"][0], Known.TODAY, calendar))
    say(f"\n{name}, {CASES:,} cases, {pending:,} pending; median of {MOMENTS} moments in ms")
    for era, moments in eras.items():
        today = median_ms(lambda at: views.standing_at(county, at, Known.TODAY, calendar), moments)
        then = median_ms(lambda at: views.standing_at(county, at, Known.THEN, calendar), moments)
        all_spans = median_ms(lambda at: whole(county, at), moments)
        hours = median_ms(lambda at: views.density(county, at - 7 * DAY, 168), moments)
        say(
            f"  {era}: as known today {today:.0f}, as the wall showed it {then:.0f}, "
            f"all spans only counted {all_spans:.0f}, 168 hours of density {hours:.0f}"
        )


def say(line: str) -> None:
    """Print a line of the report."""
    sys.stdout.write(f"{line}\n")
