"""On which side of an edge a point lies, with the sign that GEOS finds.

A floating filter decides nearly always; its bound is that of Ozaki, Bünger, Ogita, Oishi and Rump (BIT 2016,
doi:10.1007/s10543-015-0574-9), which GEOS uses, too. What it cannot decide is computed in double-double arithmetic
(106 bits: Dekker 1971, Knuth's sum) with the same steps as in GEOS. Where `is_exact` holds for a layer's box, every
difference of coordinates is a double, every product then has at most 106 bits, and the sign is that of real numbers.
Where it does not, the sign is still that of GEOS, as long as an edge keeps the direction of its ring.
"""

import math

from geo.locator.compiled import compiled, inlined

FILTER = 3.3306690621773724e-16
SPLIT = 134217729.0
"""2**27 + 1: cuts a double into two halves of 26 bits (Dekker)."""


def is_exact(low: float, high: float) -> bool:
    """Whether differences of any two doubles between two bounds are doubles themselves.

    All of them are multiples of the last place of the smallest one; the widest difference must not need more than 53
    bits of these.
    """
    if not (math.isfinite(low) and math.isfinite(high)) or low <= 0.0 <= high:
        return False
    _, exponent = math.frexp(min(abs(low), abs(high)))
    return high - low <= math.ldexp(1.0, exponent)


@inlined
def two_sum(a: float, b: float) -> tuple[float, float]:
    """Give a + b, rounded, and what the rounding lost."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@inlined
def two_product(a: float, b: float) -> tuple[float, float]:
    """Give a * b, rounded, and what the rounding lost."""
    product = a * b
    scaled = SPLIT * a
    a_high = scaled - (scaled - a)
    a_low = a - a_high
    scaled = SPLIT * b
    b_high = scaled - (scaled - b)
    b_low = b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@inlined
def wide_product(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """Multiply two double-doubles."""
    high, low = two_product(a[0], b[0])
    low += a[0] * b[1] + a[1] * b[0]
    total = high + low
    return total, low + (high - total)


@inlined
def wide_difference_sign(a: tuple[float, float], b: tuple[float, float]) -> int:
    """Give the sign of a - b for two double-doubles."""
    high, rest = two_sum(a[0], -b[0])
    low, dust = two_sum(a[1], -b[1])
    middle = rest + low
    top = high + middle
    tail = dust + (middle + (high - top))
    total = top + tail
    if total == 0.0:
        total = tail + (top - total)
    return int(total > 0.0) - int(total < 0.0)


@compiled
def wide_orientation(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> int:
    """Give 1 where (x, y) lies left of the way from a to b, -1 right of it, 0 on its line; by double-doubles."""
    along = wide_product(two_sum(bx, -ax), two_sum(y, -by))
    across = wide_product(two_sum(by, -ay), two_sum(x, -bx))
    return wide_difference_sign(along, across)


@inlined
def orientation(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> int:
    """Give 1 where (x, y) lies left of the way from a to b, -1 right of it, 0 on its line.

    Parameters are degrees or any other unit, finite; the source of the filter stands in the module's text.
    """
    left = (ax - x) * (by - y)
    right = (ay - y) * (bx - x)
    determinant = left - right
    if abs(determinant) >= abs(left + right) * FILTER:
        return int(determinant > 0.0) - int(determinant < 0.0)
    return wide_orientation(ax, ay, bx, by, x, y)
