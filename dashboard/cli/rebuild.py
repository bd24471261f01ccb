"""`cases rebuild`: make what follows from the events again."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from dashboard.settings import Settings, SettingsError
from data.engine import migrate, open_engine
from data.rebuilding import rebuild
from data.region import RegionError, load


def rebuild_cases(
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Fold every case anew from its events, and write it where the tables say something else.

    After an upgrade, or when the calendar of a year has been published. Restart running servers afterwards.
    """
    console = Console(stderr=True, highlight=False)
    options = {"region": region, "database_url": database_url}
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        calendar = load(settings.region_folder()).calendar
    except (SettingsError, RegionError) as error:
        console.print(str(error), soft_wrap=True)
        sys.exit(1)
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
        with Progress(console=console, transient=not console.is_terminal) as bar:
            task = bar.add_task("Rebuilding")
            rebuilt = rebuild(engine, calendar, lambda done, of: bar.update(task, completed=done, total=of))
    finally:
        engine.dispose()
    console.print(f"{rebuilt.cases} cases, {len(rebuilt.changed)} of them written anew.", soft_wrap=True)
