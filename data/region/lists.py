"""The tables of departments, units, lists and working days of a pack."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from cases.calendar import SpecialDay
from cases.matters import Domain, Matter, MatterKind, Platform
from cases.organisation import COMMAND, COMMAND_ROOM, Department, Unit
from data.region.faults import Report
from data.region.tables import Row, read_table

DEPARTMENTS, UNITS, CALENDAR = "departments.csv", "units.csv", "calendar.csv"
LIST_FILES = {
    MatterKind.ONE_THING: "one_things.csv",
    MatterKind.TERRITORIAL: "matters.csv",
    MatterKind.POWER: "powers.csv",
}
_ITEM = ("code", "name", "platform", "clause")
_ITEM_MORE = ("name_en", "domain", "category", "basis")
LIST_COLUMNS: Mapping[MatterKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    MatterKind.ONE_THING: ((*_ITEM, "lead"), (*_ITEM_MORE, "coordinating", "checks")),
    MatterKind.TERRITORIAL: ((*_ITEM, "department"), (*_ITEM_MORE, "department_duty", "township_duty")),
    MatterKind.POWER: ((*_ITEM, "department"), (*_ITEM_MORE, "field")),
}


class Codes:
    """The codes of one table, each of which may stand there once."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}

    def take(self, row: Row) -> str | None:
        """Give the code of a row, or None when it is missing or stands there already."""
        code = row.text("code", required=True)
        if not code:
            return None
        first = self._rows.setdefault(code, row.number)
        if first != row.number:
            row.error("duplicate_code", "code", code, f"stands in row {first} as well; keep one of the two")
            return None
        return code


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
    found.setdefault(COMMAND, COMMAND_ROOM)
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


def read_lists(folder: Path, departments: Mapping[str, Department], report: Report) -> list[Matter]:
    """Read the three lists."""
    matters: list[Matter] = []
    everywhere: dict[str, str] = {}
    for kind, name in LIST_FILES.items():
        columns, optional = LIST_COLUMNS[kind]
        codes = Codes()
        for row in read_table(folder, name, columns, optional, report):
            if code := codes.take(row):
                matters.append(_matter(code, kind, row, departments))
                before = everywhere.setdefault(code, name)
                if before != name:
                    sentence = f"stands in {before} as well, which goes before this list; give it another code"
                    report.warn("shadowed_code", name, sentence, row=row.number, column="code", value=code)
    return matters


def _matter(code: str, kind: MatterKind, row: Row, departments: Mapping[str, Department]) -> Matter:
    lead_column = "lead" if kind is MatterKind.ONE_THING else "department"
    named = row.text(lead_column, required=True)
    lead = department_of(row, lead_column, named, departments)
    coordinating = _coordinating(row, named, departments)
    category = row.text("category") or None
    if category and not re.fullmatch(r"\d{5}", category):
        row.error("bad_category", "category", category, "is no category of GB/T 47678.5: five digits, or blank")
    return Matter(
        code=code,
        name=row.text("name", required=True),
        kind=kind,
        platform=row.choice("platform", Platform, Platform.CONVENIENCE),
        domain=row.choice("domain", Domain, departments[lead].domain if lead else Domain.OTHER),
        name_en=row.text("name_en"),
        category=category,
        lead=lead,
        coordinating=coordinating,
        checks=_checks(row, (named, *coordinating)),
        department_duty=row.text("department_duty"),
        township_duty=row.text("township_duty"),
        basis=row.text("basis"),
        clause=row.text("clause", required=True),
        field=row.text("field"),
    )


def _coordinating(row: Row, lead: str, departments: Mapping[str, Department]) -> tuple[str, ...]:
    found: list[str] = []
    for code in row.listed("coordinating"):
        if code == lead:
            row.error("leads_and_coordinates", "coordinating", code, "is the lead as well; name it in one column only")
        elif code in found:
            row.error("duplicate_code", "coordinating", code, "stands there twice; remove one")
        elif department_of(row, "coordinating", code, departments):
            found.append(code)
    return tuple(found)


def _checks(row: Row, concerned: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in row.listed("checks"):
        department, equals, text = part.partition("=")
        if not equals:
            row.error("bad_check", "checks", part, "is not written as department=what it checks")
        elif department.strip() not in concerned:
            sentence = f"belongs to none of {', '.join(concerned)}, who lead or coordinate; correct the department"
            row.error("unknown_department", "checks", part, sentence)
        else:
            found[department.strip()] = text.strip()
    return found


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
