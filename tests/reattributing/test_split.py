"""庵东镇 and 陆中湾街道 on 2024-11-20: who moves, who stays, and what is counted where, each recounted with shapely."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine, select

from cases.case import CaseState
from cases.desk import Desk, EventRequest, Outcome, Reattribution, Report
from cases.history import fold
from dashboard.board import Board, Ground
from data import tables, views
from data.engine import reading
from data.exporting.rows import cases_of
from data.reattributing import Change, Comparison, apply, base_of, place_history, preview
from data.rebuilding import rebuild
from data.region import Region
from data.views import Basis
from tests.reattributing.county import ANDONG, BEFORE, LUZHONGWAN, NOW, SPLIT, a_split_county, points_in, receive

WHY = Reattribution(SPLIT, "浙政函〔2024〕147号", "县编办")
START, END = NOW - timedelta(days=20), NOW + timedelta(days=1)
MINUTE = timedelta(minutes=1)
EXPORTED = ("number", "township", "village", "cell", "areas")


def in_luzhongwan(region: Region) -> Callable[[CaseState], bool]:
    """Ask shapely whether a case lies in today's 陆中湾街道."""
    area = region.layers["township"].by_code(LUZHONGWAN, SPLIT)
    assert area is not None
    return lambda state: bool(shapely.intersects_xy(area.geometry, state.lon, state.lat))


def stored(engine: Engine, numbers: Sequence[str]) -> dict[str, CaseState]:
    return {number: views.case_page(engine, number).state for number in numbers}


def moving(engine: Engine, comparison: Comparison, desk: Desk) -> Counter[Outcome]:
    return apply(engine, comparison, desk, WHY, lambda: NOW).outcomes


def test_what_moves_is_what_shapely_finds_and_nothing_is_written(
    engine: Engine, desk: Desk, cixi: Region, comparison: Comparison
) -> None:
    cases = a_split_county(desk, cixi)
    cases += receive(desk, list(points_in(cixi.layers["township"].by_code("330282002").geometry, 5, 9)), START, "far")
    desk.receive(Report("YJS-01", "grid", "nowhere", START), NOW)
    before = stored(engine, [case.number for case in cases])
    revision = views.latest_revision(engine)
    found = preview(engine, comparison)
    there = in_luzhongwan(cixi)
    expected = Counter((state.is_pending, state.township) for state in before.values() if there(state))
    assert found.count("moved", "open") == expected[True, ANDONG] > 0
    assert found.count("moved", "closed") == expected[False, ANDONG] > 0
    assert found.count("there", "open") == expected[True, LUZHONGWAN] > 0
    assert found.flows == {
        "township": {(ANDONG, LUZHONGWAN): Counter({"open": expected[True, ANDONG], "closed": expected[False, ANDONG]})}
    }
    assert found.count("unlocated") == 1
    assert [found.count(name) for name in ("otherwise", "outside", "boundary", "gap")] == [0, 0, 0, 0]
    assert found.squares["open"].sum() == found.count("moved", "open")
    assert sum(found.looked_at.values()) == len(cases) + 1
    assert (views.latest_revision(engine), stored(engine, list(before))) == (revision, before)


def test_open_cases_move_with_their_units_and_closed_ones_stay_what_they_were(
    engine: Engine, desk: Desk, cixi: Region, comparison: Comparison
) -> None:
    before = stored(engine, [case.number for case in a_split_county(desk, cixi)])
    there = in_luzhongwan(cixi)
    told = moving(engine, comparison, desk)
    after = stored(engine, list(before))
    moved = {number for number, state in before.items() if state != after[number]}
    assert moved == {
        number
        for number, state in before.items()
        if state.is_pending and there(state) and state.occurred_at.astimezone(cixi.zone).date() < SPLIT
    }
    assert told == {Outcome.MOVED: len(moved)}
    for number in moved:
        was, now = before[number], after[number]
        assert (was.township, now.township, now.boundaries) == (ANDONG, LUZHONGWAN, SPLIT)
        assert (was.village, was.cell, was.clocks) == (now.village, now.cell, now.clocks)
        assert (was.lead.unit, now.lead.unit) == ("zhzf-118", "zhzf-006")
        events = views.case_page(engine, number).events
        assert [event.kind for event in events].count("reattributed") == 1
        assert now == fold(events, cixi.calendar, number), "what is stored is the fold"
    assert {state.township for state in after.values() if state.is_pending and there(state)} == {LUZHONGWAN}


def test_a_second_run_writes_nothing_and_finds_nothing_to_move(
    engine: Engine, desk: Desk, cixi: Region, comparison: Comparison
) -> None:
    a_split_county(desk, cixi)
    assert moving(engine, comparison, desk)[Outcome.MOVED] > 0
    revision = views.latest_revision(engine)
    assert moving(engine, comparison, desk) == Counter()
    assert views.latest_revision(engine) == revision
    found = preview(engine, comparison)
    assert found.count("moved", "open") == 0
    assert found.count("moved", "closed") > 0, "closed ones lie elsewhere for ever"


def test_the_past_is_what_the_wall_showed_then_and_the_present_what_it_shows_now(
    engine: Engine, desk: Desk, cixi: Region, comparison: Comparison
) -> None:
    a_split_county(desk, cixi)
    layers = ("township", "village", "cell")
    instants = [NOW - timedelta(days=days) for days in (0, 3, 5, 6)]
    walls = {(at, layer): views.counts_at(engine, at, layer) for at in instants for layer in layers}
    apply(engine, comparison, desk, WHY, lambda: NOW + MINUTE)
    for (at, layer), wall in walls.items():
        assert views.counts_at(engine, at, layer) == wall, (at, layer)
    township = cixi.layers["township"]
    board = Board(Ground((), tuple(area.code for area in township.valid_on(SPLIT).areas)))
    revision, rows = views.open_board(engine)
    board.load(rows, revision)
    shown = board.counts(NOW + 2 * MINUTE, "townships").by_key()
    counted = views.counts_at(engine, NOW + 2 * MINUTE, "township")
    assert {code: one["pending"] for code, one in shown.items()} == {c: one.pending for c, one in counted.items()}
    assert counted != walls[NOW, "township"]


def recounted(states: Sequence[CaseState], area: Callable[[CaseState], str | None]) -> dict[str | None, dict[str, int]]:
    """Count received and closed cases of the period by area, one by one."""
    found: dict[str | None, Counter[str]] = {}
    for state in states:
        sums = found.setdefault(area(state), Counter())
        sums["received"] += START <= state.received_at < END
        sums["closed"] += sum(bool(span.closed_at) and START <= span.closed_at < END for span in state.spans)
    return {code: dict(sums) for code, sums in found.items()}


def figures(engine: Engine, basis: Basis, region: Region, change: Change, layer: str = "township") -> dict[Any, Any]:
    found = views.area_figures(engine, layer, START, END, basis, base_of(region, change.after))
    names = ("received", "closed")
    return {code: {name: asdict(one)[name] for name in names} for code, one in found.items()}


@pytest.mark.parametrize("applied", [False, True], ids=["before the open ones moved", "after"])
def test_cases_of_before_count_for_andong_as_occurred_and_for_luzhongwan_as_current(
    engine: Engine, desk: Desk, cixi: Region, comparison: Comparison, change: Change, applied: bool
) -> None:
    cases = a_split_county(desk, cixi)
    if applied:
        moving(engine, comparison, desk)
    base = base_of(cixi, change.after)
    assert views.unplaced(engine, base) > 0
    place_history(engine, cixi, change.after, lambda: NOW)
    assert views.unplaced(engine, base) == 0
    states = list(stored(engine, [case.number for case in cases]).values())
    there = in_luzhongwan(cixi)

    def occurred(state: CaseState) -> str:
        split = state.occurred_at.astimezone(cixi.zone).date() >= SPLIT
        return LUZHONGWAN if split and there(state) else ANDONG

    as_occurred = recounted(states, occurred)
    as_current = recounted(states, lambda state: LUZHONGWAN if there(state) else ANDONG)
    assert figures(engine, Basis.OCCURRED, cixi, change) == as_occurred
    assert figures(engine, Basis.CURRENT, cixi, change) == as_current
    assert as_occurred[ANDONG]["received"] > as_current[ANDONG]["received"]
    for layer in ("village", "cell"):
        assert figures(engine, Basis.OCCURRED, cixi, change, layer) == figures(
            engine, Basis.CURRENT, cixi, change, layer
        )
    pending = views.counts_at(engine, NOW, "township", Basis.CURRENT, base)
    assert {code: one.pending for code, one in pending.items()} == Counter(
        LUZHONGWAN if there(state) else ANDONG for state in states if state.is_pending
    )


def test_sums_of_the_areas_are_the_figures_of_the_day(engine: Engine, desk: Desk, cixi: Region) -> None:
    cases = [case for case in a_split_county(desk, cixi) if views.case_page(engine, case.number).state.is_pending]
    for count, case in enumerate(cases):
        at = NOW + count * MINUTE
        for kind, data in (("accepted", {}), *((kind, {"finding": "超标"}) for kind in ("arrived", "found"))):
            for leg in case.legs if kind != "accepted" else case.legs[:1]:
                desk.record(case.number, EventRequest(kind, at, "x", leg.number, data=data), at)
        if count % 2:
            late = timedelta(days=20 if count % 4 == 1 else 1)
            desk.record(case.number, EventRequest("finished", at + late, "x"), at + late)
        if count % 5 == 4:
            merge = {"into": cases[0].number}
            desk.record(
                case.number,
                EventRequest("merged", at + timedelta(days=21), "x", data=merge),
                END + timedelta(days=60),
            )
    for start, end in (
        (START, END + timedelta(days=40)),
        (NOW, NOW + timedelta(days=7)),
        (NOW, NOW + timedelta(days=14)),
    ):
        whole = views.day_figures(engine, start, end)
        found = views.area_figures(engine, "township", start, end, Basis.OCCURRED)
        assert asdict(whole) == {name: sum(asdict(one)[name] for one in found.values()) for name in asdict(whole)}
    assert whole.finish_due


def test_an_export_says_where_a_case_lay_as_it_occurred(
    engine: Engine, desk: Desk, cixi: Region, comparison: Comparison
) -> None:
    a_split_county(desk, cixi)

    def where() -> dict[str, Any]:
        with reading(engine) as connection:
            batches = list(cases_of(connection, START, END, lambda _: BEFORE))
        columns = [[cell for batch in batches for cell in batch.column(name).to_pylist()] for name in EXPORTED]
        return {number: row for number, *row in zip(*columns, strict=True)}

    before = where()
    assert moving(engine, comparison, desk)[Outcome.MOVED] > 0
    assert where() == before


def test_the_subject_of_a_case_moves_with_it_and_a_rebuild_says_the_same(
    engine: Engine, desk: Desk, cixi: Region, comparison: Comparison
) -> None:
    area = cixi.layers["township"].by_code(LUZHONGWAN)
    (point,) = points_in(area.geometry, 1, 3)
    subject = {"credit_code": "91330282MA2AJ0001Y", "name": "示范餐饮店001"}
    report = Report("YJS-01", "grid", "1", START, x=point[0], y=point[1], crs="EPSG:4490", subject=subject)
    desk.receive(report, NOW)
    assert subjects(engine) == [ANDONG]
    moving(engine, comparison, desk)
    assert subjects(engine) == [LUZHONGWAN]
    assert rebuild(engine, cixi.calendar).changed == ()
    assert subjects(engine) == [LUZHONGWAN]


def subjects(engine: Engine) -> list[str | None]:
    with reading(engine) as connection:
        return list(connection.execute(select(tables.subjects.c.township)).scalars())


def test_a_case_whose_point_is_corrected_counts_where_it_stands_until_it_is_placed_again(
    engine: Engine, desk: Desk, cixi: Region, comparison: Comparison, change: Change
) -> None:
    old, new = (cixi.layers["township"].by_code(code, SPLIT).geometry for code in (ANDONG, LUZHONGWAN))
    points = list(points_in(new, 4, 5))
    cases = receive(desk, points, datetime(2024, 11, 18, 1, 0, tzinfo=NOW.tzinfo))
    base = base_of(cixi, change.after)
    place_history(engine, cixi, change.after, lambda: NOW)
    (back,) = points_in(old, 1, 6)
    point = {"x": back[0], "y": back[1], "crs": "EPSG:4490"}
    desk.record(cases[0].number, EventRequest("relocated", NOW, "command", data={"point": point}), NOW)
    assert views.unplaced(engine, base) == 1
    expected = {LUZHONGWAN: 3, ANDONG: 1}
    for _ in range(2):
        counted = views.area_figures(engine, "township", START, END, Basis.CURRENT, base)
        assert {code: one.received for code, one in counted.items()} == expected
        assert place_history(engine, cixi, change.after, lambda: NOW).elsewhere == 0
        assert views.unplaced(engine, base) == 0
    moving(engine, comparison, desk)
    counted = views.area_figures(engine, "township", START, END, Basis.CURRENT, base)
    assert {code: one.received for code, one in counted.items()} == expected
