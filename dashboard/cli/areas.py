"""`areas`: boundary files as they are, checked and written as a new version of a layer."""

import json
import sys
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dashboard.reports.boundary import as_html, as_json, metres
from dashboard.settings import REGIONS, Settings
from dashboard.text import LANGUAGES
from data.boundary_import import Checked, Refused, Wanted, check_file, write_version
from data.boundary_import.writing import changes
from geo.exchange import Unreadable, layers_of
from geo.exchange.findings import Finding, Level

app = typer.Typer(no_args_is_help=True, help="Boundary files: check them, and write new versions of a layer.")
SHOWN_OF_A_KIND = 10


@app.callback()
def areas() -> None:
    """Check boundary files, and write new versions of a layer."""


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
    layer: Annotated[str, typer.Option(help="Layer of the region pack: township, village, grid …")],
    series: Annotated[str, typer.Option(help="Series of the codes, such as mca or nbs.")],
    code: Annotated[str, typer.Option(help="Column of the codes.")],
    name: Annotated[str | None, typer.Option(help="Column of the names.")] = None,
    parent: Annotated[str | None, typer.Option(help="Column of the parents' codes; else where areas lie.")] = None,
    crs: Annotated[
        str | None, typer.Option(help="CRS of the numbers: EPSG:4549, GCJ-02, swapped>EPSG:4490, GCJ-02>GCJ-02 …")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the texts; else decided by their bytes.")] = None,
    begin: Annotated[str | None, typer.Option("--from", help="First day of the new version; else today.")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended, and list each repair.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the report as one HTML file with maps.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report as JSON.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write a copy of the region pack with the new version.")] = None,
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    language: Annotated[str, typer.Option(help="Language of the HTML report's frame: en or zh-CN.")] = LANGUAGES[1],
) -> None:
    """Check a boundary file and report; with --out, write it as a new version of a layer from a day on.

    Ends with 1 when the file has errors. Nothing is repaired without --repair, and no CRS is guessed.
    """
    console = Console(highlight=False)
    path, _, sublayer = file.partition("::")
    try:
        if language not in LANGUAGES:
            raise Refused(f"--language {language!r} is none of {', '.join(LANGUAGES)}")  # noqa: TRY301
        wanted = Wanted(
            Path(path), layer, series, code, _day(begin), name, parent, crs, encoding, sublayer or None, repair
        )
        checked = check_file(wanted, _folder(region))
        _save(checked, report, json_file, language)
        show(checked, console)
        if out is not None:
            written = write_version(checked, out)
            console.print("; ".join(changes(written)), soft_wrap=True, markup=False)
            console.print(f"Wrote {written.folder}; prove it with: python -m dashboard region check {written.folder}")
    except (Refused, OSError) as refused:
        console.print(str(refused), soft_wrap=True, markup=False)
        sys.exit(1)
    if not checked.sound:
        sys.exit(1)


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Refused(f"--from {text!r} is no date; write it as 2024-11-20") from problem


def _folder(region: str | None) -> Path:
    chosen = region or Settings().region
    return REGIONS / chosen if (REGIONS / chosen).is_dir() else Path(chosen)


def _save(checked: Checked, report: Path | None, json_file: Path | None, language: str) -> None:
    if report is not None:
        report.write_text(as_html(checked, language), encoding="utf-8")
    if json_file is not None:
        json_file.write_text(json.dumps(as_json(checked), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def show(checked: Checked, console: Console) -> None:
    """Print every finding, of each kind the first ones, and every repair."""
    content = checked.content
    console.print(
        f"{content.file}, {content.layer} ({content.kind}): {content.counted} features in the file,"
        f" {len(content.features)} read, {len(checked.areas)} usable.",
        soft_wrap=True,
        markup=False,
    )
    # A pipe has no width; 80 columns would break every place and code.
    wide = Console(highlight=False, width=None if console.is_terminal else 200)
    if checked.findings:
        wide.print(_findings(checked.findings))
    if checked.repairs:
        table = Table("repaired", "what", "change m²", "area m²", show_lines=True)
        for repair in checked.repairs:
            who = f"{repair.feature or ''} {repair.code} {repair.name}".strip()
            change, area = metres(repair.change_m2, signed=True), metres(repair.area_m2)
            table.add_row(escape(who), escape(repair.says), change, area)
        wide.print(table)
    counts = ", ".join(f"{level}s {checked.count(level)}" for level in Level)
    console.print(f"{content.file}: {counts}, repairs {len(checked.repairs)}.", soft_wrap=True, markup=False)


def _findings(findings: tuple[Finding, ...]) -> Table:
    table, seen = Table("", "kind", "where", "what", "the way out", show_lines=True), Counter[str]()
    for finding in findings:
        seen[finding.kind] += 1
        if seen[finding.kind] <= SHOWN_OF_A_KIND:
            cells = (finding.level, finding.kind, finding.where, finding.says, finding.remedy)
            table.add_row(*map(escape, cells))
    for kind, count in seen.items():
        if count > SHOWN_OF_A_KIND:
            table.add_row("", kind, "", f"{count - SHOWN_OF_A_KIND} more: see --report or --json", "")
    return table
