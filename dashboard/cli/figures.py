"""`figures`: what a period brought to each area, as the cases occurred and as they lie today, side by side."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from dashboard.cli.reattribute import DATABASE, REGION, reporting, utc_now, wide, working
from data import views
from data.reattributing import ReattributionError, base_of, in_force
from data.region import Region
from data.views import AreaFigures, Basis

COLUMNS = ("received", "closed", "finished", "finished_on_time", "finish_due")
SIDES = (Basis.OCCURRED, Basis.CURRENT)
Both = Mapping[Basis, Mapping[str | None, AreaFigures]]


def figures(
    *,
    begin: Annotated[str, typer.Option("--from", help="First day, such as 2024-11-01.")],
    end: Annotated[str, typer.Option("--to", help="Last day.")],
    layer: Annotated[str, typer.Option(help="Layer of the region pack: township, village, grid …")] = "township",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write them as JSON.")] = None,
    region: Annotated[str | None, REGION] = None,
    database_url: Annotated[str | None, DATABASE] = None,
) -> None:
    """Print what a period brought to each area, as the cases occurred 当时口径 and as they lie today 现行口径."""
    console = Console(stderr=True, highlight=False)
    with reporting(console), working(region, database_url, writes=False) as (place, _, engine):
        if layer not in place.layers:
            raise ReattributionError(f"--layer {layer!r} is no layer of the region; it has {', '.join(place.layers)}.")
        start, stop = bounds_of(begin, end, place)
        version = in_force(place, place.local_day(utc_now()))
        base = base_of(place, version)
        code = "cell" if layer == "grid" else layer
        both = {basis: views.area_figures(engine, code, start, stop, basis, base) for basis in SIDES}
        missing = views.unplaced(engine, base)
        if json_file is not None:
            said = {"layer": layer, "from": begin, "to": end, "boundaries": version.day.isoformat()}
            json_file.write_text(as_json(said | {"unplaced": missing}, both), encoding="utf-8")
        wide().print(side_by_side(both, place, layer, version.day))
        if missing:
            console.print(
                f"{missing:,} cases are not placed by the boundaries of {version.day} yet and count where they stand:"
                f" run `reattribute --from first --to {version.day} --statistics`.",
                soft_wrap=True,
                markup=False,
            )


def bounds_of(begin: str, end: str, region: Region) -> tuple[datetime, datetime]:
    """Give the instants at which the first day begins and the last one ends; raises ReattributionError."""
    first, last = day_of("--from", begin), day_of("--to", end)
    if last < first:
        raise ReattributionError(f"--to {end} is before --from {begin}.")
    start, stop = (datetime.combine(day, time.min, tzinfo=region.zone) for day in (first, last + timedelta(days=1)))
    return start, stop


def day_of(option: str, text: str) -> date:
    """Read a day; raises ReattributionError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ReattributionError(f"{option} {text!r} is no day; write it as 2024-11-20.") from None


def as_json(head: Mapping[str, Any], both: Both) -> str:
    """Write the figures of both bases; an empty code is no area."""
    said = {basis.value: {code or "": asdict(one) for code, one in both[basis].items()} for basis in SIDES}
    return json.dumps({**head, **said}, ensure_ascii=False, indent=1) + "\n"


def side_by_side(both: Both, region: Region, layer: str, day: date) -> Table:
    """Make a row of each area: every figure as occurred and, where it differs, as current."""
    title = "as occurred 当时口径 → as current 现行口径"
    table = Table("code", "name", *(column.replace("_", " ") for column in COLUMNS), title=title)
    codes = {code for found in both.values() for code in found}
    for code in sorted(codes, key=lambda one: (one is None, one or "")):
        old, new = (asdict(both[basis].get(code, AreaFigures())) for basis in SIDES)
        known = region.layers[layer]
        area = (known.by_code(code, day) or known.by_code(code)) if code else None
        cells = (f"{old[n]:,}" if old[n] == new[n] else f"{old[n]:,} → {new[n]:,}" for n in COLUMNS)
        table.add_row(code or "—", area.name if area else "", *cells)
    return table
