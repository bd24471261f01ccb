"""Boundary files under names that GDAL can open: out of zips with junk in them, without the `!` that it splits at."""

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geo.errors import Unreadable

ARCHIVES = frozenset({".zip", ".kmz"})
DATA = frozenset(
    {".shp", ".gpkg", ".geojson", ".json", ".topojson", ".kml", ".csv", ".txt", ".parquet", ".geoparquet", ".fgb"}
    | {".gml", ".tab", ".mif"}
)
BESIDE = frozenset({".dbf", ".shx", ".prj", ".cpg", ".qix", ".dat", ".id", ".map", ".ind", ".mid", ".xsd", ".gfs"})
"""Files that belong to one of those; nothing else is unpacked, an archive in the archive neither."""
LARGEST_BYTES = 4 << 30
"""What an archive may hold when it is unpacked: a small file that swells beyond is no boundary file."""
MOST_MEMBERS = 5_000
SWELLS, UNCOUNTED_BYTES = 100, 64 << 20
"""How many times its own size an archive may unpack to, beyond what costs nothing: a table of blanks swells, too."""
_UTF8_NAME = 0x800


@dataclass(frozen=True, slots=True)
class Dataset:
    """One data set of a file: its own name without suffix, and where it can be opened."""

    name: str
    path: Path

    @property
    def suffix(self) -> str:
        """Suffix in small letters."""
        return self.path.suffix.lower()


@contextmanager
def staged(path: Path) -> Iterator[list[Dataset]]:
    """Give the data sets of a file under plain names, until the block ends.

    Raises
    ------
    Unreadable
        No such file, a broken archive, or nothing in it that holds boundaries.
    """
    if not path.is_file():
        raise Unreadable(f"{path} does not exist or is a folder; correct the name")
    with tempfile.TemporaryDirectory(prefix="boundaries-") as folder:
        if path.suffix.lower() in ARCHIVES:
            found = list(_unpacked(path, Path(folder)))
        else:
            found = [_linked(path, Path(folder))]
        if not found:
            known = " ".join(sorted(DATA))
            raise Unreadable(f"{path.name} holds no boundary file that is known here ({known}); export it again")
        yield found


def _linked(path: Path, folder: Path) -> Dataset:
    """Link a file and, for formats of several files, those beside it; copied where links are not allowed."""
    beside = [other for other in path.parent.iterdir() if other.is_file() and _stem(other.name) == path.stem.lower()]
    for other in {path, *beside} if path.suffix.lower() in {".shp", ".tab", ".mif"} else {path}:
        place = folder / f"data.{_ending(other.name)}"
        try:
            place.symlink_to(other.resolve())
        except OSError:
            shutil.copyfile(other, place)
    return Dataset(path.stem, folder / f"data.{_ending(path.name)}")


def _stem(name: str) -> str:
    """Name without its last suffix, in small letters: `towns.shp.xml` does not stand beside `towns.shp`."""
    return PurePosixPath(name).stem.lower()


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower().lstrip(".")


def _unpacked(path: Path, folder: Path) -> Iterator[Dataset]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [(_name(info), info) for info in archive.infolist() if not info.is_dir()]
            members = [(name, info) for name, info in members if _is_wanted(name)]
            _weigh(path, [info for _, info in members])
            places: dict[PurePosixPath, Path] = {}
            for name, info in members:
                whole = PurePosixPath(name.lower()).with_suffix("")
                place = places.setdefault(whole, folder / str(len(places)))
                place.mkdir(exist_ok=True)
                with archive.open(info) as source, (place / f"data.{_ending(name)}").open("wb") as target:
                    shutil.copyfileobj(source, target)
            for name, _ in members:
                place = places[PurePosixPath(name.lower()).with_suffix("")]
                if f".{_ending(name)}" in DATA:
                    yield Dataset(PurePosixPath(name).stem, place / f"data.{_ending(name)}")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as problem:
        raise Unreadable(f"{path.name} cannot be unpacked: {problem}; make the archive again") from problem


def _name(info: zipfile.ZipInfo) -> str:
    """Name of a member; Windows writes it in the code page of the machine, and Python reads it as that of DOS."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeError):
            return info.filename.encode("cp437").decode(encoding)
    return info.filename


def _is_wanted(name: str) -> bool:
    """Whether a member may be of a boundary file, and not what macOS puts beside it."""
    parts = PurePosixPath(name).parts
    if not parts or "__MACOSX" in parts or parts[-1].startswith("._"):
        return False
    return f".{_ending(name)}" in DATA | BESIDE


def _weigh(path: Path, members: Sequence[zipfile.ZipInfo], most: int = LARGEST_BYTES) -> None:
    """Refuse an archive that unpacks to too much; no member unpacks to more than it says, whatever it holds."""
    size = sum(info.file_size for info in members)
    if size > most:
        raise Unreadable(f"{path.name} unpacks to more than {most >> 20} MiB; send the layer alone")
    if len(members) > MOST_MEMBERS:
        raise Unreadable(f"{path.name} holds {len(members)} files; send those of the layers alone")
    if size > UNCOUNTED_BYTES and size > SWELLS * path.stat().st_size:
        raise Unreadable(f"{path.name} unpacks to {SWELLS} times its size and more; no boundaries do. Pack it again")


def weigh(path: Path, most: int) -> None:
    """Refuse an archive that unpacks to more than some bytes, without unpacking it; raises Unreadable."""
    if path.suffix.lower() in ARCHIVES and path.is_file():
        try:
            with zipfile.ZipFile(path) as archive:
                _weigh(path, [info for info in archive.infolist() if _is_wanted(_name(info))], most)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as problem:
            raise Unreadable(f"{path.name} cannot be unpacked: {problem}; make the archive again") from problem
