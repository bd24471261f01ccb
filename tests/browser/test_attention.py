"""The director's cut is a pure function: the same county at the same minute flies to the same place, or nowhere."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from dashboard.views import attention
from dashboard.views.attention import Attention, choose, sentence
from dashboard.views.names import Book

FIFTH = datetime(2026, 11, 24, 6, 5, 3, tzinfo=UTC)  # a minute that five divides
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NOW = FIFTH + 2 * MINUTE
QUIET = {"a": {"pending": 40, "overdue": 2}, "b": {"pending": 60, "overdue": 3}}
BOOK = Book(
    [("a", "观海卫镇", "Guanhaiwei"), ("av", "卫东村委会", None), ("avc", "第七网格", None)],
    {"YJS-01": SimpleNamespace(name="餐饮油烟扰民", name_en="Restaurant smoke")},
    {"zhzf": SimpleNamespace(name="综合行政执法局", spoken="综合执法局", name_en="Enforcement")},
    {},
)


@dataclass(frozen=True)
class Case:
    """A pending case as the board gives it."""

    number: str = "1"
    matter: str = "YJS-01"
    township: str | None = "a"
    village: str | None = "av"
    cell: str | None = "avc"
    received_at: datetime = NOW - timedelta(hours=5)
    due_at: datetime | None = NOW + timedelta(hours=1)
    due_kind: str | None = "respond"
    due_department: str | None = "zhzf"


def test_nothing_moves_when_nothing_is_wrong() -> None:
    assert choose(NOW, [], {}) is None
    assert choose(FIFTH, [Case()], QUIET) is None
    assert choose(FIFTH, [], {"a": {"pending": 5, "overdue": 0}}) is None


@pytest.mark.parametrize(
    ("ago", "seen"), [(0 * SECOND, True), (59 * SECOND, True), (60 * SECOND, False), (-SECOND, False)]
)
def test_a_limit_that_passed_within_the_last_minute_is_a_breach(ago: timedelta, seen: bool) -> None:
    case = Case(due_at=NOW - ago)
    assert choose(NOW, [case], QUIET) == (Attention("breach", "avc", "a", 1, case=case) if seen else None)


def test_of_several_breaches_the_township_with_most_of_them_is_shown_whole() -> None:
    late = Case(due_at=NOW)
    cases = [
        replace(late, number="0", township="b", village="bv", cell="bvc"),
        late,
        replace(late, number="2", cell="x"),
    ]
    found = choose(NOW, cases, QUIET)
    assert found is not None
    assert (found.kind, found.area, found.township, found.n) == ("breach", "a", "a", 2)
    alone = choose(NOW, cases[:2], QUIET)
    assert alone is not None
    assert alone.township == "b", "as many breaches: the township with more overdue goes first"


def test_four_cases_of_a_village_within_an_hour_are_a_cluster_while_the_last_is_fresh() -> None:
    cases = [Case(str(n), received_at=NOW - n * 15 * MINUTE) for n in range(4)]
    assert choose(NOW, cases, QUIET) == Attention("cluster", "av", "a", 4)
    assert choose(NOW, cases[:3], QUIET) is None
    assert choose(NOW + 11 * MINUTE, cases, QUIET) is None
    elsewhere = replace(cases[0], village="aw")
    assert choose(NOW, [elsewhere, *cases[1:]], QUIET) is None


def test_the_worst_township_stands_out_after_shrinking_and_is_shown_every_fifth_minute_only() -> None:
    # The county has 12 of 200 overdue, 6 %. a: (8 + 1.2) / (60 + 20) = 11.5 %, 1.9 times the county's share.
    bad = {"a": {"pending": 60, "overdue": 8}, "b": {"pending": 140, "overdue": 4}}
    assert choose(FIFTH, [], bad) == Attention("worst", "a", "a", 8, 60)
    assert [choose(FIFTH + n * MINUTE, [], bad) is not None for n in range(6)] == [
        True,
        False,
        False,
        False,
        False,
        True,
    ]
    # One bad case in a quiet township does not shout, nor do two of three.
    few = {"a": {"pending": 3, "overdue": 2}, "b": {"pending": 197, "overdue": 10}}
    assert choose(FIFTH, [], few) is None


def test_a_breach_goes_before_a_cluster_and_a_cluster_before_what_has_been_so_for_long() -> None:
    bad = {"a": {"pending": 60, "overdue": 8}, "b": {"pending": 140, "overdue": 4}}
    cluster = [Case(str(n), received_at=FIFTH - n * MINUTE) for n in range(4)]
    breach = Case("9", due_at=FIFTH)
    assert [found.kind for found in (choose(FIFTH, [*cluster, breach], bad), choose(FIFTH, cluster, bad)) if found] == [
        "breach",
        "cluster",
    ]


def test_cases_outside_every_township_are_nowhere_to_fly_to() -> None:
    assert choose(NOW, [Case(township=None, village=None, cell=None, due_at=NOW)], QUIET) is None


def test_one_sentence_says_where_and_why() -> None:
    case = Case(due_at=NOW)
    assert sentence(Attention("breach", "avc", "a", 1, case=case), BOOK, "zh-CN") == {
        "where": "观海卫镇 · 第七网格",
        "why": "餐饮油烟扰民 · 综合执法局 · 首问响应：刚刚超时",
    }
    worst = sentence(Attention("worst", "a", "a", 8, 60), BOOK, "zh-CN")
    assert worst == {"where": "观海卫镇", "why": "60 件在办，8 件超时，明显高于全市"}
    assert sentence(Attention("cluster", "av", "a", 4), BOOK, "en")["why"] == "4 new cases within an hour"
    assert sentence(Attention("breach", "a", "a", 3), BOOK, "en")["why"] == "3 cases turned overdue within a minute"


def test_the_rule_of_shrinking_is_the_same_as_the_maps() -> None:
    assert attention.PRIOR_CASES == 20
