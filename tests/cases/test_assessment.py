"""The published figures, to the digit; better figures never lower a score; nothing is guessed where one is missing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.assessment import (
    COUNTED,
    DEFAULT,
    INDICATORS,
    NONE,
    REWORK_BY,
    By,
    Component,
    ComponentKind,
    Count,
    Direction,
    Scheme,
    assess,
    behind,
    composite,
    percent,
    period,
    rate,
    rounded,
    shrunk,
    units_in,
    written,
)
from cases.errors import BadPeriod, BadWeights
from cases.matters import Domain
from cases.organisation import Department, Organisation, Unit
from tests.cases.factories import ORGANISATION

NOTHING = dict.fromkeys(Count, 0)
RATING = Component("township", "镇街评价", "Rating", Decimal(60), ComponentKind.RATING, By.TOWNSHIP)
SCORE = Component("department", "部门考核", "Score", Decimal(40), ComponentKind.INDICATORS, By.DEPARTMENT)
PERFECT = {**NOTHING, Count.DUE: 10, Count.DONE: 10, Count.ON_TIME: 10}
DOCS = Path(__file__).parent.parent.parent / "docs" / "assessment.md"


def unit(code: str, domain: Domain = Domain.COURT, *, serves: tuple[str, ...] = ()) -> Unit:
    return Unit(code, f"所 {code}", "fy", "330282001", domain, serves)


def rated(score: str, *townships: str) -> dict[str, Fraction]:
    return {f"township:{code}": Fraction(score) for code in townships or ("330282001",)}


# Facts of the trade: Zhengzhou, week of 2019-04-08, and Tianmen, as they were published.


@pytest.mark.parametrize(
    ("numerator", "denominator", "published"),
    [(43523, 52434, "83.01 %"), (276, 52434, "0.53 %"), (737, 972, "75.82 %"), (911, 972, "93.72 %")],
)
def test_rates_are_those_that_were_published(numerator: int, denominator: int, published: str) -> None:
    assert percent(rate(numerator, denominator)) == published


def test_the_rework_rate_is_divided_by_what_was_due_unless_the_region_says_otherwise() -> None:
    counts = {**NOTHING, Count.DUE: 52434, Count.DONE: 51229, Count.REWORK: 276}
    by_default = DEFAULT.indicator("rework")
    by_done = Scheme(DEFAULT.components, Count.DONE).indicator("rework")
    assert by_default is not None
    assert by_done is not None
    assert percent(by_default.of(counts)) == "0.53 %"
    # 276 / 51229 = 0.539 %: the other denominator would have printed this.
    assert percent(by_done.of(counts)) == "0.54 %"
    assert set(REWORK_BY) == {Count.DUE, Count.DONE}


def test_nothing_of_nothing_is_a_dash() -> None:
    assert percent(rate(0, 0)) == NONE == "—"
    assert written(None) == "—"
    for one in INDICATORS:
        assert one.of(NOTHING) is None
    assert composite(NOTHING) is None


def test_people_round_half_up() -> None:
    assert written(Fraction(1, 8)) == "0.13"
    assert written(Fraction(2675, 1000)) == "2.68"
    assert rounded(Fraction(9249, 100), 0) == 92


# The composite, by hand: 30·0.8 + 20·0.5 + 20·(1−0.1) + 20·(1−0.2) + 10·(1−0.3) = 24 + 10 + 18 + 16 + 7.


def test_the_composite_is_the_published_sum() -> None:
    counts = {
        **NOTHING,
        Count.DUE: 10,
        Count.DONE: 8,
        Count.ON_TIME: 5,
        Count.REWORK: 1,
        Count.OVERDUE: 2,
        Count.EXTENDED: 3,
    }
    assert composite(counts) == 75
    assert composite(PERFECT) == 100
    assert sum(one.points for one in INDICATORS) == 100


@given(
    due=st.integers(1, 200),
    values=st.lists(st.integers(0, 200), min_size=5, max_size=5),
    which=st.integers(0, 4),
    by=st.integers(1, 200),
)
def test_a_better_figure_never_lowers_the_composite(due: int, values: list[int], which: int, by: int) -> None:
    parts = [one for one in INDICATORS if one.points]
    assert len(parts) == 5
    counts = {**NOTHING, Count.DUE: due}
    counts |= {one.numerator: min(due, value) for one, value in zip(parts, values, strict=True)}
    changed = parts[which]
    moved = by if changed.direction is Direction.HIGHER else -by
    better = {**counts, changed.numerator: max(0, min(due, counts[changed.numerator] + moved))}
    before, after = composite(counts), composite(better)
    assert before is not None
    assert after is not None
    assert 0 <= before <= after <= 100


@pytest.mark.parametrize("one", INDICATORS, ids=lambda one: one.code)
def test_every_indicator_says_what_it_divides_which_way_is_better_and_where_it_is_published(one: object) -> None:
    assert one in INDICATORS
    indicator = next(each for each in INDICATORS if each is one)
    assert indicator.source
    assert indicator.zh
    assert indicator.en
    assert COUNTED[indicator.numerator].zh in indicator.formula()
    assert COUNTED[indicator.numerator].en in indicator.formula(english=True)
    if indicator.denominator is not None:
        assert " / " in indicator.formula()


def test_a_lower_better_indicator_is_one_of_work_undone_or_undone_again() -> None:
    lower = {one.code for one in INDICATORS if one.direction is Direction.LOWER}
    assert lower == {"rework", "overdue", "extension", "returned", "passed_on"}


def test_every_count_and_indicator_is_explained_in_the_document() -> None:
    text = DOCS.read_text(encoding="utf8")
    for words in COUNTED.values():
        assert words.zh in text, words.zh
    for one in INDICATORS:
        assert one.zh in text, one.zh


# Weights.


def with_weights(*weights: str) -> tuple[Component, ...]:
    return tuple(replace(RATING, code=f"c{n}", weight=Decimal(one)) for n, one in enumerate(weights))


@pytest.mark.parametrize(
    ("weights", "total"), [(("55", "40"), "95"), (("60", "41"), "101"), ((), "0"), (("99.9",), "99.9")]
)
def test_weights_of_another_sum_are_refused_with_the_sum(weights: tuple[str, ...], total: str) -> None:
    with pytest.raises(BadWeights, match=f"add up to {total} %"):
        Scheme(with_weights(*weights))


def test_thirds_by_their_digits_and_single_components_are_accepted() -> None:
    assert Scheme(with_weights("33.3", "33.3", "33.4"))
    assert Scheme((replace(RATING, weight=Decimal(100)),))


def test_a_component_given_twice_or_without_weight_is_refused() -> None:
    with pytest.raises(BadWeights, match="code of its own"):
        Scheme((RATING, replace(SCORE, code="township")))
    with pytest.raises(BadWeights, match="above 0"):
        Scheme((replace(RATING, weight=Decimal(110)), replace(SCORE, weight=Decimal(-10))))
    with pytest.raises(BadWeights, match="divided by"):
        Scheme((RATING, SCORE), Count.RETURNED)


# Totals and ranks.


def lines(
    counts: Mapping[str, Mapping[Count, int]], ratings: Mapping[str, Mapping[str, Fraction]], *units: Unit
) -> dict:
    return {line.unit.code: line for line in assess(units, counts, ratings, DEFAULT)}


def test_the_total_is_weighed_and_a_missing_part_is_never_made_up() -> None:
    found = lines(
        {"a": PERFECT, "b": PERFECT, "c": NOTHING},
        {"a": rated("90"), "c": rated("100")},
        unit("a"),
        unit("b"),
        unit("c"),
    )
    # 0.6 × 90 + 0.4 × 100
    assert (found["a"].total, found["a"].rank) == (94, 1)
    assert (found["b"].total, found["b"].rank) == (None, None)
    assert found["b"].scores == {"township": None, "department": 100}
    assert [(one.component.code, one.what) for one in found["b"].missing] == [("township", ("township:330282001",))]
    assert found["c"].scores == {"township": 100, "department": None}
    assert found["c"].total is None
    assert found["c"].missing[0].what == ("disposal", "on_time", "rework", "overdue", "extension")


def test_every_township_that_a_unit_serves_has_its_say() -> None:
    serving = unit("a", serves=("330282002",))
    one_of_two = lines({"a": PERFECT}, {"a": rated("90")}, serving)["a"]
    assert one_of_two.total is None
    assert one_of_two.missing[0].what == ("township:330282002",)
    both = rated("90") | rated("80", "330282002")
    assert lines({"a": PERFECT}, {"a": both}, serving)["a"].scores["township"] == 85


def test_ranks_are_within_the_domain_and_equals_share_one() -> None:
    units = [unit("a"), unit("b"), unit("c"), unit("d", Domain.JUSTICE), unit("e")]
    ratings = {"a": rated("80"), "b": rated("90"), "c": rated("80"), "d": rated("70")}
    found = lines(dict.fromkeys("abcde", PERFECT), ratings, *units)
    assert {code: line.rank for code, line in found.items()} == {"b": 1, "a": 2, "c": 2, "d": 1, "e": None}
    assert list(found) == ["b", "a", "c", "e", "d"], "by domain, then by rank, those without a total last"


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=8))
def test_a_better_total_never_ranks_behind_a_worse_one(given_: list[tuple[int, int, int]]) -> None:
    units = [unit(f"u{n}") for n in range(len(given_))]
    counts = {
        f"u{n}": {**NOTHING, Count.DUE: due, Count.DONE: min(due, done)} for n, (_, due, done) in enumerate(given_)
    }
    ratings = {f"u{n}": rated(str(score)) for n, (score, _, _) in enumerate(given_)}
    found = assess(units, counts, ratings, DEFAULT)
    ranked = [line for line in found if line.rank]
    for one in ranked:
        assert one.total is not None
        assert one.rank == 1 + sum(other.total > one.total for other in ranked if other.total is not None)
    assert all(line.total is None for line in found if not line.rank)


# Colours.


def test_one_bad_case_does_not_shout_and_many_do() -> None:
    disposal = INDICATORS[0]
    domain = {**NOTHING, Count.DUE: 1000, Count.DONE: 980}
    # (0 + 10 × 0.98) / 11 = 0.89: nine points behind, not ninety-eight.
    assert shrunk(0, 1, Fraction(98, 100)) == Fraction(98, 110)
    assert behind(disposal, {**NOTHING, Count.DUE: 1}, domain) == 1
    assert behind(disposal, {**NOTHING, Count.DUE: 20}, domain) == 2
    assert behind(disposal, {**NOTHING, Count.DUE: 20, Count.DONE: 20}, domain) == 0
    assert behind(disposal, NOTHING, domain) == 0
    rework = INDICATORS[2]
    assert behind(rework, {**NOTHING, Count.DUE: 20, Count.REWORK: 5}, domain) == 2
    assert behind(rework, {**NOTHING, Count.DUE: 20}, {**domain, Count.REWORK: 500}) == 0, "better is no offence"


# Periods.


def test_a_period_is_a_month_or_a_year_of_the_regions_days() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    november = period("2026-11")
    assert (november.start, november.last, november.end) == (date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1))
    assert november.instants(zone) == (datetime(2026, 10, 31, 16, tzinfo=UTC), datetime(2026, 11, 30, 16, tzinfo=UTC))
    assert (period("2026-12").end, period("2026").start, period("2026").end) == (
        date(2027, 1, 1),
        date(2026, 1, 1),
        date(2027, 1, 1),
    )


@pytest.mark.parametrize(
    "name", ["2026-13", "2026-00", "2026-1", "", "26", "2026-11-01", "２０２６", "2026\n", "0000", "1999"]
)
def test_anything_else_is_no_period(name: str) -> None:
    with pytest.raises(BadPeriod, match="2026-11"):
        period(name)


def test_the_units_of_a_period_are_those_that_existed_on_one_of_its_days() -> None:
    def codes(name: str) -> set[str]:
        return {one.code for one in units_in(ORGANISATION, period(name))}

    # scjg-001 ends on 2026-06-01: May is its last month.
    assert "scjg-001" in codes("2026-05")
    assert "scjg-001" not in codes("2026-06")
    assert "scjg-001" in codes("2026")
    before = Unit("x", "旧名", "zjj", "330282001", valid_to=date(2026, 3, 10))
    after = Unit("x", "新名", "zjj", "330282001", valid_from=date(2026, 3, 10))
    both = Organisation([Department("zjj", "住建局")], [after, before])
    assert [one.name for one in units_in(both, period("2026-03"))] == ["新名"]
