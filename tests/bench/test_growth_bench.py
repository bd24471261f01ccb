"""What each thing costs with more and more cases behind it, as one table per database; flat where DESIGN.md says flat.

`ONEMAP_BENCH_SIZES=10000000` (comma between several) takes other sizes; ten million take `tests.bench.growth` an hour
and the disk that it names. `ONEMAP_BENCH_LIVES` says how many lives are told and copied, `ONEMAP_BENCH_HOME` names a
folder that keeps them for the next run, `ONEMAP_BENCH_PENDING` how many are under way.
"""

import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from cases.desk import Report
from dashboard import geometry
from dashboard.board import Board
from dashboard.server.truth import Truth
from dashboard.services import desk_of
from data import views
from data.engine import migrate, open_engine
from data.judgements import Judgements
from data.lists import Library
from data.region import Region
from data.store import SqlCaseStore
from data.views import ALL, CaseFilter, Known, Sorting
from tests.bench.growth import fill, open_fast
from tests.bench.soak import patiently
from tests.browser.cockpit import Server
from tests.environment import postgres

pytestmark = [pytest.mark.bench, pytest.mark.timeout(4 * 3600)]

SIZES = [int(size) for size in os.environ.get("ONEMAP_BENCH_SIZES", "10000,100000,1000000").split(",")]
LIVES = int(os.environ.get("ONEMAP_BENCH_LIVES", "400"))
PENDING = int(os.environ.get("ONEMAP_BENCH_PENDING", "1000"))
CHAINED_UP_TO = 100_000  # cases; see `fill`
TIMES = 7
DAY = timedelta(days=1)
Cost = tuple[float, float]  # milliseconds, MiB that Python allocates at the peak


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, indexes: Path) -> Path:
    """Where the lives are kept, so that they are told once."""
    kept = os.environ.get("ONEMAP_BENCH_HOME")
    return Path(kept) if kept else tmp_path_factory.mktemp("lives")


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[postgres.Server | None]:
    """A PostgreSQL whose commits wait for the disk, or none."""
    if request.param == "sqlite":
        yield None
        return
    with postgres.running(durable=True) as running:
        yield running


def cost(act: Callable[[], object]) -> Cost:
    """Median of some runs, and the peak of one."""
    act()
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - began))
    tracemalloc.start()
    act()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return statistics.median(times), peak


def acts(engine: Engine, region: Region, now: datetime) -> dict[str, Callable[[], object]]:
    """Give what people and pages ask for, by name."""
    desk = desk_of(region, SqlCaseStore(engine), Library(engine, region))
    judgements = Judgements(engine, region.organisation, region.assessment, region.zone)
    truth, board, ids = Truth(engine), Board(geometry.prepare(region, region.local_day(now)).ground), count()
    row = views.open_cases(engine)[0]
    town, revision = row.township or "", views.latest_revision(engine)
    old = now - 900 * DAY
    closed = views.list_cases(engine, CaseFilter(pending=False), None, 1).rows[0].number

    month = CaseFilter(matter=(row.matter,), township=(town,), occurred_from=old, occurred_to=old + 30 * DAY)

    def report() -> object:
        said = Report(
            "SD-01", "grid", f"bench-{time.time_ns()}-{next(ids)}", now, row.lon, row.lat, "EPSG:4490", "桥下有垃圾"
        )
        return desk.receive(said, now)

    def stretch(start: int, only: CaseFilter = ALL, sorting: Sorting = Sorting.NEWEST) -> Callable[[], object]:
        return lambda: views.case_stretch(engine, only, sorting, start, 200)

    def moment(at: datetime, known: Known) -> Callable[[], object]:
        return lambda: views.standing_at(engine, at, known, region.calendar)

    def townships() -> object:
        pending = views.pending_in_township(engine, town)
        views.case_states(engine, [one.number for one in pending[:30]])
        return pending

    def shares() -> object:
        return views.kept_limits(engine, now - 30 * DAY, now, now)

    def update() -> object:
        report()
        changes = truth.changes(max(revision, board.revision))
        return changes and board.apply(changes.rows)

    def start() -> object:
        rows, latest = truth.pending()
        board.load(rows, latest)
        return truth.day(now - DAY / 2, now)

    return {
        "intake of a report": report,
        "board, start": start,
        "board, one report and its delta": update,
        "township page": townships,
        "kept limits of all townships in 30 days": shares,
        "case page": lambda: views.case_page(engine, closed),
        "case table, first rows": stretch(0),
        "case table, rows from 19,800": stretch(19_800),
        "pending by time left": stretch(0, CaseFilter(pending=True), Sorting.DUE),
        "search: matter, township, month": lambda: views.list_cases(engine, month, None, 50),
        "a moment yesterday, as known today": moment(now - DAY, Known.TODAY),
        "a moment 900 days ago, as known today": moment(old, Known.TODAY),
        "a moment 900 days ago, as known then": moment(old, Known.THEN),
        "assessment of the month": lambda: judgements.sheet(f"{now.astimezone(region.zone):%Y-%m}", now),
    }  # fmt: skip


def first_page(url: str, folder: Path, indexes: Path) -> tuple[float, float, float]:
    """Start a server over the database; give seconds to ready and to `/wall`, and its memory in MiB."""
    # As after the first start: the indexes of the boundaries are there.
    own = Server(folder, {"ONEMAP_DATABASE_URL": url, "ONEMAP_INDEX_FOLDER": str(indexes)})
    began = time.perf_counter()
    patiently(own)
    ready = time.perf_counter() - began
    try:
        httpx.get(f"{own.url}/wall", timeout=60).raise_for_status()
        page = time.perf_counter() - began
        status = Path(f"/proc/{own.process.pid}/status").read_text()
    finally:
        own.kill()
    return ready, page, int(status.split("VmRSS:")[1].split()[0]) / 1024


def test_what_each_thing_costs_as_the_county_grows(
    server: postgres.Server | None, home: Path, tmp_path: Path, cixi: Region
) -> None:
    found: dict[str, list[str]] = {}
    heads = []
    for size in SIZES:
        file = tmp_path / f"{size}.db"
        name = server.create() if server else ""
        url = server.url(name) if server else f"sqlite:///{file}"
        engine = open_fast(url)
        migrate(engine)
        now = datetime.now(UTC).replace(microsecond=0)
        chained = size <= CHAINED_UP_TO
        done = fill(engine, cixi, size, end=now, lives=LIVES, pending=PENDING, folder=home, chained=chained)
        engine.dispose()
        engine = open_engine(url)
        pending = len(views.open_cases(engine))
        heads.append(f"{done['cases']:,} cases ({done['cases'] / done['seconds']:,.0f}/s, {pending:,} pending)")
        for what, act in acts(engine, cixi, now).items():
            ms, peak = cost(act)
            found.setdefault(what, []).append(f"{ms:.1f} ms, {peak:.1f} MiB")
            say(f"  {size:,} {what}: {found[what][-1]}")
        engine.dispose()
        ready, page, memory = first_page(url, tmp_path, home / "indexes")
        found.setdefault("start to ready; to /wall; memory", []).append(
            f"{ready:.1f} s; {page:.1f} s; {memory:.0f} MiB"
        )
        if server:
            server.drop(name)
        for part in tmp_path.glob(f"{size}.db*"):
            part.unlink()
    say(f"\n{'PostgreSQL' if server else 'SQLite'}, load {os.getloadavg()[0]:.0f}")
    say("| | " + " | ".join(heads) + " |\n|---|" + "---|" * len(heads))
    for what, cells in found.items():
        say(f"| {what} | " + " | ".join(cells) + " |")


def say(line: str) -> None:
    """Print a line of the report."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
