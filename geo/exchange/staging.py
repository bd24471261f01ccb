"""Boundary files under names that GDAL can open: out of zips with junk in them, without the `!` that it splits at."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geo.errors import Unreadable

ARCHIVES = frozenset({".zip", ".kmz"})
DATA = frozenset(
    {".shp", ".gpkg", ".geojson", ".json", ".topojson", ".kml", ".csv", ".txt", ".parquet", ".geoparquet", ".fgb"}
    | {".gml", ".tab", ".mif"}
)
LARGEST_BYTES = 4 << 30
"""What an archive may hold when it is unpacked: a small file that swells beyond is no boundary file."""
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
            members = [(name, info) for name, info in members if not _is_junk(name)]
            if sum(info.file_size for _, info in members) > LARGEST_BYTES:
                raise Unreadable(f"{path.name} unpacks to more than {LARGEST_BYTES >> 30} GiB; send the layer alone")
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
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as problem:
        raise Unreadable(f"{path.name} cannot be unpacked: {problem}; make the archive again") from problem


def _name(info: zipfile.ZipInfo) -> str:
    """Name of a member; Windows writes it in the code page of the machine, and Python reads it as that of DOS."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeError):
            return info.filename.encode("cp437").decode(encoding)
    return info.filename


def _is_junk(name: str) -> bool:
    """Whether a member is what macOS puts beside the files."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1] == ".DS_Store"
