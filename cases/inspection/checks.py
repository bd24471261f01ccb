"""What is checked on a visit: each department's items of every case that shares it, merged."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cases.case import CaseState
from cases.lists import ListVersion

_PARTS = re.compile(r"[，；。]+(?![^（(]*[）)])(?![^《]*》)")
"""Marks at which the words of the list are parted, but not inside brackets or the title of a document."""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One thing to check, and the cases that need it."""

    text: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseChecks:
    """What the departments check for one case.

    Attributes
    ----------
    order
        Place of its matter in the lists: the merged items follow it.
    """

    number: str
    order: int
    checks: Mapping[str, tuple[str, ...]]


def checks_of(state: CaseState, version: ListVersion) -> dict[str, tuple[str, ...]]:
    """Give what each department that has a part in a case checks for it, by the list that routed it.

    A department that acts by arrangement checks what the one that the list names would have checked. Where the list
    says nothing about a department, the matter itself is what it checks.
    """
    matter = version.matters.get(state.matter)
    replaced = {one.code: one.from_department for one in version.arrangements}
    found: dict[str, tuple[str, ...]] = {}
    for leg in (state.lead, *state.coordinating):
        acting_for = (leg.department, *(replaced.get(code) or "" for code in leg.arrangements))
        texts = [matter.checks[one] for one in acting_for if matter is not None and one in matter.checks]
        items = [item for text in texts for item in items_of(text)]
        name = matter.name if matter is not None else state.matter
        found[leg.department] = tuple(dict.fromkeys((*found.get(leg.department, ()), *(items or [name]))))
    return found


def items_of(text: str) -> tuple[str, ...]:
    """Part the words of a list into items that can be ticked off one by one."""
    return tuple(part for part in (piece.strip() for piece in _PARTS.split(text)) if part)


def merged(parts: Iterable[CaseChecks]) -> dict[str, tuple[CheckItem, ...]]:
    """Merge what several cases need of one visit: each item once, in the order of the lists, with its cases.

    Returns
    -------
    dict
        Department to its items; departments in the order in which the lists name them first.
    """
    needed: dict[str, dict[str, list[str]]] = {}
    for part in sorted(parts, key=lambda one: (one.order, one.number)):
        for department, items in part.checks.items():
            for item in items:
                numbers = needed.setdefault(department, {}).setdefault(item, [])
                if part.number not in numbers:
                    numbers.append(part.number)
    return {
        department: tuple(CheckItem(text, tuple(numbers)) for text, numbers in items.items())
        for department, items in needed.items()
    }
