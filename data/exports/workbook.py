"""Excel workbooks of very many rows: the cells are written column by column with Arrow, not one after the other.

A workbook is a zip of XML (ECMA-376, SpreadsheetML). Cells carry their texts themselves (``inlineStr``), so nothing of
what was written has to be kept. openpyxl and XlsxWriter take minutes for what takes seconds here.
"""

import zipfile
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MOST_ROWS = 1_048_575
"""Rows of a sheet below its head (ECMA-376 names no limit, Excel has 2**20)."""
DATE = (1980, 1, 1, 0, 0, 0)
SPREAD = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATED = "application/vnd.openxmlformats-package.relationships+xml"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
LEADS = f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/'
FILES = {
    "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="{RELATED}"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{LEADS}officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'{LEADS}worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": f'{HEAD}<workbook xmlns="{SPREAD}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="cases" sheetId="1" r:id="rId1"/></sheets></workbook>',
}
TEXT_CELL = ('<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>")
NUMBER_CELL = ("<c><v>", "</v></c>")
EMPTY_CELL = "<c/>"
UTC_TEXT = "%Y-%m-%dT%H:%M:%SZ"
LARGE = pa.large_string()
FORMULA = r"^([=+\-@\t\r])"
"""What a spreadsheet would run (OWASP, CSV injection)."""
FORBIDDEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
"""What XML 1.0 cannot hold."""


def write(file: BinaryIO, columns: list[str], batches: Iterable[pa.RecordBatch]) -> None:
    """Write one sheet with a head and the rows of all batches, the same bytes for the same rows.

    Parameters
    ----------
    columns
        Which columns of the batches, in this order.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in FILES.items():
            book.writestr(zipfile.ZipInfo(name, DATE), text, zipfile.ZIP_DEFLATED)
        entry = zipfile.ZipInfo("xl/worksheets/sheet1.xml", DATE)
        entry.compress_type = zipfile.ZIP_DEFLATED
        with book.open(entry, "w", force_zip64=True) as sheet:
            sheet.write(f'{HEAD}<worksheet xmlns="{SPREAD}"><sheetData>'.encode())
            sheet.write(rows(pa.table({name: [name] for name in columns})))
            for batch in batches:
                sheet.write(rows(pa.Table.from_batches([batch]).select(columns)))
            sheet.write(b"</sheetData></worksheet>")


def rows(table: pa.Table) -> memoryview:
    """Write rows as XML."""
    begin, stop, between = (pa.scalar(text, LARGE) for text in ("<row>", "</row>", ""))
    written = [_cells(column.combine_chunks()) for column in table.columns]
    joined = pc.binary_join_element_wise(begin, *written, stop, between)
    # What stands behind each other in the column stands behind each other in the file.
    offsets = np.frombuffer(joined.buffers()[1], np.int64)[joined.offset : joined.offset + len(joined) + 1]
    return memoryview(joined.buffers()[2])[offsets[0] : offsets[-1]]


def _cells(column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        # Excel knows no zones: a text that says which one it is.
        return _within(TEXT_CELL, pc.strftime(column.cast(pa.timestamp("s", "UTC"), safe=False), UTC_TEXT))
    if not pa.types.is_string(column.type):
        return _within(NUMBER_CELL, column)
    # Most columns hold the same few texts over and over: each is looked through once.
    coded = column.dictionary_encode()
    texts = _within(TEXT_CELL, _safe(coded.dictionary))
    return pc.fill_null(texts.take(coded.indices), EMPTY_CELL)


def _within(tags: tuple[str, str], column: pa.Array) -> pa.Array:
    begin, stop, between = (pa.scalar(text, LARGE) for text in (*tags, ""))
    return pc.fill_null(pc.binary_join_element_wise(begin, column.cast(LARGE), stop, between), EMPTY_CELL)


def _safe(column: pa.Array) -> pa.Array:
    """Give texts as XML holds them, none of which a spreadsheet would run."""
    column = pc.replace_substring_regex(column, FORBIDDEN, "")
    column = pc.replace_substring_regex(column, FORMULA, r"'\1")
    for plain, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        column = pc.replace_substring(column, plain, escaped)
    return column
