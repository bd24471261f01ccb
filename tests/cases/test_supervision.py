"""Who is told of a clock that turns amber or red, and of what others ask: by rules, in time, and nobody twice."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.case import Status
from cases.clock import Budget, BudgetUnit, Clock, ClockKind, Level, Pause, due, level
from cases.events import Event, EventKind
from cases.history import fold
from cases.organisation import ADJUDICATOR, COMMAND
from cases.supervision import (
    TELLING,
    TOLD,
    Directory,
    EscalationRule,
    NoticeKind,
    Role,
    Told,
    Watched,
    escalations,
    latest,
    notices_of,
    watched,
)
from tests.cases.factories import EAST, LITTER, SMOKE, START, WEST, Walk, china, walk_to

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
UNIT = "unit:zhzf-002"
DIRECTORY = Directory(
    frozenset({"zhzf-002", "sthj-001"}),
    frozenset({"zhzf", "sthj", "scjg", "zjj"}),
    frozenset({WEST, EAST}),
    frozenset({"grid", "hotline"}),
)
SOON = EscalationRule("soon", ClockKind.RESPOND, Level.AMBER, (Role.OWNER,))
LATE = EscalationRule("late", ClockKind.RESPOND, Level.RED, (Role.OWNER, Role.TOWNSHIP))
HOURLY = EscalationRule("hourly", ClockKind.RESPOND, Level.RED, (Role.COMMAND,), 30 * MINUTE, HOUR, 3)


def told(state, rules, at) -> list[tuple[str, NoticeKind, datetime]]:
    """Recipient, kind and time of every notice."""
    return [(notice.recipient, notice.kind, notice.at) for notice in escalations(watched(state), rules, at)]


# The lead of a case in the western township has 30 minutes; a fifth of them, the last six, are amber.


def test_a_clock_in_time_tells_nobody_and_an_amber_one_its_owner() -> None:
    state = Walk().state
    assert told(state, [SOON, LATE, HOURLY], START + 23 * MINUTE) == []
    assert told(state, [SOON, LATE, HOURLY], START + 24 * MINUTE) == [(UNIT, NoticeKind.DUE_SOON, START + 24 * MINUTE)]


def test_at_its_due_time_a_clock_is_not_overdue_yet_and_right_after_it_is() -> None:
    state, due_at = Walk().state, START + 30 * MINUTE
    assert told(state, [LATE], due_at) == []
    assert told(state, [LATE], due_at + timedelta(microseconds=1)) == [
        (f"township:{WEST}", NoticeKind.OVERDUE, due_at),
        (UNIT, NoticeKind.OVERDUE, due_at),
    ]


def test_a_repeated_notice_comes_at_its_times_and_at_most_so_often() -> None:
    state = Walk().state
    times = [START + 60 * MINUTE + count * HOUR for count in range(3)]
    assert [at for _, _, at in told(state, [HOURLY], START + 59 * MINUTE)] == []
    assert [at for _, _, at in told(state, [HOURLY], times[1])] == times[:2]
    assert [at for _, _, at in told(state, [HOURLY], START + timedelta(days=9))] == times


def test_once_red_nobody_is_told_any_more_that_it_will_be() -> None:
    assert told(Walk().state, [SOON], START + 31 * MINUTE) == []


def test_a_clock_that_stopped_in_between_tells_nobody() -> None:
    accepted = Walk(SMOKE).do("accepted", minutes=28).state
    kinds = {one.clock.kind for one in watched(accepted)}
    assert ClockKind.RESPOND not in kinds
    assert told(accepted, [SOON, LATE, HOURLY], START + timedelta(days=1)) == []


@pytest.mark.parametrize("way", ["closed", "merged"])
def test_a_case_that_ended_in_between_tells_nobody(way: str) -> None:
    every = [EscalationRule("all", None, wanted, tuple(Role)) for wanted in (Level.AMBER, Level.RED)]
    walk = Walk(LITTER)
    data = {"into": Walk(LITTER, walk.desk, source_id="2").state.number} if way == "merged" else {"reason": "重复"}
    assert told(walk.do(way, **data).state, every, START + timedelta(days=90)) == []


def test_a_clock_that_stands_still_tells_nobody_until_it_runs_again() -> None:
    rule = EscalationRule("finish", ClockKind.FINISH, Level.RED, (Role.OWNER,))
    walk = Walk(LITTER).do("accepted").do("suspended")
    assert told(walk.state, [rule], START + timedelta(days=60)) == []
    walk.do("resumed", minutes=60 * 24 * 30)
    found = told(walk.state, [rule], START + timedelta(days=60))
    assert [recipient for recipient, _, _ in found] == [UNIT]


def test_a_pause_that_begins_when_it_is_overdue_already_silences_it_as_well() -> None:
    rule = EscalationRule("finish", ClockKind.FINISH, Level.RED, (Role.OWNER,), repeat=HOUR, most=99)
    walk = Walk(LITTER).do("accepted").do("suspended", minutes=60 * 24 * 9)
    assert level(walk.state.running(ClockKind.FINISH), START + timedelta(days=10)) is Level.RED
    assert told(walk.state, [rule], START + timedelta(days=10)) == []


def test_two_rules_that_name_the_same_recipient_tell_it_once() -> None:
    both = [LATE, EscalationRule("again", None, Level.RED, (Role.OWNER, Role.OWNER, Role.COMMAND), 5 * MINUTE)]
    found = told(Walk().state, both, START + HOUR)
    assert sorted(recipient for recipient, _, _ in found) == [COMMAND, f"township:{WEST}", UNIT]
    assert (UNIT, NoticeKind.OVERDUE, START + 30 * MINUTE) in found, "at the time of the rule that comes first"


def test_a_late_entry_that_moves_a_clock_by_minutes_does_not_tell_it_again() -> None:
    rule = EscalationRule("arrive", ClockKind.ARRIVE, Level.RED, (Role.OWNER,))
    walk = Walk(SMOKE).do("accepted", minutes=20)
    before = escalations(watched(walk.state), [rule], START + timedelta(hours=5))
    # It is learnt that the lead accepted earlier: the departments were called earlier as well.
    opening, accepted, *calls = walk.events
    moved = [replace(event, occurred_at=event.occurred_at - 3 * MINUTE) for event in (accepted, *calls)]
    state = fold([opening, *moved], china(), walk.state.number)
    after = escalations(watched(state), [rule], START + timedelta(hours=5))
    assert len(before) == 2
    assert [notice.at for notice in before] != [notice.at for notice in after]
    assert {notice.key for notice in before} == {notice.key for notice in after}


def test_more_time_makes_it_another_spell_of_which_is_told_again() -> None:
    rule = EscalationRule("finish", ClockKind.FINISH, Level.RED, (Role.OWNER,))
    walk = Walk(LITTER).do("accepted")
    before = escalations(watched(walk.state), [rule], START + timedelta(days=20))
    walk.do("extended", minutes=60 * 24 * 5, amount=3)
    after = escalations(watched(walk.state), [rule], START + timedelta(days=20))
    assert {notice.key for notice in before} & {notice.key for notice in after} == set()


def test_whoever_looks_after_a_long_pause_tells_only_how_things_stand() -> None:
    found = escalations(watched(Walk().state), [LATE, HOURLY], START + timedelta(days=2))
    assert len(found) == 5
    assert sorted((one.recipient, one.data["occurrence"]) for one in latest(found)) == [
        (COMMAND, 3),
        (f"township:{WEST}", 1),
        (UNIT, 1),
    ]


@pytest.mark.parametrize(
    ("kind", "role", "recipient"),
    [
        (ClockKind.RESPOND, Role.OWNER, UNIT),
        (ClockKind.RESPOND, Role.DEPARTMENT, "department:zhzf"),
        (ClockKind.RESPOND, Role.TOWNSHIP, f"township:{WEST}"),
        (ClockKind.RESPOND, Role.COMMAND, COMMAND),
        (ClockKind.RESPOND, Role.ADJUDICATOR, ADJUDICATOR),
        # Not the lead's delay: the grid worker has not looked, the adjudicator has not settled.
        (ClockKind.VERIFY, Role.OWNER, "source:grid"),
        (ClockKind.ADJUDICATE, Role.OWNER, ADJUDICATOR),
        (ClockKind.ADJUDICATE, Role.DEPARTMENT, "department:zhzf"),
    ],
)
def test_every_role_finds_its_recipient(kind: ClockKind, role: Role, recipient: str) -> None:
    clock = Clock(kind, None, 1, START, Budget(30, BudgetUnit.MINUTES))
    one = Watched("CX1", WEST, "grid", "zhzf", "zhzf-002", replace(clock, due=due(clock, china())))
    assert one.recipient(role) == recipient


@pytest.mark.parametrize(
    ("department", "unit", "township", "recipient"),
    [
        ("scjg", None, WEST, "department:scjg"),
        ("township", None, WEST, f"township:{WEST}"),
        ("township", None, None, COMMAND),
        ("command", None, WEST, COMMAND),
    ],
)
def test_a_leg_without_a_unit_is_its_departments_and_one_in_no_township_is_the_command_centres(
    department: str, unit: str | None, township: str | None, recipient: str
) -> None:
    clock = Clock(ClockKind.RESPOND, 1, 1, START, Budget(30, BudgetUnit.MINUTES))
    assert Watched("CX1", township, "grid", department, unit, clock).recipient(Role.OWNER) == recipient


def test_a_dispute_tells_the_adjudicator_even_after_its_case_has_ended() -> None:
    rule = EscalationRule("adjudicate", ClockKind.ADJUDICATE, Level.RED, (Role.OWNER,))
    walk = walk_to(Status.RECEIVED).do("disputed").do("closed", reason="转出")
    found = escalations(watched(walk.state), [rule], START + timedelta(days=30))
    assert [(one.recipient, one.leg) for one in found] == [(ADJUDICATOR, 1)]


# --- what holds for all rules and clocks ---

RULES = st.lists(
    st.builds(
        EscalationRule,
        st.sampled_from("abc"),
        st.sampled_from([None, *ClockKind]),
        st.sampled_from([Level.AMBER, Level.RED]),
        st.lists(st.sampled_from(Role), min_size=1, max_size=4).map(tuple),
        st.integers(0, 90).map(lambda minutes: minutes * MINUTE),
        st.integers(0, 90).map(lambda minutes: minutes * MINUTE),
        st.integers(1, 5),
    ),
    max_size=4,
)


@st.composite
def clocks(draw) -> Watched:
    """A clock of some kind that may have been paused, or have stopped."""
    start = START + draw(st.integers(0, 300)) * MINUTE
    begun = draw(st.integers(1, 200))
    pause = Pause(start + begun * MINUTE, draw(st.sampled_from([None, start + (begun + 45) * MINUTE])))
    clock = Clock(
        draw(st.sampled_from(ClockKind)),
        draw(st.sampled_from([None, 1, 2])),
        draw(st.integers(1, 2)),
        start,
        Budget(draw(st.integers(10, 120)), BudgetUnit.MINUTES),
        draw(st.sampled_from([(), (pause,)])),
        draw(st.sampled_from([None, start + 200 * MINUTE])),
    )
    township, unit = draw(st.sampled_from([WEST, None])), draw(st.sampled_from(["zhzf-002", None]))
    number = f"CX{draw(st.integers(1, 3))}"
    return Watched(number, township, "grid", "zhzf", unit, replace(clock, due=due(clock, china())))


INSTANTS = st.integers(0, 900).map(lambda minutes: START + minutes * MINUTE)


@given(clock=clocks(), rules=RULES, at=INSTANTS)
@settings(max_examples=300, deadline=None)
def test_nobody_is_told_twice_nor_early_nor_of_a_level_that_the_clock_has_not(clock, rules, at) -> None:
    found = escalations([clock], rules, at)
    assert len({notice.key for notice in found}) == len(found)
    assert len({(notice.recipient, notice.data["occurrence"]) for notice in found}) == len(found)
    for notice in found:
        begin = clock.clock.due.amber_at if notice.level is Level.AMBER else clock.clock.due.due_at
        assert level(clock.clock, at) is notice.level
        assert begin <= notice.at <= at
        assert any(notice.at == begin + rule.after + n * rule.repeat for rule in rules for n in range(rule.most)), (
            "at a time that a rule names"
        )
    if clock.clock.stopped_at and at >= clock.clock.stopped_at:
        assert found == ()


@given(clock=clocks(), rules=RULES, first=INSTANTS, second=INSTANTS)
@settings(max_examples=300, deadline=None)
def test_while_a_clock_keeps_its_level_what_was_told_stays_told_and_repeats_are_bounded(
    clock, rules, first, second
) -> None:
    first, second = sorted((first, second))
    before, after = escalations([clock], rules, first), escalations([clock], rules, second)
    if level(clock.clock, first) is level(clock.clock, second) and after:
        assert {notice.key for notice in before} <= {notice.key for notice in after}
    most = max((rule.most for rule in rules), default=0)
    for notices in (before, after):
        for recipient in {notice.recipient for notice in notices}:
            assert sum(notice.recipient == recipient for notice in notices) <= most
    assert len(latest(after)) == len({notice.recipient for notice in after})


# --- events ---


def promptly(event: Event) -> Event:
    """The event as if it had been recorded when it happened; the walks record everything months later."""
    return replace(event, recorded_at=event.occurred_at)


def heard(walk: Walk, kind: str, merged=()) -> list[tuple[str, str]]:
    """Recipient and kind of what follows from the last event of a kind."""
    event = next(event for event in reversed(walk.events) if event.kind == kind)
    news = notices_of(Told(promptly(event), walk.state, walk.events, merged), DIRECTORY)
    return [(notice.recipient, notice.kind) for notice in news]


def by(walk: Walk, kind: str, actor: str, leg: int | None = None, **data) -> Walk:
    """Record an event of somebody in particular."""
    walk.do(kind, leg, **data)
    stored = walk.desk.store.events[walk.state.number]
    stored[-1] = replace(stored[-1], actor=actor)
    return walk


def test_every_kind_of_event_says_who_is_told_of_it() -> None:
    assert set(TOLD) == set(EventKind)
    assert {kind for kind in EventKind if TOLD[kind] is not None} == TELLING
    reached = {row.kind for row in TOLD.values() if row}
    assert reached | {NoticeKind.DUE_SOON, NoticeKind.OVERDUE} == set(NoticeKind)


def test_an_urging_and_a_supervision_reach_whoever_has_the_leg_in_hand() -> None:
    walk = Walk(SMOKE).do("accepted")
    assert heard(walk.do("urged", 1), "urged") == [(UNIT, NoticeKind.URGED)]
    assert heard(walk.do("supervised", 2), "supervised") == [("unit:sthj-001", NoticeKind.SUPERVISED)]


@pytest.mark.parametrize(
    ("actor", "recipient"),
    [
        (WEST, f"township:{WEST}"),
        (EAST, f"township:{EAST}"),
        ("zjj", "department:zjj"),
        ("sthj-001", "unit:sthj-001"),
        ("commander", COMMAND),
    ],
)
def test_a_reply_reaches_whoever_supervised_last(actor: str, recipient: str) -> None:
    walk = by(by(Walk(SMOKE).do("accepted"), "supervised", "scjg", 1), "supervised", actor, 1)
    by(walk, "supervised", "hotline", 2)
    assert heard(walk.do("replied", 1), "replied") == [(recipient, NoticeKind.REPLIED)]


def test_a_dispute_reaches_the_adjudicator_and_the_department_that_should_act() -> None:
    walk = Walk(SMOKE).do("accepted").do("disputed", 2, wanted="zjj")
    assert heard(walk, "disputed") == [(ADJUDICATOR, NoticeKind.DISPUTED), ("department:zjj", NoticeKind.DISPUTED)]
    assert heard(Walk(SMOKE).do("disputed"), "disputed") == [(ADJUDICATOR, NoticeKind.DISPUTED)]


def test_a_settlement_reaches_every_department_of_the_case_and_the_one_that_acts_from_now_on() -> None:
    walk = by(Walk(SMOKE).do("accepted").do("disputed", 2), "settled", ADJUDICATOR, 2, department="zjj")
    found = [recipient for recipient, _ in heard(walk, "settled")]
    assert found == [f"department:{code}" for code in ("zhzf", "sthj", "scjg", "zjj")]


def test_a_result_reaches_the_reporter_and_those_of_the_cases_that_were_merged_into_it() -> None:
    walk = Walk(LITTER).do("accepted").do("finished")
    event = promptly(walk.events[-1])
    found = notices_of(Told(event, walk.state, walk.events, [("CX20260304-00009", "hotline")]), DIRECTORY)
    assert [(one.number, one.recipient, one.kind) for one in found] == [
        (walk.state.number, "source:grid", NoticeKind.RESULT),
        ("CX20260304-00009", "source:hotline", NoticeKind.RESULT),
    ]
    assert found[1].data["result_of"] == walk.state.number
    assert "result_of" not in found[0].data


def test_a_case_that_is_handed_back_reaches_the_command_centre_because_no_clock_runs_for_it() -> None:
    walk = Walk(LITTER).do("returned")
    assert watched(walk.state) == ()
    assert heard(walk, "returned") == [(COMMAND, NoticeKind.RETURNED)]


def test_nobody_is_told_what_it_did_itself() -> None:
    walk = by(Walk(SMOKE).do("accepted"), "disputed", "zjj", 2, wanted="zjj")
    assert heard(walk, "disputed") == [(ADJUDICATOR, NoticeKind.DISPUTED)]


def test_history_that_is_filed_later_is_no_news() -> None:
    walk = Walk(SMOKE).do("accepted").do("urged", 1)
    old = replace(walk.events[-1], recorded_at=walk.events[-1].occurred_at + timedelta(days=31))
    assert notices_of(Told(old, walk.state, walk.events), DIRECTORY) == ()


def test_keys_tell_events_and_recipients_apart() -> None:
    walk = Walk(SMOKE).do("accepted").do("urged", 1).do("urged", 1)
    keys = [
        notice.key
        for event in walk.events
        for notice in notices_of(Told(promptly(event), walk.state, walk.events), DIRECTORY)
    ]
    assert len(keys) == len(set(keys)) == 2


@pytest.mark.parametrize(
    ("recipient", "known"),
    [
        (UNIT, True),
        ("department:zhzf", True),
        (f"township:{EAST}", True),
        ("source:grid", True),
        (COMMAND, True),
        (ADJUDICATOR, True),
        ("department:nobody", False),
        ("zhzf", False),
        ("office:zhzf", False),
        ("", False),
    ],
)
def test_the_directory_knows_which_inboxes_there_are(recipient: str, known: bool) -> None:
    assert DIRECTORY.knows(recipient) is known
