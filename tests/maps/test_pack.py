"""The daily pack: one PDF of all sheets, kept once, the same twice, and made when its time has come."""

import multiprocessing
import subprocess
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256

import pytest

from dashboard.documents.maps.daily import due_day, make_due
from dashboard.documents.maps.making import MapRoom
from dashboard.documents.maps.pack import PackBusy, alone, make_pack, packs
from dashboard.documents.maps.wanted import Wanted
from data.views import BadQuery
from tests.maps.conftest import NOW

DAY = date(2026, 3, 5)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def pages_of(pdf) -> list[str]:
    done = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def test_a_pack_holds_an_index_the_county_and_every_township_with_their_figures(room: MapRoom, states, tmp_path):
    told = []
    pack = make_pack(room, DAY, tmp_path, lambda done, of: told.append((done, of)))
    pages = pages_of(tmp_path / pack.file)
    townships = room.region.townships_on(DAY)
    assert len(pages) == pack.pages == len(townships) + 2
    at = datetime.combine(DAY, time(23, 59, 59), room.region.zone)
    index = pages[0].splitlines()
    for page, township in enumerate(townships, 3):
        total = room.read(Wanted(at, township=township.code)).total
        figures = [
            str(value or "·") for value in (total.pending, total.amber, total.overdue, total.received, total.closed)
        ]
        assert " ".join([str(page), township.name, *figures]) in index
        assert f"慈溪市 · {township.name}在办事件时限图" in pages[page - 1]
        assert f"在办 n = {total.pending}" in pages[page - 1]
    assert told[-1] == (len(townships) + 2, len(townships) + 2)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_the_same_day_twice_gives_the_same_bytes_and_one_entry(room: MapRoom, states, tmp_path):
    folder = tmp_path / "packs"
    first = make_pack(room, DAY, folder)
    body = (folder / first.file).read_bytes()
    again = make_pack(room, DAY, folder)
    assert first == again
    assert (folder / again.file).read_bytes() == body
    assert sha256(body).hexdigest() == first.sha256
    assert packs(folder) == [first]
    assert {path.name for path in folder.iterdir()} == {first.file, "cixi-2026-03-05.json", ".lock"}


def test_a_day_that_is_not_over_has_no_pack(room: MapRoom, states, tmp_path):
    with pytest.raises(BadQuery, match="2026-03-06 is not over; the last day with a pack is 2026-03-05"):
        make_pack(room, date(2026, 3, 6), tmp_path)
    with pytest.raises(BadQuery, match="before the first case"):
        make_pack(room, date(2020, 3, 6), tmp_path)
    assert packs(tmp_path) == []


def hold(folder, held, leave):
    with alone(folder):
        held.set()
        leave.wait(60)


def test_two_packs_at_once_are_told_apart_and_a_killed_maker_leaves_no_lock(room: MapRoom, states, tmp_path):
    context = multiprocessing.get_context("spawn")
    held, leave = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path, held, leave))
    other.start()
    assert held.wait(60)
    with pytest.raises(PackBusy, match="A pack is being made into"):
        make_pack(room, DAY, tmp_path)
    other.kill()
    other.join()
    assert make_pack(room, DAY, tmp_path).day == "2026-03-05"


def test_a_disk_that_is_full_leaves_the_pack_that_was_there(room: MapRoom, states, tmp_path, monkeypatch):
    first = make_pack(room, DAY, tmp_path)
    body = (tmp_path / first.file).read_bytes()

    def full(_fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        make_pack(room, DAY, tmp_path)
    assert (tmp_path / first.file).read_bytes() == body
    assert not list(tmp_path.glob(".*.part"))


def test_the_pack_of_yesterday_is_made_once_its_time_has_come(room: MapRoom, states, tmp_path):
    assert room.region.pack_at == time(0, 20)
    midnight = datetime(2026, 3, 6, 0, 0, tzinfo=room.region.zone)
    assert due_day(room, tmp_path, midnight + timedelta(minutes=19)) is None
    assert due_day(room, tmp_path, midnight + timedelta(minutes=20)) == DAY
    assert midnight < NOW
    assert make_due(room, tmp_path)
    assert not make_due(room, tmp_path)
    assert [pack.day for pack in packs(tmp_path)] == ["2026-03-05"]


def test_a_region_without_a_time_makes_none(room: MapRoom, tmp_path):
    room.region = replace(room.region, pack_at=None)
    assert due_day(room, tmp_path, NOW) is None
