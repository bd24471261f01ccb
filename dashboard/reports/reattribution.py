"""The report on cases that new boundaries move: as JSON, and as one HTML file with a map."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import shapely

from dashboard.reports.movemap import MoveMap
from dashboard.reports.page import Report, page
from dashboard.text import say
from data.reattributing import Preview
from data.reattributing.previewing import CLOSED, COUNTED, OPEN, STATES
from data.reattributing.versions import ChangedArea
from data.region import Region
from data.region.settings import TOWNSHIP
from geo.areas import Area

MOST_ROWS = 200
"""Flows of a layer that the page lists; JSON and GeoPackage have all."""
MOST_ARROWS = 12
NAMED_SHARE = 0.02
"""Areas that fill less of the map have no name on it."""


def as_json(found: Preview, region: Region) -> dict[str, Any]:
    """Give everything that was counted, in values that JSON has."""
    return {
        "region": region.name,
        "from": found.change.before.day.isoformat(),
        "to": found.change.after.day.isoformat(),
        "revision": found.revision,
        "cases": {state: found.looked_at[state] for state in STATES},
        "counts": {name: {state: found.count(name, state) for state in STATES} for name in COUNTED},
        "flows": {
            layer: [
                {"from": _of(layer, pair[0], region, found, old=True), "to": _of(layer, pair[1], region, found)}
                | {state: flow[state] for state in STATES}
                for pair, flow in ordered(found, layer)
            ]
            for layer in region.layers
        },
        "areas": [
            {"layer": changed.area.layer, "code": changed.area.code, "name": changed.area.name}
            | {"change": changed.change.value}
            for changed in found.change.areas(region)
        ],
    }


def ordered(found: Preview, layer: str) -> list[tuple[tuple[str | None, str | None], Any]]:
    """Give the flows of a layer, the largest first."""
    flows = found.flows.get(layer, {})
    return sorted(flows.items(), key=lambda flow: (-flow[1].total(), flow[0][0] or "", flow[0][1] or ""))


def name_of(layer: str, code: str | None, region: Region, found: Preview, *, old: bool = False) -> str | None:
    """Give the name of an area in the one version or the other; None for no area."""
    version = found.change.before if old else found.change.after
    area = region.layers[layer].by_code(code, version.day) if code else None
    return area.name if area else code


def _of(layer: str, code: str | None, region: Region, found: Preview, *, old: bool = False) -> dict[str, Any] | None:
    return {"code": code, "name": name_of(layer, code, region, found, old=old)} if code else None


def as_html(found: Preview, region: Region, language: str) -> str:
    """Give the report as one HTML file that needs no other."""
    moved = {state: f"{found.count('moved', state):,}" for state in STATES}
    key = "moves.verdict" if found.count("moved") else "moves.nothing"
    versions = {"before": str(found.change.before.day), "after": str(found.change.after.day)}
    changed = list(found.change.areas(region))
    parts = {
        "map": draw(found, region, changed, language),
        "flows": _flows(found, region, language),
        "counts": _counts(found, language),
        "areas": _areas(changed, language),
    }
    report = Report(
        language,
        say("moves.title", language, **versions),
        say(key, language, **moved),
        _facts(found, language),
        say("moves.legend", language),
        region.attribution_en if language == "en" else region.attribution,
    )
    sections = [(say(f"moves.{name}", language), html) for name, html in parts.items()]
    return page(report, sections, "w_reattribution.css")


def draw(found: Preview, region: Region, changed: Sequence[ChangedArea], language: str) -> str:
    """Draw the box of the areas that change: what stands there now, the old lines, the cases, the flows."""
    picture = MoveMap(found.bounds)
    layer = _widest(region, changed)
    before, after = (region.layers[layer].valid_on(version.day) for version in _versions(found))
    frame = shapely.box(*found.bounds)
    ours = [one for one in changed if one.area.layer == layer]
    picture.areas(_seen((area for area in after.areas), frame), "ground")
    picture.areas([shape for one in ours if not (shape := _gained(one)).is_empty], "changed")
    picture.areas(_seen((one.before for one in ours if one.before), frame), "old")
    for state in (CLOSED, OPEN):
        picture.dots(found.squares[state], state)
    for (old, new), flow in ordered(found, layer)[:MOST_ARROWS]:
        start, end = before.by_code(old) if old else None, after.by_code(new) if new else None
        if start and end:
            # It begins in what is left of the old area, if anything is.
            rest = shapely.difference(start.geometry, end.geometry)
            begin = start.geometry if rest.is_empty else rest
            picture.arrow(begin, end.geometry, f"{flow[OPEN]:,} + {flow[CLOSED]:,}")
    seen = {_name(area, language): shapely.intersection(area.geometry, frame) for area in after.areas}
    picture.names({name: shape for name, shape in seen.items() if shape.area > NAMED_SHARE * frame.area})
    return picture.drawn(say("moves.map", language))


def _gained(changed: ChangedArea) -> Any:
    """Give the ground that an area has now and had not before."""
    if changed.after is None or changed.before is None:
        return changed.after.geometry if changed.after else shapely.Polygon()
    return shapely.difference(changed.after.geometry, changed.before.geometry)


def _versions(found: Preview) -> tuple[Any, Any]:
    return found.change.before, found.change.after


def _widest(region: Region, changed: Sequence[ChangedArea]) -> str:
    """Give the first layer of the region whose lines change: the others nest in it."""
    layers = {one.area.layer for one in changed if one.change != "parent"}
    return next((name for name in region.layers if name in layers), TOWNSHIP)


def _seen(areas: Iterable[Area], frame: Any) -> list[Any]:
    cut = [shapely.intersection(area.geometry, frame) for area in areas]
    return [shape for shape in cut if not shape.is_empty and shape.geom_type.endswith("Polygon")]


def _name(area: Area, language: str) -> str:
    return str((language == "en" and area.attributes.get("name_en")) or area.name)


def _facts(found: Preview, language: str) -> str:
    looked_at = {state: f"{found.looked_at[state]:,}" for state in STATES}
    counted = say("moves.looked_at.value", language, revision=found.revision, **looked_at)
    facts = {"moves.versions": f"{found.change.before} → {found.change.after}", "moves.looked_at": counted}
    return "".join(f"<dt>{say(key, language)}</dt><dd>{escape(value)}</dd>" for key, value in facts.items())


def _flows(found: Preview, region: Region, language: str) -> str:
    rows = []
    for layer in region.layers:
        for (old, new), flow in ordered(found, layer)[:MOST_ROWS]:
            before = name_of(layer, old, region, found, old=True), old
            after = name_of(layer, new, region, found), new
            words = [layer, *(_called(name, code, language) for name, code in (before, after))]
            rows.append((words, [flow[OPEN], flow[CLOSED]]))
    head = ("moves.layer", "moves.from", "moves.to", "moves.open", "moves.closed")
    return _table(head, rows, language) if rows else f"<p>{say('moves.nothing', language)}</p>"


def _called(name: str | None, code: str | None, language: str) -> str:
    return f"{name} {code}" if code else say("moves.outside_all", language)


def _counts(found: Preview, language: str) -> str:
    rows = [
        ([say(f"moves.count.{name}", language)], [found.count(name, state) for state in STATES]) for name in COUNTED
    ]
    return _table(("moves.counts", "moves.open", "moves.closed"), rows, language)


def _areas(changed: Sequence[ChangedArea], language: str) -> str:
    rows: list[tuple[list[str], list[int]]] = [
        ([one.area.layer, f"{one.area.name} {one.area.code}", say(f"moves.change.{one.change}", language)], [])
        for one in changed[:MOST_ROWS]
    ]
    return _table(("moves.layer", "moves.area", "moves.change"), rows, language)


def _table(head: Sequence[str], rows: Sequence[tuple[list[str], list[int]]], language: str) -> str:
    words = len(rows[0][0]) if rows else len(head)
    kinds = ["" if at < words else ' class="number"' for at in range(len(head))]
    titles = "".join(f"<th{kind}>{say(key, language)}</th>" for kind, key in zip(kinds, head, strict=True))
    body = "".join(f"<tr>{_cells(words, numbers)}</tr>" for words, numbers in rows)
    return f"<table><tr>{titles}</tr>{body}</table>"


def _cells(words: Sequence[str], numbers: Sequence[int]) -> str:
    said = "".join(f"<td>{escape(word)}</td>" for word in words)
    return said + "".join(f'<td class="number">{number:,}</td>' for number in numbers)
