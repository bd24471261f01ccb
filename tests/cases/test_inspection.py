"""Inspect at most once: whom a code names, which visit a case joins, who must say why it comes again."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from cases.case import SubjectKind
from cases.desk import EventRequest
from cases.errors import BadSubject, CaseError, NotAllowed, SourceConflict
from cases.events import EventKind
from cases.inspection import (
    CaseChecks,
    CheckItem,
    Subject,
    check_character,
    items_of,
    merged,
    open_visit,
    read_credit_code,
    read_subject,
)
from cases.inspection.credit_code import ALPHABET, KINDS
from tests.cases.factories import LITTER, MINUTE, SMOKE, START, a_desk, a_report
from tests.cases.fakes import MemoryStore, arrivals

RESTAURANT = {"credit_code": "91330282MA2AJ0001Y", "name": "示范餐饮店一"}
CODE = RESTAURANT["credit_code"]
DAY = timedelta(days=1)
APPROVED = {"reason": "复查整改情况", "approved_by": "commander"}

# -- The code ---------------------------------------------------------------------------------------------------------

BODIES = st.builds(
    lambda pair, area, own: "".join((pair, area, own)),
    st.sampled_from([kind + body for kind, bodies in KINDS.items() if kind.isdigit() for body in bodies]),
    st.integers(110000, 159999).map(str),
    st.text(ALPHABET, min_size=9, max_size=9),
)


@pytest.mark.parametrize(
    "published",
    [
        "91110000600037341L",  # the example of python-stdnum, a company in Beijing
        "911101080000000002",
        CODE,
    ],
)
def test_a_code_is_read_as_it_stands(published: str) -> None:
    code = published[:17] + uscc.calc_check_digit(published)
    assert read_credit_code(code) == code


def test_the_published_example_ends_with_its_own_check_character() -> None:
    assert check_character("91110000600037341") == "L"


@pytest.mark.parametrize(
    "written",
    ["91330282ma2aj0001y", "９１３３０２８２ＭＡ２ＡＪ０００１Ｙ", " 9133 0282 MA2A J000 1Y ", "91330282-MA2AJ0001-Y"],
)
def test_codes_are_read_as_people_write_them(written: str) -> None:
    assert read_credit_code(written) == CODE


@given(BODIES)
def test_the_check_character_is_that_of_another_library(body: str) -> None:
    assert check_character(body) == uscc.calc_check_digit(body)
    assert uscc.is_valid(body + check_character(body))
    assert read_credit_code(body + check_character(body)) == body + check_character(body)


@given(BODIES, st.integers(8, 17), st.sampled_from(ALPHABET))
def test_no_single_wrong_character_passes(body: str, place: int, other: str) -> None:
    code = body + check_character(body)
    wrong = code[:place] + other + code[place + 1 :]
    if wrong != code:
        with pytest.raises(BadSubject, match=f"should be {check_character(wrong)}"):
            read_credit_code(wrong)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("91330282MA2AJ0001X", "after 91330282MA2AJ0001 it should be Y"),
        ("91330282MA2AJ0002Y", "after 91330282MA2AJ0002 it should be 2"),
        ("91330282MA2AJ001Y", "has 17 characters; it needs 18"),
        ("91330282MA2AJ00001Y", "has 19 characters; it needs 18"),
        ("", "has 0 characters"),
        ("91330282MA2AJO001Y", "Position 14 .* is 'O'.* is it 0"),
        ("91330282MA2AJ0O01Y", "Position 15 .* is 'O'"),
        ("91330282MA2AJ000甲Y", "Position 17 .* is '甲'"),
        ("B1330282MA2AJ0001Y", "Position 1 .* 'B', no registering authority"),
        ("94330282MA2AJ0001Y", "Position 2 .* '4'; the authority 9 registers the kinds 1, 2, 3"),
        ("913302A2MA2AJ0001Y", "Position 7 .* 'A'; positions 3 to 8 are the digits of an area"),
        ("91990282MA2AJ0001Y", "Positions 3 and 4 .* 99, which is no province"),
    ],
)
def test_a_wrong_code_is_told_where_it_is_wrong(wrong: str, sentence: str) -> None:
    with pytest.raises(BadSubject, match=sentence):
        read_credit_code(wrong)


# -- The subject ------------------------------------------------------------------------------------------------------


def test_a_subject_is_an_enterprise_or_a_site() -> None:
    assert read_subject(RESTAURANT) == Subject(CODE, SubjectKind.ENTERPRISE, "示范餐饮店一")
    site = read_subject({"site": " 东门 ３号工地 ", "name": "东门三号工地"})
    assert site == Subject("site:东门-3号工地", SubjectKind.SITE, "东门三号工地")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"site": "工地"}, "The name of the subject is None"),
        ({"site": "工地", "name": " "}, "The name of the subject is ' '"),
        ({"credit_code": CODE}, "The name of the subject is None"),
        ({"site": "", "name": "工地"}, "The site of the subject is ''"),
        ({"site": "//", "name": "工地"}, "The site of the subject is '//'"),
        ({"name": "工地"}, "neither credit_code and site"),
        ({"credit_code": CODE, "site": "工地", "name": "工地"}, "both credit_code and site"),
        ({"credit_code": 91330282, "name": "店"}, "The credit_code of the subject is 91330282"),
        ({"credit-code": CODE, "name": "店"}, "has 'credit-code', which says nothing here"),
        ({"site": "工" * 201, "name": "工地"}, "has 201 characters"),
        ({"site": "工\n地\x00", "name": "工地"}, "control character"),
        ("工地", "The subject is '工地'"),
        (None, "The subject is None"),
    ],
)
def test_a_wrong_subject_is_told_what_to_write(wrong: object, sentence: str) -> None:
    with pytest.raises(BadSubject, match=sentence):
        read_subject(wrong)


def test_a_report_with_another_subject_is_another_report() -> None:
    desk = a_desk()
    desk.receive(a_report(subject=RESTAURANT), START)
    assert desk.receive(a_report(subject={**RESTAURANT, "credit_code": CODE.lower()}), START).repeated
    with pytest.raises(SourceConflict):
        desk.receive(a_report(), START)
    with pytest.raises(BadSubject, match="17 characters"):
        desk.receive(a_report(source_id="2", subject={**RESTAURANT, "credit_code": CODE[:-1]}), START)


# -- What is checked --------------------------------------------------------------------------------------------------


def test_the_words_of_the_list_are_parted_into_items_but_not_inside_brackets_and_titles() -> None:
    words = "核对执照，查看《检查表，乙种》；读数超限的（含臭气，噪声）采样送检。"
    assert items_of(words) == ("核对执照", "查看《检查表，乙种》", "读数超限的（含臭气，噪声）采样送检")


def test_items_are_merged_once_each_in_the_order_of_the_lists_with_the_cases_that_need_them() -> None:
    found = merged(
        [
            CaseChecks("CX2", 7, {"scjg": ("核对执照", "查价签"), "xfjy": ("查灭火器",)}),
            CaseChecks("CX1", 1, {"zhzf": ("量距离",), "scjg": ("查许可", "核对执照")}),
            CaseChecks("CX3", 7, {"scjg": ("核对执照",)}),
        ]
    )
    assert list(found) == ["zhzf", "scjg", "xfjy"]
    assert found["scjg"] == (
        CheckItem("查许可", ("CX1",)),
        CheckItem("核对执照", ("CX1", "CX2", "CX3")),
        CheckItem("查价签", ("CX2",)),
    )


PARTS = st.lists(
    st.builds(
        CaseChecks,
        st.sampled_from(["CX1", "CX2", "CX3", "CX4"]),
        st.integers(0, 3),
        st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from("uvwxyz"), unique=True).map(tuple)),
    ),
    unique_by=lambda part: part.number,
)


@given(PARTS, st.randoms())
def test_merging_loses_nothing_repeats_nothing_and_does_not_depend_on_the_order(parts: Any, chance: Any) -> None:
    found = merged(parts)
    needed = {
        (department, item, part.number) for part in parts for department, items in part.checks.items() for item in items
    }
    given_back = [(name, item.text, number) for name, items in found.items() for item in items for number in item.cases]
    assert sorted(given_back) == sorted(needed)
    assert all(len({item.text for item in items}) == len(items) for items in found.values())
    shuffled = list(parts)
    chance.shuffle(shuffled)
    assert merged(shuffled) == found


# -- The rule, by example ---------------------------------------------------------------------------------------------


class County:
    """A desk and the cases on one subject."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.desk = a_desk(self.store)

    def report(self, day: float = 0, subject: object = RESTAURANT, **changes: Any) -> str:
        at = START + day * DAY
        report = a_report(source_id=f"{len(self.store.events)}", at=at, subject=subject, **changes)
        return self.desk.receive(report, at + 900 * DAY).state.number

    def do(self, number: str, kind: str, day: float, leg: int | None = None, **data: Any) -> None:
        at = START + day * DAY + 10 * MINUTE
        self.desk.record(number, EventRequest(kind, at, "zhzf", leg, None, data), at + 900 * DAY)

    def accepted(self, day: float = 0, **changes: Any) -> str:
        number = self.report(day, **changes)
        self.do(number, "accepted", day)
        return number

    def visit(self, number: str) -> str | None:
        return self.store.states[number].visit

    def plans(self, number: str) -> list[Any]:
        return [event.data for event in self.store.events[number] if event.kind is EventKind.PLANNED]


@pytest.fixture
def county() -> County:
    return County()


def test_acceptance_plans_before_the_others_are_called_and_says_what_each_checks(county: County) -> None:
    number = county.accepted()
    kinds = county.store.kinds(number)
    assert kinds == ["received", "accepted", "planned", "called", "called"]
    (plan,) = county.plans(number)
    assert (plan["visit"], plan["ordinal"], plan["opens"], plan["joined"]) == (f"V{number}", 1, True, False)
    assert plan["subject"] == {"code": CODE}
    assert plan["checks"] == {"zhzf": ["餐饮油烟扰民"], "sthj": ["检测排口油烟浓度"], "scjg": ["餐饮油烟扰民"]}
    assert "reason" not in plan


def test_a_case_without_subject_plans_nothing_and_comes_as_often_as_it_must(county: County) -> None:
    number = county.accepted(subject=None)
    county.do(number, "arrived", 0.01)
    county.do(number, "closed", 0.02, reason="void")
    assert county.plans(number) == []


@pytest.mark.parametrize(
    ("before", "days", "joins"),
    [
        ("open", 1, True),
        ("open", 200, True),
        ("visited", 1, True),
        ("visited", 90, True),
        ("visited", 91, False),
        ("planned", 89, True),
        ("planned", 91, False),
    ],
)
def test_a_new_case_joins_the_visit_that_is_open_or_recent(county: County, before: str, days: int, joins: bool) -> None:
    first = county.accepted()
    if before == "visited":
        county.do(first, "arrived", 0.01)
    if before != "open":
        county.do(first, "closed", 0.02, reason="void")
    second = county.accepted(days, matter=LITTER)
    assert (county.visit(second) == county.visit(first)) is joins
    assert county.plans(second)[0]["joined"] is joins


@pytest.mark.parametrize(
    ("gone", "days", "needs"),
    [
        ("closed", 0.3, False),  # within twelve hours: they have not driven home
        ("closed", 3, True),
        ("closed", 90, True),
        ("closed", 92, False),
        ("in work", 3, True),  # the lead was there: it comes once more
    ],
)
def test_coming_again_within_the_window_needs_a_reason_and_an_approver(
    county: County, gone: str, days: float, needs: bool
) -> None:
    first = county.accepted()
    county.do(first, "arrived", 0.01)
    if gone == "closed":
        county.do(first, "closed", 0.02, reason="void")
    second = county.accepted(days, matter=LITTER)
    if needs:
        for data in ({}, {"reason": "复查"}, {"approved_by": "commander"}, {"reason": 7, "approved_by": ["x"]}):
            with pytest.raises(NotAllowed, match=r"a second visit needs data\.reason and data\.approved_by"):
                county.do(second, "arrived", days + 0.01, **data)
        assert county.store.kinds(second)[-1] == "planned", "nothing half-written"
        county.do(second, "arrived", days + 0.01, **APPROVED)
        plan = county.plans(second)[-1]
        assert (plan["reason"], plan["approved_by"]) == ("复查整改情况", "commander")
        assert (plan["opens"], plan["ordinal"], plan["visit"]) == (True, 2, f"V{second}")
        assert county.store.states[second].lead.visit == f"V{second}"
    else:
        county.do(second, "arrived", days + 0.01)


def test_another_department_may_still_come_to_the_visit_that_is_being_made(county: County) -> None:
    first, second = county.accepted(), county.accepted(1)
    county.do(first, "arrived", 1.1)
    county.do(second, "arrived", 3, leg=2)
    assert [leg.visit for leg in county.store.states[second].legs] == [None, f"V{first}", None]
    county.do(first, "arrived", 3.1, leg=2)
    assert len(county.store.visits(CODE)) == 1


def test_a_reopened_case_that_is_looked_at_again_is_visited_twice(county: County) -> None:
    number = county.accepted(matter=LITTER)
    county.do(number, "arrived", 0.01)
    county.do(number, "finished", 0.02)
    county.do(number, "reopened", 0.03, reason="still there")
    with pytest.raises(NotAllowed, match="second visit"):
        county.do(number, "arrived", 0.04)
    county.do(number, "arrived", 0.04, **APPROVED)
    assert [one.visit for one in county.store.visits(CODE)] == [f"V{number}", f"V{number}-2"]


def test_a_second_visit_that_was_approved_is_joint_too(county: County) -> None:
    first = county.accepted()
    county.do(first, "arrived", 0.01)
    county.do(first, "arrived", 0.01, leg=2)
    county.do(first, "closed", 0.02, reason="void")
    second, third = county.accepted(5), county.accepted(5)
    county.do(second, "arrived", 6, **APPROVED)
    county.do(second, "arrived", 6.05, leg=2)
    county.do(third, "arrived", 6.1)
    assert {county.visit(second), county.visit(third)} == {f"V{second}"}
    assert open_visit(county.store.visits(CODE)).visit == f"V{second}"  # type: ignore[union-attr]


def test_who_is_known_only_at_work_is_planned_then_and_its_arrivals_count(county: County) -> None:
    number = county.accepted(subject=None)
    county.do(number, "arrived", 0.01)
    county.do(number, "identified", 0.02, subject=RESTAURANT)
    (visit,) = county.store.visits(CODE)
    assert (visit.visit, visit.last_on_site) == (f"V{number}", START + 0.01 * DAY + 10 * MINUTE)
    waiting = county.report(1, subject=None)
    county.do(waiting, "identified", 1.01, subject=RESTAURANT)
    assert county.plans(waiting) == [], "nobody has accepted it"


def test_an_arrival_that_is_recorded_late_is_judged_as_in_time(county: County) -> None:
    first = county.accepted()
    county.do(first, "arrived", 0.5)
    county.do(first, "closed", 0.6, reason="void")
    second = county.accepted(5, matter=LITTER)
    county.do(second, "closed", 5.5, reason="void")
    with pytest.raises(NotAllowed, match="second visit"):
        county.do(second, "arrived", 5.2)
    county.do(second, "arrived", 5.2, **APPROVED)
    assert county.store.states[second].status == "closed"
    assert county.store.states[second].visit == f"V{second}"


# -- The rule, for any course of things -------------------------------------------------------------------------------


@dataclass
class Move:
    """One try: what happens to which case, after how many days, with an approval or without."""

    kind: str
    case: int
    days: float
    leg: int | None
    approved: bool


MOVES = st.lists(
    st.builds(
        Move,
        st.sampled_from(["report", "accepted", "arrived", "arrived", "found", "finished", "reopened", "closed"]),
        st.integers(0, 4),
        st.sampled_from([0.0, 0.01, 0.1, 1, 10, 40, 100]),
        st.sampled_from([None, 2, 3]),
        st.booleans(),
    ),
    min_size=8,
    max_size=40,
)


def play(moves: list[Move]) -> County:
    """Try every move in turn; what the rules refuse is left out, what they take must keep the promises."""
    county, day = County(), 0.0
    numbers = [county.accepted(matter=LITTER), county.accepted(matter=SMOKE)]
    county.do(numbers[0], "arrived", day)
    for move in moves:
        day += move.days + 0.001
        if move.kind == "report":
            numbers.append(county.report(day, matter=SMOKE if move.leg else LITTER))
            continue
        data: dict[str, Any] = {"finding": "x"} if move.kind == "found" else {"reason": "why"}
        data = data if move.kind != "arrived" else (APPROVED if move.approved else {})
        before = {one.visit: one for one in county.store.visits(CODE)}
        number = numbers[move.case % len(numbers)]
        known = len(county.store.events[number])
        with suppress(CaseError):
            county.do(number, move.kind, day, move.leg if move.kind in ("arrived", "found") else None, **data)
        promises(county, before, number, known)
    return county


def promises(county: County, before: dict[str, Any], number: str, known: int) -> None:
    """At most one visit goes on; joining opens none; a second one inside the window says why and who approved it."""
    visits = county.store.visits(CODE)
    assert sum(one == open_visit(visits) for one in visits) <= 1
    assert [one.ordinal for one in visits] == list(range(1, len(visits) + 1))
    new = county.store.events[number][known:]  # nothing when it was refused
    opened = [event.data for event in new if event.kind is EventKind.PLANNED and event.data["opens"]]
    assert len(visits) - len(before) == len(opened) <= 1
    for plan in opened:
        came = [one.last_on_site for one in before.values() if one.last_on_site is not None]
        at = next(event.occurred_at for event in new if event.kind is EventKind.PLANNED)
        if any(abs(at - moment) <= 90 * DAY for moment in came):
            assert plan["reason"]
            assert plan["approved_by"]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(MOVES)
def test_whatever_happens_a_subject_is_visited_at_most_once_unless_somebody_says_why(moves: list[Move]) -> None:
    play(moves)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
@given(MOVES, st.randoms())
def test_the_order_in_which_events_become_known_does_not_change_who_visited_when(
    moves: list[Move], chance: Any
) -> None:
    store = play(moves).store
    for number, events in store.events.items():
        shuffled = list(events)
        chance.shuffle(shuffled)
        state = store.states[number]
        assert arrivals(shuffled, CODE, state) == arrivals(events, CODE, state)
