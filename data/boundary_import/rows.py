"""From features to rows with code, name, parent and an outline in degrees; repairs where they are asked for."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.boundary_import.wanted import Notes, Refused, Wanted
from data.region_new.polygons import area_m2
from geo.coverage.faults import inner_place
from geo.exchange import BoundaryFile, Feature
from geo.exchange.features import EMPTY
from geo.exchange.findings import Finding, Level, Repair
from geo.exchange.texts import as_text, clean, faults_of
from geo.exchange.ways import Way


@dataclass(frozen=True, slots=True)
class Row:
    """One area to be; the outline is in degrees, and empty where it cannot be used or placed."""

    number: int
    code: str
    name: str
    parent: str
    geometry: BaseGeometry
    feature: Feature


def check_columns(content: BoundaryFile, wanted: Wanted) -> None:
    """Refuse columns that the file does not have, and a file without anything in it."""
    if not content.features:
        raise Refused(f"{content.file} holds no feature; export it again")
    for option, column in (("--code", wanted.code), ("--name", wanted.name), ("--parent", wanted.parent)):
        if column is not None and column not in content.columns:
            known = ", ".join(content.columns) or "none"
            raise Refused(f"{option} {column!r} is no column of {content.file}; it has {known}")


def rows_of(content: BoundaryFile, wanted: Wanted, way: Way | None, notes: Notes) -> list[Row]:
    """Make the rows, and note what is wrong with each feature."""
    _tell_kinds(content, wanted, notes)
    rows = []
    for feature in content.features:
        code = _text(feature, wanted.code, wanted, notes, code=True)
        name = _text(feature, wanted.name, wanted, notes, code=False) if wanted.name else ""
        parent = _text(feature, wanted.parent, wanted, notes, code=True) if wanted.parent else ""
        if not code:
            says = f"has no {wanted.code}, and every area needs a code"
            notes.findings.append(_finding(Level.ERROR, "no_code", says, "give it a code", feature, "", name))
        elif wanted.name and not name:
            says = f"has no {wanted.name}; its code stands for the name"
            notes.findings.append(_finding(Level.WARNING, "no_name", says, "give it a name", feature, code, ""))
        row = Row(feature.number, code, name or code, parent, EMPTY, feature)
        rows.append(replace(row, geometry=_outline(row, way, wanted, notes)))
    usable = [row for row in rows if row.code]
    return _united(usable, notes) if wanted.repair else usable


def _tell_kinds(content: BoundaryFile, wanted: Wanted, notes: Notes) -> None:
    values = [feature.properties.get(wanted.code) for feature in content.features]
    if values and all(isinstance(value, int | float) for value in values if value is not None):
        says = f"keeps {wanted.code} as numbers; a code that began with a zero has lost it"
        finding = Finding(Level.NOTE, "numeric_code", says, "export the column as text if a zero is missing")
        notes.findings.append(finding)


def _text(feature: Feature, column: str, wanted: Wanted, notes: Notes, *, code: bool) -> str:
    """Read a value; a fault is noted, and mended where that is asked for."""
    value = feature.properties.get(column)
    text = as_text(value)
    shown = as_text(feature.properties.get(wanted.code)).strip()
    for fault in faults_of(value, column, code=code):
        if fault.clean is not None and wanted.repair:
            notes.repairs.append(
                Repair(feature.number, clean(shown, code=True), "", f"{column} {text!r} is now {fault.clean!r}")
            )
        else:
            level = Level.ERROR if code or fault.kind == "garbled_text" else Level.WARNING
            notes.findings.append(_finding(level, fault.kind, fault.says, fault.remedy, feature, shown, ""))
    return clean(text, code=code) if wanted.repair else text.strip()


def _outline(row: Row, way: Way | None, wanted: Wanted, notes: Notes) -> BaseGeometry:
    """Give the outline in degrees; what the reader met is noted, or mended."""
    feature = row.feature
    serious = [trouble for trouble in feature.troubles if not trouble.harmless]
    mends = wanted.repair and bool(serious) and feature.mended is not None
    for trouble in feature.troubles:
        level = Level.NOTE if trouble.harmless else Level.ERROR
        place = _placed(trouble.place, way)
        if level is Level.NOTE or not mends:
            finding = _finding(level, str(trouble.kind), trouble.says, trouble.remedy, feature, row.code, row.name)
            notes.findings.append(replace(finding, place=place))
    drawn = feature.mended if mends and feature.mended is not None else feature.geometry
    if way is None or drawn.is_empty:
        return EMPTY
    geometry = way.convert(drawn)
    if not wanted.repair or (geometry.is_valid and not mends):
        return geometry
    whole = _polygonal(geometry)
    if whole.is_empty:
        return geometry
    why = serious[0].says if mends else f"is invalid: {shapely.is_valid_reason(geometry).split('[')[0].strip()}"
    place = (_placed(serious[0].place, way) if mends else None) or inner_place(whole)
    now = area_m2(whole)
    notes.repairs.append(Repair(row.number, row.code, row.name, f"{why}; mended", now - area_m2(geometry), now, place))
    return whole


def _polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """Make a geometry valid and keep what has an area; lines and points have none."""
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(geometry)))
    kept = [part for part in parts if part.geom_type == "Polygon"]
    return shapely.union_all(kept) if kept else EMPTY


def _placed(place: tuple[float, float] | None, way: Way | None) -> tuple[float, float] | None:
    if place is None or way is None:
        return None
    (lon,), (lat,) = way.degrees(np.array(place[:1]), np.array(place[1:]))
    return (round(float(lon), 7), round(float(lat), 7)) if math.isfinite(lon) and math.isfinite(lat) else None


def _finding(level: Level, kind: str, says: str, remedy: str, feature: Feature, code: str, name: str) -> Finding:
    codes = (code,) if code else ()
    return Finding(level, kind, says, remedy, feature.number, code, name if name != code else "", codes)


def _united(rows: Sequence[Row], notes: Notes) -> list[Row]:
    """Make one area of features with one code and one name: an island is often a feature of its own."""
    return [_one(members, notes) for members in _families(rows)]


def _families(rows: Sequence[Row]) -> Iterator[list[Row]]:
    by_code: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_code.setdefault((row.code, row.name), []).append(row)
    yield from by_code.values()


def _one(members: Sequence[Row], notes: Notes) -> Row:
    first = members[0]
    if len(members) == 1:
        return first
    whole = shapely.union_all([row.geometry for row in members])
    change = area_m2(whole) - sum(area_m2(row.geometry) for row in members)
    says = f"{len(members)} features with one code and one name are now one area"
    notes.repairs.append(Repair(first.number, first.code, first.name, says, change, area_m2(whole), inner_place(whole)))
    return replace(first, geometry=whole)
