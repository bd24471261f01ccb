"""The tables of departments, units, lists and working days of a pack, row by row."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from cases.calendar import SpecialDay
from cases.matters import Domain
from cases.organisation import UNLISTED, Department, Unit
from data.region.faults import Report
from data.region.items import LIST_COLUMNS, LIST_FILES, REQUIRED_COLUMNS
from data.region.tables import Codes, Row, read_table

DEPARTMENTS, UNITS, CALENDAR, CATEGORIES = "departments.csv", "units.csv", "calendar.csv", "categories.csv"


def read_departments(folder: Path, report: Report) -> dict[str, Department]:
    """Read departments.csv: code to department."""
    codes, found = Codes(), {}
    for row in read_table(folder, DEPARTMENTS, ("code", "name"), ("short_name", "name_en", "domain"), report):
        if code := codes.take(row):
            found[code] = Department(
                code,
                row.text("name", required=True),
                row.text("short_name"),
                row.text("name_en"),
                row.choice("domain", Domain, Domain.OTHER),
            )
    for always in UNLISTED:
        found.setdefault(always.code, always)
    return found


def department_of(row: Row, column: str, code: str, departments: Mapping[str, Department]) -> str | None:
    """Give a department's code when it is known; note it when it is not."""
    if code in departments:
        return code
    if code:
        row.error("unknown_department", column, code, f"is no department of {DEPARTMENTS}; add it there or correct it")
    return None


def read_units(folder: Path, departments: Mapping[str, Department], report: Report) -> list[tuple[Unit, Row]]:
    """Read units.csv; each unit with its row, for what is checked against the map later."""
    columns = ("code", "name", "department", "township")
    found: list[tuple[Unit, Row]] = []
    spans: dict[str, list[tuple[date, date | None, int]]] = {}
    for row in read_table(folder, UNITS, columns, ("domain", "serves", "valid_from", "valid_to"), report):
        code, named = row.text("code", required=True), row.text("department", required=True)
        department = department_of(row, "department", named, departments)
        begin, end = row.day("valid_from") or date.min, row.day("valid_to")
        if not _span_is_free(row, code, begin, end, spans):
            continue
        if code and department:
            domain = row.choice("domain", Domain, departments[department].domain)
            township = row.text("township", required=True)
            name = row.text("name", required=True)
            found.append((Unit(code, name, department, township, domain, row.listed("serves"), begin, end), row))
    return found


def _span_is_free(
    row: Row, code: str, begin: date, end: date | None, spans: dict[str, list[tuple[date, date | None, int]]]
) -> bool:
    if end is not None and end <= begin:
        row.error("reversed_span", "valid_to", end, f"is not after valid_from {begin}; correct one of the two")
        return False
    for other_begin, other_end, number in spans.setdefault(code, []):
        if (end is None or other_begin < end) and (other_end is None or begin < other_end):
            row.error("duplicate_code", "code", code, f"exists in row {number} at the same time; end one of the two")
            return False
    spans[code].append((begin, end, row.number))
    return True


def read_categories(folder: Path, report: Report) -> dict[str, str]:
    """Read categories.csv: the codes of the standard that items of the lists refer to, and its names for them."""
    codes, found = Codes(), {}
    for row in read_table(folder, CATEGORIES, ("code", "name"), ("major",), report):
        if code := codes.take(row):
            found[code] = row.text("name", required=True)
    return found


def read_list_rows(folder: Path, report: Report) -> dict[str, list[Row]]:
    """Read the files of the three lists and of the arrangements: list to rows."""
    return {
        name: read_table(folder, file, REQUIRED_COLUMNS[name], LIST_COLUMNS[name], report)
        for name, file in LIST_FILES.items()
    }


def read_special_days(folder: Path, report: Report) -> list[tuple[SpecialDay, Row]]:
    """Read calendar.csv: the days that differ from Monday to Friday, each with its row."""
    found: dict[date, tuple[SpecialDay, Row]] = {}
    for row in read_table(folder, CALENDAR, ("date", "is_workday"), ("kind", "notice"), report):
        row.text("date", required=True)
        day, works = row.day("date"), row.text("is_workday", required=True)
        if works not in {"0", "1", ""}:
            row.error("bad_flag", "is_workday", works, "is neither 1 (people work) nor 0 (they do not)")
        elif day in found:
            row.error("duplicate_day", "date", day, f"stands in row {found[day][1].number} as well; keep one")
        elif day is not None:
            found[day] = SpecialDay(day, works == "1", row.text("kind"), row.text("notice")), row
    return list(found.values())
