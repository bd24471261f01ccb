"""Indexes on disk: the same answers, shared pages, and no trust in a file that is not whole."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from shapely import affinity

from data.region import load
from geo.locator import Locator, query, store
from geo.locator.index import build
from tests.geo.coverages import quilt
from tests.geo.shapes import hard_points

METRIC = "EPSG:4549"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def polygons():
    return quilt(3, 6)


def answers(locator, polygons):
    found = locator.locate(*hard_points(polygons, np.random.default_rng(1), 500))
    return found.index.tolist(), found.flags.tolist()


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_second_start_maps_what_the_first_one_wrote(tmp_path, polygons, monkeypatch):
    first = Locator(polygons, METRIC, folder=tmp_path)
    assert len(files(tmp_path)) == 1
    monkeypatch.setattr("geo.locator.locator.pixels.build", lambda *_: pytest.fail("built again"))
    second = Locator(polygons, METRIC, folder=tmp_path)
    assert answers(first, polygons) == answers(second, polygons)
    assert answers(second, polygons) == answers(Locator(polygons, METRIC, compiled=False), polygons)


def test_a_mapped_index_cannot_be_written(tmp_path, polygons):
    locator = Locator(polygons, METRIC, folder=tmp_path)
    with pytest.raises(ValueError, match="read-only"):
        locator.index.arrays.pixels[0] = 1


def test_another_layer_or_order_or_budget_has_another_key(polygons):
    key = store.key_of(polygons, None)
    assert key == store.key_of(quilt(3, 6), None)
    moved = [affinity.translate(polygons[0], 1e-13), *polygons[1:]]
    assert len({key, store.key_of(moved, None), store.key_of(polygons[::-1], None)}) == 3
    assert store.key_of(polygons, 1 << 20) != key


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[:100],
        lambda content: content[: len(content) // 2],
        lambda content: content[:-4096],
        lambda content: content + b"\0" * 4096,
        lambda content: content.replace(b'"form": %d' % store.FORM, b'"form": 1', 1),
        lambda content: content.replace(b'"byteorder": "little"', b'"byteorder": "middle"', 1),
        lambda content: b"[]" + content[2:],
        lambda content: b"\xff" * len(content),
        lambda content: content[:5000] + bytes([content[5000] ^ 16]) + content[5001:],
        lambda content: content[:-9000] + b"\0" * 64 + content[-9000 + 64 :],
    ],
)
def test_a_file_that_is_old_or_spoilt_is_built_anew(tmp_path, polygons, spoil):
    Locator(polygons, METRIC, folder=tmp_path)
    path = next(tmp_path.iterdir())
    content = path.read_bytes()
    path.write_bytes(spoil(content))
    changed = path.read_bytes() != content
    assert changed
    assert store.load(tmp_path, path.stem) is None
    locator = Locator(polygons, METRIC, folder=tmp_path)
    assert path.read_bytes() == content
    assert answers(locator, polygons) == answers(Locator(polygons, METRIC), polygons)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path, polygons, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError("the disk is full")))
    locator = Locator(polygons, METRIC, folder=tmp_path)
    assert files(tmp_path) == []
    assert answers(locator, polygons) == answers(Locator(polygons, METRIC), polygons)


def test_a_folder_that_cannot_be_made_does_not_stop_the_start(tmp_path, polygons):
    (tmp_path / "file").write_text("in the way", encoding="utf8")
    locator = Locator(polygons, METRIC, folder=tmp_path / "file" / "indexes")
    assert answers(locator, polygons) == answers(Locator(polygons, METRIC), polygons)


def test_the_same_layer_gives_the_same_bytes_whatever_the_threads(tmp_path, polygons):
    for threads in (1, 3):
        store.save(build(polygons, threads=threads), tmp_path / str(threads), "key")
    assert (tmp_path / "1/key.pixels").read_bytes() == (tmp_path / "3/key.pixels").read_bytes()


def test_an_index_built_and_one_mapped_and_any_input_run_the_same_machine_code(tmp_path, polygons):
    locator = Locator(polygons, METRIC)
    answers(locator, polygons)
    locator.locate_one(121.01, 30.01)
    before = len(query.locate.signatures), len(query.locate_one.signatures)
    mapped = Locator(polygons, METRIC, folder=tmp_path)
    lon = np.full(10, 121.01)
    lon.setflags(write=False)
    mapped.locate(lon, [30.01] * 10)
    mapped.locate(np.full(20, 121.01)[::2], np.full(10, 30.01, np.float32))
    mapped.locate_one(121.01, 30.01)
    mapped.locate_one(np.float64(121.01), 30)
    assert (len(query.locate.signatures), len(query.locate_one.signatures)) == before


def test_another_process_reads_the_same_file(tmp_path, polygons):
    locator = Locator(polygons, METRIC, folder=tmp_path)
    program = (
        "import pathlib, sys; from geo.locator import Locator; from tests.geo.coverages import quilt\n"
        "locator = Locator(quilt(3, 6), 'EPSG:4549', folder=pathlib.Path(sys.argv[1]))\n"
        "print(locator.locate_one(121.021, 30.017).position)"
    )
    result = subprocess.run([sys.executable, "-c", program, tmp_path], cwd=ROOT, capture_output=True, check=True)
    assert int(result.stdout) == locator.locate_one(121.021, 30.017).position
    assert len(files(tmp_path)) == 1


def test_a_region_keeps_its_indexes_where_it_is_told_to(tmp_path):
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    places = [
        load(ROOT / "data/regions/cixi", indexes).place(121.25, 30.17, "EPSG:4490", "grid", moment)
        for indexes in (tmp_path, tmp_path, None)
    ]
    assert files(tmp_path)
    assert places[0] == places[1] == places[2]
    assert places[0].cell
