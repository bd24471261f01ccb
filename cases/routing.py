"""Who is in charge of a matter in a township: the lists decide, and each leg carries the clause that names it.

The lists are asked in this order: one-things, territorial list, power list. What none of them gives to a department
goes to the township's command room, which decides by hand. So there is an answer for every matter at every place.
"""

from dataclasses import dataclass
from datetime import date

from cases.case import LegRole
from cases.matters import Matter, MatterKind
from cases.organisation import COMMAND, Department, Organisation, Unit

LIST_NAMES = {
    MatterKind.ONE_THING: "一件事清单",
    MatterKind.TERRITORIAL: "属地管理清单",
    MatterKind.POWER: "镇街权力清单",
}


@dataclass(frozen=True, slots=True)
class RouteLeg:
    """One department that the lists name.

    Attributes
    ----------
    unit
        Its unit that stands in the township or serves it; None when the department itself acts.
    clause
        The words of the list.
    sentence
        Why this department, in one Chinese sentence that can be read aloud.
    """

    role: LegRole
    department: str
    unit: str | None
    clause: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Route:
    """The departments of a case: the lead first, then those that come on site.

    Attributes
    ----------
    list_version
        Version of the lists that gave the answer.
    triage
        True when no list names a department and the command room decides.
    """

    legs: tuple[RouteLeg, ...]
    list_version: str
    triage: bool = False


def route(matter: Matter, township: str | None, day: date, organisation: Organisation, list_version: str = "") -> Route:
    """Name the departments and units for a matter in a township.

    Parameters
    ----------
    township
        Code of the township, or None for a place that is not known: then the departments themselves act.
    day
        The day whose stationed units answer, in the region's zone.

    Returns
    -------
    Route
        Always with a lead. A department that the lists name but the organisation does not know counts as not named.
    """
    if matter.lead is None or matter.lead not in organisation.departments or matter.lead == COMMAND:
        return Route((_triage(matter, organisation),), list_version, triage=True)
    legs = [_leg(matter, LegRole.LEAD, matter.lead, township, day, organisation)]
    for code in dict.fromkeys(matter.coordinating):
        if code in organisation.departments and code != matter.lead:
            legs.append(_leg(matter, LegRole.COORDINATING, code, township, day, organisation))
    return Route(tuple(legs), list_version)


def asked_to_lead(
    department: str, township: str | None, day: date, organisation: Organisation, reason: str
) -> RouteLeg:
    """Give the leg of a department to which a case is transferred; raises UnknownDepartment."""
    known = organisation.department(department)
    unit = organisation.unit_for(department, township, day)
    who = _who_acts(unit, township)
    return RouteLeg(
        LegRole.LEAD,
        department,
        unit.code if unit else None,
        clause=f"移交：{reason}",
        sentence=f"本件移交{known.spoken}牵头办理，{who}；移交理由：{reason}",
    )


def _leg(
    matter: Matter, role: LegRole, code: str, township: str | None, day: date, organisation: Organisation
) -> RouteLeg:
    department = organisation.department(code)
    unit = organisation.unit_for(code, township, day)
    say = _say_lead if role is LegRole.LEAD else _say_coordinating
    return RouteLeg(role, code, unit.code if unit else None, matter.clause, say(matter, department, unit, township))


def _triage(matter: Matter, organisation: Organisation) -> RouteLeg:
    room = organisation.department(COMMAND)
    sentence = f"三张清单均未为“{matter.name}”指定部门，由属地镇街{room.spoken}先行研判并指定承办部门。"
    return RouteLeg(LegRole.LEAD, COMMAND, None, matter.clause, sentence)


def _say_lead(matter: Matter, department: Department, unit: Unit | None, township: str | None) -> str:
    named = f"“{matter.name}”列入{LIST_NAMES[matter.kind]}，"
    who = _who_acts(unit, township)
    if matter.kind is MatterKind.ONE_THING:
        return f"{named}{department.spoken}首问受理并牵头，{who}。"
    if matter.kind is MatterKind.TERRITORIAL:
        return f"{named}{department.spoken}是主管部门，{who}，镇街按清单履行属地职责。"
    return f"{named}由镇街行使，{department.spoken}业务指导，{who}。"


def _say_coordinating(matter: Matter, department: Department, unit: Unit | None, township: str | None) -> str:
    task = matter.checks.get(department.code)
    joins = f"“{matter.name}”列入{LIST_NAMES[matter.kind]}，{department.spoken}协同到场，{_who_acts(unit, township)}"
    return f"{joins}；检查内容：{task.rstrip('。')}。" if task else f"{joins}。"


def _who_acts(unit: Unit | None, township: str | None) -> str:
    if township is None:
        return "位置尚未核实，先由部门本级承办"
    if unit is None:
        return "该镇街没有派驻机构，由部门本级承办"
    if unit.township == township:
        return f"由派驻该镇街的{unit.name}承办"
    return f"由服务该镇街的{unit.name}承办"
