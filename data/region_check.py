"""Check of a whole region pack: every file by itself, then what the files say of each other. Nothing is repaired."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from pyproj import Geod

from cases.organisation import Unit
from data.region.boundaries import CHAIN
from data.region.faults import Report
from data.region.features import read_features
from data.region.items import LIST_FILES
from data.region.lists import CALENDAR, CATEGORIES, UNITS
from data.region.loading import Pack, read
from data.region.section import FILE
from data.region.settings import TOWNSHIP
from data.region.tables import Row
from geo.areas import AreaLayer
from geo.coverage import check_areas, check_neighbours, check_nesting, check_spans
from geo.coverage.alone import geometry_fault
from geo.coverage.faults import in_metres

CONTEXT = "context.geojson"
DISTORTION = 0.01
"""How far areas in the metric CRS may differ from those on the ellipsoid: beyond, lengths are half a per cent wrong."""


def check(folder: Path, today: date | None = None) -> Report:
    """Check a pack and name every fault with its file, row, column and place.

    Parameters
    ----------
    folder
        A folder as docs/region-pack.md describes it.
    today
        With it, the calendar must cover this year.
    """
    pack, report = read(folder)
    if pack is not None:
        _check(pack, today, report)
    return report


def check_pack(pack: Pack) -> Report:
    """Check a pack whose layers are not those of its files, as `check` does those of a folder."""
    report = Report()
    for wanted in pack.settings.layers:
        layer = pack.layers[wanted.name]
        report.add_areas(wanted.file, [*check_areas(layer.areas), *check_spans(layer)])
    _check(_telling(pack, report), None, report)
    return report


def _telling(pack: Pack, report: Report) -> Pack:
    """Let the rows of a pack tell their faults to another report than the one with which they were read."""
    return replace(
        pack,
        units=tuple((unit, replace(row, report=report)) for unit, row in pack.units),
        list_rows={name: [replace(row, report=report) for row in rows] for name, rows in pack.list_rows.items()},
        special_days=tuple((day, replace(row, report=report)) for day, row in pack.special_days),
    )


def _check(pack: Pack, today: date | None, report: Report) -> None:
    _check_layers(pack, report)
    _check_settings(pack, report)
    _check_units(pack, report)
    _check_lists(pack, report)
    _check_calendar(pack, today, report)


def _check_layers(pack: Pack, report: Report) -> None:
    for wanted in pack.settings.layers:
        layer = pack.layers[wanted.name]
        report.add_areas(wanted.file, check_neighbours(layer, pack.settings.metric_crs))
        above = pack.layers.get(wanted.parent or "")
        if above is not None:
            report.add_areas(wanted.file, check_nesting(layer, above, pack.settings.metric_crs))
        elif wanted.name in CHAIN[1:]:
            sentence = f"names no parent layer; cells, villages and townships nest: give {wanted.name} its parent"
            report.error("no_parent_layer", FILE, sentence, column="[[layers]] parent", value=wanted.name)
        _check_series(layer, wanted.file, report)
    context = pack.folder / CONTEXT
    if context.is_file():
        content = read_features(context)
        for problem in [content.problem, *(feature.problem for feature in content.features)]:
            if problem:
                report.warn("bad_context", CONTEXT, f"{problem}; it is only drawn, so the pack works without it")


def _check_series(layer: AreaLayer, file: str, report: Report) -> None:
    series = sorted({area.series for area in layer.areas})
    if len(series) > 1:
        sentence = f"are mixed in one layer, so that one code may be two areas; write every {layer.name} in one series"
        report.error("mixed_series", file, sentence, column="series", value=", ".join(series))


def _check_settings(pack: Pack, report: Report) -> None:
    settings = pack.settings
    codes = {matter.code for matter in pack.version.matters}
    for title, by_matter in (("budgets", settings.budgets.by_matter), ("duplicates", settings.duplicates.by_matter)):
        for code in by_matter.keys() - codes:
            sentence = f"is no matter of the lists; correct the code or remove its {title}"
            report.error("unknown_matter", FILE, sentence, column=f"[{title}]", value=code)
    if not (settings.number_prefix.isascii() and settings.number_prefix.isalpha()):
        sentence = "should be a few latin letters: it begins every case number"
        report.warn("bad_setting", FILE, sentence, column="[region] number_prefix", value=settings.number_prefix)
    if not any(pack.layers.values()):
        return
    west, south, east, north = pack.bounds
    lon, lat = settings.map.centre or ((west + east) / 2, (south + north) / 2)
    if not (west <= lon <= east and south <= lat <= north):
        sentence = f"is outside the areas, which reach from ({west:.4f}, {south:.4f}) to ({east:.4f}, {north:.4f})"
        report.warn("bad_setting", FILE, sentence, column="[map] centre", value=(lon, lat))
    _check_metric_crs(pack, report)


def _check_metric_crs(pack: Pack, report: Report) -> None:
    areas = [area for area in pack.layers.get(TOWNSHIP, AreaLayer("", ())).areas if geometry_fault(area) is None]
    if not areas:
        return
    largest = max(areas, key=lambda area: float(area.geometry.area))
    (shape,) = in_metres([largest.geometry], pack.settings.metric_crs)
    true_m2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(largest.geometry)[0])
    if not abs(shape.area / true_m2 - 1.0) <= DISTORTION:
        sentence = (
            f"gives {largest.name} {shape.area / 1e6:,.2f} km² instead of {true_m2 / 1e6:,.2f}; choose a projection"
            " made for this place"
        )
        report.error("distorting_crs", FILE, sentence, column="[region] metric_crs", value=pack.settings.metric_crs)


def _check_units(pack: Pack, report: Report) -> None:
    townships = pack.layers.get(TOWNSHIP, AreaLayer(TOWNSHIP, ()))
    for unit, row in pack.units:
        for column, code in (("township", unit.township), *(("serves", code) for code in unit.serves)):
            _check_township(unit, column, code, townships, row)
        if unit.township in unit.serves:
            row.error(
                "duplicate_code", "serves", unit.township, "is the unit's own township; name it in one column only"
            )
    for day, department, township, units in _crowded(pack, townships):
        unit, row = units[-1]
        others = ", ".join(other.code for other, _ in units[:-1])
        sentence = (
            f"reaches {township} on {day} beside {others}; of {department} one unit should: the lowest code answers"
        )
        report.warn("two_units", UNITS, sentence, row=row.number, column="township", value=unit.code)


def _check_township(unit: Unit, column: str, code: str, townships: AreaLayer, row: Row) -> None:
    """Look for a township on the days on which the unit exists.

    The seat must be there on every one of them; a township that is served too may begin later or end earlier.
    """
    if not townships.versions(code):
        row.error("unknown_township", column, code, f"is no township of the map; {_similar(code, townships)}")
        return
    first = max(unit.valid_from, townships.change_days[0])
    days = [day for day in sorted({first, *townships.change_days}) if day >= first and unit.valid_on(day)]
    missing = [day for day in days if townships.by_code(code, day) is None]
    if missing and (column == "township" or missing == days):
        sentence = f"is no township on {missing[0]}, when {unit.code} works there; correct valid_from or valid_to"
        row.error("unknown_township", column, code, sentence)


def _similar(code: str, townships: AreaLayer) -> str:
    for area in townships.areas:
        for key, other in area.attributes.items():
            if key.startswith("code_") and str(other) == code:
                return f"in the series {key.removeprefix('code_')} it is {area.name}, here {area.code}"
    return f"known are {', '.join(townships.codes[:30])}"


def _crowded(pack: Pack, townships: AreaLayer) -> Iterator[tuple[date, str, str, list[tuple[Unit, Row]]]]:
    """Yield township and department with more than one unit that reaches it, once, with the first such day."""
    told: set[tuple[str, str]] = set()
    for day in townships.change_days:
        reach: dict[tuple[str, str], list[tuple[Unit, Row]]] = {}
        for unit, row in pack.units:
            if unit.valid_on(day):
                for township in {unit.township, *unit.serves}:
                    reach.setdefault((unit.department, township), []).append((unit, row))
        for (department, township), units in sorted(reach.items()):
            if len(units) > 1 and (department, township) not in told:
                told.add((department, township))
                yield day, department, township, units


def _check_lists(pack: Pack, report: Report) -> None:
    matters = pack.version.matters
    if not len(matters):
        report.warn(
            "no_matters", LIST_FILES[next(iter(LIST_FILES))], "is empty like the other lists: nothing can be reported"
        )
    for name, rows in pack.list_rows.items():
        for row in rows:
            category = row.text("category")
            if pack.categories and category and category not in pack.categories:
                sentence = f"is no code of {CATEGORIES}; correct it there or in {LIST_FILES[name]}, or leave it blank"
                row.error("unknown_category", "category", category, sentence)
    used = {code for matter in matters for code in (matter.lead, *matter.coordinating)}
    report.counts["departments in the lists"] = len({code for code in used if code})


def _check_calendar(pack: Pack, today: date | None, report: Report) -> None:
    covered = pack.settings.covered
    years = {day.day.year for day, _ in pack.special_days}
    for day, row in pack.special_days:
        if day.day.year not in covered:
            sentence = f"lies outside the covered years of {FILE}, so it counts as provisional; move [calendar] covered"
            report.warn("uncovered_year", CALENDAR, sentence, row=row.number, column="date", value=day.day)
        elif day.is_workday == (day.day.weekday() < 5):
            sentence = "says what Monday to Friday says already; correct the day or remove the row"
            report.warn("needless_day", CALENDAR, sentence, row=row.number, column="date", value=day.day)
    for year in covered:
        if year not in years:
            sentence = f"is covered, but {CALENDAR} has no day of it; import the notice or move [calendar] covered"
            report.warn("empty_year", CALENDAR, sentence, value=year)
    if today is not None and len(covered) and today.year not in covered:
        sentence = f"is not covered by {CALENDAR}: due times are provisional until its notice is imported"
        report.warn("uncovered_year", CALENDAR, sentence, value=today.year)
