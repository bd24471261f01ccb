"""`lists`: show and export what is published, import a list from a file, print who answers for what."""

import csv
import getpass
import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cases.dispute import Ruling
from cases.errors import CaseError
from cases.guides import Step, write_steps
from cases.lists import Change, Lists, ListVersion
from cases.matters import MatterKind
from dashboard.settings import Settings, SettingsError
from data import publishing
from data.bulk import BulkError
from data.engine import migrate, open_engine
from data.formulas import defused
from data.lists import Draft, Library, Wanted, draft, routes_table
from data.lists.drafting import Standing
from data.lists.reading import values_of
from data.region import Region, RegionError
from data.region.items import LIST_COLUMNS, LIST_FILES

app = typer.Typer(no_args_is_help=True, help="The three lists and the arrangements beside them.")


class ListName(StrEnum):
    """What can be imported."""

    ONE_THING = MatterKind.ONE_THING.value
    TERRITORIAL = MatterKind.TERRITORIAL.value
    POWER = MatterKind.POWER.value
    ARRANGEMENTS = "arrangements"


RegionOption = Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")]
DatabaseOption = Annotated[str | None, typer.Option(help="Where lists are kept.  [ONEMAP_DATABASE_URL]")]
VersionOption = Annotated[str | None, typer.Option("--version", help="Name of a version; by default today's.")]


@app.callback()
def lists() -> None:
    """Show, import and export the three lists and the arrangements beside them."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV or Excel (.xlsx) file.")],
    *,
    name: Annotated[ListName, typer.Option("--list", help="The list that the file holds.")],
    begin: Annotated[str, typer.Option("--from", help="First day on which the new version holds: 2026-12-01.")],
    version: Annotated[str, typer.Option("--version", help="Name of the new version; cases keep it.")],
    source: Annotated[str, typer.Option(help="The document that puts it in force.")],
    sheet: Annotated[str | None, typer.Option(help="Sheet of the workbook; else the first one.")] = None,
    model: Annotated[
        bool | None, typer.Option("--model/--official", help="Mark as model lists, or not; else as before.")
    ] = None,
    publish: Annotated[bool, typer.Option("--publish", help="Publish it; without this, it is only shown.")] = False,
    by: Annotated[str | None, typer.Option(help="Who publishes; else who is logged in here.")] = None,
    region: RegionOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Read one list from a file and show what changes; with --publish, put it in force from a day on.

    The other lists stay as they are on that day. Any fault is named with its row and column, and nothing is written.
    """
    console = Console(highlight=False)
    with opened(region, database_url, console) as (place, library):
        wanted = Wanted(file, name.value, version, day_of(begin), source, model, sheet)
        made = draft(wanted, place, library.standing())
        for fault in made.report:
            console.print(str(fault), soft_wrap=True, markup=False)
        if made.report.errors:
            count = len(made.report.errors)
            console.print(f"{count} {'fault' if count == 1 else 'faults'}. Nothing was written.")
            sys.exit(1)
        show_changes(made, console)
        if publish:
            library.publish(made, by or getpass.getuser(), datetime.now(UTC))
            console.print(f"Published: version {version} holds from {begin} on.")
        else:
            console.print("Nothing was written; with --publish it is.")


@app.command()
def show(region: RegionOption = None, database_url: DatabaseOption = None) -> None:
    """Show the versions that are published."""
    console = Console(highlight=False)
    with opened(region, database_url, console) as (_, library):
        table = Table("version", "from", "to", *LIST_FILES, "", "source")
        published = library.current()
        for one in published.versions:
            counts = [str(len(one.matters.of_kind(kind))) for kind in MatterKind]
            end = published.effective_to(one.version)
            begin = "" if one.effective_from == date.min else one.effective_from.isoformat()
            mark = "model" if one.model else ""
            row = (one.version, begin, end.isoformat() if end else "", *counts, str(len(one.arrangements)), mark)
            table.add_row(*(escape(text) for text in (*row, one.source)))
        Console(highlight=False, width=None if console.is_terminal else 200).print(table)


@app.command()
def export(
    name: Annotated[ListName, typer.Option("--list", help="The list to write.")],
    out: Annotated[Path, typer.Option(help="CSV file, UTF-8 with a byte order mark, as Excel reads it.")],
    version: VersionOption = None,
    region: RegionOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Write a list as the CSV file that `import` reads."""
    console = Console(highlight=False)
    with opened(region, database_url, console) as (place, library):
        standing = library.standing()
        rows = standing.rows[chosen(standing, version, place).version].get(name.value, ())
        columns = LIST_COLUMNS[name.value]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
        writer.writeheader()
        values = values_of(rows, name.value)
        writer.writerows({column: defused(text) for column, text in row.items()} for row in values)
        out.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
        console.print(f"{len(rows)} rows: {out}", soft_wrap=True, markup=False)


@app.command()
def routes(
    out: Annotated[Path | None, typer.Option(help="Markdown file; else the screen.")] = None,
    version: VersionOption = None,
    region: RegionOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Write who leads and who comes for a choice of matters in every township, before and after each change."""
    with opened(region, database_url, Console(highlight=False)) as (place, library):
        text = routes_table(place, chosen(library.standing(), version, place))
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8", newline="\n")


RULING_COLUMNS = ("matter", "name", "township", "role", "from", "to", "since", "case", "change")


@app.command()
def rulings(
    out: Annotated[Path | None, typer.Option(help="CSV file, as Excel reads it; else the screen.")] = None,
    region: RegionOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Show what was ruled on disputes while these lists have held, and the next version of them must say."""
    console = Console(highlight=False)
    with opened(region, database_url, console) as (place, library):
        today = place.local_day(datetime.now(UTC))
        published = library.current()
        rows = [ruling_row(one, published, place, today) for one in published.waiting(today)]
        if out is None:
            table = Table(*RULING_COLUMNS)
            for row in rows:
                table.add_row(*(escape(text) for text in row))
            Console(highlight=False, width=None if console.is_terminal else 200).print(table)
        else:
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\r\n").writerows(
                [RULING_COLUMNS, *([defused(one) for one in row] for row in rows)]
            )
            out.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
        console.print(
            f"{len(rows)} waiting for the next version{f': {out}' if out else ''}", soft_wrap=True, markup=False
        )


def ruling_row(one: Ruling, published: Lists, place: Region, day: date) -> tuple[str, ...]:
    """Give the columns of a ruling, with the names of what it names."""
    held = published.on(day).matters.get(one.matter)
    areas = {area.code: area.name for area in place.townships_on(day)}
    departments = place.organisation.departments
    who = [
        departments[code].spoken if code in departments else code for code in (one.from_department, one.to_department)
    ]
    where = areas.get(one.township, one.township) if one.township else ""
    name = held.name if held else ""
    return (one.matter, name, where, one.role.value, *who, one.settled_on.isoformat(), one.number, one.change)


@contextmanager
def opened(region: str | None, database_url: str | None, console: Console) -> Iterator[tuple[Region, Library]]:
    """Give the region and its lists; an error that says how to mend it ends the command with 1."""
    options = {"region": region, "database_url": database_url}
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        engine = open_engine(settings.database_url)
        try:
            migrate(engine)
            place = publishing.load(settings.region_folder(), engine)
            yield place, Library(engine, place)
        finally:
            engine.dispose()
    except (BulkError, CaseError, SettingsError, RegionError) as error:
        console.print(str(error), soft_wrap=True, markup=False)
        sys.exit(1)


def chosen(standing: Standing, version: str | None, region: Region) -> ListVersion:
    """Give a version by name, or that of today; raises UnknownVersion."""
    if version is not None:
        return standing.lists.version(version)
    return standing.lists.on(region.local_day(datetime.now(UTC)))


def day_of(text: str) -> date:
    """Read a day; raises BulkError."""
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise BulkError(f"--from {text!r} is no date; write it as 2026-12-01") from problem


def show_changes(made: Draft, console: Console) -> None:
    """Print what comes, what goes and what changes, field by field."""
    changes, beside = made.changes, made.arrangements
    for one in changes.added:
        console.print(f"+ {one.code} {one.name}", soft_wrap=True, markup=False)
    for code in beside.added:
        console.print(f"+ {code}", soft_wrap=True, markup=False)
    for one in changes.removed:
        console.print(f"- {one.code} {one.name}", soft_wrap=True, markup=False)
    for code in beside.removed:
        console.print(f"- {code}", soft_wrap=True, markup=False)
    show_fields((*changes.changed, *beside.changed), console)
    added, removed = len(changes.added) + len(beside.added), len(changes.removed) + len(beside.removed)
    touched = len({change.code for change in (*changes.changed, *beside.changed)})
    console.print(
        f"Version {made.version.version} against {made.base}: {added} added, {removed} removed, {touched} changed.",
        markup=False,
    )


def show_fields(changed: Iterable[Change], console: Console) -> None:
    """Print changed fields."""
    for change in changed:
        console.print(f"~ {change.code} {change.field}", soft_wrap=True, markup=False)
        console.print(f"    was: {written(change.before)}", soft_wrap=True, markup=False)
        console.print(f"    now: {written(change.after)}", soft_wrap=True, markup=False)


def written(value: object) -> str:
    """Write a value of an item as its file has it."""
    if value is None or value == ():
        return "(nothing)"
    if isinstance(value, Mapping):
        return ";".join(f"{key}={text}" for key, text in value.items())
    if isinstance(value, tuple):
        steps = [one for one in value if isinstance(one, Step)]
        return write_steps(steps) if steps else ";".join(str(one) for one in value)
    return str(value) or "(nothing)"
