"""`reattribute`: what new boundaries move, and moving it."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine, inspect, make_url

from cases.desk import Outcome, Reattribution
from cases.errors import CaseError
from dashboard.cli.opening import looked_at, opened
from dashboard.cli.progress import telling
from dashboard.reports.reattribution import as_html, as_json, name_of, ordered
from dashboard.services import desk_of
from dashboard.settings import Settings, SettingsError
from dashboard.text import LANGUAGES
from data import tables, views
from data.lists import Library
from data.publishing import load as load_published
from data.reattributing import (
    Applied,
    Change,
    Comparison,
    Preview,
    ReattributionError,
    alone,
    apply,
    change_of,
    in_force,
    place_history,
    preview,
    writing_package,
)
from data.reattributing.previewing import COUNTED, STATES
from data.region import Region, RegionError, load
from data.store import SqlCaseStore

SHOWN = 20
"""Flows of a layer that the terminal shows; the files have all."""
NAMES = {
    "moved": "move",
    "there": "stand there already",
    "otherwise": "stand by neither version",
    "unlocated": "have no point",
    "outside": "of those that move: fall outside",
    "boundary": "of those that move: lie on an edge",
    "gap": "of those that move: lie in no finer area",
}
REGION = typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")
DATABASE = typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")


def reattribute(
    *,
    before: Annotated[str, typer.Option("--from", help="Boundaries as they were: their first day, first or pack.")],
    after: Annotated[str, typer.Option("--to", help="Boundaries as they are: their first day, first or pack.")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the preview as JSON.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write it as one HTML file with a map.")] = None,
    gpkg: Annotated[Path | None, typer.Option(help="Write moved cases and changed areas as a GeoPackage.")] = None,
    apply_it: Annotated[bool, typer.Option("--apply", help="Move the open cases; --to must be in force.")] = False,
    by: Annotated[str, typer.Option(help="With --apply: who says so; kept in the event of every case.")] = "",
    reason: Annotated[str, typer.Option(help="With --apply: why, such as the number of the notice.")] = "",
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Place all cases by --to, for figures as current; moves none.")
    ] = False,
    region: Annotated[str | None, REGION] = None,
    database_url: Annotated[str | None, DATABASE] = None,
    language: Annotated[str, typer.Option(help="Language of the HTML file: en or zh-CN.")] = LANGUAGES[1],
) -> None:
    """Tell which cases other boundaries move, and with --apply move the open ones: docs/reattribute.md.

    Without --apply and --statistics nothing is written into the database. Closed cases are never rewritten. Stopped at
    any instant and started again, it does the rest.
    """
    console = Console(stderr=True, highlight=False)
    with reporting(console), working(region, database_url, writes=apply_it or statistics) as (place, pack, engine):
        if language not in LANGUAGES:
            raise ReattributionError(f"--language {language!r} is none of {', '.join(LANGUAGES)}.")
        change = change_of(place, before, after, pack)
        comparison = Comparison(place, change)
        if apply_it or statistics:
            why = reason_of(change, by, reason) if apply_it else None
            must_hold(place, change)
            write(engine, comparison, why, console)
            return
        found = look(engine, comparison, gpkg, console)
        save(found, place, json_file, html, language)
        show(found, place)


@contextmanager
def reporting(console: Console) -> Iterator[None]:
    """Say in a sentence what is wrong, and end with 1."""
    try:
        yield
    except (ReattributionError, SettingsError, RegionError, CaseError, views.BadQuery, OSError) as error:
        console.print(str(error), soft_wrap=True, markup=False)
        sys.exit(1)


@contextmanager
def working(region: str | None, database_url: str | None, *, writes: bool) -> Iterator[tuple[Region, Region, Engine]]:
    """Open region, pack and database: the region is the pack with what has been published since.

    Who writes brings the database up to date first; who only looks leaves everything as it is.

    Raises
    ------
    ReattributionError
        Who looks finds no database, or one that is older than this version.
    """
    options = {"region": region, "database_url": database_url}
    settings = Settings(**{name: value for name, value in options.items() if value is not None})
    folder, indexes = settings.region_folder(), settings.indexes()
    pack = load(folder, indexes)
    with opened(settings) if writes else looked_at(settings) as engine:
        if engine is None or not inspect(engine).has_table(tables.placements.name):
            url = make_url(settings.database_url).render_as_string(hide_password=True)
            raise ReattributionError(
                f"{url} holds no cases yet, or those of an older version; a server brings it up to date when it starts."
            )
        yield load_published(folder, engine, indexes), pack, engine


def utc_now() -> datetime:
    """Ask the machine's clock."""
    return datetime.now(UTC)


def reason_of(change: Change, by: str, reason: str) -> Reattribution:
    """Give what every event says; raises ReattributionError where somebody says too little."""
    for option, text in (("--by", by), ("--reason", reason)):
        if not text.strip():
            raise ReattributionError(f"--apply needs {option}: it is kept in the history of every case that moves.")
    return Reattribution(change.after.day, reason.strip(), by.strip())


def must_hold(region: Region, change: Change) -> None:
    """Refuse boundaries that do not hold today: the map, the lists and new reports go by those that do."""
    held = in_force(region, region.local_day(utc_now()))
    if held.day != change.after.day:
        raise ReattributionError(
            f"--to {change.after.day} is not in force today, {held} is; cases and figures follow what is in force."
            " Leave out --apply and --statistics to look at what would move."
        )


def look(engine: Engine, comparison: Comparison, gpkg: Path | None, console: Console) -> Preview:
    """Count what would move, and write it down case by case where a GeoPackage is wanted."""
    with ExitStack() as stack:
        package = stack.enter_context(writing_package(gpkg, comparison)) if gpkg else None
        tell = stack.enter_context(telling(console, "Looking"))
        return preview(engine, comparison, package.add if package else lambda _: None, tell)


def write(engine: Engine, comparison: Comparison, why: Reattribution | None, console: Console) -> None:
    """Move open cases where somebody says why, then place all cases for figures as current."""
    region, change = comparison.region, comparison.change
    with alone(engine):
        if why is not None:
            desk = desk_of(region, SqlCaseStore(engine), Library(engine, region))
            with telling(console, "Moving") as tell:
                done = apply(engine, comparison, desk, why, utc_now, tell)
            typer.echo(told(done, change))
        with telling(console, "Placing", "events") as tell:
            placed = place_history(engine, region, change.after, utc_now, tell)
    typer.echo(
        f"{placed.looked_at:,} cases placed by {change.after.day} for figures as current;"
        f" {placed.elsewhere:,} of them lie elsewhere than they stand."
    )


def told(done: Applied, change: Change) -> str:
    """Tell what became of the open cases."""
    said = ", ".join(f"{done.outcomes[outcome]:,} {outcome}" for outcome in Outcome if done.outcomes[outcome])
    return f"{done.looked_at:,} open cases, {change.before.day} → {change.after.day}: {said or 'none moves'}."


def save(found: Preview, region: Region, json_file: Path | None, html: Path | None, language: str) -> None:
    """Write the files that are wanted."""
    if json_file is not None:
        text = json.dumps(as_json(found, region), ensure_ascii=False, indent=1)
        json_file.write_text(text + "\n", encoding="utf-8")
    if html is not None:
        html.write_text(as_html(found, region, language), encoding="utf-8")


def wide() -> Console:
    """Give a console for results; a pipe has no width, and 80 columns would break every code."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)


def show(found: Preview, region: Region) -> None:
    """Print from where to where cases move, and the others by name."""
    console = wide()
    flows = Table("layer", "from", "to", "open", "closed", title=f"{found.change.before} → {found.change.after}")
    for layer in region.layers:
        every = ordered(found, layer)
        for (old, new), flow in every[:SHOWN]:
            names = name_of(layer, old, region, found, old=True), name_of(layer, new, region, found)
            words = (f"{name} {code}" if code else "—" for name, code in zip(names, (old, new), strict=True))
            flows.add_row(layer, *map(escape, words), *(f"{flow[state]:,}" for state in STATES))
        if len(every) > SHOWN:
            flows.add_row(layer, f"{len(every) - SHOWN:,} more: see --json", "", "", "")
    if flows.row_count:
        console.print(flows)
    counts = Table("", *STATES)
    counts.add_row("cases", *(f"{found.looked_at[state]:,}" for state in STATES))
    for name in COUNTED:
        if found.count(name) or name == "moved":
            counts.add_row(NAMES[name], *(f"{found.count(name, state):,}" for state in STATES))
    console.print(counts)
    console.print("Nothing was written; --apply --by NAME --reason TEXT moves the open ones.")
