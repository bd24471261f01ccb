"""Assessment of stationed units: what is counted, the published formulas, the weights, and the rank.

What stands under a rate are named counts, so that each figure can be opened and recounted. How each is counted is said
in `COUNTED` and, at length, in docs/assessment.md. Nothing here guesses: a rate without cases is None, a score without
one of its parts is None, and no weight is ever spread over what is there.
"""

from cases.assessment.figures import NONE, percent, rate, rounded, written
from cases.assessment.indicators import (
    COMPOSITE_EN,
    COMPOSITE_ZH,
    COUNTED,
    INDICATORS,
    REWORK_BY,
    Count,
    Direction,
    Indicator,
    Words,
)
from cases.assessment.periods import Period, period
from cases.assessment.scheme import DEFAULT, By, Component, ComponentKind, Scheme, composite, raters_of
from cases.assessment.scoring import Assessed, Missing, assess, behind, shrunk, summed, units_in

__all__ = [
    "COMPOSITE_EN",
    "COMPOSITE_ZH",
    "COUNTED",
    "DEFAULT",
    "INDICATORS",
    "NONE",
    "REWORK_BY",
    "Assessed",
    "By",
    "Component",
    "ComponentKind",
    "Count",
    "Direction",
    "Indicator",
    "Missing",
    "Period",
    "Scheme",
    "Words",
    "assess",
    "behind",
    "composite",
    "percent",
    "period",
    "rate",
    "raters_of",
    "rounded",
    "shrunk",
    "summed",
    "units_in",
    "written",
]
