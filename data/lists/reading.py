"""Reading a list from a file that an office wrote: titles above the header, merged cells, names in place of codes."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cases.lists.checking import ARRANGEMENTS
from cases.organisation import Department
from data.bulk.sheet import SheetRow, fitted, reader_of, trimmed, without_blank_end
from data.formulas import undefused
from data.lists.words import DEPARTMENTS, WORDS, column_of, plain
from data.region.faults import Report
from data.region.items import LIST_COLUMNS, REQUIRED_COLUMNS
from data.region.tables import Row, header_is_good
from geo.areas import AreaLayer

HEADER_WITHIN = 20
"""Rows from the top in which the header is looked for; above it stand titles and notes."""
UNREADABLE = "\ufffd"


class Names:
    """The names that an office writes where the tables have codes.

    Parameters
    ----------
    townships
        All versions.
    """

    def __init__(self, departments: Mapping[str, Department], townships: AreaLayer) -> None:
        called = [(name, code) for code, one in departments.items() for name in (one.name, one.short_name, one.name_en)]
        self._departments = _of_one_meaning(called)
        self._townships = _of_one_meaning((area.name, area.code) for area in townships.areas)

    def coded(self, name: str, column: str, text: str) -> str:
        """Put codes in the place of names; what is neither stays, and is named as a fault later."""
        if column in DEPARTMENTS:
            return self._departments.get(text, text)
        if column == "coordinating":
            return ";".join(self._departments.get(part, part) for part in text.split(";"))
        if column == "areas":
            return ";".join(self._townships.get(part, part) for part in text.split(";"))
        if column == "checks":
            return ";".join(self._check(part) for part in text.split(";"))
        words = WORDS.get("arrangement" if (name, column) == (ARRANGEMENTS, "kind") else column, {})
        return words.get(text, text)

    def _check(self, part: str) -> str:
        department, equals, text = part.replace("＝", "=", 1).partition("=")
        return f"{self._departments.get(department.strip(), department)}{equals}{text}"


def _of_one_meaning(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give the code of each name; a name that two codes have means neither."""
    codes: dict[str, set[str]] = {}
    for name, code in pairs:
        codes.setdefault(unicodedata.normalize("NFKC", name), set()).add(code)
    return {name: one.pop() for name, one in codes.items() if name and len(one) == 1}


def read_file(path: Path, sheet: str | None, name: str, names: Names, report: Report) -> list[Row]:
    """Read the rows of a list from a CSV file or an Excel workbook, as the file of a pack would have them.

    Parameters
    ----------
    sheet
        Name of the Excel sheet; the first one by default.
    name
        The list: a value of `MatterKind`, or ``arrangements``.
    report
        Takes every fault with its row, as a spreadsheet counts it, and column.

    Raises
    ------
    BulkError
        There is no such file or sheet, or it is of no known kind.
    """
    rows = list(without_blank_end(reader_of(path, sheet, merged=True)()))
    columns = LIST_COLUMNS[name]
    at, header = find_header(rows, columns)
    if not header or "code" not in header:
        wanted = ", ".join(REQUIRED_COLUMNS[name])
        sentence = f"has no row within the first {HEADER_WITHIN} that names the columns; it needs {wanted}"
        report.error("no_header", path.name, sentence, row=1)
        return []
    number = rows[at].number
    if not header_is_good(header, path.name, REQUIRED_COLUMNS[name], columns, report, number):
        return []
    found = []
    for row in rows[at + 1 :]:
        cells = fitted(row, len(header))
        if cells.fault and not any(cells.cells):
            continue
        if cells.fault:
            report.error("bad_row", path.name, cells.fault, row=row.number)
        elif cells.cells != rows[at].cells:  # long lists repeat their header on every page
            found.append(_row(path.name, cells, header, name, names, report))
    return found


def find_header(rows: Sequence[SheetRow], columns: Sequence[str]) -> tuple[int, list[str]]:
    """Find the row that names most columns, and what each column is; a heading that means no column stays as it is.

    Of a header in two storeys that is the lower one: parting its merged cells has brought the upper one's words down.
    """
    at, best = 0, 1
    header: list[str] = []
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        headings = [str(cell) for cell in trimmed(row.cells)]
        meant = [column_of(heading, columns) for heading in headings]
        known = len({column for column in meant if column})
        if known > best:
            best, at = known, place
            header = [column or heading for column, heading in zip(meant, headings, strict=True)]
    return at, header


def _row(file: str, row: SheetRow, header: Sequence[str], name: str, names: Names, report: Report) -> Row:
    values: dict[str, str] = {}
    made = Row(file, row.number, values, report)
    for column, cell in zip(header, row.cells, strict=False):
        text = undefused(_text(cell))
        if UNREADABLE in text:
            made.error("unreadable", column, text, "holds characters that cannot be read; save the file as UTF-8")
        if column in LIST_COLUMNS[name]:
            values[column] = names.coded(name, column, plain(column, text))
    return made


def _text(cell: str | datetime) -> str:
    return cell.date().isoformat() if isinstance(cell, datetime) else cell


def values_of(rows: Sequence[Row], name: str) -> Iterator[dict[str, str]]:
    """Give the cells of rows by column, without the empty ones, in the order of the columns."""
    for row in rows:
        yield {column: text for column in LIST_COLUMNS[name] if (text := row.text(column))}
