"""`locate`: say in which areas a point lies, or the point of every row of a file, on which day.

Two arguments are a point and one is a file: neither needs a word of its own, and both answer the same question.
"""

import importlib
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from dashboard.cli.opening import region_of
from dashboard.settings import Settings, SettingsError
from data.placing import ALL_FLAGS, Job, PlacingError, Summary, prepared
from data.region import Region, RegionError
from geo.errors import UnknownCRS


def locate(
    what: Annotated[list[str], typer.Argument(metavar="LON LAT | FILE", help="A point, or a file with points.")],
    *,
    x: Annotated[str | None, typer.Option("--x", help="Column of longitude or easting.")] = None,
    y: Annotated[str | None, typer.Option("--y", help="Column of latitude or northing.")] = None,
    crs: Annotated[
        str | None,
        typer.Option(help="CRS of the numbers; a point's is EPSG:4490 by default, GeoParquet says its own."),
    ] = None,
    on: Annotated[str | None, typer.Option(help="Day of the boundaries, such as 2024-11-19; today by default.")] = None,
    when: Annotated[
        str | None, typer.Option("--time", help="Column of times: each row by the boundaries of its own day.")
    ] = None,
    time_format: Annotated[
        str | None, typer.Option(help="How text in it is written, such as '%m/%d/%Y %I:%M:%S %p'.")
    ] = None,
    layer: Annotated[
        list[str] | None, typer.Option(help="Layer that gets a column; may be given several times; all by default.")
    ] = None,
    prefix: Annotated[str, typer.Option(help="Begins the names of the new columns.")] = "",
    encoding: Annotated[str | None, typer.Option(help="Of a CSV file, where it is not told rightly.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to: a name that ends in .csv, .csv.gz, .parquet or .geoparquet.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler, such as tcp://10.0.0.5:8786: its workers do the work."),
    ] = None,
    county: Annotated[
        str | None,
        typer.Option(help="With --scheduler: column of county codes; by default the county of the township."),
    ] = None,
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
) -> None:
    """Say in which cell, village and township a point lies, or every row's point of a CSV, Parquet or GeoParquet file.

    A file is read and written as a stream, its rows stay as they are and in their order, and these columns are added:
    township, village, cell and other layers (codes), flags, nearest and nearest_m. On a cluster, FILE is a Parquet file
    or a folder of them, and --out a folder with one sub-folder for each month and county.
    """
    try:
        settings = Settings(**({} if region is None else {"region": region}))
        day = None if on is None else day_of(on)
        of_file = {"--x": x, "--y": y, "--time": when, "--time-format": time_format, "--layer": layer}
        of_file |= {"--prefix": prefix, "--encoding": encoding, "--out": out}
        of_file |= {"--scheduler": scheduler, "--county": county}
        if len(what) == 2:
            check_point(what, of_file)
            show_point(region_of(settings), what, crs or "EPSG:4490", day)
            return
        file = check_file(what, out, day, when)
        check_cluster(scheduler, county, encoding)
        place = region_of(settings)
        today = datetime.now(UTC).astimezone(place.zone).date()
        options = {"layers": layer or None, "prefix": prefix, "encoding": encoding, "time_format": time_format}
        job = Job(file, out or file, day or today, x=x, y=y, crs=crs, time=when, county=county, **options)
        if scheduler is None:
            locate_file(job, place)
        else:
            locate_on_cluster(job, place, scheduler)
    except (SettingsError, RegionError, UnknownCRS, PlacingError, ValidationError) as error:
        Console(highlight=False).print(str(error), soft_wrap=True, markup=False)
        sys.exit(1)


def day_of(text: str) -> date:
    """Read a day; raises PlacingError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PlacingError(f"--on {text!r} is no day; write it as 2024-11-20") from None


def check_point(what: list[str], of_file: dict[str, object]) -> None:
    """Refuse what belongs to a file; raises PlacingError."""
    given = [option for option, value in of_file.items() if value]
    if given:
        raise PlacingError(f"{given[0]} belongs to a file, but {' '.join(what)} are two words: a point.")


def check_file(what: list[str], out: Path | None, on: date | None, when: str | None) -> Path:
    """Give the file that is meant; raises PlacingError."""
    if len(what) != 1 or what[0].startswith("--"):
        strange = next((word for word in what if word.startswith("--")), None)
        said = f"There is no option {strange}." if strange else f"{len(what)} words are neither a point nor a file."
        raise PlacingError(f"{said} Give LON and LAT, or one FILE with --out.")
    if out is None:
        raise PlacingError(f"{what[0]} is one word, so it is a file: say with --out where the answers go.")
    if on is not None and when is not None:
        raise PlacingError("--on is one day for all rows, --time each row's own: give one of them.")
    return Path(what[0])


def show_point(region: Region, what: list[str], crs: str, on: date | None) -> None:
    """Print where a point lies."""
    day = on or datetime.now(UTC).astimezone(region.zone).date()
    Console(highlight=False).print(answer(region, what[0], what[1], crs, day))


def answer(region: Region, x: str, y: str, crs: str, day: date) -> Table:
    """Locate a point at noon of a day and tell it as a table."""
    found = region.place(x, y, crs, "", datetime.combine(day, time(12), tzinfo=region.zone))
    table = Table("", "code", "name", title=f"{region.names['zh']} · {day}")
    position = "—" if found.lon is None or found.lat is None else f"{found.lon:.7f}, {found.lat:.7f}"
    table.add_row("lon, lat", position, "")
    codes = {"township": found.township, "village": found.village, "grid": found.cell, **found.areas}
    for layer in region.layers:
        code = codes.get(layer)
        area = region.layers[layer].by_code(code, day) if code else None
        table.add_row(layer, code or "—", area.name if area else "")
    if found.nearest:
        table.add_row("nearest", found.nearest, f"{found.nearest_m:.1f} m")
    if found.flags:
        table.add_row("flags", ", ".join(found.flags), "")
    return table


def check_cluster(scheduler: str | None, county: str | None, encoding: str | None) -> None:
    """Refuse what belongs to a cluster without one, and the other way round; raises PlacingError."""
    if scheduler is None and county is not None:
        raise PlacingError("--county parts the output of a cluster; say with --scheduler where that is.")
    if scheduler is not None and encoding is not None:
        raise PlacingError("--encoding belongs to CSV, and a cluster reads Parquet only.")


class RowsPerSecond(TaskProgressColumn):
    """How many rows have been done, and how many a second."""

    def render(self, task: Task) -> Text:
        """Write rows and rate."""
        rows = task.fields["rows"]
        rate = rows / task.elapsed if task.elapsed else 0
        return Text(f"{rows:,} rows · {rate:,.0f}/s")


def locate_file(job: Job, region: Region) -> None:
    """Place every row of a file behind a progress bar, then say what was found."""
    console = Console(stderr=True, highlight=False)
    run = prepared(job, region)
    with progress_on(console) as bar:
        summary = run.run(moving(bar, run.source.total))
    for line in told(summary, job):
        console.print(line, soft_wrap=True, markup=False)


def locate_on_cluster(job: Job, region: Region, address: str) -> None:
    """Let the workers of a Dask cluster place every row, behind the same progress bar."""
    # Imported for those who ask for it: a duty officer's server should not carry it.
    cluster = importlib.import_module("data.placing.cluster")
    console = Console(stderr=True, highlight=False)
    run = cluster.prepared(job, region, address)
    with progress_on(console) as bar:
        outcome = run.run(moving(bar, run.rows))
    for line in told(outcome.summary, job):
        console.print(line, soft_wrap=True, markup=False)
    shares = ", ".join(f"{process} {count}" for process, count in sorted(outcome.pieces.items()))
    console.print(
        f"{len(run.pieces):,} pieces by {len(outcome.pieces)} processes: {shares}", soft_wrap=True, markup=False
    )


def progress_on(console: Console) -> Progress:
    """Make the progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), RowsPerSecond())
    transient = not console.is_terminal
    return Progress(*columns, TimeRemainingColumn(), console=console, transient=transient, refresh_per_second=4)


def moving(bar: Progress, total: int) -> Callable[[int, int], None]:
    """Give what moves a progress bar with every batch."""
    task = bar.add_task("Locating", total=total, rows=0)
    return lambda rows, done: bar.update(task, completed=done, rows=rows)


def told(summary: Summary, job: Job) -> list[str]:
    """Tell what became of the rows, and where the first bad ones stand."""
    lines = [f"{summary.rows:,} rows, {summary.located:,} of them in a township: {job.out}"]
    for flag in ALL_FLAGS:
        count = summary.flags[flag]
        if count:
            rows = ", ".join(str(row) for row in summary.examples.get(flag, ()))
            more = ", …" if rows and count > len(summary.examples[flag]) else ""
            lines.append(f"  {flag}: {count:,}" + (f" (row {rows}{more})" if rows else ""))
    return lines
