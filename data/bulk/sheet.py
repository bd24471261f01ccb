"""CSV and Excel files as rows of text, whatever program wrote them."""

import codecs
import csv
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import dropwhile, islice
from pathlib import Path
from typing import BinaryIO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from data.bulk.errors import BulkError

EXCEL = frozenset({".xlsx", ".xlsm"})
DELIMITERS = ",;\t|"
WIDEST_CELL = 1_000_000
"""Characters of one cell; the csv module stops at 131,072, which a description with pasted text may exceed."""
CHUNK_BYTES = 1 << 20

Cell = str | datetime


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row.

    Attributes
    ----------
    number
        Line of a CSV file at which it begins, or row of an Excel sheet; the header is 1 in most files.
    cells
        As many as there are columns; text without surrounding space, or the naive time of an Excel date cell.
    fault
        Why the row cannot be read as the header says; then `cells` holds what was found.
    """

    number: int
    cells: tuple[Cell, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened file: its header and a way to go through its rows, any number of times.

    Attributes
    ----------
    count
        How many rows there are, at most (blank ones at the end are counted and then left out).
    """

    path: Path
    header: tuple[str, ...]
    count: int
    rows: Callable[[], Iterator[SheetRow]]


def open_sheet(path: Path, sheet: str | None = None, header_row: int | None = None) -> Sheet:
    """Open a CSV file (UTF-8, UTF-16 or GB 18030, with or without byte order mark) or an Excel workbook.

    Parameters
    ----------
    sheet
        Name of the Excel sheet; the first one by default.
    header_row
        Row that names the columns; by default the first one that is not blank.

    Raises
    ------
    BulkError
        There is no such file or sheet, it is of no known kind, or it has no header.
    """
    read = reader_of(path, sheet)

    def from_header() -> Iterator[SheetRow]:
        return dropwhile(lambda row: row.number < (header_row or 1) or not any(row.cells), read())

    first = next(from_header(), None)
    if first is None:
        raise BulkError(f"{path.name} has no row that could name the columns.")
    header = tuple(str(cell) for cell in trimmed(first.cells))
    count = sum(1 for _ in from_header()) - 1

    def rows() -> Iterator[SheetRow]:
        return (fitted(row, len(header)) for row in without_blank_end(islice(from_header(), 1, None)))

    return Sheet(path, header, count, rows)


def reader_of(path: Path, sheet: str | None = None, *, merged: bool = False) -> Callable[[], Iterator[SheetRow]]:
    """Give a function that reads every row of a file, titles and blank rows too, from its beginning.

    Parameters
    ----------
    merged
        Merged cells of a workbook all say what the first of them says. The whole sheet is then held in memory.

    Raises
    ------
    BulkError
        There is no such file or sheet, or it is of no known kind.
    """
    if not path.is_file():
        raise BulkError(f"There is no file {path}.")
    if path.suffix.lower() == ".xls":
        raise BulkError(f"{path.name} is a workbook of the old kind; save it as .xlsx or .csv.")
    if path.suffix.lower() in EXCEL or zipfile.is_zipfile(path):
        return excel_reader(path, sheet, merged=merged)
    return csv_reader(path)


def fitted(row: SheetRow, width: int) -> SheetRow:
    """Fill a short row with empty cells; a long one, whose extra cells say something, is faulty."""
    if row.fault:
        return row
    if len(row.cells) > width and any(row.cells[width:]):
        return SheetRow(
            row.number, row.cells,
            f"the row has {len(row.cells)} cells and the header {width}; a comma inside a text must stand in quotes",
        )  # fmt: skip
    cells = row.cells[:width] + ("",) * (width - len(row.cells))
    return SheetRow(row.number, cells, "" if any(cells) else "the row is empty")


def without_blank_end(rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
    """Leave out blank rows at the end: spreadsheets keep thousands of them where something once stood."""
    blank: list[SheetRow] = []
    for row in rows:
        if row.fault or any(row.cells):
            yield from blank
            blank.clear()
            yield row
        else:
            blank.append(row)


def csv_reader(path: Path) -> Callable[[], Iterator[SheetRow]]:
    """Give a function that reads a CSV file from its beginning."""
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        delimiter = delimiter_of(file.readline())

    csv.field_size_limit(max(csv.field_size_limit(), WIDEST_CELL))

    def read() -> Iterator[SheetRow]:
        with path.open(encoding=encoding, newline="", errors="replace") as file:
            yield from csv_rows(file, delimiter)

    return read


def csv_rows(lines: Iterable[str], delimiter: str) -> Iterator[SheetRow]:
    """Read rows and go on after one that the csv module refuses."""
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield SheetRow(number, (), f"lines {number} to {reader.line_num} cannot be read: {error}")
            continue
        yield SheetRow(number, tuple(cell.strip() for cell in cells))


def encoding_of(path: Path) -> str:
    """Tell the encoding of a text file; see `encoding_within`."""
    with path.open("rb") as file:
        return encoding_within(file)


def encoding_within(file: BinaryIO) -> str:
    """Tell the encoding of text: by its byte order mark, else UTF-8 where all of it is, else GB 18030."""
    start = file.read(4)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    file.seek(0)
    return "utf-8" if is_utf8(file) else "gb18030"


def is_utf8(file: BinaryIO) -> bool:
    """Say whether a file is UTF-8 to its end."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def delimiter_of(header: str) -> str:
    """Tell the delimiter: the one that parts the header into most columns."""
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))


def excel_reader(path: Path, sheet: str | None, *, merged: bool = False) -> Callable[[], Iterator[SheetRow]]:
    """Give a function that reads a sheet of a workbook from its beginning; see `reader_of`."""
    names = sheet_names(path)
    if sheet is not None and sheet not in names:
        raise BulkError(f"{path.name} has no sheet {sheet!r}; it has: {', '.join(names)}.")
    chosen = sheet or names[0]

    def read() -> Iterator[SheetRow]:
        # Which cells are merged is not known to a workbook that is opened for reading row by row.
        book = openpyxl.load_workbook(path, read_only=not merged, data_only=True)
        try:
            worksheet = book[chosen]
            if merged:
                unmerge(worksheet)
            else:
                worksheet.reset_dimensions()  # some programs write a wrong size, and rows beyond it would be lost
            for number, values in enumerate(worksheet.iter_rows(values_only=True), 1):
                yield SheetRow(number, trimmed(tuple(as_cell(value) for value in values)))
        finally:
            book.close()

    return read


def unmerge(worksheet: Worksheet) -> None:
    """Part merged cells and say in each of them what all of them said together."""
    for block in list(worksheet.merged_cells.ranges):
        said = worksheet.cell(block.min_row, block.min_col).value
        worksheet.unmerge_cells(block.coord)
        for row, column in block.cells:
            worksheet.cell(row, column).value = said


def sheet_names(path: Path) -> Sequence[str]:
    """Give the names of a workbook's sheets."""
    try:
        book = openpyxl.load_workbook(path, read_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BulkError(f"{path.name} is no Excel workbook that can be read: {error}.") from error
    try:
        return [sheet.title for sheet in book.worksheets]
    finally:
        book.close()


def trimmed(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Drop the blank cells at the end of an Excel row, whose width is that of the widest row of the sheet."""
    end = len(cells)
    while end and cells[end - 1] == "":
        end -= 1
    return cells[:end]


def as_cell(value: object) -> Cell:
    """Write an Excel value as text; times stay times. A whole number loses the ``.0`` that Excel gives it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, datetime.min.time())
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip()
