"""`areas publications` and `areas withdraw`, and the end of `areas import`: what moves, and publishing it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from dashboard.cli.opening import opened
from dashboard.reports.boundary import as_json
from dashboard.settings import Settings, SettingsError
from data import publishing
from data.boundary_import import Checked, Refused
from data.boundary_import.versions import compare
from data.boundary_import.writing import changes
from data.publishing import Publication, Standing
from data.reattributing import Preview
from data.region import RegionError

MOST_FLOWS = 20
RegionOption = Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")]
DatabaseOption = Annotated[str | None, typer.Option(help="Where it is published.  [ONEMAP_DATABASE_URL]")]
TROUBLES = (Refused, OSError, RegionError, SettingsError, ValidationError, SQLAlchemyError)


@dataclass(frozen=True, slots=True)
class Publishing:
    """Who publishes, and why; without a name, what would happen is only shown."""

    by: str = ""
    note: str = ""

    def go_on(self, engine: Engine, step: Sequence[Checked], standing: Standing, console: Console) -> None:
        """Show what a sound step changes and moves, and publish it where somebody does; raises Refused."""
        for checked in step:
            told = "; ".join(changes(compare(checked.force, checked.areas)))
            console.print(f"{checked.wanted.layer}: {told}", soft_wrap=True, markup=False)
        if self.by:
            publishing.must_be_publishable(step, standing)
        show_moves(counted(engine, step, standing, console), console)
        if not self.by:
            console.print("Nothing was published; with --publish --by NAME it is.")
            return
        reports = {checked.wanted.layer: as_json(checked) for checked in step}
        now = datetime.now(UTC)
        number = publishing.publish(engine, step, standing, reports, by=self.by, note=self.note, now=now)
        begin = step[0].wanted.begin
        console.print(f"Publication {number}: holds from {begin} on; running servers take it within seconds.")


def counted(engine: Engine, step: Sequence[Checked], standing: Standing, console: Console) -> Preview:
    """Count the cases that move, behind a progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=not console.is_terminal) as bar:
        task = bar.add_task("Cases", total=None)
        return publishing.moves(
            engine, step, standing, lambda done, total: bar.update(task, completed=done, total=total)
        )


def show_moves(found: Preview, console: Console) -> None:
    """Print how many open and closed cases get other codes, by area from and to, the most first."""
    told = publishing.moves_out(found)
    moved, looked_at = told["moved"], told["looked_at"]
    console.print(
        f"Cases with other codes: {moved['open']} of {looked_at['open']} open, {moved['closed']} of"
        f" {looked_at['closed']} closed. They keep their codes until `reattribute` moves the open ones."
    )
    flows = [(layer, flow) for layer, some in told["layers"].items() for flow in some[:MOST_FLOWS]]
    if flows:
        table = Table("layer", "from", "to", "open", "closed")
        for layer, flow in flows:
            cells = (layer, flow["from"] or "—", flow["to"] or "—", str(flow["open"]), str(flow["closed"]))
            table.add_row(*map(escape, cells))
        console.print(table)


def list_publications(region: RegionOption = None, database_url: DatabaseOption = None) -> None:
    """List what was published over the region pack, withdrawn versions too."""
    console = Console(highlight=False)
    try:
        settings = settings_of(region, database_url)
        with opened(settings) as engine:
            known = publishing.open_standing(settings.region_folder(), engine).publications
    except TROUBLES as problem:
        stop(console, problem)
    if not known:
        console.print("Nothing is published: the boundaries are those of the pack.")
        return
    table = Table("id", "from", "layers", "published", "by", "note", "withdrawn")
    for one in known:
        table.add_row(*map(escape, words_of(one)))
    # A pipe has no width; 80 columns would break every name.
    Console(highlight=False, width=None if console.is_terminal else 200).print(table)


def words_of(one: Publication) -> tuple[str, ...]:
    """Write a publication as one row of a table."""
    layers = ", ".join(f"{layer.layer} {layer.areas} ({layer.file})" for layer in one.layers)
    gone = one.withdrawal
    withdrawn = f"{gone.at:%Y-%m-%d %H:%M} {gone.by}: {gone.reason}" if gone else ""
    return (str(one.id), one.begins_on.isoformat(), layers, f"{one.at:%Y-%m-%d %H:%M}", one.by, one.note, withdrawn)


def withdraw(
    publication: Annotated[int, typer.Argument(help="Number of the publication.")],
    *,
    by: Annotated[str, typer.Option(help="Who withdraws it.")],
    reason: Annotated[str, typer.Option(help="What was wrong with it.")],
    region: RegionOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Withdraw a publication: the region is as if it had never been, and cases keep the codes that they have."""
    console = Console(highlight=False)
    try:
        settings = settings_of(region, database_url)
        with opened(settings) as engine:
            standing = publishing.open_standing(settings.region_folder(), engine)
            publishing.withdraw(engine, publication, standing, by=by, reason=reason, now=datetime.now(UTC))
    except TROUBLES as problem:
        stop(console, problem)
    console.print(f"Publication {publication} is withdrawn; running servers follow within seconds.")


def settings_of(region: str | None, database_url: str | None) -> Settings:
    """Read the settings, with options before them."""
    chosen = {"region": region, "database_url": database_url}
    return Settings(**{name: value for name, value in chosen.items() if value is not None})


def stop(console: Console, problem: Exception) -> NoReturn:
    """Say why and leave."""
    console.print(str(problem), soft_wrap=True, markup=False)
    sys.exit(1)
