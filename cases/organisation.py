"""Departments and the units that they station in townships."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from cases.errors import BadList, UnknownDepartment
from cases.matters import Domain

COMMAND = "command"
"""Code of the township's command room, which takes what no list gives to a department."""

TOWNSHIP = "township"
"""Code of the township itself, which exercises what the power list gives it."""

ADJUDICATOR = "adjudicator"
"""Code of the body that settles disputes about duties; no case is ever routed to it."""


@dataclass(frozen=True, slots=True)
class Department:
    """A body of the county."""

    code: str
    name: str
    short_name: str = ""
    name_en: str = ""
    domain: Domain = Domain.OTHER

    @property
    def spoken(self) -> str:
        """The name that people say: the short one, where there is one."""
        return self.short_name or self.name


@dataclass(frozen=True, slots=True)
class Unit:
    """A department's unit in a township.

    Attributes
    ----------
    township
        Code of the township where it stands.
    serves
        Codes of further townships that it serves because the department has no unit there.
    valid_from, valid_to
        First day on which it exists, first day on which it no longer does (None: it still does).
    """

    code: str
    name: str
    department: str
    township: str
    domain: Domain = Domain.OTHER
    serves: tuple[str, ...] = ()
    valid_from: date = date.min
    valid_to: date | None = None

    def valid_on(self, day: date) -> bool:
        """Say whether the unit exists on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


COMMAND_ROOM = Department(COMMAND, "综合信息指挥室", "综合信息指挥室", "Command room", Domain.OTHER)
TOWNSHIP_ITSELF = Department(TOWNSHIP, "镇街", "镇街", "Township", Domain.OTHER)
ADJUDICATING = Department(ADJUDICATOR, "职责争议裁定机构", "编办", "Adjudicator", Domain.OTHER)
UNLISTED = (COMMAND_ROOM, TOWNSHIP_ITSELF)
"""What every region has in every township; they station no units."""


class Organisation:
    """The departments and stationed units of a region. Those of `UNLISTED` are known without being listed.

    Raises
    ------
    BadList
        A department or unit is given twice (two validities of one unit may not overlap).
    UnknownDepartment
        A unit names a department that is not there.
    """

    def __init__(self, departments: Iterable[Department], units: Iterable[Unit] = ()) -> None:
        self.departments: dict[str, Department] = {}
        for department in departments:
            if department.code in self.departments:
                raise BadList(f"The department {department.code} is given twice; keep one row.")
            self.departments[department.code] = department
        for always in UNLISTED:
            self.departments.setdefault(always.code, always)
        self.units: tuple[Unit, ...] = tuple(sorted(units, key=lambda unit: (unit.code, unit.valid_from)))
        seen: dict[str, Unit] = {}
        for unit in self.units:
            self.department(unit.department)
            before = seen.get(unit.code)
            if before and (before.valid_to is None or unit.valid_from < before.valid_to):
                raise BadList(f"The unit {unit.code} exists twice on {unit.valid_from}; end the first row before.")
            seen[unit.code] = unit

    def department(self, code: str) -> Department:
        """Give a department; raises UnknownDepartment with the nearest codes."""
        found = self.departments.get(code)
        if found is None:
            near = get_close_matches(code, self.departments, n=3) or sorted(self.departments)[:40]
            raise UnknownDepartment(
                f"There is no department {code[:64]!r}; known are, among others: {', '.join(near)}."
            )
        return found

    def unit(self, code: str, day: date) -> Unit | None:
        """Give a unit as it is on a day, or None."""
        return next((unit for unit in self.units if unit.code == code and unit.valid_on(day)), None)

    def units_in(self, township: str, day: date) -> tuple[Unit, ...]:
        """Give the units that stand in a township on a day, by code."""
        return tuple(unit for unit in self.units if unit.township == township and unit.valid_on(day))

    def unit_for(self, department: str, township: str | None, day: date) -> Unit | None:
        """Give the department's unit that stands in the township, else the one that serves it, else None.

        Where there are several, the lowest code answers.
        """
        own = [unit for unit in self.units if unit.department == department and unit.valid_on(day)]
        there = [unit for unit in own if unit.township == township]
        return next(iter(there or [unit for unit in own if township in unit.serves]), None)
