"""Rows of the three lists and of the arrangements, and the version of the lists that they make.

The same rows come from the files of a pack, from a file that is imported and from the database, so all three are read
and checked here, and every fault names the row and the column in which it stands.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cases.arrangements import Arrangement, ArrangementKind
from cases.errors import BadGuide
from cases.guides import Guide, Step, parse_steps
from cases.lists import ListVersion, check
from cases.lists.checking import ARRANGEMENTS
from cases.matters import Domain, Matter, MatterKind, Matters, Platform
from cases.organisation import Department, Organisation
from data.region.faults import Report
from data.region.tables import Codes, Row

LIST_FILES: Mapping[str, str] = {
    MatterKind.ONE_THING: "one_things.csv",
    MatterKind.TERRITORIAL: "matters.csv",
    MatterKind.POWER: "powers.csv",
    ARRANGEMENTS: "arrangements.csv",
}
"""Every list by its name, in the order in which they are asked, and its file in a pack."""

LEAD_COLUMN = {MatterKind.ONE_THING: "lead", MatterKind.TERRITORIAL: "department", MatterKind.POWER: "department"}
GUIDE_COLUMNS = ("kind", "applicant", "materials", "steps", "time_limit", "fee", "result")
_ITEM = ("code", "name", "name_en", "platform", "domain", "category")
LIST_COLUMNS: Mapping[str, tuple[str, ...]] = {
    MatterKind.ONE_THING: (*_ITEM, "lead", "coordinating", "basis", "checks", "clause"),
    MatterKind.TERRITORIAL: (*_ITEM, "department", "department_duty", "township_duty", "basis", "clause"),
    MatterKind.POWER: (
        *(
            "code",
            "name",
            "name_en",
            "field",
            "platform",
            "domain",
            "category",
            "department",
            "kind",
            "basis",
            "clause",
        ),
        *(column for column in GUIDE_COLUMNS if column != "kind"),
    ),
    ARRANGEMENTS: (
        *("code", "kind", "areas", "matters", "from_department", "to_department"),
        *("valid_from", "valid_to", "clause", "source"),
    ),
}
"""The columns of each list in the order in which its file has them."""

REQUIRED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    **{kind: ("code", "name", "platform", LEAD_COLUMN[kind], "basis", "clause") for kind in MatterKind},
    ARRANGEMENTS: ("code", "kind", "to_department", "clause"),
}
"""The columns without which a list says nothing."""


@dataclass(frozen=True, slots=True)
class ListHead:
    """What a version of the lists is called and where it comes from; see `cases.lists.ListVersion`."""

    version: str = ""
    effective_from: date = date.min
    source: str = ""
    model: bool = False


def version_of(
    rows: Mapping[str, Sequence[Row]],
    head: ListHead,
    departments: Mapping[str, Department],
    areas: Collection[str],
    report: Report,
) -> ListVersion:
    """Make a version of the lists, and note everything that is wrong with it in the row where it stands.

    Parameters
    ----------
    rows
        Rows by list; a list that is not there is empty.
    areas
        Codes of every area that an arrangement may name.
    """
    matters: list[Matter] = []
    places: dict[tuple[str, str], Row] = {}
    everywhere: dict[str, str] = {}
    for kind in MatterKind:
        for code, row in _coded(kind, rows, places):
            matters.append(_matter(code, kind, row, departments))
            before = everywhere.setdefault(code, LIST_FILES[kind])
            if before != LIST_FILES[kind]:
                sentence = f"stands in {before} as well, which goes before this list; give it another code"
                report.warn("shadowed_code", row.file, sentence, row=row.number, column="code", value=code)
    arrangements = [_arrangement(code, row, areas) for code, row in _coded(ARRANGEMENTS, rows, places)]
    version = ListVersion(
        head.version,
        head.effective_from,
        head.source,
        Matters(matters, head.version),
        tuple(one for one in arrangements if one is not None),
        head.model,
    )
    for fault in check(version, Organisation(departments.values())):
        places[fault.list, fault.code].error(fault.rule, _column(fault.list, fault.field), fault.value, fault.sentence)
    return version


def _coded(name: str, rows: Mapping[str, Sequence[Row]], places: dict[tuple[str, str], Row]) -> list[tuple[str, Row]]:
    codes, found = Codes(), []
    for row in rows.get(name, ()):
        if code := codes.take(row):
            places[name, code] = row
            found.append((code, row))
    return found


def _column(name: str, field: str) -> str:
    return LEAD_COLUMN[MatterKind(name)] if field == "lead" else field


def _matter(code: str, kind: MatterKind, row: Row, departments: Mapping[str, Department]) -> Matter:
    lead = row.text(LEAD_COLUMN[kind])
    category = row.text("category") or None
    if category and not re.fullmatch(r"\d{5}", category, re.ASCII):
        row.error("bad_category", "category", category, "is no category of GB/T 47678.5: five digits, or blank")
    own = departments.get(lead)
    return Matter(
        code=code,
        name=row.text("name"),
        kind=kind,
        platform=row.choice("platform", Platform, Platform.CONVENIENCE),
        domain=row.choice("domain", Domain, own.domain if own else Domain.OTHER),
        name_en=row.text("name_en"),
        category=category,
        lead=lead or None,
        coordinating=row.listed("coordinating"),
        checks=_checks(row),
        department_duty=row.clauses("department_duty"),
        township_duty=row.clauses("township_duty"),
        basis=row.text("basis"),
        clause=row.text("clause"),
        field=row.text("field"),
        guide=_guide(row),
    )


def _checks(row: Row) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in row.listed("checks"):
        department, equals, text = (piece.strip() for piece in part.partition("="))
        if not equals:
            row.error("bad_check", "checks", part, "is not written as department=what it checks")
        elif department in found:
            row.error("duplicate_code", "checks", department, "stands there twice; write both checks as one")
        else:
            found[department] = text
    return found


def _guide(row: Row) -> Guide | None:
    if not any(row.text(column) for column in GUIDE_COLUMNS):
        return None
    return Guide(
        kind=row.text("kind"),
        applicant=row.text("applicant"),
        materials=row.clauses("materials"),
        steps=_steps(row),
        time_limit=row.text("time_limit"),
        fee=row.text("fee"),
        result=row.text("result"),
    )


def _steps(row: Row) -> tuple[Step, ...]:
    try:
        return parse_steps(row.text("steps"))
    except BadGuide as problem:
        row.error("bad_step", "steps", "", f"cannot be drawn: {problem}")
        return ()


def _arrangement(code: str, row: Row, areas: Collection[str]) -> Arrangement | None:
    kind = row.choice("kind", ArrangementKind, None)
    for area in row.listed("areas"):
        if area not in areas:
            row.error("unknown_area", "areas", area, "is no township or other area of the map; correct the code")
    if kind is None:
        return None
    return Arrangement(
        code=code,
        kind=kind,
        areas=row.listed("areas"),
        matters=row.listed("matters"),
        from_department=row.text("from_department"),
        to_department=row.text("to_department"),
        valid_from=row.day("valid_from") or date.min,
        valid_to=row.day("valid_to"),
        clause=row.text("clause"),
        source=row.text("source"),
    )
