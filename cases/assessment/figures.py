"""Exact figures: rates and how they are written, rounded as people round."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

NONE = "—"
"""What stands for a rate of nothing: neither 0 % nor 100 %."""


def rate(numerator: int, denominator: int) -> Fraction | None:
    """Divide; nothing by nothing is None, never 0 and never 1."""
    return Fraction(numerator, denominator) if denominator else None


def rounded(value: Fraction, digits: int = 2) -> Fraction:
    """Round half up, as people do; on exact numbers, so that 0.125 is 0.13 on every machine."""
    scale = 10**digits
    return Fraction((value * scale + Fraction(1, 2)).__floor__(), scale)


def written(value: Fraction | None, digits: int = 2) -> str:
    """Write a score with so many decimals."""
    if value is None:
        return NONE
    exact = rounded(value, digits)
    quotient = Decimal(exact.numerator) / Decimal(exact.denominator)
    return str(quotient.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def percent(value: Fraction | None, digits: int = 2) -> str:
    """Write a rate as people read it: ``83.01 %``."""
    return NONE if value is None else f"{written(100 * value, digits)} %"
