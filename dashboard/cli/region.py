"""`region`: check a region pack, or make one from polygon files."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cases.matters import Platform
from dashboard.settings import REGIONS
from data.region import Report, Source
from data.region_check import check as check_pack
from data.region_new import LayerSource, MatterFile, NewRegion, Refused, make
from data.region_new.making import DEFAULT_SOURCES, FIRST_DAY

app = typer.Typer(no_args_is_help=True, help="Check a region pack, or make one from polygon files.")


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="Folder of a region pack, or the name of one that comes along.")],
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings, too.")] = False,
) -> None:
    """Prove a region pack sound, or name every fault with its file, row, column and place."""
    console = Console(highlight=False)
    place = folder if folder.exists() or not (REGIONS / folder).is_dir() else REGIONS / folder
    report = check_pack(place, today=datetime.now(UTC).date())
    show(report, place, console)
    if report.errors or (strict and len(report)):
        sys.exit(1)


def show(report: Report, folder: Path, console: Console) -> None:
    """Print what was looked at and every fault."""
    if report.counts:
        console.print("; ".join(f"{name}: {count:,}" for name, count in report.counts.items()), soft_wrap=True)
    if not len(report):
        console.print(f"{folder} is sound.", soft_wrap=True)
        return
    table = Table("", "fault", "where", "what and the way out", show_lines=True)
    for fault in sorted(report, key=lambda fault: fault.severity):
        value = f"{fault.value!r} " if fault.value else ""
        table.add_row(fault.severity, fault.kind, fault.where, f"{value}{fault.sentence}")
    # A pipe has no width; 80 columns would break every place and code.
    Console(highlight=False, width=None if console.is_terminal else 200).print(table)
    warnings = len(report) - len(report.errors)
    console.print(f"{folder}: errors {len(report.errors)}, warnings {warnings}.", soft_wrap=True)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Short latin name of the region.")],
    folder: Annotated[
        Path | None, typer.Argument(help="Where to; by default beside the pack that comes along.")
    ] = None,
    *,
    layer: Annotated[
        list[str],
        typer.Option(help="NAME=FILE, or NAME=FILE::LAYER; one is `township`, others are `village`, `grid` or free."),
    ],
    code_field: Annotated[list[str], typer.Option(help="Column of the codes; LAYER=COLUMN for one layer only.")],
    name_field: Annotated[list[str] | None, typer.Option(help="Column of the names; LAYER=COLUMN.")] = None,
    parent_field: Annotated[list[str] | None, typer.Option(help="Column of the parents' codes; LAYER=COLUMN.")] = None,
    crs: Annotated[
        list[str] | None, typer.Option(help="CRS of the files, such as EPSG:4549 or GCJ-02; LAYER=CRS.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of the texts of shapefiles that do not say, such as GBK.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone, such as Asia/Shanghai; else UTC.")] = None,
    metric_crs: Annotated[str | None, typer.Option(help="CRS of lengths and areas; else the UTM zone.")] = None,
    name_zh: Annotated[str, typer.Option(help="Name for people, Chinese.")] = "",
    name_en: Annotated[str, typer.Option(help="Name for people, English.")] = "",
    attribution: Annotated[str, typer.Option(help="The line that stands on every map.")] = "",
    valid_from: Annotated[str, typer.Option(help="First day of these boundaries.")] = FIRST_DAY.isoformat(),
    matters_from: Annotated[Path | None, typer.Option(help="CSV of past cases to take matters from.")] = None,
    matter_field: Annotated[str, typer.Option(help="Its column of matters.")] = "",
    department_field: Annotated[str, typer.Option(help="Its column of departments.")] = "",
    platform: Annotated[Platform, typer.Option(help="Platform of these matters.")] = Platform.CONVENIENCE,
    source: Annotated[
        list[str] | None, typer.Option(help="CODE=CRS of who reports; may be given several times.")
    ] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend invalid polygons and list each repair.")] = False,
    dissolve: Annotated[bool, typer.Option("--dissolve", help="Make features with one code one area.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a pack that stands there.")] = False,
) -> None:
    """Make a region pack from polygon files. Nothing is written unless every area can be used."""
    console = Console(highlight=False)
    fields = {"code_field": code_field, "name_field": name_field, "parent_field": parent_field, "crs": crs}
    try:
        made = make(
            NewRegion(
                name=name,
                folder=folder or REGIONS / name,
                layers=[layer_source(text, fields, encoding) for text in layer],
                names={"zh": name_zh, "en": name_en},
                zone=zone,
                metric_crs=metric_crs,
                matters=matter_file(matters_from, matter_field, department_field, platform),
                sources=[source_of(text) for text in source] if source else DEFAULT_SOURCES,
                attribution=attribution,
                valid_from=day_of(valid_from),
                repair=repair,
                dissolve=dissolve,
                replace=replace,
            )
        )
    except Refused as refused:
        for reason in refused.reasons:
            console.print(reason, soft_wrap=True, markup=False)
        console.print("Nothing was written.")
        sys.exit(1)
    for note in made.notes:
        console.print(note, soft_wrap=True, markup=False)
    show(made.report, made.folder, console)
    called = name if made.folder == REGIONS / name else made.folder
    console.print(f"Serve it with: ONEMAP_REGION={called} python -m dashboard serve", soft_wrap=True)


def matter_file(path: Path | None, matter: str, department: str, platform: Platform) -> MatterFile | None:
    """Give the file of past cases, if one is meant; raises Refused when a column is not named."""
    if path is None:
        return None
    if not (matter and department):
        raise Refused(["--matters-from needs --matter-field and --department-field, which name two of its columns"])
    return MatterFile(path, matter, department, platform)


def layer_source(text: str, fields: dict[str, Sequence[str] | None], encoding: str | None) -> LayerSource:
    """Read NAME=FILE::LAYER with the columns that are meant for it; raises Refused."""
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise Refused([f"--layer {text!r} should be NAME=FILE, such as township=towns.geojson"])
    path, _, sublayer = file.partition("::")
    meant = {key: value_for(name, values or ()) for key, values in fields.items()}
    code_field = meant.pop("code_field")
    if code_field is None:
        raise Refused([f"the layer {name} has no --code-field"])
    return LayerSource(name, Path(path), code_field, sublayer=sublayer or None, encoding=encoding, **meant)


def value_for(layer: str, values: Sequence[str]) -> str | None:
    """Give the value that is meant for a layer: its own, else the one that names no layer."""
    common = None
    for value in values:
        named, equals, own = value.partition("=")
        if equals and named == layer:
            return own
        if not equals:
            common = value
    return common


def source_of(text: str) -> Source:
    """Read CODE=CRS; raises Refused."""
    code, equals, crs = text.partition("=")
    if not (code and equals and crs):
        raise Refused([f"--source {text!r} should be CODE=CRS, such as hotline=GCJ-02"])
    return Source(code, code, code, crs)


def day_of(text: str) -> date:
    """Read a day; raises Refused."""
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise Refused([f"--valid-from {text!r} is no date; write it as 2024-11-20"]) from problem
