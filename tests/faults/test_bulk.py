"""Work in bulk that is killed in the middle goes on where it was: an import by its file, moved lines by their cases."""

import csv
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select

from cases.calendar import Calendar
from data import tables
from data.engine import open_engine, reading
from data.region import Region
from tests.api import pack
from tests.faults.process import AFTER_COMMIT, BEFORE_COMMIT, Death, Process
from tests.faults.truth import broken
from tests.reattributing import county

MAPPING = """
source = "hotline"
crs = "EPSG:4490"
[columns]
source_id = "id"
matter = "matter"
occurred_at = "at"
closed_at = "closed"
x = "x"
y = "y"
description = "text"
"""
ROWS = 40
AT_ONCE = 5


def sheet(folder: Path) -> list[str]:
    """Write a file of rows, every fourth closed at the source, and its mapping; gives the words of the command."""
    (folder / "mapping.toml").write_text(MAPPING, "utf8")
    with (folder / "rows.csv").open("w", newline="", encoding="utf8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "matter", "at", "closed", "x", "y", "text"])
        for n in range(ROWS):
            closed = "2026-11-21 10:00" if n % 4 == 0 else ""
            writer.writerow([f"i{n}", "SD-01", "2026-11-20 18:05", closed, *pack.centre(n % 8), "路边垃圾"])
    words = ["cases", "import", str(folder / "rows.csv"), "--mapping", str(folder / "mapping.toml")]
    return [*words, "--report", str(folder / "report.csv")]


def test_an_import_that_is_killed_is_repeated_and_every_row_is_one_case(
    start: Callable[..., Process], sound: Callable[[], Engine], tmp_path: Path
) -> None:
    words = sheet(tmp_path)
    deaths = [
        Death("INSERT INTO events", BEFORE_COMMIT, 5),
        Death("INSERT INTO events", AFTER_COMMIT, 4),
        Death("UPDATE cases SET", count=2),
    ]
    kept = [0]
    for n, death in enumerate(deaths):
        extra = {"rows_at_once": AT_ONCE}
        assert start(f"import {n}", words=words, death=death, ready=False, extra=extra).ended(120) == -9
        with reading(sound()) as connection:
            kept.append(len(connection.execute(select(tables.cases.c.number)).all()))
    # Of each batch all rows or none: the first dies before it commits its third, the second when its fourth is closed.
    assert kept == [0, 2 * AT_ONCE, 4 * AT_ONCE, 6 * AT_ONCE]
    assert start("import whole", words=words, ready=False).ended(120) == 0
    engine = sound()
    with reading(engine) as connection:
        ids = list(connection.execute(select(tables.cases.c.source_id)).scalars())
        kinds = Counter(connection.execute(select(tables.events.c.kind)).scalars())
    assert sorted(ids) == sorted(f"i{n}" for n in range(ROWS))
    assert (kinds["received"], kinds["closed"]) == (ROWS, ROWS // 4)


def test_a_re_attribution_that_is_killed_leaves_the_fold_equal_to_the_state(
    database_url: str, cixi: Region, tmp_path: Path, indexes: Path
) -> None:
    engine = open_engine(database_url)
    desk = county.desk(cixi, engine)
    points = list(county.points_in(cixi.layers["township"].by_code(county.LUZHONGWAN).geometry, 30, 4))
    county.receive(desk, points, datetime(2024, 11, 18, 1, 0, tzinfo=UTC))
    calendar: Calendar = cixi.calendar
    words = ["reattribute", "--from", "first", "--to", "pack", "--apply", "--reason", "浙政函〔2024〕147号"]
    words += ["--by", "县编办"]
    settings = {"ONEMAP_REGION": "cixi", "ONEMAP_DATABASE_URL": database_url, "ONEMAP_INDEX_FOLDER": str(indexes)}

    def moved() -> int:
        assert broken(engine, calendar) == []
        with reading(engine) as connection:
            kinds = Counter(connection.execute(select(tables.events.c.kind)).scalars())
        return kinds["reattributed"]

    dying = Process(tmp_path, settings, "dying", Death("INSERT INTO events", BEFORE_COMMIT), words).start()
    assert dying.ended(180) == -9, dying.log.read_text()
    assert moved() == 0, "one transaction of all thirty: nothing of it"
    whole = Process(tmp_path, settings, "whole", None, words).start()
    assert whole.ended(180) == 0, whole.log.read_text()
    assert moved() == 30
    engine.dispose()
