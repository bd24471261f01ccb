"""`pack`: the map sheets of a day in one PDF."""

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dashboard.documents.book import book_on
from dashboard.documents.maps.making import MapRoom
from dashboard.documents.maps.pack import Pack, make_pack
from dashboard.settings import Settings, SettingsError
from data.engine import migrate, open_engine
from data.lists import Library
from data.region import RegionError, load
from data.views import BadQuery


def pack(
    day: Annotated[
        str | None, typer.Argument(help="Day in the region's zone, such as 2026-11-23; else yesterday.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Where it is kept.  [ONEMAP_PACK_FOLDER]")] = None,
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Make the daily pack: the county and every township at the end of a day, with an index, as one PDF."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    options = {"region": region, "database_url": database_url}
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        made = run(settings, day, folder or Path(settings.pack_folder), console)
    except (SettingsError, RegionError, BadQuery, OSError) as error:
        console.print(str(error), markup=False)
        sys.exit(1)
    console.print(f"{made.file}: {made.pages} pages, {made.bytes:,} bytes, SHA-256 {made.sha256}.")


def run(settings: Settings, day: str | None, folder: Path, console: Console) -> Pack:
    """Make a pack behind a progress bar."""
    place = load(settings.region_folder())
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
        today = place.local_day(datetime.now(UTC))
        room = MapRoom(engine, place, book_on(place, Library(engine, place).current, today), lambda: datetime.now(UTC))
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=not console.is_terminal) as bar:
            task = bar.add_task("Drawing", total=None)
            return make_pack(
                room, day_of(day, today), folder, lambda done, of: bar.update(task, completed=done, total=of)
            )
    finally:
        engine.dispose()


def day_of(text: str | None, today: date) -> date:
    """Read a day; yesterday for None."""
    if text is None:
        return today - timedelta(days=1)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuery(f"{text[:40]!r} is no day; write it as 2026-11-23.") from None
