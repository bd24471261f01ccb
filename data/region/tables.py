"""Reading the csv files of a pack: rows that remember where they stand, and cells that say what they should hold."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from data.region.faults import Report

Choice = TypeVar("Choice", bound=StrEnum)
Default = TypeVar("Default", bound=StrEnum | None)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; each reader notes what it cannot read and gives a harmless value instead."""

    file: str
    number: int
    values: dict[str, str]
    report: Report

    def text(self, column: str, *, required: bool = False) -> str:
        """Give a cell without surrounding blanks."""
        value = self.values.get(column, "")
        if required and not value:
            self.error("missing_value", column, value, "is empty, but every row needs it; fill it in")
        return value

    def listed(self, column: str) -> tuple[str, ...]:
        """Give the codes of a cell that are separated by semicolons."""
        return tuple(part.strip() for part in self.text(column).replace("；", ";").split(";") if part.strip())

    def clauses(self, column: str) -> tuple[str, ...]:
        """Give the sentences of a cell; only ASCII semicolons part them, because a sentence may hold a Chinese one."""
        return tuple(part.strip() for part in self.text(column).split(";") if part.strip())

    def day(self, column: str) -> date | None:
        """Give a date, or None for a blank cell."""
        value = self.text(column)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.error("bad_date", column, value, "is no date; write it as 2024-11-20")
            return None

    def choice(self, column: str, choices: type[Choice], default: Default) -> Choice | Default:
        """Give one of the words of a list; a blank cell is the default, and a fault where there is none."""
        value = self.text(column, required=default is None)
        if not value:
            return default
        if value not in set(choices):
            self.error("unknown_word", column, value, f"is not one of {', '.join(choices)}")
            return default
        return choices(value)

    def error(self, kind: str, column: str, value: object, sentence: str) -> None:
        """Note an error of this row."""
        self.report.error(kind, self.file, sentence, row=self.number, column=column, value=value)


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


def read_table(folder: Path, name: str, columns: Sequence[str], optional: Sequence[str], report: Report) -> list[Row]:
    """Read a csv file of a pack.

    A file that is not there is an empty table: a region may do without units or powers.

    Parameters
    ----------
    columns
        The columns that must be there.
    optional
        Columns that may be there; any other one is a warning, because it may be misspelt.
    """
    path = folder / name
    if not path.is_file():
        return []
    text = decoded(path, report)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if not header_is_good(header, name, columns, optional, report):
            return []
        return list(_rows(reader, header, name, report))
    except csv.Error as problem:
        sentence = f"cannot be read as csv: {problem}; quote cells that hold quotes or line ends"
        report.error("bad_csv", name, sentence, row=reader.line_num)
        return []


def decoded(path: Path, report: Report) -> str | None:
    """Read a text file as UTF-8; what is not UTF-8 is named and not guessed."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        sentence = "is not UTF-8 here; it may be GBK as Excel writes it: save the file again as CSV UTF-8"
        report.error("not_utf8", path.name, sentence, row=line, value=raw[problem.start : problem.start + 8])
        return None


def header_is_good(
    header: Sequence[str],
    name: str,
    columns: Sequence[str],
    optional: Sequence[str],
    report: Report,
    row: int = 1,
) -> bool:
    """Note what is wrong with the names of the columns; False when the table cannot be read.

    Parameters
    ----------
    row
        Where the header stands.
    """
    good = True
    for column in columns:
        if column not in header:
            found = ", ".join(header) or "nothing"
            report.error("missing_column", name, f"is not in the header, which has {found}", row=row, column=column)
            good = False
    for column in sorted(set(header) - {""}):
        if header.count(column) > 1:
            report.error("double_column", name, "stands twice in the header; remove one", row=row, column=column)
            good = False
        elif column not in (*columns, *optional):
            known = ", ".join(dict.fromkeys([*columns, *optional]))
            report.warn("unknown_column", name, f"is not read; the columns are {known}", row=row, column=column)
    return good


def _rows(reader: Iterator[list[str]], header: list[str], name: str, report: Report) -> Iterator[Row]:
    end = reader.line_num  # type: ignore[attr-defined]
    for cells in reader:
        number, end = end + 1, reader.line_num  # type: ignore[attr-defined]
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            sentence = f"has {len(cells)} cells, but the header has {len(header)}; quote the cell that holds a comma"
            report.error("too_many_cells", name, sentence, row=number, value=cells[len(header)])
            continue
        yield Row(name, number, {column: cell.strip() for column, cell in zip(header, cells, strict=False)}, report)
