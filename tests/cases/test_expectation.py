"""What is expected of the next hours: by hand, without the future, and measured as the books say."""

import math
import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from scipy import stats

from cases.calendar import Calendar, SpecialDay
from cases.expectation import WEEK_H, Expectation, Past, Score, backtest, hour_of, interval, shrunk

HOUR = timedelta(hours=1)
START = datetime(2026, 9, 6, 16, tzinfo=UTC)  # Monday, midnight in the region
CALENDAR = Calendar(
    ZoneInfo("Asia/Shanghai"),
    [(time(8, 30), time(17, 30))],
    [SpecialDay(date(2026, 10, 10), is_workday=True), SpecialDay(date(2026, 10, 1), is_workday=False)],
    covered=[2026],
)
ORIGIN = hour_of(START) + 8 * WEEK_H


def poisson(chance: random.Random, mean: float) -> int:
    return int(stats.poisson.ppf(chance.random(), mean)) if mean else 0


def county(seed: int, rates: dict[str, float], hours: int = 12 * WEEK_H) -> list[tuple[datetime, str]]:
    """Reports of units at their own rates, twice as many by day, half as many on days off."""
    chance, found = random.Random(seed), []
    for n in range(hours):
        at = START + n * HOUR
        local = at.astimezone(CALENDAR.zone)
        rhythm = (2 if 8 <= local.hour < 20 else 1) * (1 if CALENDAR.is_workday(local.date()).works else 0.5)
        for unit, rate in rates.items():
            found += [(at + chance.random() * HOUR, unit) for _ in range(poisson(chance, rate * rhythm))]
    return found


RATES = {"a": 2.0, "b": 0.5, "c": 0.02, "d": 0.02, "e": 0.0}
GROUPS = {"a": "T1", "b": "T1", "c": "T2", "d": "T2", "e": "T2"}


def test_the_rhythm_is_the_mean_of_its_hours_and_knows_make_up_days_and_holidays() -> None:
    reports = county(1, RATES)
    expectation = Expectation(Past(reports, CALENDAR), ORIGIN, GROUPS)
    for slot in ((True, 9), (False, 3)):
        hours = [START + n * HOUR for n in range(8 * WEEK_H)]
        same = [
            hour
            for hour in hours
            if (
                CALENDAR.is_workday(hour.astimezone(CALENDAR.zone).date()).works,
                hour.astimezone(CALENDAR.zone).hour,
            )
            == slot
        ]
        mean = sum(any(h <= at < h + HOUR for h in same) for at, _ in reports) / len(same)
        for hour in same[:3]:
            assert expectation.rhythm(hour_of(hour)) == pytest.approx(mean)
    saturday, holiday = datetime(2026, 10, 10, 1, tzinfo=UTC), datetime(2026, 10, 1, 1, tzinfo=UTC)
    monday, sunday = datetime(2026, 10, 12, 1, tzinfo=UTC), datetime(2026, 10, 11, 1, tzinfo=UTC)
    assert expectation.rhythm(hour_of(saturday)) == expectation.rhythm(hour_of(monday))
    assert expectation.rhythm(hour_of(holiday)) == expectation.rhythm(hour_of(sunday))


def test_what_happens_after_the_origin_changes_nothing_that_was_said_before() -> None:
    reports = county(2, RATES)
    before = [one for one in reports if hour_of(one[0]) < ORIGIN]
    other = before + [(at, "c") for at, _ in reports if hour_of(at) >= ORIGIN] * 3
    said = [
        Expectation(Past(told, CALENDAR), ORIGIN, GROUPS).each(GROUPS, ORIGIN, 24) for told in (reports, before, other)
    ]
    assert said[0] == said[1] == said[2]


def test_a_backtest_of_an_origin_is_the_same_when_more_has_happened_since() -> None:
    reports = county(3, RATES)
    until = ORIGIN + 24
    shorter = [one for one in reports if hour_of(one[0]) < until]
    scores = [backtest(Past(told, CALENDAR), [ORIGIN], 24, GROUPS) for told in (reports, shorter)]
    assert scores[0] == scores[1]


def test_counts_that_scatter_like_chance_are_shrunk_to_their_mean_and_others_are_left() -> None:
    _, _, alike = shrunk({"x": 9, "y": 11, "z": 10}, {"x": 10.0, "y": 10.0, "z": 10.0})
    assert list(alike.values()) == pytest.approx([1, 1, 1], abs=1e-4)
    # Marshall's moments by hand: r = 0.1, 3.9, m = 2, s² = 3.61, less m/E = 2/100: A = 3.59.
    shape, rate, apart = shrunk({"x": 10, "y": 390}, {"x": 100.0, "y": 100.0})
    assert (shape, rate) == pytest.approx((4 / 3.59, 2 / 3.59))
    assert apart["x"] == pytest.approx((4 / 3.59 + 10) / (2 / 3.59 + 100))


def test_a_quiet_unit_expects_what_its_neighbours_have_and_a_busy_one_its_own() -> None:
    said = Expectation(Past(county(4, RATES), CALENDAR), ORIGIN, GROUPS).each(GROUPS, ORIGIN, WEEK_H)
    week = sum((2 if 8 <= h < 20 else 1) * (1 if d < 5 else 0.5) for d in range(7) for h in range(24))
    assert said["a"].mean == pytest.approx(2.0 * week, rel=0.1)
    assert said["b"].mean == pytest.approx(0.5 * week, rel=0.15)
    assert 0 < said["e"].mean < said["c"].mean * 1.01, "nothing seen is little, but not never"
    assert said["e"].seen == 0


@pytest.mark.parametrize(("mean", "size"), [(0.03, 2.0), (0.8, 5.0), (7.0, 3.0), (60.0, 40.0), (3.0, 1e12)])
def test_the_interval_is_that_of_a_negative_binomial(mean: float, size: float) -> None:
    low, high, held = interval(mean, size)
    law = stats.poisson(mean) if size > 1e9 else stats.nbinom(size, size / (size + mean))
    assert (low, high) == (law.ppf(0.1), law.ppf(0.9))
    assert held == pytest.approx(law.cdf(high) - law.cdf(low - 1))
    assert held >= 0.8


def test_large_counts_have_an_interval_too() -> None:
    low, high, _ = interval(10_000.0, math.inf)
    assert (low, high) == (10_000 - 128, 10_000 + 128)


def test_the_backtest_counts_as_a_plain_loop_does() -> None:
    reports, origins, hours = county(5, RATES), [ORIGIN, ORIGIN + 12, ORIGIN + 24], 12
    score = backtest(Past(reports, CALENDAR), origins, hours, GROUPS)

    def happened(unit: str, start: int) -> int:
        return sum(one == unit and start <= hour_of(at) < start + hours for at, one in reports)

    said = {o: Expectation(Past(reports, CALENDAR), o, GROUPS).each(GROUPS, o, hours) for o in origins}
    pairs = [(said[o][unit], happened(unit, o), happened(unit, o - WEEK_H)) for o in origins for unit in GROUPS]
    assert score.pairs == len(pairs) == 15
    error, naive = sum(abs(n - e.mean) for e, n, _ in pairs), sum(abs(n - week) for _, n, week in pairs)
    assert score.scaled_error == pytest.approx(error / naive)
    assert score.covered == sum(e.low <= n <= e.high for e, n, _ in pairs)
    assert (score.expected, score.happened) == pytest.approx(
        (sum(e.mean for e, *_ in pairs), sum(n for _, n, _ in pairs))
    )


def test_on_a_county_that_follows_the_model_it_beats_last_week_and_covers_what_it_says() -> None:
    rates = {f"{group}{n}": rate * (1 + n / 5) for group, rate in (("p", 0.3), ("q", 0.05)) for n in range(8)}
    groups = {unit: unit[0] for unit in rates}
    origins = range(ORIGIN, ORIGIN + 4 * WEEK_H - 12, 12)
    score = backtest(Past(county(6, rates), CALENDAR), origins, 12, groups)
    assert score.scaled_error is not None
    assert score.scaled_error < 0.85
    assert score.covered / score.pairs == pytest.approx(score.held / score.pairs, abs=0.03)
    assert score.expected == pytest.approx(score.happened, rel=0.06)


def test_without_reports_nothing_is_expected_and_no_figure_is_made_up() -> None:
    past = Past([], CALENDAR)
    said = Expectation(past, ORIGIN, GROUPS).each(GROUPS, ORIGIN, 6)
    assert {(one.mean, one.low, one.high, one.seen) for one in said.values()} == {(0.0, 0, 0, 0)}
    assert backtest(past, [ORIGIN], 6, GROUPS).scaled_error is None
    assert Score().scaled_error is None


def test_what_scatters_beyond_chance_is_the_sum_over_units_and_stretches() -> None:
    rates = {"a": 2.0, "b": 0.05, "c": 0.02}
    groups = {"a": "T1", "b": "T1", "c": "T2"}
    # Every report comes three times: the variance is three times the mean.
    reports = [one for one in county(7, rates) for _ in range(3)]
    past = Past(reports, CALENDAR)
    expectation = Expectation(past, ORIGIN, groups)
    above = below = 0.0
    for start in range(ORIGIN - 8 * WEEK_H, ORIGIN - 11, 12):
        said, happened = expectation.each(groups, start, 12), past.count(start, 12)
        for unit in groups:
            mean = said[unit].mean
            above, below = above + (happened[unit] - mean) ** 2 - mean, below + mean * mean
    assert expectation.scatter(12) == pytest.approx(above / below)
    assert Expectation(Past(county(7, rates), CALENDAR), ORIGIN, groups).scatter(12) < expectation.scatter(12) / 3
