"""Reading the area layers of a pack."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from data.region.faults import Report, TableFault
from data.region.features import Feature, read_features
from data.region.settings import LayerFile
from geo.areas import Area, AreaLayer
from geo.coverage import FaultKind, Severity
from geo.crs import DEGREES, crs_name
from geo.errors import UnknownCRS

CORE = ("layer", "code", "series", "name", "parent", "valid_from", "valid_to")
CONVERT = "convert it with `region new`"


def read_layer(folder: Path, wanted: LayerFile, report: Report) -> AreaLayer:
    """Read one layer; what cannot be read is noted and left out."""
    path = folder / wanted.file
    content = read_features(path)
    if content.problem:
        report.error("unreadable_file", wanted.file, content.problem)
        return AreaLayer(wanted.name, (), wanted.parent)
    _check_crs(content.crs, wanted.file, report)
    if len(content.features) != content.expected:
        lost = f"says that it holds {content.expected} features, but {len(content.features)} were read; export it again"
        report.error(str(FaultKind.LOST_FEATURE), wanted.file, lost)
    if not content.features:
        report.error("no_features", wanted.file, "holds no feature; a layer needs at least one area")
    areas = (_area(feature, wanted, report) for feature in content.features)
    return AreaLayer(wanted.name, (area for area in areas if area is not None), wanted.parent)


def _check_crs(declared: str | None, file: str, report: Report) -> None:
    try:
        name = crs_name(declared or "EPSG:4326")
    except UnknownCRS as problem:
        report.error("bad_crs", file, f"{problem}; {CONVERT}", value=declared)
        return
    if name not in DEGREES:
        report.error("bad_crs", file, f"is the CRS, but a pack holds degrees (EPSG:4490); {CONVERT}", value=declared)


def _area(feature: Feature, wanted: LayerFile, report: Report) -> Area | None:
    properties = feature.properties
    code, name = _text(properties, "code"), _text(properties, "name")
    if not code:
        sentence = "has no code; every area needs one"
        report.error("missing_value", wanted.file, sentence, row=feature.number, column="code", value=name)
        return None
    if feature.problem:
        report.faults.append(
            TableFault(
                Severity.ERROR,
                str(FaultKind.INVALID_RING if feature.place else FaultKind.EMPTY_GEOMETRY),
                wanted.file,
                f"{wanted.name} {code} {name} {feature.problem}",
                row=feature.number,
                layer=wanted.name,
                codes=(code,),
                place=feature.place,
            )
        )
        return None
    named = _text(properties, "layer") or wanted.name
    if named != wanted.name:
        sentence = f"is the layer that the feature names, but the file is that of {wanted.name}; correct one of the two"
        report.error("wrong_layer", wanted.file, sentence, row=feature.number, column="layer", value=named)
    begin, end = _day(feature, "valid_from", wanted, report), _day(feature, "valid_to", wanted, report)
    begin = begin or date.min
    if end is not None and end <= begin:
        sentence = f"is not after valid_from {begin}; correct one of the two"
        report.error("reversed_span", wanted.file, sentence, row=feature.number, column="valid_to", value=end)
        return None
    more = {key: value for key, value in properties.items() if key not in CORE and value not in ("", None)}
    parent = _text(properties, "parent") or None
    series = _text(properties, "series") or wanted.name
    return Area(wanted.name, series, code, name or code, parent, begin, end, feature.geometry, more)


def _text(properties: Mapping[str, Any], key: str) -> str:
    value = properties.get(key)
    return "" if value is None else str(value).strip()


def _day(feature: Feature, key: str, wanted: LayerFile, report: Report) -> date | None:
    value = _text(feature.properties, key)
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        sentence = "is no date; write it as 2024-11-20"
        report.error("bad_date", wanted.file, sentence, row=feature.number, column=key, value=value)
        return None
