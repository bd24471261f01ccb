"""`cases import`: read CSV and Excel files into cases, through the same door as every other report."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dashboard.services import desk_of
from dashboard.settings import Settings, SettingsError
from data import publishing
from data.bulk import BulkError, Outcome, RowResult, import_rows, open_sheet, read_mapping, write_report
from data.engine import migrate, open_engine
from data.lists import Library
from data.region import RegionError
from data.store import SqlCaseStore

app = typer.Typer(no_args_is_help=True, help="Cases in bulk.")


@app.callback()
def cases() -> None:
    """Cases in bulk."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV or Excel (.xlsx) file.")],
    mapping: Annotated[Path, typer.Option(help="Mapping file (TOML): columns to fields, CRS, zone.")],
    report: Annotated[Path, typer.Option(help="Where every row's outcome is written (CSV).")],
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Import reports from a file. Importing it again changes nothing; the report says what became of each row."""
    console = Console(stderr=True, highlight=False)
    options = {"region": region, "database_url": database_url}
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        counts = run(settings, file, mapping, report, console)
    except (BulkError, SettingsError, RegionError) as error:
        console.print(str(error), soft_wrap=True)
        sys.exit(1)
    said = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
    console.print(f"{counts.total()} rows: {said}. Each row's outcome: {report}", soft_wrap=True)


def run(settings: Settings, file: Path, mapping: Path, report: Path, console: Console) -> Counter[Outcome]:
    """Import a file behind a progress bar; gives the number of rows by outcome."""
    plan = read_mapping(mapping)
    if report.resolve() == file.resolve():
        raise BulkError(f"The report would overwrite {file}; give it another name.")
    if not report.parent.is_dir():
        raise BulkError(f"There is no folder {report.parent} for the report; make it or name another one.")
    sheet = open_sheet(file, plan.sheet, plan.header_row)
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
        region = publishing.load(settings.region_folder(), engine, settings.indexes())
        desk = desk_of(region, SqlCaseStore(engine), Library(engine, region))
        results = import_rows(sheet, plan, desk, region.zone, lambda: datetime.now(UTC))
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=not console.is_terminal) as bar:
            return write_report(report, sheet.header, counted(results, bar, sheet.count))
    finally:
        engine.dispose()


def counted(results: Iterable[RowResult], bar: Progress, total: int) -> Iterator[RowResult]:
    """Move a progress bar with every row."""
    task = bar.add_task("Importing", total=total)
    for result in results:
        yield result
        bar.advance(task)
