"""`data export cases`: all cases, or some, as GeoParquet or Excel, however many; broken off, it can be gone on with."""

import os
import secrets
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from sqlalchemy import Engine

from dashboard.cli.opening import opened
from dashboard.cli.progress import Tell, telling
from dashboard.documents.book import book_on
from dashboard.settings import Settings, SettingsError
from dashboard.views.names import Book
from data import exports, publishing
from data.exports import Export, ExportError, Form, Lost
from data.lists import Library
from data.region import Region, RegionError
from data.views import CaseFilter

NICE = 10


def cases(
    form: Annotated[Form, typer.Option(help="GeoParquet, or Excel in parts.")] = Form.PARQUET,  # type: ignore[attr-defined]
    matter: Annotated[list[str] | None, typer.Option(help="Only cases of this matter; may be repeated.")] = None,
    township: Annotated[list[str] | None, typer.Option(help="Only in this township; may be repeated.")] = None,
    department: Annotated[list[str] | None, typer.Option(help="Only with this department; may be repeated.")] = None,
    resume: Annotated[int | None, typer.Option(help="Go on with the export of this number.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where it is kept.  [ONEMAP_EXPORT_FOLDER]")] = None,
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Write cases without personal data as GeoParquet or Excel, in files with a manifest: docs/exports.md.

    The database keeps how far it has come; after a break, --resume goes on behind the last whole file.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    options = {"region": region, "database_url": database_url, "export_folder": str(folder) if folder else None}
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        filters = CaseFilter(
            matter=tuple(matter or ()), township=tuple(township or ()), department=tuple(department or ())
        )
        with opened(settings) as engine:
            asked = resume or exports.ask(engine, form, filters, "", datetime.now(UTC)).id
            console.print(f"Export {asked}; after a break: --resume {asked}")
            with telling(console, "Exporting") as tell:
                made = work(engine, settings, asked, tell)
    except (ExportError, Lost, SettingsError, RegionError, OSError) as error:
        console.print(str(error), markup=False)
        sys.exit(1)
    if made is None:
        console.print(f"Export {asked} is being made by another process, or has ended; /api/v1/exports says which.")
        sys.exit(1)
    console.print(f"{made.done:,} cases in {len(made.parts)} files: {Path(settings.export_folder) / str(made.id)}")


def waiting() -> None:
    """Make the export that has waited longest; a server calls this in a process of its own."""
    os.nice(NICE)
    settings = Settings()
    with opened(settings) as engine, suppress(Lost):
        work(engine, settings)


def work(engine: Engine, settings: Settings, number: int | None = None, tell: Tell = lambda *_: None) -> Export | None:
    """Take an export and make it; None when there is none to take.

    However it ends, the database knows: done, failed with a reason, or given back when we are told to stop.

    Raises
    ------
    Lost
        It was cancelled meanwhile.
    OSError
        The disk is full; it has failed with that reason.
    """
    if number is not None and exports.find(engine, number, None).state == "failed":
        exports.again(engine, exports.find(engine, number, None))
    export = exports.take(engine, f"{os.getpid()}-{secrets.token_hex(4)}", now(), number)
    if export is None:
        return None
    signal.signal(signal.SIGTERM, _stopped)
    try:
        region = publishing.load(settings.region_folder(), engine)
        book = book_on(region, Library(engine, region).current, region.local_day(now()))
        about = {"region": region.name, "attribution": region.attribution, "boundaries": boundaries(region)}
        names = Names(book, export.wanted.get("language", ""))
        exports.make(engine, export, Path(settings.export_folder), names, now, tell, about)
    except Lost:
        raise
    except (KeyboardInterrupt, SystemExit):
        exports.give_back(engine, export, now())
        raise
    except Exception as error:
        exports.end(engine, export, now(), f"{type(error).__name__}: {error}"[:500])
        raise
    return exports.find(engine, export.id, None)


class Names:
    """Gives the names of codes in a language."""

    def __init__(self, book: Book, language: str) -> None:
        self._of = {"matter": book.matter, "lead": book.department, "township": book.area}
        self._language = language

    def __call__(self, column: str, code: str) -> str:
        """Give the name of a code of a column."""
        return self._of[column](code, self._language)


def boundaries(region: Region) -> dict[str, list[str]]:
    """Give the days on which each layer of the region changes."""
    return {name: [day.isoformat() for day in layer.change_days] for name, layer in region.layers.items()}


def now() -> datetime:
    """Ask the machine's clock."""
    return datetime.now(UTC)


def _stopped(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)
