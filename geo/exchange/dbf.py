"""The attribute table of a shapefile by its own bytes: every record, codes as written, the encoding decided."""

import struct
from dataclasses import dataclass
from pathlib import Path

from geo.errors import Unreadable
from geo.exchange.encodings import CODE_PAGES, decide, decode, known
from geo.exchange.features import TextEncoding

_DELETED = ord("*")
_HEADER_END = 0x0D


@dataclass(frozen=True, slots=True)
class Table:
    """All records of a dBASE table.

    Attributes
    ----------
    records
        One mapping for each record, in order; None for a deleted one, which keeps its place.
    """

    columns: tuple[str, ...]
    numeric: frozenset[str]
    records: tuple[dict[str, str | None] | None, ...]
    encoding: TextEncoding


@dataclass(frozen=True, slots=True)
class _Field:
    name: bytes
    kind: str
    start: int
    width: int


def read_dbf(path: Path, encoding: str | None = None) -> Table:
    """Read a table; `encoding`, when somebody says one, is believed."""
    raw = path.read_bytes()
    try:
        count, head, width = struct.unpack_from("<IHH", raw, 4)
        fields = _fields(raw, head)
    except (struct.error, IndexError) as problem:
        raise Unreadable(f"{path.name} is no dBASE table; send all files of the shapefile again") from problem
    rows = [raw[at : at + width] for at in range(head, min(head + count * width, len(raw)), max(width, 1))]
    rows = [row for row in rows if len(row) == width]
    chosen = _encoding(path, raw, rows, fields, encoding)
    names = [decode(field.name, chosen.name) for field in fields]
    records = tuple(
        None
        if row[0] == _DELETED
        else dict(zip(names, (_value(row, field, chosen.name) for field in fields), strict=True))
        for row in rows
    )
    numeric = frozenset(name for name, field in zip(names, fields, strict=True) if field.kind in "NF")
    return Table(tuple(names), numeric, records, chosen)


def _fields(raw: bytes, head: int) -> list[_Field]:
    found, start = [], 1
    for at in range(32, head, 32):
        if raw[at] == _HEADER_END or len(raw) < at + 32:
            break
        width = raw[at + 16]
        found.append(_Field(raw[at : at + 11].split(b"\0")[0].strip(), chr(raw[at + 11]), start, width))
        start += width
    return found


def _encoding(path: Path, raw: bytes, rows: list[bytes], fields: list[_Field], said: str | None) -> TextEncoding:
    if said is not None:
        name = known(said)
        if name is None:
            raise Unreadable(
                f"{said!r} is no encoding that is known here; say --encoding GBK or UTF-8, or leave it out"
            )
        return TextEncoding(name, "you say so")
    texts = [field.name for field in fields]
    cells = [(_bytes(row, field), field.width) for row in rows for field in fields if field.kind == "C"]
    texts += [text for text, _ in cells]
    filled = {text for text, width in cells if len(text) == width}
    cpg = path.with_suffix(".cpg")
    if cpg.is_file():
        told, by = cpg.read_text(encoding="ascii", errors="replace").strip("\ufeff \r\n\0"), "the .cpg file"
    else:
        told, by = CODE_PAGES.get(raw[29], ""), "the header of the table"
    return decide([text for text in dict.fromkeys(texts) if not text.isascii()], told or None, by, filled)


def _bytes(row: bytes, field: _Field) -> bytes:
    return row[field.start : field.start + field.width].rstrip(b"\0 ")


def _value(row: bytes, field: _Field, encoding: str) -> str | None:
    """Give a value as its text: numbers, too, for a code is no number; what dBASE calls null is None."""
    value = _bytes(row, field)
    if field.kind == "C":
        return decode(value, encoding)
    text = value.decode("ascii", errors="replace").strip()
    return None if not text or set(text) == {"*"} else text
