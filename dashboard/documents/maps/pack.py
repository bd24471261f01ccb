"""The daily pack: the county and every township at the end of a day, one PDF with an index, kept in a folder."""

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from dashboard.documents.maps import around, printing
from dashboard.documents.maps.contents import Contents
from dashboard.documents.maps.making import MapRoom
from dashboard.documents.maps.pen import Pen
from dashboard.documents.maps.sheet import sheet
from dashboard.documents.maps.wanted import Format, Paper, Wanted
from dashboard.text import LANGUAGES, say
from data.views import BadQuery

Progress = Callable[[int, int], None]
NAME = re.compile(r"(?P<region>.+)-(?P<day>\d{4}-\d{2}-\d{2})\.json")


class PackBusy(BadQuery):
    """Another process is making a pack into the same folder."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that is kept.

    Attributes
    ----------
    day
        In the region's zone, ISO 8601.
    at
        The moment that its sheets show: the last second of the day.
    revision
        The last event that was known when it was made; more events give another pack.
    file, bytes, sha256
        The PDF in the same folder.
    """

    day: str
    at: str
    pages: int
    pending: int
    revision: int
    file: str
    bytes: int
    sha256: str


def make_pack(
    room: MapRoom, day: date, folder: Path, told: Progress = lambda *_: None, language: str = LANGUAGES[0]
) -> Pack:
    """Make the pack of a day that is over, and keep it; a pack that was there is replaced as a whole.

    Raises
    ------
    BadQuery
        The day is not over, or lies before the first case.
    PackBusy
        Another process is making a pack just now.
    """
    zone = room.region.zone
    at = datetime.combine(day + timedelta(days=1), time(0), zone) - timedelta(seconds=1)
    if at >= room.now():
        raise BadQuery(
            f"{day} is not over; the last day with a pack is {room.now().astimezone(zone).date() - timedelta(1)}."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        body, found = _bound(room, at, told, language)
        stem = f"{room.region.name}-{day.isoformat()}"
        pack = Pack(
            day.isoformat(), at.isoformat(), len(found) + 1, found[0].total.pending, found[0].revision,
            f"{stem}.pdf", len(body), sha256(body).hexdigest(),
        )  # fmt: skip
        _keep(folder / pack.file, body)
        # Last: a pack without its entry is not listed.
        _keep(folder / f"{stem}.json", json.dumps(asdict(pack), ensure_ascii=False, indent=1).encode())
    return pack


def packs(folder: Path) -> list[Pack]:
    """List the packs of a folder, the newest day first."""
    entries = sorted(folder.glob("*.json"), reverse=True) if folder.is_dir() else []
    return [Pack(**json.loads(entry.read_bytes())) for entry in entries if NAME.fullmatch(entry.name)]


def _bound(room: MapRoom, at: datetime, told: Progress, language: str) -> tuple[bytes, list[Contents]]:
    codes = [area.code for area in room.region.townships_on(room.region.local_day(at))]
    wishes = [Wanted(at, language=language, paper=Paper.A4, township=code) for code in (None, *codes)]
    found, sheets, pens = [], [], []
    for done, wanted in enumerate(wishes):
        told(done, len(wishes) + 1)
        contents = room.read(wanted)
        pen = Pen.of(contents, room.atlas, room.book)
        found.append(contents)
        pens.append(pen)
        sheets.append(sheet(pen))
    told(len(wishes), len(wishes) + 1)
    body = printing.written(sheets, Format.PDF, index=_index(pens))
    told(len(wishes) + 1, len(wishes) + 1)
    return body, found


def _index(pens: list[Pen]) -> dict[str, Any]:
    first = pens[0]
    heads = ["pack.page", "pack.area", *(f"sheet.table.{name}" for name in around.COLUMNS)]
    names = [first.region_name(), *(one.book.area(one.wanted.township, one.wanted.language) for one in pens[1:])]
    rows = [
        [str(page), name, *(str(getattr(one.contents.total, column) or "·") for column in around.COLUMNS)]
        for page, (one, name) in enumerate(zip(pens, names, strict=True), 2)
    ]
    return {
        "paper": first.layout.paper,
        "title": first.say("pack.title", region=first.region_name()),
        "moment": first.say("pack.moment", day=first.day.isoformat(), at=first.at(first.wanted.at)),
        "heads": [first.say(key) for key in heads],
        "rows": rows,
        "foot": say("pack.foot", first.wanted.language, mark=first.say("sheet.mark"), note=around.note(first),
                    revision=first.contents.revision),
    }  # fmt: skip


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder; the lock ends with the process, however it ends."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PackBusy(
                f"A pack is being made into {folder} just now; wait for it, it is listed when done."
            ) from None
        yield


def _keep(path: Path, body: bytes) -> None:
    """Write a file whole or not at all: a disk that fills leaves nothing half."""
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
