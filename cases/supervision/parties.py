"""Recipients: whose inbox a notice goes to."""

from dataclasses import dataclass

from cases.case import CaseState, Leg
from cases.organisation import ADJUDICATOR, COMMAND, TOWNSHIP

UNIT_OF, DEPARTMENT_OF, TOWNSHIP_OF, SOURCE_OF = "unit", "department", "township", "source"
FAMILIES = (UNIT_OF, DEPARTMENT_OF, TOWNSHIP_OF, SOURCE_OF)
"""Recipients that are named with a code behind a colon."""

SINGLE = (COMMAND, ADJUDICATOR)
"""Recipients of which there is one in a region."""


def unit(code: str) -> str:
    """Give the inbox of a stationed unit."""
    return f"{UNIT_OF}:{code}"


def source(code: str) -> str:
    """Give the inbox of a reporting source."""
    return f"{SOURCE_OF}:{code}"


def township(code: str | None) -> str:
    """Give the inbox of a township. What stands in none goes to the command centre: somebody has to look at it."""
    return f"{TOWNSHIP_OF}:{code}" if code else COMMAND


def department(code: str, in_township: str | None) -> str:
    """Give the inbox of a department; that of a body which every township has is the township's own."""
    if code == TOWNSHIP:
        return township(in_township)
    return code if code in SINGLE else f"{DEPARTMENT_OF}:{code}"


def owner(code: str, own_unit: str | None, in_township: str | None) -> str:
    """Give the inbox of whoever has a leg in hand: the unit where there is one, else the department."""
    return unit(own_unit) if own_unit else department(code, in_township)


def owner_of(leg: Leg, state: CaseState) -> str:
    """Give the inbox of whoever has a leg of a case in hand."""
    return owner(leg.department, leg.unit, state.township)


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is who by code, for those who are known by the code with which they recorded an event alone."""

    units: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    townships: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()

    def actor(self, code: str, in_township: str | None) -> str | None:
        """Give the inbox of an actor; None for one that no table names, such as a role."""
        if code in self.units:
            return unit(code)
        if code in (TOWNSHIP, *SINGLE) or code in self.departments:
            return department(code, in_township)
        if code in self.townships or code == in_township:
            return township(code)
        return source(code) if code in self.sources else None

    def knows(self, recipient: str) -> bool:
        """Whether there is such an inbox."""
        family, _, code = recipient.partition(":")
        known = {
            UNIT_OF: self.units,
            DEPARTMENT_OF: self.departments,
            TOWNSHIP_OF: self.townships,
            SOURCE_OF: self.sources,
        }
        return recipient in SINGLE or code in known.get(family, ())
