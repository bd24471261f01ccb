"""`data export history`: the cases of whole months as GeoParquet, for DuckDB, SedonaDB, QGIS and geopandas."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dashboard.cli import exports as of_cases
from dashboard.settings import Settings, SettingsError
from data import publishing
from data.engine import migrate, open_engine
from data.exporting import Export, NotAnExport, export_history
from data.region import RegionError

app = typer.Typer(no_args_is_help=True, help="Data for other programs.")
export = typer.Typer(no_args_is_help=True, help="Write data for other programs.")
app.add_typer(export, name="export")


@app.callback()
def data() -> None:
    """Give data to other programs."""


@export.callback()
def exports() -> None:
    """Write data for other programs."""


@export.command()
def history(
    out: Annotated[Path, typer.Option(help="Folder: a new one, or one with an earlier export.")],
    begin: Annotated[str | None, typer.Option("--from", help="First day, such as 2026-01-01; its month whole.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day; its month whole.")] = None,
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Write cases without personal data as GeoParquet, a file for each month of occurrence: docs/history-export.md.

    Exporting again replaces whole months; months outside --from and --to stay as they are.
    """
    console = Console(stderr=True, highlight=False)
    options = {"region": region, "database_url": database_url}
    try:
        days = days_of(begin, end)
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        done = run(settings, out, days, console)
    except (NotAnExport, SettingsError, RegionError) as error:
        console.print(str(error), soft_wrap=True, markup=False)
        sys.exit(1)
    for month in done.cleared:
        console.print(f"{month.path.parent} has no case any more and is gone.", soft_wrap=True)
    console.print(
        f"{done.rows:,} cases in {len(done.written)} months, up to revision {done.revision}: {out}", soft_wrap=True
    )


export.command("cases")(of_cases.cases)
export.command("waiting", hidden=True)(of_cases.waiting)


def days_of(begin: str | None, end: str | None) -> tuple[date | None, date | None]:
    """Read the first and the last day; raises NotAnExport."""
    first, last = day_of("--from", begin), day_of("--to", end)
    if first and last and last < first:
        raise NotAnExport(f"--to {end} is before --from {begin}.")
    return first, last


def day_of(option: str, text: str | None) -> date | None:
    """Read a day; raises NotAnExport."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotAnExport(f"{option} {text!r} is no day; write it as 2026-01-01.") from None


def run(settings: Settings, out: Path, days: tuple[date | None, date | None], console: Console) -> Export:
    """Export behind a progress bar."""
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
        region = publishing.load(settings.region_folder(), engine)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=not console.is_terminal) as bar:
            task = bar.add_task("Exporting", total=None)
            return export_history(
                engine, region, out, datetime.now(UTC), days,
                lambda done, total: bar.update(task, completed=done, total=total),
            )  # fmt: skip
    finally:
        engine.dispose()
