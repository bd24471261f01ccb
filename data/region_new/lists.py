"""Departments and matters of a new pack: the distinct values of a file of cases, or one of each to begin with."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cases.matters import Platform
from data.region.faults import Report
from data.region.tables import decoded
from data.region_new.refusal import Refused


@dataclass(frozen=True, slots=True)
class MatterFile:
    """A csv file of past cases, of which one column names the matter and another the department that had it.

    Attributes
    ----------
    platform
        Platform that all matters are counted by until somebody sorts them.
    """

    path: Path
    matter_field: str
    department_field: str
    platform: Platform = Platform.CONVENIENCE


@dataclass(frozen=True, slots=True)
class Lists:
    """Rows of departments.csv and matters.csv, headers first."""

    departments: Sequence[Sequence[str]]
    matters: Sequence[Sequence[str]]


DEPARTMENT_COLUMNS = ("code", "name", "short_name", "name_en", "domain")
MATTER_COLUMNS = ("code", "name", "name_en", "platform", "domain", "category", "department")
MATTER_DUTIES = ("department_duty", "township_duty", "basis", "clause")
NO_BASIS, PAST_CASES = "no list yet", "past cases"
"""What stands where a list cites its laws."""


def starting_lists() -> Lists:
    """Give one department and one matter, so that a new region can take its first case at once."""
    clause = "No list yet: the county office takes every matter."
    return Lists(
        (DEPARTMENT_COLUMNS, ("office", "County office", "Office", "County office", "other")),
        (
            (*MATTER_COLUMNS, *MATTER_DUTIES),
            ("general", *("General report",) * 2, "convenience", "other", "", "office", "", "", NO_BASIS, clause),
        ),
    )


def lists_from(file: MatterFile) -> Lists:
    """Make departments and matters of the distinct values of a file; a matter's lead is who had it most often.

    Codes are short latin forms of the values, which stay as names. Raises Refused for a missing column.
    """
    pairs = Counter(_pairs(file))
    departments = _coded(sorted({department for _, department in pairs}), "d")
    matters = _coded(sorted({matter for matter, _ in pairs}), "m")
    if not matters:
        raise Refused([f"{file.path.name} has no row with both {file.matter_field!r} and {file.department_field!r}"])
    leads = {
        matter: max((count, department) for (name, department), count in pairs.items() if name == matter)[1]
        for matter in matters
    }
    rows = []
    for matter, code in matters.items():
        lead = leads[matter]
        others = sorted(department for name, department in pairs if name == matter and department != lead)
        beside = f"; sometimes {', '.join(others)}" if others else ""
        clause = f"As in past cases ({file.path.name}): {lead}{beside}."
        rows.append((code, matter, matter, file.platform, "other", "", departments[lead], "", "", PAST_CASES, clause))
    return Lists(
        (DEPARTMENT_COLUMNS, *((code, name, name, name, "other") for name, code in departments.items())),
        ((*MATTER_COLUMNS, *MATTER_DUTIES), *rows),
    )


def _pairs(file: MatterFile) -> Iterable[tuple[str, str]]:
    if not file.path.is_file():
        raise Refused([f"{file.path} does not exist; correct the name"])
    report = Report()
    text = decoded(file.path, report)
    if text is None:
        raise Refused([str(fault) for fault in report])
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = reader.fieldnames or []
    missing = [field for field in (file.matter_field, file.department_field) if field not in columns]
    if missing:
        known = ", ".join(columns)
        raise Refused([f"{file.path.name} has no column {field!r}; its columns are {known}" for field in missing])
    for row in reader:
        matter, department = (
            " ".join((row[field] or "").split()) for field in (file.matter_field, file.department_field)
        )
        if matter and department:
            yield matter, department


def _coded(names: Iterable[str], letter: str) -> dict[str, str]:
    """Give each name a code of its own; names without latin letters are numbered."""
    codes: dict[str, str] = {}
    for number, name in enumerate(names, 1):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        code = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40]
        codes[name] = code if code and code not in codes.values() else f"{letter}{number:03d}"
    return codes
