"""What is suggested as the same, in which order, and that no way of merging closes a ring."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.case import CaseState, Status
from cases.duplicates import (
    Candidate,
    DuplicateLimits,
    Limits,
    chain,
    check_merge,
    dismissed,
    is_later,
    likeness,
    ranked,
    reporter_of,
    score,
)
from cases.errors import BadEvent, NotAllowed
from tests.cases.factories import LITTER, SMOKE, Walk

HOUR = timedelta(hours=1)
LIMITS = Limits(150.0, 168.0)
distances = st.floats(0, 150)
spans = st.timedeltas(-168 * HOUR, 168 * HOUR)


@st.composite
def candidates(draw: st.DrawFn, number: str | None = None) -> Candidate:
    distance, apart = draw(distances), draw(spans)
    return Candidate(
        number or f"CX20260304-{draw(st.integers(1, 99_999)):05d}",
        distance,
        apart,
        score(distance, apart, LIMITS),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from([0.0, 0.3, 0.7, 1.0])),
    )


# -- Limits -----------------------------------------------------------------------------------------------------------


def test_a_matter_has_its_own_limits_or_those_of_the_region() -> None:
    limits = DuplicateLimits(Limits(100, 72), {"YJS-01": LIMITS})
    assert (limits.of("YJS-01"), limits.of("SD-01")) == (LIMITS, Limits(100, 72))


def test_the_limits_hold_what_lies_on_them_and_nothing_beyond_in_either_direction() -> None:
    assert LIMITS.hold(150.0, 168 * HOUR)
    assert LIMITS.hold(150.0, -168 * HOUR)
    assert not LIMITS.hold(150.1, timedelta())
    assert not LIMITS.hold(0.0, 168 * HOUR + timedelta(microseconds=1))
    assert not LIMITS.hold(0.0, -168 * HOUR - timedelta(microseconds=1))


def test_no_metres_suggest_nothing_not_even_the_same_place() -> None:
    assert not Limits(0, 72).hold(0.0, timedelta())


# -- Order ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distance", "apart", "expected"),
    [(0, 0, 100), (150, 168, 0), (150, 0, 50), (0, -168, 50), (75, 84, 50), (15, -16.8, 90)],
)
def test_half_of_the_score_goes_with_the_distance_and_half_with_the_time(
    distance: float, apart: float, expected: int
) -> None:
    assert score(distance, apart * HOUR, LIMITS) == expected


@given(distances, spans, distances, spans)
def test_what_is_nearer_in_place_and_time_never_has_the_lower_score(
    near_m: float, soon: timedelta, more_m: float, more: timedelta
) -> None:
    far_m, late = min(150.0, near_m + more_m), min(168 * HOUR, abs(soon) + abs(more))
    assert 100 >= score(near_m, soon, LIMITS) >= score(far_m, late, LIMITS) >= 0


@given(st.lists(candidates(), max_size=8, unique_by=lambda one: one.number), st.randoms())
def test_the_order_does_not_depend_on_the_order_in_which_they_come(found: list[Candidate], chance: object) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ranked(shuffled) == ranked(found)
    scores = [one.score for one in ranked(found)]
    assert scores == sorted(scores, reverse=True)


@given(candidates("CX20260304-00001"), candidates("CX20260304-00002"))
def test_a_text_tells_two_apart_only_when_all_else_is_equal(one: Candidate, other: Candidate) -> None:
    def before(text_of_one: float, text_of_other: float) -> bool:
        first = ranked([replace(one, likeness=text_of_one), replace(other, likeness=text_of_other)])[0]
        return first.number == one.number

    equal = (one.score, one.same_reporter, one.same_source) == (other.score, other.same_reporter, other.same_source)
    assert (before(1.0, 0.0) != before(0.0, 1.0)) == equal


def test_equal_scores_are_told_apart_by_reporter_then_source_then_text_then_number() -> None:
    plain = Candidate("CX20260304-00005", 10, HOUR, 90)
    order = [
        replace(plain, number="CX20260304-00009", same_reporter=True),
        replace(plain, number="CX20260304-00008", same_source=True),
        replace(plain, number="CX20260304-00007", likeness=0.9),
        plain,
        replace(plain, number="CX20260304-00006"),
    ]
    assert ranked(reversed(order)) == order


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_is_the_same_both_ways_and_a_share(one: str, other: str) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1


def test_texts_that_say_nothing_are_not_alike_and_long_ones_cost_no_minutes() -> None:
    assert likeness("", "") == likeness(" ", "油烟") == 0
    assert likeness("楼下油烟很大", "楼下油烟很大 ") == 1
    assert likeness("ab" * 5_000, "ba" * 5_000) > 0.9


@pytest.mark.parametrize(
    ("contact", "known_by"),
    [
        ({"phone": "138 1234-0000"}, "13812340000"),
        ({"phone": "110"}, ""),
        ({"name": "李"}, ""),
        (None, ""),
        ("13812340000", ""),
    ],
)
def test_a_reporter_is_known_by_a_whole_telephone_number(contact: object, known_by: str) -> None:
    assert reporter_of({"contact": contact}) == known_by


def test_a_candidate_says_when_it_occurred_and_why_it_is_there() -> None:
    one = Candidate("CX20260304-00002", 30, -6 * HOUR, 88, same_source=True, likeness=0.6)
    assert (one.hours, one.direction, one.why) == (6, "earlier", ("distance", "time", "same_source", "text"))
    assert replace(one, apart=HOUR).direction == "later"
    assert replace(one, apart=timedelta(), likeness=0.2).why == ("distance", "time", "same_source")
    assert replace(one, apart=timedelta()).direction == "same"


# -- Merging ----------------------------------------------------------------------------------------------------------

SAMPLE = Walk().state


def a_case(number: int, matter: str = SMOKE, merged_into: str | None = None, minutes: int = 0) -> CaseState:
    return replace(
        SAMPLE,
        number=f"CX20260304-{number:05d}",
        matter=matter,
        merged_into=merged_into,
        status=Status.MERGED if merged_into else Status.ACCEPTED,
        received_at=SAMPLE.received_at + timedelta(minutes=minutes),
    )


ONE, OTHER, THIRD = (f"CX20260304-{number:05d}" for number in (1, 2, 3))


def test_a_case_is_not_merged_into_itself() -> None:
    with pytest.raises(NotAllowed, match=f"{ONE} cannot be merged into itself"):
        check_merge(a_case(1), a_case(1), ONE, "同一件")


def test_a_merge_into_a_merged_case_names_the_one_that_stays() -> None:
    with pytest.raises(NotAllowed, match=f"merged into {THIRD}; merge {ONE} into that one"):
        check_merge(a_case(1), a_case(2, merged_into="CX20260304-00004"), THIRD, "同一件")


def test_a_merge_back_is_a_ring_and_names_the_one_that_stays() -> None:
    with pytest.raises(NotAllowed, match=f"{OTHER} was itself merged into {ONE}.*ring; {ONE} stays"):
        check_merge(a_case(1), a_case(2, merged_into=ONE), ONE, "同一件")


@pytest.mark.parametrize("reason", [None, "", "  ", 3])
def test_another_matter_needs_a_reason(reason: object) -> None:
    with pytest.raises(NotAllowed, match=r"needs data\.reason"):
        check_merge(a_case(1), a_case(2, LITTER), OTHER, reason)
    check_merge(a_case(1), a_case(2, LITTER), OTHER, "垃圾焚烧引起油烟")
    check_merge(a_case(1), a_case(2), OTHER, reason)


def test_a_case_that_was_received_later_may_stay_but_is_known_as_such() -> None:
    check_merge(a_case(1), a_case(2, minutes=1), OTHER, None)
    assert is_later(a_case(1), a_case(2, minutes=1))
    assert not is_later(a_case(1), a_case(2))
    assert not is_later(a_case(1, minutes=1), a_case(2))


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=60))
def test_no_row_of_merges_ever_closes_a_ring(wanted: list[tuple[int, int]]) -> None:
    states = {number: a_case(number) for number in range(8)}
    numbers = {state.number: state for state in states.values()}

    def after(number: str) -> str | None:
        return numbers[number].merged_into

    taken = 0
    for goes, stays in wanted:
        one, into = numbers[states[goes].number], numbers[states[stays].number]
        # The table of the life cycle: what was merged is no longer open, and cannot be merged again.
        if one.merged_into is not None:
            continue
        try:
            check_merge(one, into, chain(into.number, after)[-1], None)
        except NotAllowed:
            continue
        numbers[one.number] = replace(one, merged_into=into.number)
        taken += 1
    ends = {chain(number, after)[-1] for number in numbers}
    assert all(numbers[end].merged_into is None for end in ends)
    assert len(ends) == len(states) - taken


def test_a_ring_that_somebody_wrote_into_the_database_is_named_and_not_followed_for_ever() -> None:
    with pytest.raises(NotAllowed, match="a → b → a"):
        chain("a", {"a": "b", "b": "a"}.get)
    assert chain("c", {"c": "d", "d": "e"}.get) == ("c", "d", "e")


# -- Not the same -----------------------------------------------------------------------------------------------------


def test_a_comment_may_say_of_which_case_this_one_is_no_duplicate() -> None:
    assert dismissed(ONE, {"text": "不是同一件", "not_duplicate_of": OTHER}) == OTHER
    assert dismissed(ONE, {"text": "已知悉"}) is None


@pytest.mark.parametrize("named", [ONE, "", " ", 7, [OTHER]])
def test_of_itself_or_of_what_is_no_number_it_cannot_say_so(named: object) -> None:
    with pytest.raises(BadEvent, match="number of the other case"):
        dismissed(ONE, {"not_duplicate_of": named})
