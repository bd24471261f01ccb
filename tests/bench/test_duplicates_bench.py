"""What suggestions cost among 100,000 cases of a year, 4,000 of them open, beside reading the open board."""

import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, text

from cases.case import Span, Status
from data import region, tables, views
from data.engine import migrate, open_engine, writing
from data.store import case_row, length_class
from tests.data.samples import a_state
from tests.environment import postgres

pytestmark = pytest.mark.bench

CASES, OPEN = 100_000, 4_000
END = datetime(2026, 11, 24, 4, tzinfo=UTC)
YEAR = timedelta(days=365)
BATCH = 5_000
SPREAD = 0.002  # degrees: most reports come from where people live close together


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def year(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cixi: region.Region
) -> Iterator[Engine]:
    """A year of Cixi: matters as uneven as they are, most reports from where people live, the newest open."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('bench')}/onemap.db")
        fill(engine, cixi)
        yield engine
        engine.dispose()
        return
    with postgres.running() as server:
        engine = open_engine(server.url(server.create()))
        fill(engine, cixi)
        yield engine
        engine.dispose()


def fill(engine: Engine, cixi: region.Region) -> None:
    """Write the cases and their spans as the store would, in bulk."""
    migrate(engine)
    chance = random.Random(1)
    matters = [matter.code for matter in cixi.matters]
    weights = [1 / (rank + 5) for rank in range(len(matters))]
    seats = [(chance.uniform(121.05, 121.60), chance.uniform(30.08, 30.32)) for _ in range(60)]
    chosen = chance.choices(matters, weights, k=CASES)
    for begin in range(0, CASES, BATCH):
        rows, spans = [], []
        for count in range(begin, begin + BATCH):
            at = END - YEAR * (1 - count / CASES)
            lon, lat = (chance.gauss(middle, SPREAD) for middle in chance.choice(seats))
            state = a_state(str(count), at, matter=chosen[count], lon=lon, lat=lat)
            closed_at = at + timedelta(days=2) if count < CASES - OPEN else None
            status = Status.CLOSED if closed_at else Status.RECEIVED
            number, length = f"CX{at:%Y%m%d}-{count:06d}", length_class(Span(at, closed_at))
            state = replace(state, number=number, revision=count + 1, status=status, spans=(Span(at, closed_at),))
            rows.append(case_row(state) | {"body_hash": str(count)})
            ends = {"opened_at": at, "closed_at": closed_at, "length": length}
            spans.append({"number": state.number, "ordinal": 0, **ends})
        with writing(engine) as connection:
            connection.execute(insert(tables.cases), rows)
            connection.execute(insert(tables.spans), spans)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def best_ms(do: Callable[[], object], times: int = 5) -> float:
    """The quickest of some runs in milliseconds."""
    runs = []
    for _ in range(times):
        start = time.perf_counter()
        do()
        runs.append(time.perf_counter() - start)
    return min(runs) * 1000


def test_what_suggestions_cost(year: Engine, cixi: region.Region) -> None:
    limits, crs = cixi.duplicates, cixi.metric_crs
    rows = views.open_cases(year)
    some = [row.number for row in random.Random(2).sample(list(rows), 50)]
    for_one = best_ms(lambda: [views.suggestions(year, number, limits, crs) for number in some]) / len(some)
    found = views.open_suggestions(year, limits, crs)
    whole = best_ms(lambda: views.open_suggestions(year, limits, crs))
    board = best_ms(lambda: views.open_board(year))
    sys.stdout.write(
        f"\n{year.dialect.name}: {CASES:,} cases, {len(rows):,} open, {found.total:,} with suggestions;"
        f" of one case {for_one:.1f} ms, the list of all {whole:.0f} ms (the open board alone: {board:.0f} ms)\n"
    )
