"""The mapping file: which column of a sheet is which field of a report, and how its values are to be read."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.bulk.errors import BulkError
from geo.crs import crs_name
from geo.errors import GeoError

FIELDS = (
    "source_id", "matter", "occurred_at", "closed_at", "x", "y", "description", "photos", "contact_name",
    "contact_phone",
)  # fmt: skip
REQUIRED = ("source_id", "matter", "occurred_at")
KEYS = frozenset(
    {"source", "crs", "zone", "times", "sheet", "header_row", "columns", "constants", "matters", "attributes"}
)


@dataclass(frozen=True, slots=True)
class CaseMapping:
    """How the columns of a sheet become the fields of a report.

    Attributes
    ----------
    source
        Code of the region's source that the rows come from.
    crs
        CRS of x and y. A bulk import without one is refused: nobody can tell a shifted point from a true one.
    zone
        Zone of times that are written without an offset; None means the region's.
    times
        Formats (of `datetime.strptime`) that are tried before ISO 8601.
    sheet
        Name of the Excel sheet; None means the first one.
    header_row
        Row of the column names, counted from 1; None means the first row that is not blank.
    columns
        Field to the columns that hold it; several are joined.
    constants
        Field to a value that all rows have.
    matters
        What the sheet calls a matter, to its code.
    attributes
        Name of an attribute to its column.
    """

    source: str
    crs: str
    zone: ZoneInfo | None = None
    times: tuple[str, ...] = ()
    sheet: str | None = None
    header_row: int | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    matters: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)

    def check_header(self, header: Iterable[str], file: str) -> None:
        """Refuse a sheet that lacks a column, or has one of them twice; raises BulkError."""
        names = list(header)
        wanted = [name for several in self.columns.values() for name in several] + list(self.attributes.values())
        for name in dict.fromkeys(wanted):
            if names.count(name) != 1:
                how = "no column" if name not in names else f"{names.count(name)} columns"
                raise BulkError(f"{file} has {how} {name!r}; its columns are: {', '.join(names)}.")


def read_mapping(path: Path) -> CaseMapping:
    """Read a mapping file (TOML); raises BulkError with the key and what it may be."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise BulkError(f"There is no mapping file {path}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BulkError(f"{path.name} is no TOML: {error}.") from error
    strange = sorted(set(given) - KEYS)
    if strange:
        raise BulkError(f"{path.name} has the unknown key {strange[0]!r}; known are: {', '.join(sorted(KEYS))}.")
    mapping = CaseMapping(
        source=text(given, "source", path),
        crs=crs_of(given, path),
        zone=zone_of(given, path),
        times=texts(given, "times", path),
        sheet=text(given, "sheet", path) if "sheet" in given else None,
        header_row=row_number(given, path),
        columns={
            name: as_tuple(value, f"columns.{name}", path) for name, value in table(given, "columns", path).items()
        },
        constants={name: str(value) for name, value in table(given, "constants", path).items()},
        matters={str(name): str(value) for name, value in table(given, "matters", path).items()},
        attributes={name: str(value) for name, value in table(given, "attributes", path).items()},
    )
    check_fields(mapping, path)
    return mapping


def check_fields(mapping: CaseMapping, path: Path) -> None:
    """Refuse unknown fields, fields that are given twice, and a mapping that leaves out what every report needs."""
    for name in (*mapping.columns, *mapping.constants):
        if name not in FIELDS:
            raise BulkError(f"{path.name} maps the unknown field {name!r}; the fields are: {', '.join(FIELDS)}.")
    twice = sorted(set(mapping.columns) & set(mapping.constants))
    if twice:
        raise BulkError(f"{path.name} gives {twice[0]!r} both a column and a constant; keep one of them.")
    for name in REQUIRED:
        if name not in mapping.columns and not (name == "matter" and name in mapping.constants):
            raise BulkError(f"{path.name} maps no column to {name!r}; every report needs {', '.join(REQUIRED)}.")


def text(given: Mapping[str, Any], key: str, path: Path) -> str:
    """Give a required text."""
    value = given.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BulkError(f'{path.name} needs {key} = "…" and has {value!r}.')
    return value


def table(given: Mapping[str, Any], key: str, path: Path) -> Mapping[str, Any]:
    """Give a table, empty where there is none."""
    value = given.get(key, {})
    if not isinstance(value, dict):
        raise BulkError(f"{path.name}: {key} is {value!r:.60}; make it a table [{key}].")
    return value


def texts(given: Mapping[str, Any], key: str, path: Path) -> tuple[str, ...]:
    """Give a list of texts, empty where there is none."""
    return as_tuple(given.get(key, []), key, path)


def as_tuple(value: object, key: str, path: Path) -> tuple[str, ...]:
    """Take one text or a list of texts."""
    several = [value] if isinstance(value, str) else value
    if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
        raise BulkError(f"{path.name}: {key} is {value!r:.60}; give a text or a list of texts.")
    return tuple(several)


def row_number(given: Mapping[str, Any], path: Path) -> int | None:
    """Give the row of the header, None where the first one that is not blank is meant."""
    value = given.get("header_row")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise BulkError(f"{path.name}: header_row is {value!r}; give the number of a row, counted from 1.")
    return value


def crs_of(given: Mapping[str, Any], path: Path) -> str:
    """Give the declared CRS; raises BulkError where it is missing or unknown."""
    if "crs" not in given:
        raise BulkError(
            f"{path.name} declares no crs. A point shifted to GCJ-02 or BD-09 looks true, so the mapping must"
            ' say what the points are in: crs = "EPSG:4326".'
        )
    try:
        return crs_name(text(given, "crs", path))
    except GeoError as error:
        raise BulkError(f"{path.name}: {error}") from error


def zone_of(given: Mapping[str, Any], path: Path) -> ZoneInfo | None:
    """Give the zone of naive times, or None where the region's is meant."""
    if "zone" not in given:
        return None
    try:
        return ZoneInfo(text(given, "zone", path))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BulkError(
            f"{path.name}: there is no time zone {given['zone']!r}; give one such as Asia/Shanghai."
        ) from error
