"""Files of every format with bytes changed, cut off or put in: read, or refused in a sentence, and nothing else."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geo.exchange import Unreadable, layers_of, read_boundaries
from tests.exchange import making


def shapefile(folder: Path) -> Path:
    return making.zipped(making.shapefile(folder / "shp"), folder / "a.zip")


FORMATS: dict[str, Callable[[Path], Path]] = {
    "geojson": lambda folder: making.geojson(
        folder / "a.geojson", [making.feature(code, shape) for code, shape in making.SHAPES.items()]
    ),
    "topojson": lambda folder: making.topojson(folder / "a.topojson", making.frame()),
    "csv": lambda folder: making.wkt_csv(folder / "a.csv", making.frame()),
    "kml": lambda folder: making.kml(folder / "a.kml", making.frame()),
    "gml": lambda folder: making.write(making.frame(), folder / "a.gml", driver="GML"),
    "gpkg": lambda folder: making.write(making.frame(), folder / "a.gpkg"),
    "fgb": lambda folder: making.write(making.frame(), folder / "a.fgb"),
    "mif": lambda folder: making.write(making.frame(), folder / "a.mif", driver="MapInfo File"),
    "zip": shapefile,
    "parquet": lambda folder: parquet(folder / "a.parquet"),
}
PARTS = {
    "shp": ".shp",
    "dbf": ".dbf",
    "shx": ".shx",
    "prj": ".prj",
}
"""Files of a shapefile that are damaged one by one, inside an archive that is whole."""


def parquet(path: Path) -> Path:
    making.frame().to_parquet(path)
    return path


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("good")
    return {name: make(folder) for name, make in FORMATS.items()}


LARGE = [b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\x80\0\0\0"]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "put", "double", "swap"]),
        st.floats(0, 1, exclude_max=True),
        st.one_of(
            st.binary(min_size=1, max_size=8), st.sampled_from([b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\x80\0\0\0"])
        ),
    ),
    min_size=1,
    max_size=6,
)


def changed(content: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    """Change a file as told; places are shares of its length."""
    raw = bytearray(content)
    for what, share, some in changes:
        at = int(share * len(raw))
        if what == "set":
            raw[at : at + len(some)] = some
        elif what == "cut":
            del raw[at : at + max(1, len(some) * 20)]
        elif what == "put":
            raw[at:at] = some
        elif what == "double":
            raw[at:at] = raw[at : at + 200]
        elif raw:
            raw[at], raw[-1 - at] = raw[-1 - at], raw[at]
    return bytes(raw)


def open_whole(path: Path) -> None:
    """Read everything of a file; what it is refused with is a sentence with its name in it."""
    said = path.name
    try:
        for layer in layers_of(path):
            read_boundaries(path, layer)
    except Unreadable as problem:
        said = str(problem)
    assert path.name in said
    assert len(said) < 2000


MUTATING = settings(
    max_examples=60, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", FORMATS)
def test_a_damaged_file_is_read_or_refused(good: dict[str, Path], tmp_path: Path, kind: str) -> None:
    path = tmp_path / good[kind].name
    content = good[kind].read_bytes()

    @MUTATING
    @given(CHANGES)
    def damaged(changes: list[tuple[str, float, bytes]]) -> None:
        path.write_bytes(changed(content, changes))
        open_whole(path)

    damaged()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", PARTS)
def test_a_damaged_part_of_a_shapefile_is_read_or_refused(good: dict[str, Path], tmp_path: Path, part: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(good["zip"]) as whole:
        members = {name: whole.read(name) for name in whole.namelist()}

    @MUTATING
    @given(CHANGES)
    def damaged(changes: list[tuple[str, float, bytes]]) -> None:
        with zipfile.ZipFile(path, "w") as made:
            for name, content in members.items():
                made.writestr(name, changed(content, changes) if name.endswith(PARTS[part]) else content)
        open_whole(path)

    damaged()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_breaks_off_is_read_or_refused(good: dict[str, Path], tmp_path: Path, kind: str) -> None:
    content, path = good[kind].read_bytes(), tmp_path / good[kind].name
    for share in (0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        path.write_bytes(content[: int(share * len(content))])
        open_whole(path)


@pytest.mark.filterwarnings("ignore")
def test_a_file_under_the_name_of_another_format_is_read_or_refused(good: dict[str, Path], tmp_path: Path) -> None:
    for kind, other in ((one, two) for one in FORMATS for two in FORMATS if one != two):
        path = tmp_path / f"{kind}-as{good[other].suffix}"
        path.write_bytes(good[kind].read_bytes())
        open_whole(path)
