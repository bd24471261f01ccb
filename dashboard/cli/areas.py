"""`areas`: boundary files as they are, checked, and published or written as a new version of one or several layers."""

import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dashboard.cli.findings import show
from dashboard.cli.opening import looked_at, opened
from dashboard.cli.publications import TROUBLES, Publishing, list_publications, settings_of, withdraw
from dashboard.reports.boundary import as_html, as_json
from dashboard.settings import REGIONS, Settings
from dashboard.text import LANGUAGES
from data import publishing
from data.boundary_import import Checked, Refused, Wanted, check_step, write_step
from data.boundary_import.standing import open_pack
from data.boundary_import.writing import changes
from data.region.loading import Pack
from geo.exchange import Unreadable, layers_of

app = typer.Typer(no_args_is_help=True, help="Boundary files: check them, and publish new versions of layers.")
app.command("publications")(list_publications)
app.command("withdraw")(withdraw)


@app.callback()
def areas() -> None:
    """Check boundary files, and publish new versions of layers."""


@app.command("layers")
def layers(file: Annotated[Path, typer.Argument(help="Boundary file of any format.")]) -> None:
    """List every layer that a boundary file offers."""
    try:
        for name in layers_of(file):
            typer.echo(name)
    except Unreadable as problem:
        typer.echo(str(problem))
        sys.exit(1)


@app.command("import")
def import_file(
    file: Annotated[str, typer.Argument(help="FILE, or FILE::LAYER: GeoJSON, Shapefile (zip), GeoPackage, KML …")],
    *,
    layer: Annotated[
        list[str], typer.Option(help="Layer of the region: township, village, grid …; several, or LAYER=LAYER OF FILE.")
    ],
    series: Annotated[list[str], typer.Option(help="Series of the codes, such as mca or nbs; LAYER=SERIES for one.")],
    code: Annotated[list[str], typer.Option(help="Column of the codes; LAYER=COLUMN for one layer.")],
    name: Annotated[list[str] | None, typer.Option(help="Column of the names.")] = None,
    parent: Annotated[
        list[str] | None, typer.Option(help="Column of the parents' codes; else where areas lie.")
    ] = None,
    crs: Annotated[
        list[str] | None, typer.Option(help="CRS of the numbers: EPSG:4549, GCJ-02, swapped>EPSG:4490, GCJ-02>GCJ-02 …")
    ] = None,
    encoding: Annotated[list[str] | None, typer.Option(help="Of the texts; else decided by their bytes.")] = None,
    begin: Annotated[str | None, typer.Option("--from", help="First day of the new version; else today.")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended, and list each repair.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the report as one HTML file with maps.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report as JSON.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write a copy of the region pack with the new version.")] = None,
    publish: Annotated[bool, typer.Option("--publish", help="Publish it in the database: servers take it.")] = False,
    by: Annotated[str | None, typer.Option(help="Who publishes.")] = None,
    note: Annotated[str, typer.Option(help="Why: a document, a decision.")] = "",
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where it is published.  [ONEMAP_DATABASE_URL]")] = None,
    language: Annotated[str, typer.Option(help="Language of the HTML report's frame: en or zh-CN.")] = LANGUAGES[1],
) -> None:
    """Check a boundary file, report, count the cases that it would move; with --publish, put it in force from a day.

    Several layers of one file are one step: checked against each other, and published together or not at all. Ends
    with 1 when the file has errors. Nothing is repaired without --repair, and no CRS is guessed.
    """
    console = Console(highlight=False)
    columns = {"series": series, "code": code, "name": name, "parent": parent, "crs": crs, "encoding": encoding}
    try:
        _must_go_together(language, out, by, publish=publish)
        settings = settings_of(region, database_url)
        step = wanted_of(file, layer, columns, _day(begin), repair=repair)

        def told(pack: Pack) -> tuple[Checked, ...]:
            checked = check_step(step, pack)
            _save(checked, report, json_file, language)
            for one in checked:
                show(one, console)
            return checked

        sound = _finish(told, settings, console, out, Publishing(by or "", note) if publish else None)
    except TROUBLES as refused:
        console.print(str(refused), soft_wrap=True, markup=False)
        sys.exit(1)
    if not sound:
        sys.exit(1)


def _must_go_together(language: str, out: Path | None, by: str | None, *, publish: bool) -> None:
    if language not in LANGUAGES:
        raise Refused(f"--language {language!r} is none of {', '.join(LANGUAGES)}")
    if publish and out is not None:
        raise Refused("--publish and --out: a version is published in the database or written into a pack; choose one")
    if publish and not (by or "").strip():
        raise Refused("--publish needs --by NAME: say who publishes")


def wanted_of(
    file: str, layers: Sequence[str], columns: dict[str, list[str] | None], begin: date, *, repair: bool
) -> list[Wanted]:
    """Read one import per layer from options of which each holds for all layers, or as ``LAYER=VALUE`` for one."""
    path, _, only = file.partition("::")
    names = [one.partition("=")[0] for one in layers]
    own = {one.partition("=")[0]: one.partition("=")[2] for one in layers if "=" in one}
    offered = layers_of(Path(path)) if len(names) > 1 and Path(path).exists() else ()
    found = []
    for name in names:
        sublayer = own.get(name) or only or (name if name in offered else None)
        values = {key: _value(given, name, names) for key, given in columns.items()}
        for key in ("series", "code"):
            if values[key] is None:
                raise Refused(f"--{key} is not given for {name}; write --{key} {name}=…")
        found.append(Wanted(Path(path), name, begin=begin, sublayer=sublayer or None, repair=repair, **values))  # type: ignore[arg-type]
    return found


def _value(given: list[str] | None, layer: str, layers: Sequence[str]) -> str | None:
    """Give the value of an option for a layer: its own one before the one for all."""
    for_all = None
    for one in given or ():
        whose, is_own, value = one.partition("=")
        if is_own and whose in layers:
            if whose == layer:
                return value
        else:
            for_all = one
    return for_all


def _finish(
    told: Callable[[Pack], tuple[Checked, ...]],
    settings: Settings,
    console: Console,
    out: Path | None,
    wanted: Publishing | None,
) -> bool:
    """Check against the pack's files or what is published, and do what was asked for; give whether all is sound."""
    if out is not None:
        step = told(open_pack(_folder(settings)))
        for written in write_step(step, out):
            console.print("; ".join(changes(written)), soft_wrap=True, markup=False)
        console.print(f"Wrote {out}; prove it with: python -m dashboard region check {out}")
        return True
    with opened(settings) if wanted is not None else looked_at(settings) as engine:
        if engine is None:
            return all(one.sound for one in told(open_pack(_folder(settings))))
        standing = publishing.open_standing(_folder(settings), engine)
        step = told(standing.pack)
        if all(one.sound for one in step):
            (wanted or Publishing()).go_on(engine, step, standing, console)
        elif wanted is not None:
            publishing.must_be_publishable(step, standing)
        return all(one.sound for one in step)


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Refused(f"--from {text!r} is no date; write it as 2024-11-20") from problem


def _folder(settings: Settings) -> Path:
    chosen = settings.region
    return REGIONS / chosen if (REGIONS / chosen).is_dir() else Path(chosen)


def _save(step: Sequence[Checked], report: Path | None, json_file: Path | None, language: str) -> None:
    """Write the report of one layer as one file; of several as one HTML file each and one list."""
    for checked in step if report is not None else ():
        path = report if len(step) == 1 else report.with_stem(f"{report.stem}-{checked.wanted.layer}")
        path.write_text(as_html(checked, language), encoding="utf-8")
    if json_file is not None:
        content = [as_json(checked) for checked in step]
        text = json.dumps(content[0] if len(content) == 1 else content, ensure_ascii=False, indent=1)
        json_file.write_text(text + "\n", encoding="utf-8")
