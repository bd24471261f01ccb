"""A run that is killed is gone on with by the next one, two at once are one, and a server may be at work meanwhile."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from cases.desk import Desk, EventRequest, Outcome, Reattribution
from cases.history import fold
from dashboard.server import create_app
from dashboard.settings import Settings
from data import tables, views
from data.engine import open_engine, reading
from data.reattributing import (
    Change,
    Comparison,
    ReattributionError,
    alone,
    apply,
    applying,
    base_of,
    lock,
    place_history,
    placing,
)
from data.region import Region
from tests.api.conftest import called
from tests.reattributing import county
from tests.reattributing.county import LUZHONGWAN, NOW, SPLIT, a_split_county, points_in, receive

ROOT = Path(__file__).parents[2]
WHY = Reattribution(SPLIT, "浙政函〔2024〕147号", "县编办")


def killed(url: str, step: str, count: int) -> None:
    """Run in a process of its own, which kills itself in the middle of a transaction."""
    words = [sys.executable, "-m", "tests.reattributing.killed", url, step, str(count)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def places(engine: Engine) -> dict[str, Any]:
    """Where each case stands and stood, how many of its events moved it, and who acts."""
    events, legs = tables.events.c, tables.legs.c
    with reading(engine) as connection:
        moved = dict(
            connection.execute(
                select(events.number, func.count()).where(events.kind == "reattributed").group_by(events.number)
            ).all()
        )
        units: dict[str, list[Any]] = {}
        for number, *leg in connection.execute(select(legs.number, legs.leg, legs.unit).order_by(legs.leg)):
            units.setdefault(number, []).append(tuple(leg))
        cases = tables.cases.c
        rows = connection.execute(select(cases.number, cases.township, cases.boundaries)).all()
        stays = Counter(connection.execute(select(tables.stays.c.number)).scalars())
    return {row.number: (*row, moved.get(row.number, 0), stays[row.number], units[row.number]) for row in rows}


def test_a_run_that_is_killed_is_gone_on_with_and_ends_as_one_that_was_not(
    database_url: str, cixi: Region, comparison: Comparison
) -> None:
    engine = open_engine(database_url)
    desk = county.desk(cixi, engine)
    points = list(points_in(cixi.layers["township"].by_code(LUZHONGWAN).geometry, 130, 4))
    receive(desk, points, datetime(2024, 11, 18, 1, 0, tzinfo=UTC))
    before = places(engine)
    killed(database_url, "moving", 117)
    half = places(engine)
    whole = sum(half[number] != before[number] for number in before)
    assert whole == 100, "one transaction of a hundred is kept, and nothing of the next one"
    with alone(engine):
        told = apply(engine, comparison, desk, WHY, lambda: NOW)
    assert told.outcomes == {Outcome.MOVED: 30}
    after = places(engine)
    assert {number: row[3:5] for number, row in after.items()} == dict.fromkeys(before, (1, 1)), "no event twice"
    assert {row[1] for row in after.values()} == {LUZHONGWAN}
    assert {row[5][0] for row in after.values()} == {(1, "zhzf-006")}
    for number in list(before)[::13]:
        page = views.case_page(engine, number)
        assert page.state == fold(page.events, cixi.calendar, number)
    engine.dispose()


def test_placing_that_is_killed_goes_on_where_it_was(
    database_url: str, cixi: Region, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(database_url)
    a_split_county(county.desk(cixi, engine), cixi, cases=70)
    killed(database_url, "placing", 3)
    with reading(engine) as connection:
        kept = connection.execute(select(tables.placement_bases.c.revision)).scalar_one()
    base = base_of(cixi, change.after)
    left = views.unplaced(engine, base)
    assert kept > 0
    monkeypatch.setattr(placing, "AT_ONCE", 20)
    seen: list[int] = []
    done = place_history(engine, cixi, change.after, lambda: NOW, lambda at, _: seen.append(at))
    assert done.looked_at == 70 - 40, "two pages of twenty were kept, the third was not"
    assert 0 < left < 35
    assert views.unplaced(engine, base) == 0
    with reading(engine) as connection:
        rows = Counter(connection.execute(select(tables.placements.c.number)).scalars())
    assert set(rows.values()) == {1}
    engine.dispose()


def test_the_second_of_two_at_once_is_refused_and_told_why(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "GRACE_S", 0.2)
    with alone(engine):
        with (
            pytest.raises(ReattributionError, match="Another re-attribution works on this database; wait"),
            alone(engine),
        ):
            pass
        assert views.latest_revision(engine) == 0, "others read meanwhile"
    with alone(engine):
        pass


def test_a_server_works_on_meanwhile_and_its_board_follows(
    database_url: str, cixi: Region, comparison: Comparison
) -> None:
    app = create_app(Settings(region="cixi", database_url=database_url, poll_ms=50), now=lambda: NOW)
    engine = open_engine(database_url)
    desk = county.desk(cixi, engine)
    points = list(points_in(cixi.layers["township"].by_code(LUZHONGWAN).geometry, 60, 8))
    cases = receive(desk, points, datetime(2024, 11, 18, 1, 0, tzinfo=UTC))
    failed: list[Any] = []

    def work(client: Any) -> None:
        """Close every third case and comment on the others, over HTTP."""
        for count, case in enumerate(cases):
            kind, data = ("closed", {"reason": "现场已消除"}) if count % 3 == 0 else ("commented", {"text": "已知悉"})
            body = {"kind": kind, "occurred_at": NOW.isoformat(), "actor": "command", "data": data}
            answer = client.post(f"/api/v1/cases/{case.number}/events", json=body)
            if answer.status_code != 201:
                failed.append(answer.text)

    with called(app) as client:
        thread = threading.Thread(target=work, args=(client,))
        thread.start()
        told = apply(engine, comparison, desk, WHY, lambda: NOW)
        thread.join()
        again = apply(engine, comparison, desk, WHY, lambda: NOW)
        assert failed == []
        assert again.outcomes[Outcome.MOVED] == 0
        revision = views.latest_revision(engine)
        townships = client.board(revision)["layers"]["township"]
        assert {code: one["pending"] for code, one in townships.items()} == {LUZHONGWAN: 40}
    states = [views.case_page(engine, case.number).state for case in cases]
    assert {state.township for state in states if state.is_pending} == {LUZHONGWAN}
    assert told.outcomes[Outcome.MOVED] >= 40
    for state in states:
        assert state == fold(views.case_page(engine, state.number).events, cixi.calendar, state.number)
    engine.dispose()


def test_a_case_that_is_changed_all_the_time_is_told_as_such(
    engine: Engine, desk: Desk, cixi: Region, comparison: Comparison
) -> None:
    """A point that is corrected between the look at it and the move is placed anew before it moves."""
    points = list(points_in(cixi.layers["township"].by_code(LUZHONGWAN).geometry, 2, 8))
    first, second = receive(desk, points, datetime(2024, 11, 18, 1, 0, tzinfo=UTC))
    new = {"x": points[1][0], "y": points[1][1], "crs": "EPSG:4490"}

    def correcting(done: int, total: int) -> None:
        assert (done, total) <= (2, 2)

    batches = applying._batches

    def late(*arguments: Any) -> Any:
        for found in batches(*arguments):
            if views.case_page(engine, first.number).state.lon == points[0][0]:
                desk.record(first.number, EventRequest("relocated", NOW, "command", data={"point": new}), NOW)
            yield found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(applying, "_batches", late)
        told = apply(engine, comparison, desk, WHY, lambda: NOW, correcting)
    assert told.outcomes == {Outcome.MOVED: 2}
    states = [views.case_page(engine, case.number).state for case in (first, second)]
    assert [(state.township, state.lon) for state in states] == [(LUZHONGWAN, points[1][0])] * 2
