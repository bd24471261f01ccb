"""How a region weighs: the components of the total, who rates, and the published composite."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from cases.assessment.indicators import INDICATORS, REWORK_BY, Count, Direction, Indicator
from cases.errors import BadWeights
from cases.organisation import Unit

WHOLE = 100


class ComponentKind(StrEnum):
    """Where a component's score comes from."""

    RATING = "rating"
    INDICATORS = "indicators"


class By(StrEnum):
    """Whose component it is."""

    TOWNSHIP = "township"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the total, with its weight in percent."""

    code: str
    name: str
    name_en: str
    weight: Decimal
    kind: ComponentKind
    by: By


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a region assesses its units.

    Attributes
    ----------
    components
        Their weights add up to 100.
    rework_by
        The denominator of the rework rate.

    Raises
    ------
    BadWeights
        The weights add up to something else, one is not positive, or a component is given twice.
    """

    components: tuple[Component, ...]
    rework_by: Count = Count.DUE

    def __post_init__(self) -> None:
        said = " + ".join(f"{one.name} {one.weight}" for one in self.components) or "none"
        total = sum((one.weight for one in self.components), Decimal(0))
        if total != WHOLE:
            raise BadWeights(
                f"The weights add up to {total} %, not 100 %: {said}. Correct [assessment] in region.toml."
            )
        codes = [one.code for one in self.components]
        if any(one.weight <= 0 for one in self.components) or len(set(codes)) < len(codes):
            raise BadWeights(f"Each component needs a code of its own and a weight above 0: {said}.")
        if self.rework_by not in REWORK_BY:
            raise BadWeights(f"The rework rate is divided by {' or '.join(REWORK_BY)}, not by {self.rework_by}.")

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """The indicators, the rework rate with the denominator that the region chose."""
        return tuple(replace(one, denominator=self.rework_by) if one.code == "rework" else one for one in INDICATORS)

    def indicator(self, code: str) -> Indicator | None:
        """Give an indicator by its code, or None."""
        return next((one for one in self.indicators if one.code == code), None)

    def raters(self, unit: Unit) -> tuple[str, ...]:
        """Give whoever may rate a unit, as ``township:<code>`` or ``department:<code>``."""
        asked = [one for one in self.components if one.kind is ComponentKind.RATING]
        return tuple(dict.fromkeys(rater for one in asked for rater in raters_of(one, unit)))


DEFAULT = Scheme(
    (
        Component("township", "镇街评价", "Township's rating", Decimal(60), ComponentKind.RATING, By.TOWNSHIP),
        Component("department", "部门考核", "Department's score", Decimal(40), ComponentKind.INDICATORS, By.DEPARTMENT),
    )
)
"""60 % in the hands of the townships, as the county's reform has it."""


def raters_of(component: Component, unit: Unit) -> tuple[str, ...]:
    """Give whoever must rate a unit for a component: every township that it stands in or serves, or its department."""
    if component.by is By.DEPARTMENT:
        return (f"{By.DEPARTMENT}:{unit.department}",)
    return tuple(f"{By.TOWNSHIP}:{code}" for code in dict.fromkeys((unit.township, *unit.serves)))


def composite(counts: Mapping[Count, int], scheme: Scheme = DEFAULT) -> Fraction | None:
    """Give the published composite of 100, or None when one of its rates has no cases."""
    parts = [(one, one.of(counts)) for one in scheme.indicators if one.points]
    if any(value is None for _, value in parts):
        return None
    return sum(
        (
            one.points * (value if one.direction is Direction.HIGHER else 1 - value)
            for one, value in parts
            if value is not None
        ),
        Fraction(0),
    )
