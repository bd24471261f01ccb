"""Parting Parquet files into pieces that several processes place, each by itself and as often as need be."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

from data.placing.errors import PlacingError
from data.placing.parquet_source import ParquetSource

PIECE_ROWS = 1 << 19
"""Rows of a piece, which a worker holds in memory: more make larger files, fewer cost less when a worker is lost."""
PLAN_DIGITS = 32
ENDINGS = (".parquet", ".geoparquet")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some neighbouring row groups of a file.

    Attributes
    ----------
    number
        Place among the pieces, from 0; names the files that come of it.
    groups
        The first row group, and the one behind the last.
    first_row
        Rows of all pieces before this one.
    """

    number: int
    file: Path
    groups: tuple[int, int]
    first_row: int
    rows: int


def files_of(source: Path) -> list[Path]:
    """Give a Parquet file, or every one below a folder by name, but for hidden ones; raises PlacingError."""
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise PlacingError(f"There is no file and no folder {source}.")
    below = (path for path in source.rglob("*") if path.name.endswith(ENDINGS) and path.is_file())
    found = sorted(path for path in below if not any(_hidden(part) for part in path.relative_to(source).parts))
    if not found:
        raise PlacingError(f"There is no Parquet file in {source}: a cluster reads files that end in .parquet.")
    return found


def _hidden(name: str) -> bool:
    # What begins so is no data, by the custom of all who write Parquet into folders.
    return name.startswith((".", "_"))


def planned(source: Path, most_rows: int = PIECE_ROWS) -> list[Piece]:
    """Part a file, or the files of a folder, into pieces of whole row groups.

    Only the ends of the files are read. A row group with more rows than `most_rows` is a piece of its own.

    Raises
    ------
    PlacingError
        A file is no Parquet, or has other columns than the first one.
    """
    pieces: list[Piece] = []
    first: ParquetSource | None = None
    row = 0
    for path in files_of(source):
        file = ParquetSource(path)
        first = first or file
        if not file.schema.equals(first.schema):
            raise PlacingError(f"{path.name} has other columns or types than {first.path.name}; place them one by one.")
        begin, rows = 0, 0
        for group in range(file.groups):
            more = file.group_rows(group)
            if rows and rows + more > most_rows:
                pieces.append(Piece(len(pieces), path, (begin, group), row, rows))
                begin, row, rows = group, row + rows, 0
            rows += more
        pieces.append(Piece(len(pieces), path, (begin, file.groups), row, rows))
        row += rows
        file.close()
    return pieces


def plan_key(pieces: Sequence[Piece], *options: object) -> str:
    """Hash what a result depends on, so that work which was broken off goes on only if nothing has changed."""
    digest = hashlib.sha256(repr(options).encode())
    for path in dict.fromkeys(piece.file for piece in pieces):
        about = path.stat()
        digest.update(f"{path} {about.st_size} {about.st_mtime_ns}".encode())
    digest.update(json.dumps([list(map(str, astuple(piece))) for piece in pieces]).encode())
    return digest.hexdigest()[:PLAN_DIGITS]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a piece.

    Attributes
    ----------
    examples
        As in `Summary`, counted from the piece's own first row.
    files
        Path below the output folder to the number of rows in it.
    process
        Who did it: host and process id.
    loads
        How often that process had got the region by then; see `data.placing.cluster`.
    """

    number: int
    rows: int
    located: int
    flags: dict[str, int]
    examples: dict[str, list[int]]
    files: dict[str, int]
    process: str
    loads: int

    def written(self) -> str:
        """Give it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Receipt":
        """Read what `written` gave."""
        return cls(**json.loads(text))
