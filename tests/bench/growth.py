"""Fill a database with years of a county: `python -m tests.bench.growth URL --cases 1000000`.

Some thousand lives are told to the real desk (`tests.bench.lives`), the closed ones are copied by the database itself
(`tests.bench.copies` says what changes), and a few thousand are under way at the end. What stands there is what the
desk would have written: the fold of the events is the state, revisions have no gap, counters say what is used.

What a fill writes, and nothing else: every table with a column `number`, `subjects`, and of `counters` the revision and
the day's numbers. Tables and columns are found in `data.tables`. A column that this module does not know is copied as
it stands: whatever is computed from a row's number, revision or instants must be computed anew afterwards.
"""

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    event,
    func,
    insert,
    select,
    text,
)

from data import region, tables
from data.engine import migrate, open_engine, writing
from data.migrations.versions.v0009_chain import chain_events
from data.region import Region
from data.tables import Instant
from tests.bench.copies import COPY, NUMBER, ROOM, SAID, Life, read_lives, written_tables
from tests.bench.lives import even_world, scratch, tell_closed, tell_pending

ROOT = Path(__file__).parent.parent.parent
YEARS = 5
AT_ONCE = 25_000  # cases that are copied in one transaction
BYTES_A_CASE = {"sqlite": 5_900, "postgresql": 7_000}
"""Disk that a case takes with all its indexes: SQLite as measured at 10,000 (5.7 KB), PostgreSQL a guess above it."""
DIGITS = 3  # of a copy in a case number; more copies than 1,000 take more


def fill(
    engine: Engine,
    area: Region,
    cases: int,
    *,
    end: datetime,
    lives: int | None = None,
    pending: int = 2000,
    folder: Path | None = None,
    chained: bool = True,
    bar: Progress | None = None,
) -> dict[str, float]:
    """Fill an empty, migrated database.

    Parameters
    ----------
    cases
        About how many are over in the end.
    lives
        How many are told to the desk; None: one in 500, at least 200 and at most 10,000.
    end
        The present of the county, aware.
    folder
        Where the lives are kept, for a second fill; None: nowhere.
    chained
        Whether the hashes of the copied events are computed: a quarter of an hour for a million cases, and a sixth of
        the disk. Of an unchained database all but `verify` can be asked: nothing else reads more than the last hash.

    Returns
    -------
    dict
        ``cases``, ``events``, ``seconds`` of the copying, ``lives`` and ``refused`` steps.
    """
    with engine.connect() as connection:
        if connection.execute(select(func.count()).select_from(tables.cases)).scalar_one():
            raise SystemExit("This database has cases already; name an empty one.")
    bar = bar or Progress(console=Console(file=sys.stderr, quiet=True))
    lives = lives or min(10_000, max(200, cases // 500))
    with tempfile.TemporaryDirectory() as temporary:
        home = folder or Path(temporary)
        world = even_world(f"sqlite:///{temporary}/world.db", home, 1)
        told = told_lives(home / f"lives-{lives}.db", area, world, lives, end, bar)
        found, subjects = read_lives(told, area.calendar, timedelta(hours=24 * 365 * YEARS / lives))
        told.dispose()
    copies = max(1, round(cases / max(1, len(found))))
    began = time.perf_counter()
    multiply(engine, found, subjects, copies, step(bar, "copying cases", len(found) * copies))
    if chained:
        with writing(engine) as connection:
            chain_events(connection, tables.chain)
    seconds = time.perf_counter() - began
    under_way = tell_pending(engine, area, world, pending, end, step(bar, "under way", pending))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    events = copies * sum(len(life.events) for life in found)
    return {
        "cases": len(found) * copies, "events": events, "seconds": seconds, "lives": len(found),
        "under way": len(under_way.numbers), "refused": under_way.refused.total(),
    }  # fmt: skip


def told_lives(file: Path, area: Region, world: Any, lives: int, end: datetime, bar: Progress) -> Engine:
    """Give a database of lives that are over: one that was told before, or tell them now."""
    known = file.exists()
    engine = scratch(file)
    if not known:
        span = (end - timedelta(days=365 * YEARS), end - timedelta(days=1))
        tell_closed(engine, area, world, lives, span, step(bar, "lives told to the desk", lives))
    return engine


def step(bar: Progress, words: str, total: int) -> Callable[[int], Any]:
    """Open a line of the progress bar; what comes back moves it."""
    task = bar.add_task(words, total=total)
    return lambda done: bar.update(task, completed=done)


def multiply(
    engine: Engine, lives: Sequence[Life], subjects: Sequence[dict[str, Any]], copies: int, told: Callable[[int], Any]
) -> None:
    """Copy lives into an empty database; the first copy is the life itself."""
    # The chain follows from the events and is computed at the end.
    plans = [Copying(table, lives) for table in written_tables() if table is not tables.chain]
    plans = [plan for plan in plans if plan.rows]
    prepare(engine, plans, copies)
    with without_indexes(engine, [plan.table.name for plan in plans]):
        if subjects:
            with writing(engine) as connection:
                for start in range(0, copies, 100):
                    several = [_copied(row, k) for row in subjects for k in range(start, min(copies, start + 100))]
                    connection.execute(insert(tables.subjects), several)
        stride = max(1, AT_ONCE // copies)
        for start in range(0, len(lives), stride):
            with writing(engine) as connection:
                unchecked(connection)
                for plan in plans:
                    connection.execute(text(plan.statement(connection.dialect.name)), _bounds(start, stride, copies))
            told(min(len(lives), start + stride) * copies)
    with writing(engine) as connection:
        for plan in plans:
            connection.execute(text(f"DROP TABLE {plan.staged.name}"))
        connection.execute(text("DROP TABLE fill_copies"))
        count(connection, lives, copies)


def _copied(row: dict[str, Any], k: int) -> dict[str, Any]:
    return {
        name: value.replace(COPY, f"{k:0{DIGITS}d}") if isinstance(value, str) else value for name, value in row.items()
    }


def _bounds(start: int, stride: int, copies: int) -> dict[str, int]:
    return {"first": start, "behind": start + stride, "copies": copies}


class Copying:
    """How the rows of one table are copied: staged with what moves, then written again by the database.

    Parameters
    ----------
    lives
        In the order of time; each has its place in the revisions after those before it.
    """

    def __init__(self, table: Table, lives: Sequence[Life]) -> None:
        self.table = table
        instants = [one.name for one in table.columns if isinstance(one.type, Instant)]
        helpers = [Column(name, Integer) for name in ("fill_life", "fill_events", "fill_ordinal")]
        helpers += [Column(name, BigInteger) for name in ("fill_before", "fill_window")]
        helpers += [Column(f"moves_{name}", Integer) for name in instants]
        own = [Column(one.name, one.type) for one in table.columns]
        self.staged = Table(f"fill_{table.name}", MetaData(), *own, *helpers, Column("fill_said", Instant))
        self.rows = list(self._rows(lives))
        self.marked = {
            name for row in self.rows for name, value in row.items() if COPY in repr(value) or SAID in repr(value)
        }
        self.moving = {name for name in instants for row in self.rows if row[f"moves_{name}"]}

    def _rows(self, lives: Sequence[Life]) -> Iterator[dict[str, Any]]:
        instants = [one.name for one in self.table.columns if isinstance(one.type, Instant)]
        before = 0
        for place, life in enumerate(lives):
            rows = life.rows.get(self.table.name, [])
            moves = life.moves.get(self.table.name) or [frozenset()] * len(rows)
            for ordinal, (row, move) in enumerate(zip(rows, moves, strict=True), start=1):
                is_said = self.table is tables.events and ordinal == 1 and bool(life.window)
                yield {
                    **row,
                    "fill_life": place,
                    "fill_events": len(life.events),
                    "fill_ordinal": ordinal if self.table is tables.events else len(life.events),
                    "fill_before": before,
                    "fill_window": life.window // timedelta(microseconds=1),
                    "fill_said": life.rows["cases"][0]["occurred_at"] if is_said else None,
                    **{f"moves_{name}": int(name in move) for name in instants},
                }
            before += len(life.events)

    def statement(self, dialect: str) -> str:
        """Give the INSERT that writes all copies of some lives."""
        names = [one.name for one in self.table.columns]
        values = ", ".join(self.value(name, dialect) for name in names)
        copied = "one.*, k, digits, one.fill_window * k / :copies AS shift"
        return (
            f"INSERT INTO {self.table.name} ({', '.join(names)}) SELECT {values} FROM (SELECT {copied}"
            f" FROM {self.staged.name} AS one CROSS JOIN fill_copies"
            " WHERE one.fill_life >= :first AND one.fill_life < :behind) AS copy"
        )

    def value(self, name: str, dialect: str) -> str:
        """Give the expression for one column of a copy."""
        is_sqlite = dialect == "sqlite"
        if name == "revision" and self.table in (tables.cases, tables.events):
            return "fill_before * :copies + k * fill_events + fill_ordinal"
        if name in self.moving:
            return f"{name} + moves_{name} * shift" + ("" if is_sqlite else " * interval '1 microsecond'")
        if name not in self.marked:
            return name
        kind = self.table.c[name].type.compile(open_dialect(dialect))
        said = name if is_sqlite else f"{name}::text"
        found = f"replace({said}, '{COPY}', digits)"
        if self.table is tables.events and name == "data":
            found = f"CASE WHEN fill_said IS NULL THEN {found} ELSE replace({found}, '{SAID}', {SAID_AT[dialect]}) END"
        return found if is_sqlite else f"CAST({found} AS {kind})"


SAID_AT = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%S', (fill_said + shift) / 1000000, 'unixepoch')"
    " || printf('.%06d+00:00', (fill_said + shift) % 1000000)",
    "postgresql": "to_char((fill_said + shift * interval '1 microsecond') AT TIME ZONE 'UTC',"
    """ 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00'""",
}


def open_dialect(name: str) -> Any:
    """Give SQLAlchemy's dialect of a name, to write a type in its words."""
    return open_engine("sqlite:///:file:" if name == "sqlite" else "postgresql://nobody@nowhere/none").dialect


def prepare(engine: Engine, plans: Sequence[Copying], copies: int) -> None:
    """Write the staged rows and the copies' numbers."""
    numbers = Table("fill_copies", MetaData(), Column("k", BigInteger), Column("digits", Text))
    with writing(engine) as connection:
        numbers.create(connection)
        connection.execute(insert(numbers), [{"k": k, "digits": f"{k:0{DIGITS}d}"} for k in range(copies)])
        for plan in plans:
            plan.staged.create(connection)
            connection.execute(insert(plan.staged), plan.rows)
            connection.execute(text(f"CREATE INDEX ix_{plan.staged.name} ON {plan.staged.name} (fill_life)"))


@contextmanager
def without_indexes(engine: Engine, names: Sequence[str]) -> Iterator[None]:
    """Take the indexes away that no constraint needs, and make them again at the end: far quicker than to keep them."""
    is_sqlite = engine.dialect.name == "sqlite"
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = :one"
        if is_sqlite
        else "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = CAST(:one AS regclass) AND NOT i.indisunique"
    )
    with writing(engine) as connection:
        found = [tuple(row) for one in names for row in connection.execute(text(query), {"one": one})]
        for name, _ in found:
            connection.execute(text(f"DROP INDEX {name}"))
    yield
    for _, made in found:
        with writing(engine) as connection:
            connection.exec_driver_sql(made.replace(" ON ONLY ", " ON ").replace("%", "%%"))


def unchecked(connection: Connection) -> None:
    """Spare PostgreSQL the foreign keys and the wait for the disk: what is copied has been checked by the first."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL synchronous_commit = off"))


def count(connection: Connection, lives: Sequence[Life], copies: int) -> None:
    """Set the counters to what is used: the last revision, and the last number of each day."""
    last: dict[str, int] = {}
    for life in lives:
        head, digits = NUMBER.match(life.number).groups()  # type: ignore[union-attr]
        last[head[:-1]] = max(last.get(head[:-1], 0), (copies - 1) * ROOM + int(digits))
    counters = tables.counters
    rows = {tables.REVISION: copies * sum(len(life.events) for life in lives)} | last
    connection.execute(delete(counters).where(counters.c.name.in_(rows)))
    connection.execute(insert(counters), [{"name": name, "value": value} for name, value in rows.items()])


def open_fast(url: str) -> Engine:
    """Open a database for a fill: SQLite neither waits for the disk nor checks foreign keys."""
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def hurry(connection: sqlite3.Connection, _record: object) -> None:
            for pragma in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -200000"):
                connection.execute(f"PRAGMA {pragma}")

    return engine


def main(
    url: Annotated[str, typer.Argument(help="sqlite:///file or postgresql://user@host/name; migrated here, empty.")],
    cases: Annotated[int, typer.Option(min=1, help="About how many cases that are over.")] = 1_000_000,
    lives: Annotated[int | None, typer.Option(min=1, help="How many are told to the desk and copied.")] = None,
    pending: Annotated[int, typer.Option(min=0, help="About how many are under way at the end.")] = 2000,
    keep: Annotated[Path | None, typer.Option(help="Folder that keeps the lives for the next fill.")] = None,
) -> None:
    """Fill an empty database with several years of a county."""
    console = Console(stderr=True)
    engine = open_fast(url)
    needs = cases * BYTES_A_CASE[engine.dialect.name] / 2**30
    console.print(f"{cases:,} cases take about {needs:.1f} GiB of disk, and {cases / 600_000 + 5:.0f} minutes.")
    migrate(engine)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    area = region.load(ROOT / "data" / "regions" / "cixi", keep and keep / "indexes")
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        end = datetime.now(UTC).replace(microsecond=0)
        done = fill(engine, area, cases, end=end, lives=lives, pending=pending, folder=keep, bar=bar)
    rate = done["cases"] / done["seconds"]
    console.print(", ".join(f"{value:,.0f} {name}" for name, value in done.items()) + f"; {rate:,.0f} cases a second")


if __name__ == "__main__":
    typer.run(main)
