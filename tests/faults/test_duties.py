"""Work that is done once is taken over within its lease when the process that does it is killed."""

import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, select

from data import leases, tables
from data.engine import open_engine, reading
from tests.api.receiver import SECRET, receiving
from tests.faults.conftest import PACK_TIME, a_report, post
from tests.faults.process import BEFORE_COMMIT, Death, Process


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.02)


def holder(engine: Engine, name: str = "notices") -> str:
    """The process number of whoever holds a lease; empty for nobody."""
    return next((lease.holder.split(":")[1] for lease in leases.standing(engine) if lease.name == name), "")


def test_late_clocks_are_told_once_and_by_the_next_process_when_one_is_killed_at_it(
    start: Callable[..., Process], sound: Callable[[], Engine], database_url: str
) -> None:
    with receiving() as receiver:
        # Long enough that a busy machine does not hand it on before its time.
        sending = {"ONEMAP_WEBHOOK_URL": receiver.url, "ONEMAP_WEBHOOK_SECRET": SECRET, "ONEMAP_LEASE_SECONDS": "4"}
        sending["ONEMAP_WEBHOOK_NETWORKS"] = "127.0.0.0/8"
        first = start("first", settings=sending, death=Death("INSERT INTO notices", BEFORE_COMMIT))
        second = start("second", settings=sending)
        engine = open_engine(database_url)
        assert holder(engine) == str(first.process.pid)
        late = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        body = a_report("late") | {"occurred_at": late}
        number = post(second.url, body).json()["number"]
        assert first.ended() == -9, "killed with the notices written and not committed"
        killed = time.monotonic()
        until(lambda: holder(engine) == str(second.process.pid))
        took_over_s = time.monotonic() - killed
        until(lambda: len(receiver.accepted) >= 2)
        assert took_over_s < 15, "a lease of four seconds, looked at every four thirds, on a machine that is busy"
        sound()
        with reading(engine) as connection:
            rows = connection.execute(select(tables.notices.c.recipient, tables.notices.c.number)).all()
        assert Counter(map(tuple, rows)) == {("unit:zhzf-001", number): 1, ("township:330200001", number): 1}
        assert Counter(message["id"] for message in receiver.accepted) == dict.fromkeys(receiver.ids(), 1)
        engine.dispose()


@pytest.fixture
def packing(plain_pack: Path, tmp_path: Path) -> dict[str, str]:
    """Settings of a region whose pack is due at midnight."""
    folder = tmp_path / "packing"
    folder.mkdir()
    for path in plain_pack.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    toml = folder / "region.toml"
    toml.write_text(toml.read_text("utf8") + PACK_TIME, "utf8")
    return {"ONEMAP_REGION": str(folder)}


def test_the_daily_pack_is_made_by_the_next_process_when_one_is_killed_at_it(
    start: Callable[..., Process],
    database_url: str,
    packing: dict[str, str],
    tmp_path: Path,
    sound: Callable[[], Engine],
) -> None:
    # A process whose clock is a day behind: what it takes was known yesterday.
    maker = start("maker", extra={"ahead_s": -86400})
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert post(maker.url, a_report("yesterday") | {"occurred_at": yesterday.isoformat()}).status_code == 201
    maker.kill()
    folder = tmp_path / "packs"
    if database_url.startswith("postgresql"):
        # The disk of the packs is full: it is told, and nothing half is left. (A file of SQLite would meet the limit.)
        full = start("full", settings=packing, extra={"file_limit": 30_000})
        until(lambda: "The daily pack could not be made; it is tried again" in full.log.read_text())
        assert [path.name for path in folder.iterdir()] == [".lock"]
        full.kill()
    first = start("first", settings=packing, extra={"dies_writing": ".pdf"}, ready=False)
    assert first.ended(120) == -9, "killed with the file half written"
    assert [path.suffix for path in folder.iterdir() if path.name != ".lock"] == [".part"]
    second = start("second", settings=packing)
    until(lambda: list(folder.glob("*.json")))
    (entry,) = folder.glob("*.json")
    made = json.loads(entry.read_text("utf8"))
    assert (folder / made["file"]).stat().st_size == made["bytes"]
    assert httpx.get(f"{second.url}/api/v1/packs").json()["packs"][0]["day"] == made["day"]
    sound()
