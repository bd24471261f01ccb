"""What an assessment costs over a year of 200,000 cases: counts of a month and a year, and the cases behind one."""

import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, text

from cases.assessment import Count, period
from cases.case import Span
from data import tables
from data.engine import migrate, open_engine, reading, writing
from data.store import length_class
from data.views.assessment import Stretch, parts_behind, unit_counts
from tests.environment import postgres

# Filling a year takes minutes on a busy machine.
pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

CASES, BATCH = 200_000, 5_000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_S = 330 * 86_400
UNITS = [f"zhzf-{n:03}" for n in range(1, 21)]
HELPERS = [f"sthj-{n:03}" for n in range(1, 9)]
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A year of cases of two departments each; one in fifty is still open, one in twenty was reopened."""
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
    chance, revision = random.Random(1), 0
    for start in range(0, CASES, BATCH):
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ("cases", "legs", "clocks", "spans", "events")}
        for n in range(start, start + BATCH):
            revision = write(rows, chance, n, revision)
        with writing(engine) as connection:
            for name, values in rows.items():
                connection.execute(insert(tables.metadata.tables[name]), values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def write(rows: dict[str, list[dict[str, Any]]], chance: random.Random, n: int, revision: int) -> int:
    number, at = f"CX-{n:07}", FIRST + timedelta(seconds=chance.randrange(YEAR_S))
    accepted = at + chance.randrange(45) * MINUTE
    arrived = accepted + chance.randrange(90) * MINUTE
    finished = arrived + chance.randrange(9_000) * MINUTE
    is_open, again = chance.random() < 0.02, chance.random() < 0.05
    closed = None if is_open else finished + 300 * MINUTE
    unit, helper = chance.choice(UNITS), chance.choice(HELPERS)
    rows["cases"].append(case_row(number, unit, at, is_open))
    for leg, role, who in ((1, "lead", unit), (2, "coordinating", helper)):
        rows["legs"].append(leg_row(number, leg, role, who, accepted, arrived, closed))
    clocks = [("respond", 1, 1, at, 30, accepted), ("arrive", 2, 1, accepted, 60, arrived)]
    done = None if is_open else finished
    clocks.append(("finish", None, 1, arrived, 7_200, done))
    if done:
        clocks.append(("verify", None, 1, done, 480, done + 100 * MINUTE))
    if done and again:
        clocks.append(("finish", None, 2, done + 120 * MINUTE, 7_200, done + 200 * MINUTE))
        clocks.append(("verify", None, 2, done + 200 * MINUTE, 480, done + 250 * MINUTE))
    rows["clocks"] += [clock_row(number, place, *one) for place, one in enumerate(clocks)]
    span = Span(at, closed)
    rows["spans"].append(
        {"number": number, "ordinal": 0, "opened_at": at, "closed_at": closed, "length": length_class(span)}
    )
    kinds = ["received", "accepted", "called", "arrived", "found", "arrived", "found", "finished", "verified", "closed"]
    kinds += ["extended"] * (chance.random() < 0.1) + ["returned"] * (chance.random() < 0.03)
    for kind in kinds:
        revision += 1
        rows["events"].append(
            {
                "revision": revision,
                "number": number,
                "kind": kind,
                "occurred_at": arrived + MINUTE,
                "recorded_at": arrived + MINUTE,
                "actor": "zhzf",
                "leg": 1,
                "data": {"finding": "超标，已责令限期整改，附照片三张"},
            }
        )
    return revision


def case_row(number: str, unit: str, at: datetime, is_open: bool) -> dict[str, Any]:
    return {
        "number": number,
        "source": "grid",
        "source_id": number,
        "body_hash": "",
        "matter": "YJS-01",
        "platform": "enforcement",
        "domain": "integrated_enforcement",
        "status": "on_site" if is_open else "closed",
        "occurred_at": at,
        "received_at": at,
        "areas": {},
        "flags": [],
        "report": {},
        "list_version": "1",
        "notes": [],
        "lead": "zhzf",
        "lead_unit": unit,
        "pending": is_open,
        "provisional": False,
        "revision": 0,
    }


def leg_row(number: str, leg: int, role: str, unit: str, asked: Any, found: Any, ended: Any) -> dict[str, Any]:
    return {
        "number": number,
        "leg": leg,
        "role": role,
        "department": unit[:4],
        "unit": unit,
        "clause": "",
        "sentence": "",
        "status": "found",
        "asked_at": asked,
        "arrived_at": found,
        "found_at": found,
        "ended_at": ended,
        "disputed": False,
    }


def clock_row(
    number: str, ordinal: int, kind: str, leg: int | None, turn: int, start: Any, minutes: int, stop: Any
) -> dict[str, Any]:
    return {
        "number": number,
        "ordinal": ordinal,
        "kind": kind,
        "leg": leg,
        "department": "zhzf",
        "round": turn,
        "started_at": start,
        "budget": minutes,
        "unit": "minutes",
        "pauses": [],
        "stopped_at": stop,
        "amber_at": start + minutes * MINUTE * 4 / 5,
        "due_at": start + minutes * MINUTE,
        "provisional": False,
    }


def best(do: Callable[[], Any], rounds: int = 2) -> tuple[float, Any]:
    """The shortest of some rounds, in milliseconds, and what came out."""
    times, found = [], None
    for _ in range(rounds):
        begin = time.perf_counter()
        found = do()
        times.append(1000 * (time.perf_counter() - begin))
    return min(times), found


def test_the_cost_of_an_assessment(county: Engine) -> None:
    sys.stdout.write(f"\nAssessment over {CASES} cases of a year, {county.dialect.name}:\n")
    for name in ("2026-11", "2026-03", "2026"):
        stretch = Stretch(*period(name).instants(ZoneInfo("Asia/Shanghai")))

        def counts(stretch: Stretch = stretch) -> Any:
            with reading(county) as connection:
                return unit_counts(connection, stretch)

        def behind(stretch: Stretch = stretch) -> Any:
            with reading(county) as connection:
                return parts_behind(connection, stretch, UNITS[0], Count.DUE)

        spent, found = best(counts)
        page, parts = best(behind)
        due = sum(one.get(Count.DUE, 0) for one in found.values())
        sys.stdout.write(f"  {name:8} counts {spent:7.0f} ms ({due} due); a page of cases {page:7.0f} ms\n")
        assert len(found) == len(UNITS) + len(HELPERS)
        assert parts.parts
