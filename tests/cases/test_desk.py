"""The desk: what comes in becomes a case once, what happens is recorded in full, and nobody overwrites anybody."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from cases.arrangements import Arrangement, ArrangementKind
from cases.case import LegStatus, Status
from cases.desk import ATTEMPTS, EventRequest
from cases.errors import (
    BadEvent,
    BadReport,
    BeforeOccurrence,
    FutureTime,
    NoSuchCase,
    NotAllowed,
    SourceConflict,
    Stale,
    UnknownDepartment,
    UnknownMatter,
    UnknownSource,
)
from cases.events import EventKind
from cases.history import fold
from cases.lists import Lists, ListVersion
from cases.matters import Matter, MatterKind, Matters, Platform
from tests.cases.factories import (
    LATER,
    LISTS,
    LITTER,
    MATTERS,
    MINUTE,
    NEEDED,
    SHANGHAI,
    SMOKE,
    START,
    VERSION,
    Walk,
    a_desk,
    a_report,
    china,
)
from tests.cases.fakes import MemoryStore


def request(kind: str, minutes: float = 10, **changes: object) -> EventRequest:
    fields: dict[str, object] = {"actor": "zhzf", "data": NEEDED.get(kind, {})} | changes
    return EventRequest(kind, START + minutes * MINUTE, **fields)


# -- Receiving --------------------------------------------------------------------------------------------------------


def test_a_report_becomes_a_case_with_number_place_and_legs() -> None:
    desk = a_desk()
    received = desk.receive(a_report(contact={"phone": "138"}, photos=["https://a/1.jpg"], attributes={"k": 1}), START)
    state = received.state
    assert not received.repeated
    assert state.number == "CX20260304-00001"
    assert (state.cell, state.village, state.township) == ("330282002001001", "330282002001", "330282002")
    assert (state.lon, state.lat) == (121.2, 30.19)
    assert (state.matter, state.platform, state.domain) == ("YJS-01", "enforcement", "integrated_enforcement")
    assert state.list_version == "2026-07"
    assert state.report == {
        "description": "油烟很大",
        "contact": {"phone": "138"},
        "photos": ["https://a/1.jpg"],
        "attributes": {"k": 1},
        "point": {"x": 121.2, "y": 30.19, "crs": "EPSG:4490"},
    }
    assert state.revision == 1
    assert desk.store.history(state.number)[0].actor == "grid"


def test_the_same_report_again_gives_the_first_case_as_it_stands_now() -> None:
    desk = a_desk()
    first = desk.receive(a_report(attributes={"a": 1, "b": 2}), START).state
    desk.record(first.number, request("accepted"), START + LATER)
    again = desk.receive(a_report(attributes={"b": 2, "a": 1}), START + LATER)
    assert again.repeated
    assert (again.state.number, again.state.status) == (first.number, Status.ACCEPTED)
    assert desk.store.kinds(first.number).count(EventKind.RECEIVED) == 1


def test_the_same_number_of_a_source_with_another_content_is_a_conflict_that_names_the_case() -> None:
    desk = a_desk()
    number = desk.receive(a_report(), START).state.number
    with pytest.raises(
        SourceConflict, match=f"grid 1 was reported before with another content, as {number}"
    ) as conflict:
        desk.receive(a_report(description="另一件事"), START)
    assert conflict.value.number == number
    assert desk.receive(a_report(source="hotline"), START).state.number != number


def test_of_two_equal_reports_at_the_same_time_one_becomes_a_case() -> None:
    store = MemoryStore()
    desk = a_desk(store)
    store.before_append = lambda: desk.receive(a_report(), START)
    received = desk.receive(a_report(), START)
    assert received.repeated
    assert list(store.events) == [received.state.number]


def test_of_two_unequal_reports_at_the_same_time_one_is_a_conflict() -> None:
    store = MemoryStore()
    desk = a_desk(store)
    store.before_append = lambda: desk.receive(a_report(description="先到"), START)
    with pytest.raises(SourceConflict, match="CX20260304-00001"):
        desk.receive(a_report(description="后到"), START)
    assert len(store.events) == 1


@pytest.mark.parametrize("point", [(None, None), ("abc", "def"), (float("nan"), 30.1), (True, [])])
def test_a_case_without_a_readable_point_is_kept_and_flagged(point) -> None:
    state = a_desk().receive(a_report(x=point[0], y=point[1]), START).state
    assert state.flags == ("unlocated",)
    assert (state.lon, state.township) == (None, None)
    assert state.lead.unit is None
    assert json.dumps(state.report, allow_nan=False)


def test_unknown_sources_and_matters_are_refused_with_what_is_known() -> None:
    with pytest.raises(UnknownSource, match="'radio'; the region knows: grid, hotline"):
        a_desk().receive(a_report(source="radio"), START)
    with pytest.raises(UnknownMatter, match="'YJS-99'"):
        a_desk().receive(a_report(matter="YJS-99"), START)
    with pytest.raises(BadReport):
        a_desk().receive(a_report(source_id=""), START)


def test_a_report_from_the_future_is_refused_beyond_the_skew() -> None:
    assert a_desk().receive(a_report(), START - timedelta(seconds=120)).state.status is Status.RECEIVED
    with pytest.raises(FutureTime, match="more than 120 s after"):
        a_desk().receive(a_report(), START - timedelta(seconds=121))
    with pytest.raises(FutureTime):
        a_desk().receive(a_report(received_at=START + timedelta(hours=1)), START)


def test_the_lead_has_its_time_from_the_moment_at_which_the_centre_got_the_report() -> None:
    received_at = START + timedelta(hours=3)
    state = a_desk().receive(a_report(received_at=received_at), received_at).state
    assert (state.occurred_at, state.received_at) == (START, received_at)
    assert state.clocks[0].due is not None
    assert state.clocks[0].due.due_at == received_at + 30 * MINUTE


def test_the_number_carries_the_local_day() -> None:
    late_evening = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)  # 07:30 of the next day in China
    assert late_evening.astimezone(SHANGHAI).day == 4
    assert a_desk().receive(a_report(at=late_evening), late_evening).state.number.startswith("CX20260304-")


def test_budgets_may_differ_by_matter_and_stay_with_the_case() -> None:
    walk = Walk(LITTER).do("accepted")
    data = walk.events[0].data["budgets"]
    assert data["finish"] == {"amount": 1, "unit": "working_days"}
    assert data["respond"] == {"amount": 30, "unit": "minutes"}
    assert Walk().events[0].data["budgets"]["finish"] == {"amount": 5, "unit": "working_days"}


def test_every_payload_is_json_and_comes_back_the_same() -> None:
    walk = Walk().do("accepted").do("transferred").do("relocated").do("accepted").do("found")
    for event in walk.events:
        assert json.loads(json.dumps(event.data, allow_nan=False)) == event.data
    restored = [replace(event, data=json.loads(json.dumps(event.data))) for event in walk.events]
    assert fold(restored, china(), walk.state.number) == walk.state


# -- Recording --------------------------------------------------------------------------------------------------------


def test_acceptance_calls_each_waiting_department_at_the_same_instant() -> None:
    desk = a_desk()
    number = desk.receive(a_report(), START).state.number
    desk.record(number, request("accepted"), START + LATER)
    calls = [event for event in desk.store.history(number) if event.kind is EventKind.CALLED]
    assert [(event.leg, event.occurred_at, event.actor) for event in calls] == [
        (2, START + 10 * MINUTE, "rules"),
        (3, START + 10 * MINUTE, "rules"),
    ]
    assert all(event.late for event in calls)


def test_departments_that_were_called_once_are_not_called_again_by_a_new_lead() -> None:
    walk = Walk().do("accepted").do("transferred").do("accepted")
    assert [event.kind for event in walk.events].count(EventKind.CALLED) == 2


def test_a_leg_may_be_named_by_its_department() -> None:
    walk = Walk().do("accepted")
    state = walk.desk.record(walk.state.number, request("arrived", 20, department="scjg"), START + LATER)
    assert state.legs[2].status is LegStatus.ARRIVED
    with pytest.raises(UnknownDepartment, match=r"zjj has no part in CX.*zhzf \(leg 1\)"):
        walk.desk.record(walk.state.number, request("arrived", 30, department="zjj"), START + LATER)


def test_a_department_that_returns_to_a_case_speaks_for_its_latest_part() -> None:
    walk = Walk(LITTER).do("transferred", department="zjj").do("transferred", department="zhzf")
    state = walk.desk.record(walk.state.number, request("accepted", 60, department="zhzf"), START + LATER)
    assert [leg.status for leg in state.legs if leg.department == "zhzf"] == [LegStatus.TRANSFERRED, LegStatus.ACCEPTED]


def test_a_transfer_names_clause_and_sentence_of_the_new_lead() -> None:
    lead = Walk().do("transferred").state.lead
    assert lead.clause == "移交：属住建职责"
    assert lead.sentence.startswith("本件移交住建局牵头办理")
    with pytest.raises(UnknownDepartment, match="no department 'zjx'"):
        Walk().do("transferred", department="zjx")
    with pytest.raises(BadEvent, match=r"data\.department"):
        Walk().do("transferred", department=7)


def test_a_client_cannot_write_what_the_rules_know() -> None:
    walk = Walk().do("relocated", place={"township": "999999999"}, units={"1": {"unit": "x", "sentence": "x"}})
    assert walk.state.township == "330282107"
    assert walk.state.lead.unit == "zhzf-007"
    assert Walk().do("transferred", unit="x", sentence="x").state.lead.unit is None


@pytest.mark.parametrize("point", [None, {}, {"x": 121.4, "y": 30.1}, {"x": "?", "y": 30.1, "crs": "EPSG:4490"}])
def test_a_case_moves_only_to_a_point_that_can_be_read_with_its_crs(point) -> None:
    with pytest.raises(BadEvent, match="point"):
        Walk().do("relocated", point=point)


def test_an_event_of_an_unknown_case_from_the_future_or_the_past_is_refused() -> None:
    desk = a_desk()
    number = desk.receive(a_report(), START).state.number
    with pytest.raises(NoSuchCase):
        desk.record("CX19000101-00001", request("accepted"), START + LATER)
    with pytest.raises(FutureTime):
        desk.record(number, request("accepted", 10), START)
    with pytest.raises(BeforeOccurrence):
        desk.record(number, request("accepted", -1), START + LATER)
    with pytest.raises(NotAllowed):
        desk.record(number, request("received"), START + LATER)
    assert desk.store.kinds(number) == [EventKind.RECEIVED]


def test_a_late_event_that_contradicts_what_is_known_is_refused_with_the_way_on() -> None:
    walk = Walk(LITTER).do("accepted", minutes=20).do("finished")
    with pytest.raises(NotAllowed, match="before what is known already, returned would leave a history") as refusal:
        walk.do("returned", minutes=-1, late=True)
    assert "verified" in refusal.value.allowed


def test_a_refused_late_event_says_what_is_allowed_now() -> None:
    walk = Walk(LITTER).do("accepted", minutes=20).do("finished")
    with pytest.raises(NotAllowed) as refusal:
        walk.do("closed", minutes=-5, late=True, reason="作废")
    assert refusal.value.allowed == (
        *("verified", "reopened", "closed", "merged", "relocated"),
        *("commented", "urged", "supervised", "disputed", "identified", "answered"),
    )


# -- Merging ----------------------------------------------------------------------------------------------------------


def test_a_merged_case_is_linked_both_ways() -> None:
    walk = Walk()
    target = Walk(desk=walk.desk, source_id="2")
    walk.do("merged", into=target.state.number)
    assert (walk.state.status, walk.state.merged_into) == (Status.MERGED, target.state.number)
    note = target.events[-1]
    assert (note.kind, note.data["merged_from"]) == (EventKind.COMMENTED, walk.state.number)


def test_a_case_is_merged_neither_into_itself_nor_into_nothing_nor_in_a_ring() -> None:
    walk = Walk()
    other = Walk(desk=walk.desk, source_id="2")
    third = Walk(desk=walk.desk, source_id="3")
    with pytest.raises(NotAllowed, match="into itself"):
        walk.do("merged", into=walk.state.number)
    with pytest.raises(NoSuchCase):
        walk.do("merged", into="CX19000101-00001")
    walk.do("merged", into=other.state.number)
    with pytest.raises(NotAllowed, match=f"was itself merged into {other.state.number}"):
        other.do("merged", into=walk.state.number)
    with pytest.raises(NotAllowed, match=f"merge {third.state.number} into that one"):
        third.do("merged", into=walk.state.number)


def test_two_cases_that_are_merged_into_each_other_at_the_same_time_do_not_both_vanish() -> None:
    store = MemoryStore()
    one = Walk(desk=a_desk(store))
    other = Walk(desk=one.desk, source_id="2")
    store.before_append = lambda: other.do("merged", into=one.state.number)
    with pytest.raises(NotAllowed, match="was itself merged"):
        one.do("merged", into=other.state.number)
    assert store.states[one.state.number].is_pending
    assert not store.states[other.state.number].is_pending


# -- Together ---------------------------------------------------------------------------------------------------------


def test_an_event_that_meets_another_one_is_tried_again_on_what_is_there_now() -> None:
    store = MemoryStore()
    desk = a_desk(store)
    number = desk.receive(a_report(), START).state.number
    store.before_append = lambda: desk.record(number, request("commented", 5), START + LATER)
    state = desk.record(number, request("accepted"), START + LATER)
    assert state.status is Status.ACCEPTED
    assert store.kinds(number)[:3] == [EventKind.RECEIVED, EventKind.COMMENTED, EventKind.ACCEPTED]


def test_of_two_acceptances_at_the_same_time_one_is_refused() -> None:
    store = MemoryStore()
    desk = a_desk(store)
    number = desk.receive(a_report(), START).state.number
    store.before_append = lambda: desk.record(number, request("accepted"), START + LATER)
    with pytest.raises(NotAllowed, match="A case that is accepted cannot be accepted"):
        desk.record(number, request("accepted"), START + LATER)
    assert store.kinds(number).count(EventKind.ACCEPTED) == 1


def test_an_event_that_never_gets_its_turn_is_stale() -> None:
    class Busy(MemoryStore):
        tries = 0

        def append_all(self, changes):
            self.tries += 1
            raise Stale("busy")

    store = Busy()
    desk = a_desk(store)
    number = desk.receive(a_report(), START).state.number
    with pytest.raises(Stale, match=f"{number} was changed by others {ATTEMPTS} times"):
        desk.record(number, request("accepted"), START + LATER)
    assert store.tries == ATTEMPTS


# -- Lists that change ------------------------------------------------------------------------------------------------


def lists_of(*versions: ListVersion) -> Lists:
    return Lists([VERSION, *versions])


def test_a_case_is_routed_by_the_lists_of_the_local_day_on_which_it_was_received_and_keeps_their_version() -> None:
    moved = Matters([replace(MATTERS.matter(LITTER), lead="zjj", clause="新版清单第1项")])
    lists = lists_of(ListVersion("2026-03", date(2026, 3, 4), "通知", moved))
    desk = a_desk(lists=lambda: lists)
    midnight = datetime(2026, 3, 4, tzinfo=SHANGHAI)  # still the third in UTC
    before = desk.receive(a_report(LITTER, "1", midnight - MINUTE), START).state
    after = desk.receive(a_report(LITTER, "2", midnight), START).state
    late = desk.receive(a_report(LITTER, "3", midnight - MINUTE, received_at=midnight), START).state
    assert [(state.lead.department, state.list_version) for state in (before, after, late)] == [
        ("zhzf", "2026-07"),
        ("zjj", "2026-03"),
        ("zjj", "2026-03"),
    ]
    assert after.lead.clause == "新版清单第1项"


def test_a_version_that_is_published_meanwhile_needs_no_other_desk() -> None:
    published = [LISTS]
    desk = a_desk(lists=lambda: published[-1])
    first = desk.receive(a_report(LITTER, "1"), START).state
    moved = Matters([replace(MATTERS.matter(LITTER), lead="zjj")])
    published.append(lists_of(ListVersion("2026-03", date(2026, 3, 4), "通知", moved)))
    second = desk.receive(a_report(LITTER, "2"), START).state
    assert (first.lead.department, second.lead.department) == ("zhzf", "zjj")
    again = desk.receive(a_report(LITTER, "1"), START).state
    assert (again.lead.department, again.list_version) == ("zhzf", "2026-07")


def test_a_matter_that_the_lists_have_dropped_goes_to_the_command_room_and_one_that_they_never_had_is_refused() -> None:
    lists = lists_of(
        ListVersion("2026-03", date(2026, 3, 4), "通知", Matters([MATTERS.matter(SMOKE)])),
        ListVersion("2027", date(2027, 1, 1), "通知", Matters([replace(MATTERS.matter(SMOKE), code="YJS-99")])),
    )
    desk = a_desk(lists=lambda: lists)
    state = desk.receive(a_report(LITTER), START).state
    assert (state.lead.department, state.lead.unit, state.list_version) == ("command", None, "2026-03")
    assert (state.platform, state.domain) == ("enforcement", "integrated_enforcement")
    assert "（2026-03版）均未列入“暴露垃圾”" in state.lead.sentence
    with pytest.raises(UnknownMatter, match=r"YJS-99.*enters the lists on 2027-01-01"):
        desk.receive(a_report("YJS-99", "2"), START)
    with pytest.raises(UnknownMatter, match="YJS-0"):
        desk.receive(a_report("YJS-0", "2"), START)


RUN_BY = Arrangement(
    "AR-01", ArrangementKind.RUN_BY, ("330282002",), (), "sthj", "zjj", date(2026, 1, 1), None, "西片由住建局负责。"
)


def test_a_case_keeps_the_arrangements_that_were_used_in_its_legs() -> None:
    lists = Lists([replace(VERSION, arrangements=(RUN_BY,))])
    desk = a_desk(lists=lambda: lists)
    state = desk.receive(a_report(), START).state
    assert [(leg.department, leg.arrangements) for leg in state.legs] == [
        ("zhzf", ()),
        ("zjj", ("AR-01",)),
        ("scjg", ()),
    ]
    opening = desk.store.history(state.number)[0]
    assert json.loads(json.dumps(opening.data["legs"][1]))["arrangements"] == ["AR-01"]
    assert "arrangements" not in opening.data["legs"][0]
    folded = fold(desk.store.history(state.number), china(), state.number)
    assert folded.legs == state.legs


def test_an_arrangement_for_a_village_or_another_layer_applies_to_the_places_in_it() -> None:
    lists = Lists([replace(VERSION, arrangements=(replace(RUN_BY, areas=("330282002001",)),))])
    state = a_desk(lists=lambda: lists).receive(a_report(), START).state
    assert state.legs[1].arrangements == ("AR-01",)


def test_a_case_that_moves_is_explained_by_the_lists_that_routed_it() -> None:
    renamed = Matters([replace(MATTERS.matter(LITTER), name="垃圾")])
    published = [LISTS]
    walk = Walk(LITTER, a_desk(lists=lambda: published[-1]))
    published.append(lists_of(ListVersion("2026-03", date(2026, 3, 4), "通知", renamed)))
    walk.do("relocated")
    assert walk.state.list_version == "2026-07"
    assert walk.state.lead.unit == "zhzf-007"
    assert walk.state.lead.sentence.startswith("“暴露垃圾”列入属地管理清单")
    assert "观海卫镇综合行政执法中队" in walk.state.lead.sentence
    # A version that the library no longer knows: the lists of the day answer.
    published.append(Lists([ListVersion("2026-04", date(2026, 1, 1), "通知", renamed)]))
    walk.do("relocated", point={"x": 121.2, "y": 30.19, "crs": "EPSG:4490"})
    assert walk.state.lead.sentence.startswith("“垃圾”列入属地管理清单")


def test_a_power_is_led_by_the_township_itself() -> None:
    power = Matter("QL-001", "违建查处", MatterKind.POWER, Platform.ENFORCEMENT, lead="zjj", clause="镇街查处。")
    lists = Lists([replace(VERSION, matters=Matters([power]))])
    walk = Walk("QL-001", a_desk(lists=lambda: lists)).do("accepted").do("finished").do("verified").do("closed")
    assert [(leg.department, leg.unit) for leg in walk.state.legs] == [("township", None)]
    assert walk.state.status is Status.CLOSED


def test_a_case_may_be_transferred_to_the_township_itself_and_to_its_command_room() -> None:
    walk = Walk().do("transferred", department="township")
    assert (walk.state.lead.department, walk.state.lead.unit) == ("township", None)
    assert walk.state.lead.sentence == "本件移交镇街牵头办理，由属地镇街承办；移交理由：属住建职责"
    walk.do("transferred", department="command")
    assert "由属地镇街综合信息指挥室承办" in walk.state.lead.sentence


def test_a_case_that_moves_into_an_area_that_another_body_runs_stays_with_its_lead_and_the_sentence_asks() -> None:
    run_by = replace(RUN_BY, areas=("330282107",), from_department="zhzf")
    lists = Lists([replace(VERSION, arrangements=(run_by,))])
    walk = Walk(LITTER, a_desk(lists=lambda: lists)).do("relocated")
    assert (walk.state.lead.department, walk.state.lead.unit) == ("zhzf", "zhzf-007")
    assert walk.state.lead.sentence == (
        "案件位置变更，综合执法局继续牵头办理，由派驻该镇街的观海卫镇综合行政执法中队承办。"
        "按新位置应由住建局牵头，请研判是否移交。"
    )
    walk.do("transferred").do("relocated", point={"x": 121.2, "y": 30.19, "crs": "EPSG:4490"})
    assert walk.state.lead.sentence == (
        "案件位置变更，住建局继续牵头办理，住建局在该镇街没有派驻机构，由部门本级承办。"
    )


def test_a_case_of_before_a_matter_changed_hands_stays_with_the_old_department_when_it_moves_later() -> None:
    moves = replace(RUN_BY, areas=(), from_department="zhzf", valid_from=date(2026, 3, 5))
    lists = Lists([replace(VERSION, arrangements=(moves,))])
    walk = Walk(LITTER, a_desk(lists=lambda: lists)).do("relocated", minutes=2 * 24 * 60)
    assert walk.state.lead.department == "zhzf"
    assert walk.state.lead.sentence == (
        "案件位置变更，综合执法局继续牵头办理，由派驻该镇街的观海卫镇综合行政执法中队承办。"
    )
