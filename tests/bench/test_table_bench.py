"""The case table among many cases: a stretch by its position, beside one answer with every row; and scrolling it."""

import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, text

from data import tables, views
from data.engine import migrate, open_engine, writing
from data.store import SqlCaseStore
from data.views import MOST_LISTED, CaseFilter, Sorting
from tests.browser.cockpit import Server, chromium
from tests.browser.conftest import ARGUMENTS
from tests.browser.test_case_table import PLACE, multiplied
from tests.data.samples import add
from tests.environment import postgres

pytestmark = pytest.mark.bench
CASES, PENDING, ROWS = 200_000, 10_000, 200
FRAMES = """new Promise(done => {
  const view = document.querySelector('.cases-table .ag-body-viewport'), times = [], end = performance.now() + 4000;
  let last = performance.now();
  requestAnimationFrame(function step(now) {
    times.push(now - last); last = now; view.scrollTop += 160;
    now < end ? requestAnimationFrame(step) : done({top: view.scrollTop, times: times.slice(1)});
  });
})"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def many(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database with many cases, one in twenty of them pending."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('table')}/onemap.db")
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
    """Write one case over and over, a minute apart; only the columns that a table reads differ."""
    add(SqlCaseStore(engine))
    is_sqlite = engine.dialect.name == "sqlite"
    earlier = "occurred_at - n * 60000000" if is_sqlite else "occurred_at - n * interval '1 minute'"
    own = {
        "number": "'CX20251001-' || (1000000 + n)",
        "source_id": "'copy-' || n",
        "occurred_at": earlier,
        "pending": f"n % {CASES // PENDING} = 0",
        "status": f"CASE WHEN n % {CASES // PENDING} = 0 THEN status ELSE 'closed' END",
    }
    names = [column.name for column in tables.cases.columns]
    chosen = ", ".join(own.get(name, name) for name in names)
    counted = "WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < :most)"
    with writing(engine) as connection:
        insert = (
            f"INSERT INTO cases ({', '.join(names)}) {counted} SELECT {chosen} FROM many, (SELECT * FROM cases) AS one"
        )
        connection.execute(text(insert), {"most": CASES - 1})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def median_ms(act: Callable[[], object], times: int = 7) -> float:
    """Median time of an act, in milliseconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append(1000 * (time.perf_counter() - began))
    return statistics.median(found)


def test_a_stretch_among_many_cases(many: Engine) -> None:
    every, pending = CaseFilter(), CaseFilter(pending=True)
    whole = median_ms(lambda: list(views.every_case(many, CaseFilter(pending=True))), 3)
    print(f"\n{many.dialect.name}: {CASES:,} cases, {PENDING:,} pending, {ROWS} rows a stretch")
    for name, filters, sorting, starts in (
        ("all, newest first", every, Sorting.NEWEST, (0, 10_000, MOST_LISTED - ROWS)),
        ("pending, least time left", pending, Sorting.DUE, (0, 5_000, PENDING - ROWS)),
    ):
        times = [
            median_ms(lambda at=start, f=filters, s=sorting: views.case_stretch(many, f, s, at, ROWS))
            for start in starts
        ]
        print(f"  {name}: " + ", ".join(f"from {a:,} {t:.1f} ms" for a, t in zip(starts, times, strict=True)))
    print(f"  peer, every pending case in one answer: {whole:.0f} ms")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


def test_ten_thousand_rows_scroll(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> None:
    own = Server(tmp_path_factory.mktemp("scroll"))
    own.start()
    own.report("many", *PLACE)
    own.kill()
    multiplied(own.folder / "onemap.db", 10_000)
    own.start()
    try:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        sizes: list[int] = []
        page.on("response", lambda one: "case-table" in one.url and sizes.append(int(one.headers["content-length"])))
        page.goto(f"{own.url}/cases?state=all")
        page.wait_for_selector(".cases-table .matter-name")
        found = page.evaluate(FRAMES)
        times = sorted(found["times"])
        print(
            f"\n10,001 rows, {found['top'] / 54:,.0f} of them scrolled in 4 s: {len(times) / 4:.0f} frames a second,"
            f" median {times[len(times) // 2]:.0f} ms, p95 {times[int(len(times) * 0.95)]:.0f} ms,"
            f" longest {times[-1]:.0f} ms; {len(sizes)} answers of {sum(sizes) / max(1, len(sizes)):,.0f} B"
        )
    finally:
        own.kill()
