"""How many reports to expect in the next hours, place by place and matter by matter, and how well that has done.

The expectation is the product of a rhythm and of a place's own rate, both learnt from the last weeks alone:

- The rhythm says how the county's reports spread over the hours: one mean for each hour of the day, apart for working
  days and days off by the calendar (a make-up Saturday is a working day, a holiday is not). It is the seasonal mean of
  any textbook (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2), its season told by the
  calendar and not by the weekday alone.
  A unit with enough reports has a rhythm of its own, shrunk towards the common one: smoke comes at meals.
- A place's rate says how its own count compares with what the rhythm would give it. Small counts say little, so the
  rate is shrunk towards the one of the area around it, a cell's towards its township's, a township's towards the
  county's, by the gamma-Poisson model with moments of the data (Clayton and Kaldor 1987, Biometrics 43; Marshall 1991,
  Applied Statistics 40).

A gamma rate and a Poisson count give a negative binomial: its tenth and ninetieth percentile are the interval. What
scatters more than that, because events come in clusters, widens it by a dispersion that is taken from the same weeks.

Nothing here reads a clock. What is later than the origin of an expectation does not enter it.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cases.calendar import Calendar

HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEK_H = 168
WEEKS = 8
"""Weeks that are learnt from: long enough for a rhythm, short enough to follow the season."""
OWN_RHYTHM = 48
"""A unit with fewer reports than there are hours of a working day and a day off has no rhythm of its own."""
CERTAIN = 1e6
"""Shape of a prior where the data scatter no more than chance: nobody is told apart."""
LOWER, UPPER = 0.1, 0.9
"""The interval of 80 %."""
Key = TypeVar("Key", bound=Hashable)
Slot = tuple[bool, int]
"""Whether people work on the day, and the hour of the day in the region's zone."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a unit may expect in a stretch of time.

    Attributes
    ----------
    mean
        The expected number; seldom a whole one.
    low, high
        At least 80 % of the probability lies from `low` to `high`, both included: counts jump, so it is often more.
    held
        How much of it really does by the model.
    seen
        How many of the unit's reports the expectation rests on: its n.
    """

    mean: float
    low: int
    high: int
    held: float
    seen: int


def hour_of(at: datetime) -> int:
    """Give the number of the hour that holds an aware instant, counted from 1970 in UTC."""
    return (at - EPOCH) // HOUR


class Past:
    """Reports counted by hour and unit, and the slot of each hour.

    Parameters
    ----------
    reports
        Pairs of an aware instant and a unit: a cell, a township, a matter or anything else.
    """

    def __init__(self, reports: Iterable[tuple[datetime, str]], calendar: Calendar) -> None:
        self.calendar = calendar
        self.by_hour: dict[int, Counter[str]] = {}
        self._slots: dict[int, Slot] = {}
        for at, unit in reports:
            self.by_hour.setdefault(hour_of(at), Counter())[unit] += 1

    def slot(self, hour: int) -> Slot:
        """Give the kind of day and the hour of the day."""
        found = self._slots.get(hour)
        if found is None:
            local = (EPOCH + hour * HOUR).astimezone(self.calendar.zone)
            found = self._slots[hour] = self.calendar.is_workday(local.date()).works, local.hour
        return found

    def count(self, start: int, hours: int) -> Counter[str]:
        """Count the reports of each unit in so many hours."""
        found: Counter[str] = Counter()
        for hour in range(start, start + hours):
            found.update(self.by_hour.get(hour, {}))
        return found


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is known of each unit's share of the whole: a gamma distribution, its mean ``shape / rate``."""

    shape: Mapping[str, float]
    rate: Mapping[str, float]


def shrunk(seen: Mapping[Key, float], prior: Mapping[Key, float]) -> tuple[float, float, dict[Key, float]]:
    """Estimate, by moments, how far counts scatter around what is expected of them, and shrink them accordingly.

    Parameters
    ----------
    seen
        Unit to its count.
    prior
        Unit to the expected count, above 0.

    Returns
    -------
    tuple
        Shape and rate of the gamma prior of the ratio of seen to expected, and unit to its shrunk ratio.

    Notes
    -----
    With ratios r = seen/E and weights E, m the weighted mean of r and s² its weighted variance, the variance of the
    true ratios is s² - m / mean(E) (Marshall 1991, formulas 5 and 6).
    """
    total = sum(prior.values())
    mean = sum(seen[unit] for unit in prior) / total
    if mean <= 0:
        return CERTAIN, CERTAIN, dict.fromkeys(prior, 1.0)
    spread = sum(e * (seen[unit] / e - mean) ** 2 for unit, e in prior.items()) / total
    variance = spread - mean * len(prior) / total
    shape = min(mean * mean / variance, CERTAIN) if variance > 0 else CERTAIN
    rate = shape / mean
    return shape, rate, {unit: (shape + seen[unit]) / (rate + e) for unit, e in prior.items()}


class Expectation:
    """What each unit may expect after an origin, learnt from the weeks before it.

    Parameters
    ----------
    past
        Reports of at least the last `weeks` weeks; what is not before the origin is not looked at.
    origin
        Number of an hour (`hour_of`): the first one that is not known.
    groups
        Every unit, also those without a report, to the group that it is shrunk within: a cell's township.
    """

    def __init__(self, past: Past, origin: int, groups: Mapping[str, str], weeks: int = WEEKS) -> None:
        self.past, self.origin, self.start = past, origin, origin - weeks * WEEK_H
        self.seen: Counter[str] = Counter(dict.fromkeys(groups, 0))
        self._whole: Counter[Slot] = Counter()
        self._passed: Counter[Slot] = Counter()
        self._own: dict[str, Counter[Slot]] = {}
        self._learn(groups)
        self.whole = sum(self._whole.values())
        self.shares = self._shares(groups)
        self._factors = {unit: self._factor(unit) for unit, n in self.seen.items() if n >= OWN_RHYTHM}
        self._mean = {unit: self.shares.shape[unit] / self.shares.rate[unit] for unit in groups}
        plain = [share for unit, share in self._mean.items() if unit not in self._factors]
        self._plain_sum, self._plain_square = sum(plain), sum(share * share for share in plain)
        self._scatters: dict[int, float] = {}

    def _learn(self, groups: Mapping[str, str]) -> None:
        for hour in range(self.start, self.origin):
            slot = self.past.slot(hour)
            self._passed[slot] += 1
            for unit, n in self.past.by_hour.get(hour, {}).items():
                if unit in groups:
                    self.seen[unit] += n
                    self._whole[slot] += n
                    self._own.setdefault(unit, Counter())[slot] += n

    def _shares(self, groups: Mapping[str, str]) -> Posterior:
        """Shrink the groups towards the whole, then the units of each group towards their group."""
        members: dict[str, dict[str, float]] = {}
        for unit, group in groups.items():
            members.setdefault(group, {})[unit] = 0.0
        if not self.whole:
            return Posterior(dict.fromkeys(groups, 0.0), dict.fromkeys(groups, 1.0))
        even = {group: self.whole * len(units) / len(groups) for group, units in members.items()}
        counted = {group: float(sum(self.seen[unit] for unit in units)) for group, units in members.items()}
        _, _, level = shrunk(counted, even)
        shape, rate = {}, {}
        for group, units in members.items():
            expected = level[group] * even[group] / len(units)
            alpha, beta, _ = shrunk(self.seen, dict.fromkeys(units, expected))
            for unit in units:
                shape[unit] = alpha + self.seen[unit]
                rate[unit] = (beta + expected) * self.whole / expected
        return Posterior(shape, rate)

    def _factor(self, unit: str) -> dict[Slot, float]:
        """Say how a unit's own rhythm differs from the common one, slot by slot."""
        part = self.seen[unit] / self.whole
        expected = {slot: n * part for slot, n in self._whole.items() if n}
        return shrunk(self._own[unit], expected)[2]

    def rhythm(self, hour: int) -> float:
        """Give the mean of the whole in an hour. A kind of day that was not seen is taken from the other kind."""
        works, of_day = slot = self.past.slot(hour)
        if not self._passed[slot]:
            slot = (not works, of_day)
        return self._whole[slot] / self._passed[slot] if self._passed[slot] else 0.0

    def scatter(self, hours: int) -> float:
        """Estimate how far counts of so many hours scatter beyond chance, by moments over all units and weeks.

        The variance of a count with mean m is taken as m + a m²; a is the sum of (y - m)² - m over the sum of m²
        (Cameron and Trivedi 1998, 3.2). Reports come in clusters, and good days and bad ones touch every unit.
        """
        if hours not in self._scatters:
            parts = [self._off(start, hours) for start in range(self.start, self.origin - hours + 1, hours)]
            above, below = (sum(part[n] for part in parts) for n in (0, 1))
            self._scatters[hours] = max(above / below, 0.0) if below else 0.0
        return self._scatters[hours]

    def _off(self, start: int, hours: int) -> tuple[float, float]:
        """Give the sums of (y - m)² - m and of m² over all units, for one stretch."""
        stretch = [(self.past.slot(hour), self.rhythm(hour)) for hour in range(start, start + hours)]
        whole = sum(mean for _, mean in stretch)
        counts = self.past.count(start, hours)
        # Units without a rhythm of their own in one go: most of them saw nothing.
        above, below = self._plain_square * whole * whole - self._plain_sum * whole, self._plain_square * whole * whole
        for unit, n in counts.items():
            if unit in self.seen and unit not in self._factors:
                above += n * n - 2 * n * self._mean[unit] * whole
        for unit in self._factors:
            mean = self._expect(unit, stretch)
            above += (counts[unit] - mean) ** 2 - mean
            below += mean * mean
        return above, below

    def _expect(self, unit: str, stretch: Iterable[tuple[Slot, float]]) -> float:
        own = self._factors.get(unit)
        if own is None:
            return self._mean[unit] * sum(mean for _, mean in stretch)
        return self._mean[unit] * sum(mean * own.get(slot, 1.0) for slot, mean in stretch)

    def each(self, units: Iterable[str], start: int, hours: int) -> dict[str, Expected]:
        """Say what units may expect in so many hours from `start` on, which is not before the origin."""
        stretch = [(self.past.slot(hour), self.rhythm(hour)) for hour in range(start, start + hours)]
        scatter, found = self.scatter(hours), {}
        for unit in units:
            mean = self._expect(unit, stretch)
            # What is not known of the rate and what scatters beyond chance add up: 1/size of the negative binomial.
            size = 1 / (1 / self.shares.shape[unit] + scatter) if mean else 1.0
            low, high, held = interval(mean, size)
            found[unit] = Expected(mean, low, high, held, self.seen[unit])
        return found


@dataclass(frozen=True, slots=True)
class Band:
    """What was expected in sum and what happened, of all pairs whose expectation lay below `below`."""

    below: float
    pairs: int
    expected: float
    happened: int


BANDS = (0.1, 0.5, 1.0, 5.0, math.inf)


@dataclass
class Score:
    """How well expectations did on hours that they had not seen.

    Attributes
    ----------
    pairs
        Units times origins: the n of all figures.
    error, naive_error
        Sum of absolute errors, of the expectation and of "as many as in the same hours a week before".
    covered, held
        How many counts lay within their interval, and how many would have by the model.
    expected, happened
        Sums over all pairs.
    """

    origins: int = 0
    pairs: int = 0
    error: float = 0.0
    naive_error: float = 0.0
    covered: int = 0
    held: float = 0.0
    bands: list[Band] = field(default_factory=lambda: [Band(below, 0, 0.0, 0) for below in BANDS])

    @property
    def scaled_error(self) -> float | None:
        """Mean absolute error over that of the seasonal naive forecast (Hyndman and Koehler 2006); below 1 is better.

        The scale is the naive forecast's error on the same hours, so both are measured by the same yardstick. None
        where the naive one made no error: 0/0 is no figure.
        """
        return self.error / self.naive_error if self.naive_error else None

    @property
    def expected(self) -> float:
        """Sum of the expectations."""
        return sum(band.expected for band in self.bands)

    @property
    def happened(self) -> int:
        """Sum of what happened."""
        return sum(band.happened for band in self.bands)

    def take(self, said: Expected, happened: int, before: int) -> None:
        """Count one pair: what was said, what happened, and what had happened in the same hours a week before."""
        self.pairs += 1
        self.error += abs(happened - said.mean)
        self.naive_error += abs(happened - before)
        self.covered += said.low <= happened <= said.high
        self.held += said.held
        at = next(n for n, band in enumerate(self.bands) if said.mean < band.below)
        old = self.bands[at]
        self.bands[at] = Band(old.below, old.pairs + 1, old.expected + said.mean, old.happened + happened)


def backtest(past: Past, origins: Iterable[int], hours: int, groups: Mapping[str, str], weeks: int = WEEKS) -> Score:
    """Let each origin tell the next hours from its own past alone, and compare with what happened (rolling origin).

    Parameters
    ----------
    origins
        Hours at which the hours that are told are over.
    """
    score = Score()
    for origin in origins:
        said = Expectation(past, origin, groups, weeks).each(groups, origin, hours)
        happened, before = past.count(origin, hours), past.count(origin - WEEK_H, hours)
        score.origins += 1
        for unit in groups:
            score.take(said[unit], happened[unit], before[unit])
    return score


def interval(mean: float, size: float) -> tuple[int, int, float]:
    """Give the tenth and ninetieth percentile of a negative binomial, and the probability from one to the other.

    Parameters
    ----------
    size
        The variance is ``mean + mean² / size``; infinite for a Poisson count.
    """
    if mean <= 0:
        return 0, 0, 1.0
    if mean > 2000:
        # The normal curve does for what is this large, and the sum below would run long.
        half = 1.2815515655446004 * math.sqrt(mean + mean * mean / size)
        return max(round(mean - half), 0), round(mean + half), UPPER - LOWER
    poisson = size > 1e8 * max(mean, 1)
    part = math.exp(-mean) if poisson else math.exp(size * math.log(size / (size + mean)))
    total, below, low, n = part, 0.0, None, 0
    while True:
        if low is None and total >= LOWER:
            low, below = n, total - part
        if total >= UPPER or n > 40 * mean + 400:
            return low or 0, n, min(total - below, 1.0)
        step = mean / (n + 1) if poisson else (size + n) / (n + 1) * mean / (size + mean)
        n, part = n + 1, part * step
        total += part
