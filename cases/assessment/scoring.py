"""From counts and ratings to scores, totals and ranks, and how far a unit stands behind its domain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from cases.assessment.figures import rounded
from cases.assessment.indicators import Count, Direction, Indicator
from cases.assessment.periods import Period
from cases.assessment.scheme import WHOLE, Component, ComponentKind, Scheme, composite, raters_of
from cases.matters import Domain
from cases.organisation import Organisation, Unit

SHRINK_BY = 10
"""How many cases at its domain's rate are added to a unit's own before a colour is chosen."""
APART, FAR_APART = Fraction(5, 100), Fraction(10, 100)


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a component has no score: the raters that have not rated, or the rates that have no cases."""

    component: Component
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessed:
    """A unit's line.

    Attributes
    ----------
    scores
        Component code to its score of 100, None where it is missing.
    total
        Of 100, to two decimals; None where a component is missing.
    rank
        Within the domain, 1 for the best; those with the same total share it. None without a total.
    """

    unit: Unit
    counts: Mapping[Count, int]
    scores: Mapping[str, Fraction | None]
    missing: tuple[Missing, ...]
    total: Fraction | None
    rank: int | None = None


def assess(
    units: Iterable[Unit],
    counts: Mapping[str, Mapping[Count, int]],
    ratings: Mapping[str, Mapping[str, Fraction]],
    scheme: Scheme,
) -> tuple[Assessed, ...]:
    """Assess units: scores, totals and ranks, by domain, then by rank, those without a total last.

    Parameters
    ----------
    counts
        By code of the unit; one without any has none.
    ratings
        By code of the unit and rater: the scores that count now.
    """
    nothing = dict.fromkeys(Count, 0)
    lines = [_line(one, {**nothing, **counts.get(one.code, {})}, ratings.get(one.code, {}), scheme) for one in units]
    ranked = [replace(line, rank=_rank(line, lines)) for line in lines]
    order = list(Domain)
    return tuple(
        sorted(ranked, key=lambda one: (order.index(one.unit.domain), one.rank or len(lines) + 1, one.unit.code))
    )


def units_in(organisation: Organisation, during: Period) -> tuple[Unit, ...]:
    """Give the units that existed on some day of a period, each as it was last."""
    return tuple(
        {
            unit.code: unit
            for unit in organisation.units
            if unit.valid_from < during.end and (unit.valid_to is None or unit.valid_to > during.start)
        }.values()
    )


def summed(lines: Iterable[Assessed]) -> dict[Count, int]:
    """Add up the counts of several units."""
    total = dict.fromkeys(Count, 0)
    for line in lines:
        for count, number in line.counts.items():
            total[count] += number
    return total


def _line(unit: Unit, counts: Mapping[Count, int], ratings: Mapping[str, Fraction], scheme: Scheme) -> Assessed:
    scores, missing, total = {}, [], Fraction(0)
    for component in scheme.components:
        score, lacking = _score(component, unit, counts, ratings, scheme)
        scores[component.code] = score
        if score is None:
            missing.append(Missing(component, lacking))
        else:
            total += Fraction(component.weight) * score / WHOLE
    return Assessed(unit, counts, scores, tuple(missing), None if missing else rounded(total))


def _score(
    component: Component, unit: Unit, counts: Mapping[Count, int], ratings: Mapping[str, Fraction], scheme: Scheme
) -> tuple[Fraction | None, tuple[str, ...]]:
    if component.kind is ComponentKind.INDICATORS:
        return composite(counts, scheme), tuple(
            one.code for one in scheme.indicators if one.points and one.of(counts) is None
        )
    asked = raters_of(component, unit)
    lacking = tuple(rater for rater in asked if rater not in ratings)
    return (None if lacking else sum((ratings[rater] for rater in asked), Fraction(0)) / len(asked)), lacking


def _rank(line: Assessed, lines: Iterable[Assessed]) -> int | None:
    if line.total is None:
        return None
    better = [
        one for one in lines if one.unit.domain is line.unit.domain and one.total is not None and one.total > line.total
    ]
    return len(better) + 1


def shrunk(numerator: int, denominator: int, towards: Fraction | None) -> Fraction | None:
    """Give a rate as far as its cases carry it: ten cases at the rate of the domain stand beside the unit's own."""
    if not denominator or towards is None:
        return None
    return (numerator + SHRINK_BY * towards) / (denominator + SHRINK_BY)


def behind(indicator: Indicator, counts: Mapping[Count, int], domain: Mapping[Count, int]) -> int:
    """Say how far a unit stands behind its domain, as far as n carries it: 0 not, 1 by five points, 2 by ten."""
    towards = indicator.of(domain)
    if indicator.denominator is None or towards is None:
        return 0
    value = shrunk(counts[indicator.numerator], counts[indicator.denominator], towards)
    if value is None:
        return 0
    gap = towards - value if indicator.direction is Direction.HIGHER else value - towards
    return (gap >= APART) + (gap >= FAR_APART)
