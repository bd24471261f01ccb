"""Map sheets beside GeoDataFrame.plot, the daily pack, a large export beside plain pandas; the load is printed, too."""

import io
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas
import openpyxl
import pandas as pd
import pytest
import shapely
from sqlalchemy import Engine, text

from dashboard.documents.book import book_on
from dashboard.documents.maps.making import MapRoom
from dashboard.documents.maps.pack import make_pack
from dashboard.documents.maps.wanted import Format, Measure, Paper, Wanted
from data import exports
from data.engine import migrate, open_engine
from data.exports.making import Maker
from data.lists import Library
from data.region import Region
from data.views import ALL
from tests.bench import test_history_bench as history
from tests.maps.conftest import NOW, fill

pytestmark = [pytest.mark.bench, pytest.mark.timeout(7200)]
TIMES = 5
A3_INCHES = (16.54, 11.69)
FEW = 20_000
"""Rows by which openpyxl is timed; a million take it minutes."""


def say(line: str) -> None:
    """Print a line of the report."""
    sys.stdout.write(f"{line}\n")


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


def seconds(do: Callable[[], object], times: int = TIMES) -> float:
    """Give the median; what happens the first time only is not counted."""
    do()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


@pytest.fixture
def drawing(sqlite_url: str, cixi: Region) -> Iterator[MapRoom]:
    engine = open_engine(sqlite_url)
    fill(engine, cixi, 1000)
    yield MapRoom(engine, cixi, book_on(cixi, Library(engine, cixi).current, date(2026, 3, 6)), lambda: NOW)
    engine.dispose()


def test_a_sheet_beside_a_plain_plot(drawing: MapRoom) -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    wanted = Wanted(NOW, Measure.PENDING, Paper.A3)
    found = drawing.read(wanted)
    plate = drawing.atlas.on(date(2026, 3, 6))
    codes = [area.code for area in plate.areas["cell"]]
    counted = pd.Series([case.cell for case in found.cases]).value_counts().reindex(codes, fill_value=0)
    cells = geopandas.GeoDataFrame({"pending": counted.to_numpy()}, geometry=list(plate.shapes["cell"]), crs=4549)
    classes = min(5, counted.nunique())
    lines = geopandas.GeoSeries(list(plate.shapes["township"]), crs=4549).boundary

    def plain() -> bytes:
        figure, axes = pyplot.subplots(figsize=A3_INCHES)
        cells.plot("pending", ax=axes, scheme="natural_breaks", k=classes, cmap="Blues", legend=True)
        lines.plot(ax=axes, color="black", linewidth=0.6)
        file = io.BytesIO()
        figure.savefig(file, dpi=150)
        pyplot.close(figure)
        return file.getvalue()

    ours, theirs = seconds(lambda: drawing.make(wanted, Format.PNG)), seconds(plain)
    say(f"\nA3 PNG at 150 dpi: {ours:.2f} s; GeoDataFrame.plot {theirs:.2f} s ({ours / theirs:.2f} times); {load()}")


def test_the_pack(drawing: MapRoom, tmp_path: Path) -> None:
    began = time.perf_counter()
    pack = make_pack(drawing, date(2026, 3, 5), tmp_path)
    say(f"\npack of {pack.pages} pages, {pack.bytes / 1e6:.1f} MB: {time.perf_counter() - began:.1f} s; {load()}")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The cases of test_history_bench; ONEMAP_BENCH_CASES=1000000 for a million."""
    ready = os.environ.get("ONEMAP_BENCH_DATABASE", "")
    engine = open_engine(ready or f"sqlite:///{tmp_path_factory.mktemp('bench')}/onemap.db")
    migrate(engine)
    if not ready:
        history.fill(engine)
    yield engine
    engine.dispose()


def test_a_large_export(county: Engine, tmp_path: Path) -> None:
    def now() -> datetime:
        return datetime.now(UTC)

    for form in ("parquet", "xlsx"):
        asked = exports.ask(county, form, ALL, "bench", now())
        taken = exports.take(county, "bench", now(), asked.id)
        assert taken is not None
        began, cpu = time.perf_counter(), time.process_time()
        Maker(county, taken, tmp_path, lambda _, code: code, now).make()
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        done = exports.find(county, asked.id, None)
        exports.drop(county, asked.id)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        size = sum(part["bytes"] for part in done.parts) / 1e6
        say(
            f"\n{form}: {done.done:,} cases in {took:.1f} s ({cpu:.1f} s of processor), {size:.0f} MB in"
            f" {len(done.parts)} files, peak of the process so far {peak} MiB; {load()}"
        )
    began = time.perf_counter()
    with county.connect() as connection:
        frame = pd.read_sql(text("SELECT * FROM cases"), connection)
    points = geopandas.GeoDataFrame(frame, geometry=shapely.points(frame["lon"], frame["lat"]), crs=4490)
    points.to_parquet(tmp_path / "plain.parquet")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    took = time.perf_counter() - began
    say(f"  pandas.read_sql and GeoDataFrame.to_parquet of the bare table: {took:.1f} s, {peak} MiB; {load()}")
    began = time.perf_counter()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in frame.iloc[:FEW, :20].astype(str).itertuples(index=False):
        sheet.append(row)
    book.save(tmp_path / "plain.xlsx")
    say(f"  openpyxl: {FEW:,} rows of 20 columns in {time.perf_counter() - began:.1f} s; {load()}")
