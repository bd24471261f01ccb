"""region.toml: what a region is called, how it counts time and place, who may report."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from pyproj import CRS

from cases.assessment import Scheme
from cases.clock import CASE_CLOCKS, Budget, Budgets, BudgetUnit, ClockKind
from cases.duplicates import DuplicateLimits
from cases.supervision import EscalationRule
from data.region.assessment import read_scheme
from data.region.daily import pack_time
from data.region.duplicates import duplicate_limits
from data.region.escalations import read_escalations
from data.region.faults import Report
from data.region.inspection import inspection_window
from data.region.items import ListHead
from data.region.section import FILE, Section, entries, section
from data.region.tables import decoded
from geo.crs import crs_name
from geo.errors import UnknownCRS

TOWNSHIP = "township"
SOURCE_KINDS = ("person", "device")
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Source:
    """Who may report, and the CRS in which it does when a report does not say."""

    code: str
    name: str
    name_en: str
    crs: str
    kind: str = "person"


@dataclass(frozen=True, slots=True)
class MapView:
    """Where the map opens: (lon, lat) and the zoom of Leaflet; None shows the whole region."""

    centre: tuple[float, float] | None = None
    zoom: float | None = None


@dataclass(frozen=True, slots=True)
class LayerFile:
    """Where an area layer is kept, and the layer that its areas nest in."""

    name: str
    file: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that region.toml says."""

    name: str
    names: Mapping[str, str]
    county_code: str
    number_prefix: str
    zone: ZoneInfo
    metric_crs: str
    attribution: str
    attribution_en: str
    approval_number: str
    lists: ListHead
    office_hours: tuple[tuple[time, time], ...]
    budgets: Budgets
    duplicates: DuplicateLimits
    inspection_window: timedelta
    pack_at: time | None
    covered: range
    statutory: tuple[tuple[int, int], ...]
    future_skew: timedelta
    sources: Mapping[str, Source]
    layers: tuple[LayerFile, ...]
    map: MapView
    assessment: Scheme
    escalations: tuple[EscalationRule, ...]


def read_settings(folder: Path, report: Report) -> Settings | None:
    """Read region.toml; None when it is no TOML at all."""
    path = folder / FILE
    if not path.is_file():
        report.error("missing_file", FILE, f"is missing in {folder}; `region new` makes a pack from polygon files")
        return None
    text = decoded(path, report)
    if text is None:
        return None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        report.error("bad_toml", FILE, f"cannot be read as TOML: {problem}")
        return None
    region, names = section(content, "region", report), section(content, "names", report)
    calendar, skew = section(content, "calendar", report), section(content, "skew", report)
    zh = names.text("zh", default=region.text("name"))
    return Settings(
        name=region.text("name"),
        names={"zh": zh, "en": names.text("en", default=zh)},
        county_code=region.text("county_code", default=""),
        number_prefix=region.text("number_prefix"),
        zone=_zone(region),
        metric_crs=_metric_crs(region),
        attribution=region.text("attribution", default=""),
        attribution_en=region.text("attribution_en", default=""),
        approval_number=region.text("approval_number", default=""),
        lists=_lists(section(content, "lists", report)),
        office_hours=_office_hours(section(content, "hours", report)),
        budgets=_budgets(content.get("budgets", {}), report),
        duplicates=duplicate_limits(content.get("duplicates"), report),
        inspection_window=inspection_window(section(content, "inspection", report)),
        pack_at=pack_time(section(content, "pack", report)),
        covered=_covered(calendar),
        statutory=_statutory(calendar),
        future_skew=timedelta(seconds=skew.number("future_seconds", 120)),
        sources=_sources(content.get("sources", []), report),
        layers=_layers(content.get("layers", []), report),
        map=_map(section(content, "map", report)),
        assessment=read_scheme(content.get("assessment"), report),
        escalations=read_escalations(content.get("escalations", []), report),
    )


def _lists(lists: Section) -> ListHead:
    if not lists.values:
        return ListHead()
    begin, model = lists.values.get("effective_from", date.min), lists.values.get("model", False)
    # A time of day would be a datetime, which is a date for Python.
    if type(begin) is not date:
        lists.error("effective_from", begin, "must be a day without quotes: 2026-07-01")
        begin = date.min
    if not isinstance(model, bool):
        lists.error("model", model, "must be true (written as a model) or false (a county's own lists)")
        model = False
    return ListHead(lists.text("version"), begin, lists.text("source", default=""), model)


def _zone(region: Section) -> ZoneInfo:
    name = region.text("zone")
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        region.error("zone", name, "is no time zone of the IANA list; write it as Asia/Shanghai")
        return ZoneInfo("UTC")


def _metric_crs(region: Section) -> str:
    given = region.text("metric_crs")
    try:
        name = crs_name(given)
    except UnknownCRS as problem:
        region.error("metric_crs", given, str(problem))
        return "EPSG:3857"
    # Distances and areas are taken as metres as they come; feet would pass unseen.
    known = CRS.from_user_input(name) if name.startswith("EPSG:") else None
    if known is None or not known.is_projected or known.axis_info[0].unit_conversion_factor != 1.0:
        region.error("metric_crs", given, "does not count in metres; choose a projected CRS of the region that does")
        return "EPSG:3857"
    return name


def _office_hours(hours: Section) -> tuple[tuple[time, time], ...]:
    spans = []
    for pair in hours.values.get("open", []):
        try:
            opening, closing = (time.fromisoformat(text) for text in pair)
            spans.append((opening, closing))
        except (TypeError, ValueError):
            hours.error("open", pair, 'is no pair of times; write ["08:30", "12:00"]')
    if not spans:
        hours.error("open", None, 'needs office hours: open = [["08:30", "12:00"], ["14:00", "17:30"]]')
    return tuple(spans)


def _budgets(given: object, report: Report) -> Budgets:
    clocks = {str(kind) for kind in ClockKind}
    tables = given if isinstance(given, Mapping) else {}
    for kind in set(CASE_CLOCKS) - set(tables):
        report.error(
            "bad_setting",
            FILE,
            "is missing; each of the four clocks of a case needs a budget",
            column=f"[budgets.{kind}]",
        )
    default = {ClockKind(kind): _budget(f"budgets.{kind}", tables[kind], report) for kind in clocks & set(tables)}
    by_matter: dict[str, dict[ClockKind, Budget]] = {}
    for matter, limits in tables.items():
        if matter in clocks:
            continue
        for kind, limit in limits.items() if isinstance(limits, Mapping) else ():
            if kind not in clocks:
                sentence = f"is no clock; the clocks are {', '.join(ClockKind)}"
                report.error("bad_setting", FILE, sentence, column=f"[budgets.{matter}]", value=kind)
            else:
                by_matter.setdefault(matter, {})[ClockKind(kind)] = _budget(f"budgets.{matter}.{kind}", limit, report)
    return Budgets(default, by_matter)


def _budget(title: str, given: object, report: Report) -> Budget:
    section = Section(f"[{title}]", given if isinstance(given, Mapping) else {}, report)
    amount, unit = section.values.get("amount"), section.values.get("unit")
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
        section.error("amount", amount, "must be a whole number, 1 or more")
        amount = 1
    if unit not in set(BudgetUnit):
        section.error("unit", unit, f"is not one of {', '.join(BudgetUnit)}")
        unit = BudgetUnit.MINUTES
    return Budget(amount, BudgetUnit(unit))


def _covered(calendar: Section) -> range:
    years = calendar.values.get("covered", [])
    if years == []:
        return range(0)
    try:
        first, last = (int(year) for year in cast(list[int], years))
    except (TypeError, ValueError):
        calendar.error("covered", years, "must be the first and the last year with a notice: [2004, 2026]; or []")
        return range(0)
    return range(first, last + 1)


def _statutory(calendar: Section) -> tuple[tuple[int, int], ...]:
    """Read the dates that the law itself keeps free every year, for years without a notice."""
    found: list[tuple[int, int]] = []
    for given in calendar.values.get("statutory", []):
        try:
            # Any leap year will do: only month and day count.
            day = date.fromisoformat(f"2024-{given}")
        except ValueError:
            calendar.error("statutory", given, 'must be a date of every year, written as month and day: "10-01"')
        else:
            found.append((day.month, day.day))
    return tuple(found)


def _sources(given: object, report: Report) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for entry in entries(given, "sources", report):
        code, crs, kind = entry.text("code"), entry.text("crs"), entry.text("kind", default="person")
        name = entry.text("name", default=code)
        try:
            crs = crs_name(crs)
        except UnknownCRS as problem:
            entry.error("crs", crs, str(problem))
        if kind not in SOURCE_KINDS:
            entry.error("kind", kind, f"is not one of {', '.join(SOURCE_KINDS)}")
        if code in found:
            entry.error("code", code, "is given twice; keep one of the two")
        found[code] = Source(code, name, entry.text("name_en", default=name), crs, kind)
    if not found:
        report.error("bad_setting", FILE, "is missing: without a source nobody can report", column="[[sources]]")
    return found


def _layers(given: object, report: Report) -> tuple[LayerFile, ...]:
    found: dict[str, LayerFile] = {}
    for entry in entries(given, "layers", report):
        layer = LayerFile(entry.text("name"), entry.text("file"), entry.text("parent", default="") or None)
        if layer.name in found:
            entry.error("name", layer.name, "is given twice; keep one of the two")
        found[layer.name] = layer
    for layer in found.values():
        if layer.parent is not None and layer.parent not in found:
            sentence = f"is the parent of {layer.name} but no layer of this file; the layers are {', '.join(found)}"
            report.error("bad_setting", FILE, sentence, column="[[layers]] parent", value=layer.parent)
    if TOWNSHIP not in found:
        sentence = f"needs a layer named {TOWNSHIP!r}: routing goes by it"
        report.error("bad_setting", FILE, sentence, column="[[layers]]")
    return tuple(found.values())


def _map(section: Section) -> MapView:
    centre = section.values.get("centre")
    if centre is None:
        return MapView()
    try:
        lon, lat = (float(value) for value in centre)
    except (TypeError, ValueError):
        section.error("centre", centre, "must be [longitude, latitude]")
        return MapView()
    return MapView((lon, lat), section.number("zoom", 11))
