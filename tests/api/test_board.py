"""The board against a recount case by case."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.clock import Level
from dashboard.board import (
    NEVER,
    Board,
    Day,
    Filter,
    Ground,
    delta,
    full,
    microseconds,
    milliseconds,
)
from data.views import CaseRow
from tests.api.rows import NOON, case_row

GROUND = Ground(cells=("A1", "A2", "B1"), townships=("A", "B"), finest="cell")
SECOND = timedelta(seconds=1)
instants = st.integers(-5, 5).map(lambda s: NOON + s * SECOND)


@st.composite
def rows(draw: st.DrawFn) -> CaseRow:
    township = draw(st.sampled_from(["A", "B", None]))
    cell = None if township is None else draw(st.sampled_from([c for c in GROUND.cells if c[0] == township] + [None]))
    due_at = draw(st.one_of(st.none(), instants))
    return case_row(
        f"CX{draw(st.integers(1, 12))}",
        draw(st.integers(1, 99)),
        pending=draw(st.booleans()),
        cell=cell,
        township=township,
        matter=draw(st.sampled_from(["M1", "M2"])),
        domain=draw(st.sampled_from(["justice", "court"])),
        lead=draw(st.sampled_from(["zhzf", "scjg", None])),
        due_at=due_at,
        amber_at=None if due_at is None else due_at - draw(st.integers(0, 3)) * SECOND,
        due_kind=None if due_at is None else "respond",
        due_department=None if due_at is None else "zhzf",
    )


def standing(changes: list[CaseRow]) -> list[CaseRow]:
    """The pending cases after all changes: the last row of each number, if it is pending."""
    return [row for row in {row.number: row for row in changes}.values() if row.pending]


@settings(max_examples=150, deadline=None)
@given(st.lists(rows(), max_size=30), instants, st.sampled_from(["cell", "township"]))
def test_counts_per_area_equal_a_recount(changes: list[CaseRow], at: datetime, layer: str) -> None:
    board = Board(GROUND)
    board.apply(changes)
    found = board.counts(at, "cells" if layer == "cell" else "townships")
    expected = {name: Counter() for name in ("pending", "amber", "overdue")}
    for row in standing(changes):
        code = getattr(row, layer)
        expected["pending"][code] += 1
        expected["amber"][code] += row.level(at) is Level.AMBER
        expected["overdue"][code] += row.level(at) is Level.RED
    for name, counter in expected.items():
        assert dict(zip(found.keys, getattr(found, name).tolist(), strict=True)) == {k: counter[k] for k in found.keys}
    worst = {k: max((r.level(at) for r in standing(changes) if getattr(r, layer) == k), default=0) for k in found.keys}
    assert dict(zip(found.keys, found.level.tolist(), strict=True)) == worst


@settings(max_examples=100, deadline=None)
@given(st.lists(rows(), max_size=30), instants, st.sampled_from([(), ("M1",)]), st.sampled_from([(), (1, 3), (2,)]))
def test_filters_keep_what_a_plain_loop_keeps(
    changes: list[CaseRow], at: datetime, matters: tuple[str, ...], levels: tuple[int, ...]
) -> None:
    board = Board(GROUND)
    board.apply(changes)
    only = Filter(matter=matters, level=levels, township=("A",), domain=("court", "unknown"))
    kept = [
        row
        for row in standing(changes)
        if row.township == "A"
        and row.domain == "court"
        and (not matters or row.matter in matters)
        and (not levels or row.level(at) in levels)
    ]
    by_lead = board.counts(at, "lead", only)
    found = {k: n for k, n in zip(by_lead.keys, by_lead.pending.tolist(), strict=True) if n}
    assert found == Counter(row.lead for row in kept)
    soonest = [row.number for row, _ in board.soonest(at, 5, only)]
    order = sorted(kept, key=lambda row: row.due_at or datetime.max.replace(tzinfo=UTC))
    assert len(soonest) == min(5, len(kept))
    assert [board.case(n).due_at for n in soonest] == [row.due_at for row in order[:5]]


@settings(max_examples=100, deadline=None)
@given(st.lists(rows(), max_size=20), st.lists(rows(), max_size=8), instants, st.integers(0, 4))
def test_a_delta_leads_from_one_picture_to_the_next(
    before: list[CaseRow], after: list[CaseRow], at: datetime, seconds: int
) -> None:
    board = Board(GROUND)
    board.apply(before)
    first = board.picture(at)
    board.apply(after)
    second = board.picture(at + seconds * SECOND)
    screen = shown(full(first))
    apply_to(screen, delta(first, second))
    assert screen == shown(full(second))


def shown(message: dict) -> dict:
    """What a page holds after a full message: areas by gid, figures."""
    screen: dict = {"cells": {}, "townships": {}, "figures": {}}
    apply_to(screen, message)
    return screen


def apply_to(screen: dict, message: dict) -> None:
    """What a page does with a message."""
    for layer in ("cells", "townships"):
        numbers = message.get(layer, [])
        for i in range(0, len(numbers), 5):
            screen[layer][numbers[i]] = tuple(numbers[i + 1 : i + 5])
        if layer == "cells":
            screen[layer] = {gid: values for gid, values in screen[layer].items() if values[1] > 0}
    screen["figures"] |= message.get("figures", {})


@settings(max_examples=100, deadline=None)
@given(st.lists(rows(), max_size=20), instants)
def test_nothing_changes_before_the_next_change_and_something_at_it(changes: list[CaseRow], at: datetime) -> None:
    board = Board(GROUND)
    board.apply(changes)
    then = board.next_change(at)

    def levels(instant: datetime) -> list[int]:
        return [row.level(instant) for row in standing(changes)]

    if then is None:
        assert levels(at) == levels(at + timedelta(days=3650))
        return
    assert levels(at) == levels(then - timedelta(microseconds=1))
    # Amber and due time of one case may fall together; then the passage from green to red is the second one.
    assert levels(at) != levels(then) or any(row.due_at == row.amber_at for row in standing(changes))


def test_the_due_time_itself_is_still_on_time() -> None:
    board = Board(GROUND)
    board.apply([case_row("CX1", cell="A1", township="A", amber_at=NOON - SECOND, due_at=NOON)])
    assert board.counts(NOON).level.tolist() == [0, Level.AMBER, 0, 0]
    assert board.counts(NOON + timedelta(microseconds=1)).level.tolist() == [0, Level.RED, 0, 0]
    assert board.counts(NOON - 2 * SECOND).level.tolist() == [0, Level.GREEN, 0, 0]


def test_changes_say_what_they_did_to_the_map() -> None:
    board = Board(GROUND)
    came = case_row("CX1", 1, cell="A1", township="A")
    assert board.apply([came]) == {"CX1": "came"}
    assert board.apply([case_row("CX1", 2, cell="A1", township="A", status="accepted")]) == {"CX1": "event"}
    assert board.apply([case_row("CX1", 3, cell="B1", township="B")]) == {"CX1": "moved"}
    assert board.apply([case_row("CX1", 4, pending=False)]) == {"CX1": "left"}
    assert board.apply([case_row("CX1", 5, pending=False)]) == {"CX1": "event"}
    assert board.apply([case_row("CX1", 6)]) == {"CX1": "came"}
    assert board.revision == 6


def test_a_case_outside_every_area_counts_for_the_county_and_for_no_cell() -> None:
    board = Board(GROUND)
    board.apply([case_row("CX1", due_at=NOON - SECOND, amber_at=NOON - SECOND)])
    message = full(board.picture(NOON))
    assert message["cells"] == []
    assert message["townships"] == [1, 0, 0, 0, 0, 2, 0, 0, 0, 0]
    assert (message["figures"]["pending"], message["figures"]["overdue"]) == (1, 1)


def test_a_region_without_a_grid_paints_its_townships() -> None:
    board = Board(Ground(cells=("A", "B"), townships=("A", "B"), finest="township"))
    board.apply([case_row("NYC1", township="B")])
    assert full(board.picture(NOON))["cells"] == [2, 1, 1, 0, 0]


def test_the_board_grows_and_forgets() -> None:
    board = Board(GROUND)
    board.apply(case_row(f"CX{i}", i, cell="A1", township="A") for i in range(1, 2001))
    assert len(board) == 2000
    board.apply(case_row(f"CX{i}", 2000 + i, pending=False) for i in range(1, 2001))
    assert len(board) == 0
    board.apply(case_row(f"CX{i}", 5000 + i, cell="A2", township="A") for i in range(1, 2001))
    assert board.counts(NOON).pending.tolist() == [0, 0, 2000, 0]
    assert len(board._pending) <= 4096, "slots of cases that have left are used again"


def test_loading_starts_anew() -> None:
    board = Board(GROUND)
    board.apply([case_row("CX1", 7), case_row("CX2", 8)])
    board.load([case_row("CX2", 3)], revision=5)
    assert (len(board), board.revision) == (1, 5)


def test_figures_name_the_next_case_to_fall_due_and_not_the_overdue_one() -> None:
    board = Board(GROUND)
    board.day = Day(received=12, closed=5)
    late = {"amber_at": NOON - 2 * SECOND, "due_at": NOON - SECOND, "due_kind": "respond", "due_department": "zhzf"}
    board.apply([case_row("CX1", **late), case_row("CX2", **late | {"due_at": NOON + SECOND}, township="B", cell="B1")])
    figures = board.figures(NOON)
    assert figures["due_next"] == {
        "number": "CX2",
        "due_at": milliseconds(NOON) + 1000,
        "kind": "respond",
        "department": "zhzf",
        "township": "B",
        "matter": "SD-01",
        "g": 3,
    }
    assert {k: figures[k] for k in ("received_today", "closed_today", "pending", "amber", "overdue")} == {
        "received_today": 12,
        "closed_today": 5,
        "pending": 2,
        "amber": 1,
        "overdue": 1,
    }
    assert board.figures(NOON + 2 * SECOND)["due_next"] is None


@pytest.mark.parametrize("instant", [NOON, NOON + timedelta(microseconds=1), datetime(1970, 1, 1, tzinfo=UTC)])
def test_microseconds_are_exact(instant: datetime) -> None:
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds(instant)) == instant
    assert microseconds(None) == NEVER == np.iinfo(np.int64).max


def test_the_board_filters_by_department_source_and_period() -> None:
    rows = [
        case_row("A", source="grid", lead="zhzf", due_department="sthj", occurred_at=NOON - timedelta(days=2)),
        case_row("B", source="hotline", lead="zhzf", due_department="zhzf", occurred_at=NOON - timedelta(days=1)),
        case_row("C", source="hotline", lead="scjg", due_department="sthj", occurred_at=NOON),
    ]
    board = Board(GROUND)
    board.load(rows, 3)

    def numbers(**only: object) -> str:
        return "".join(sorted(found.number for found, _ in board.soonest(NOON, 9, Filter(**only))))  # type: ignore[arg-type]

    assert numbers(source=("hotline",)) == "BC"
    assert numbers(department=("sthj",)) == "AC", "whose limit is due next"
    assert numbers(department=("zhzf",)) == "AB", "and who leads"
    assert numbers(occurred_from=NOON - timedelta(days=1)) == "BC"
    assert numbers(occurred_to=NOON - timedelta(days=1)) == "A", "the end is excluded"
    assert numbers(source=("nobody",)) == ""
