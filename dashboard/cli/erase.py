"""`cases erase`: erase personal data of a case by law."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from cases.errors import CaseError
from dashboard.cli.opening import opened
from dashboard.settings import Settings, SettingsError
from data.accounts import By
from data.erasing import erase, scrub
from data.region import RegionError, load


def erase_case(
    number: Annotated[str, typer.Argument(help="Number of the case.")],
    reason: Annotated[str, typer.Option(help="The law or the request; kept for good, so it names nobody.")],
    by: Annotated[str, typer.Option(help="Who erases; kept in the audit.")],
    whole: Annotated[
        bool, typer.Option("--whole", help="Description, photos, attributes and all free texts, too.")
    ] = False,
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Erase the contact of a case for good, or with --whole every personal part of it: docs/backup.md.

    The chain of events stays whole, and the case tells what was erased. Doing it again changes nothing.
    """
    console = Console(stderr=True, highlight=False)
    options = {"region": region, "database_url": database_url}
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        calendar = load(settings.region_folder()).calendar
        with opened(settings) as engine:
            done = erase(engine, calendar, number, reason, By(by), datetime.now(UTC), whole=whole)
            scrub(engine)
    except (CaseError, SettingsError, RegionError) as error:
        console.print(str(error), soft_wrap=True, markup=False)
        sys.exit(1)
    if not done.parts:
        console.print(f"{number} holds nothing more to erase.", soft_wrap=True)
        return
    for revision, paths in done.parts.items():
        console.print(f"revision {revision}: {', '.join(paths)} erased", soft_wrap=True, markup=False)
    console.print(
        f"Told by revision {done.revision} of {number}. Backups made before still hold it: docs/backup.md.",
        soft_wrap=True,
    )
