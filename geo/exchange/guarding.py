"""What a boundary file must be before a reader opens it: itself, and no program, bomb or signpost under its name.

GDAL chooses its reader by what a file holds, and some of its readers fetch what a file names from the disk or the
network (OGR_VRT, WFS, schemas of GML). So every file has to begin as its suffix says. What is refused here is refused
for everybody: no office exports it.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from xml.parsers import expat

import pyarrow
import pyarrow.parquet
import pyogrio

from geo.errors import Unreadable
from geo.exchange.staging import DATA

BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    ".shp": (b"\0\0\x27\x0a",),
    ".gpkg": (b"SQLite format 3\0",),
    ".fgb": (b"fgb\x03fgb",),
    ".tab": (b"!table",),
    ".mif": (b"version",),
}
"""How the formats begin that GDAL reads, in small letters; those in XML are read through instead."""
XML = frozenset({".kml", ".gml"})
DEEPEST = 200
"""So many elements in one another: readers follow them by calling themselves, and a stack ends."""
MOST_ROWS = 5_000_000
LARGEST_TABLE_BYTES = 4 << 30
SQLITE_STEPS = 5_000
"""Thousands of instructions of SQLite that a look may cost: a table's definition may be a program without end."""
QUIET = {"GML_DOWNLOAD_SCHEMA": "NO", "GDAL_VRT_ENABLE_PYTHON": "NO", "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}"}
"""GDAL's options that keep it off the network; what it may not open at all is decided by the beginnings."""


def guard(path: Path) -> None:
    """Refuse what is not what its suffix says, and what would do more than hold boundaries; raises Unreadable."""
    pyogrio.set_gdal_config_options(QUIET)
    suffix = path.suffix.lower()
    if suffix not in DATA:
        raise Unreadable(f"is of no kind that is known here ({' '.join(sorted(DATA))}); export it again")
    if suffix in BEGINNINGS:
        with path.open("rb") as file:
            head = file.read(512)
        plain = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n\t").lower()
        if not head.startswith(BEGINNINGS[suffix]) and not plain.startswith(BEGINNINGS[suffix]):
            raise Unreadable(f"cannot be opened: it does not begin as a {suffix} file does; send it under its own name")
    if suffix in XML:
        _guard_xml(path)
    elif suffix == ".gpkg":
        _guard_geopackage(path)


def _guard_xml(path: Path) -> None:
    """Read the elements through: no declarations of entities, not too deep, no data source of GDAL's own."""
    depth = 0
    parser = expat.ParserCreate()

    def begun(name: str, _attributes: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Unreadable(f"nests more than {DEEPEST} elements in one another; export it again")
        if name.upper().startswith(("OGR", "GDAL", "VRT")):
            raise Unreadable(f"holds <{name:.40}>, which names other files instead of boundaries; send those")

    def ended(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def declared(*_said: object) -> None:
        raise Unreadable("declares a document type (<!DOCTYPE …>), which could swell or fetch; remove it")

    parser.StartElementHandler, parser.EndElementHandler = begun, ended
    parser.StartDoctypeDeclHandler = declared
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (expat.ExpatError, ValueError, LookupError) as problem:
        raise Unreadable(f"is no XML that can be read: {problem}; export it again") from problem


def _guard_geopackage(path: Path) -> None:
    """Look at what a database declares: views and foreign tables are programs, and run when they are read."""
    with closing(read_only(path)) as connection:
        try:
            found = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
        except sqlite3.Error as problem:
            raise Unreadable(f"is no GeoPackage that can be read: {problem}; export it again") from problem
    if "gpkg_contents" not in {name for _, name, _ in found}:
        raise Unreadable("is another kind of database and no GeoPackage; export the layer again")
    for kind, name, sql in found:
        words = " ".join(str(sql).lower().split())
        foreign = words.startswith("create virtual table") and " using rtree" not in words
        if kind == "view" or foreign:
            raise Unreadable(f"holds {name!r:.60}, which is a query and no data; export the layer as a table")


def read_only(path: Path) -> sqlite3.Connection:
    """Open a database of somebody else: nothing is written, no function with effects is called, nothing runs on."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")
    left = SQLITE_STEPS

    def step() -> int:
        nonlocal left
        left -= 1
        return int(left < 0)

    connection.set_progress_handler(step, 1000)
    return connection


def guard_parquet(path: Path) -> None:
    """Refuse a table that swells beyond any layer of boundaries; raises Unreadable."""
    try:
        told = pyarrow.parquet.read_metadata(path)
    except (pyarrow.ArrowException, OSError) as problem:
        raise Unreadable(f"is no Parquet file: {problem}; export it again") from problem
    size = sum(told.row_group(one).total_byte_size for one in range(told.num_row_groups))
    if told.num_rows > MOST_ROWS or size > LARGEST_TABLE_BYTES:
        raise Unreadable(f"unpacks to {told.num_rows} rows and {size} bytes; send the layer alone")
