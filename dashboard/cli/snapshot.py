"""`snapshot`: one map sheet as a file."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dashboard.documents.book import book_on
from dashboard.documents.maps.making import MapRoom
from dashboard.documents.maps.wanted import Format, Measure, Paper, Wanted
from dashboard.settings import Settings, SettingsError
from dashboard.text import LANGUAGES
from data.engine import migrate, open_engine
from data.lists import Library
from data.region import RegionError, load
from data.views import BadQuery, CaseFilter


def snapshot(
    out: Annotated[Path, typer.Argument(help="File to write; its ending says what: pdf, png, svg, gpkg, geojson …")],
    *,
    at: Annotated[str | None, typer.Option(help="Moment with its offset, or in the region's zone; else now.")] = None,
    measure: Annotated[Measure, typer.Option(help="What the areas are coloured by.")] = Measure.LEVEL,
    paper: Annotated[Paper, typer.Option(help="Size of the sheet.")] = Paper.A4,
    township: Annotated[str | None, typer.Option(help="Code of the township that fills the sheet.")] = None,
    matter: Annotated[list[str] | None, typer.Option(help="Only cases of this matter; may be repeated.")] = None,
    department: Annotated[list[str] | None, typer.Option(help="Only with this department; may be repeated.")] = None,
    dpi: Annotated[int, typer.Option(help="Of a PNG, 72 to 600.")] = 150,
    user: Annotated[str, typer.Option(help="Name that stands as a watermark in the map.")] = "",
    language: Annotated[str, typer.Option(help="zh-CN or en.")] = LANGUAGES[0],
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Draw a map sheet of a moment, or write its cases and figures; an existing file is replaced as a whole."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    options = {"region": region, "database_url": database_url}
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        form = form_of(out)
        filters = CaseFilter(matter=tuple(matter or ()), department=tuple(department or ()))
        if language not in LANGUAGES:
            raise BadQuery(f"--language {language!r} is none of {', '.join(LANGUAGES)}.")  # noqa: TRY301
        made = make(
            settings, at, form, Wanted(datetime.now(UTC), measure, paper, township, filters, language, dpi, user)
        )
        written(out, made)
    except (SettingsError, RegionError, BadQuery, OSError) as error:
        console.print(str(error), markup=False)
        sys.exit(1)
    console.print(f"Wrote {out}.")


def form_of(out: Path) -> Format:
    """Read from a file's name what it is to be; raises BadQuery."""
    found = next((form for form in Format if out.name.lower().endswith(f".{form}")), None)
    if found is None:
        raise BadQuery(f"{out.name} ends with nothing that can be written: {', '.join(f'.{form}' for form in Format)}.")
    return found


def make(settings: Settings, at: str | None, form: Format, wanted: Wanted) -> bytes:
    """Open what the map room needs, and make the file."""
    place = load(settings.region_folder())
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
        today = place.local_day(wanted.at)
        room = MapRoom(engine, place, book_on(place, Library(engine, place).current, today), lambda: datetime.now(UTC))
        return room.make(room.moved(wanted, at), form).body
    finally:
        engine.dispose()


def written(out: Path, body: bytes) -> None:
    """Write beside the file and rename: a disk that fills leaves no half file."""
    beside = out.with_name(f".{out.name}.part")
    try:
        beside.write_bytes(body)
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
