"""`backup` and `restore`: everything that the hub keeps, as one file."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dashboard.cli.progress import telling
from dashboard.cli.verify import say
from dashboard.settings import Settings, SettingsError
from data.backups import BackupError, backup, check, restore
from data.engine import open_engine
from data.region import RegionError, load


def back_up(
    to: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    proved: Annotated[
        bool, typer.Option("--check", help="Restore it into a scratch database and verify that.")
    ] = False,
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Write everything that the hub keeps into one file, while it works: docs/backup.md."""
    console = Console(stderr=True, highlight=False)
    options = {"region": region, "database_url": database_url}
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        folder = settings.region_folder()
        calendar = load(folder).calendar if proved else None
        engine = open_engine(settings.database_url)
        try:
            with telling(console, "Saving", "pages" if engine.dialect.name == "sqlite" else "rows") as tell:
                made = backup(engine, to, folder, datetime.now(UTC), tell)
            console.print(f"{to}: {made.counts['cases']} cases, anchor {made.anchor}", soft_wrap=True, markup=False)
            if calendar is None:
                return
            with telling(console, "Verifying", "revisions") as tell:
                found = check(to, engine, calendar, tell)
        finally:
            engine.dispose()
    except (BackupError, SettingsError, RegionError) as error:
        console.print(str(error), soft_wrap=True, markup=False)
        sys.exit(1)
    say(found, Console(highlight=False))
    sys.exit(0 if found.is_whole else 1)


def put_back(
    source: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of what the database holds.")] = False,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Put a backup into an empty database, all of it or nothing. Stop the servers first: docs/backup.md."""
    console = Console(stderr=True, highlight=False)
    try:
        settings = Settings(**({} if database_url is None else {"database_url": database_url}))
        engine = open_engine(settings.database_url)
        try:
            made = restore(source, engine, replace=replace)
        finally:
            engine.dispose()
    except (BackupError, SettingsError) as error:
        console.print(str(error), soft_wrap=True, markup=False)
        sys.exit(1)
    console.print(
        f"Restored as of {made.made_at}: {made.counts['cases']} cases, anchor {made.anchor}. Now run `verify`.",
        soft_wrap=True,
        markup=False,
    )
