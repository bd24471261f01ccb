"""Who is in charge of a matter in a township: the lists decide, and each leg carries the clause that names it.

The lists are asked in this order: one-things, territorial list, power list. What none of them gives to anybody goes to
the township's command room, which decides by hand. So there is an answer for every matter at every place. A power is
exercised by the township itself, under the guidance of a department. What arrangements say beside the lists (an area
run by another body, a matter that changes hands) replaces departments one by one, never twice in a row. The last word
has what the adjudicator ruled on a dispute while this version of the lists has held.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from cases.arrangements import Arrangement, ArrangementKind
from cases.case import Leg, LegRole
from cases.dispute import Ruling, ruling_for
from cases.lists import ListVersion
from cases.matters import Matter, MatterKind
from cases.organisation import COMMAND, TOWNSHIP, Department, Organisation, Unit

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
        The words of the list, and those of the arrangements and the ruling that were used.
    sentence
        Why this department, in one Chinese sentence that can be read aloud.
    arrangements
        Codes of the arrangements and rulings by which it acts in place of others; empty when the list itself names it.
    """

    role: LegRole
    department: str
    unit: str | None
    clause: str
    sentence: str
    arrangements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """The departments of a case: the lead first, then those that come on site.

    Attributes
    ----------
    list_version
        Version of the lists that gave the answer.
    triage
        True when no list names a department and the command room decides.
    arrangements
        Codes of the arrangements and rulings that were used, each once.
    guide
        Code of the department that guides the township in the exercise of a power; None for matters of other lists.
    """

    legs: tuple[RouteLeg, ...]
    list_version: str
    triage: bool = False
    arrangements: tuple[str, ...] = ()
    guide: str | None = None


def route(
    matter: Matter | str,
    township: str | None,
    day: date,
    lists: ListVersion,
    organisation: Organisation,
    *,
    areas: Collection[str] = (),
) -> Route:
    """Name the departments and units for a matter in a township.

    Parameters
    ----------
    matter
        A matter or its code. What counts is the item that `lists` holds under this code.
    township
        Code of the township, or None for a place that is not known: then the departments themselves act.
    day
        The day whose arrangements, rulings and stationed units answer, in the region's zone.
    areas
        Codes of further areas that cover the place, for arrangements that are made for them.

    Returns
    -------
    Route
        Always with one lead. A department that the lists name but the organisation does not know counts as not named;
        so does a matter that the lists do not hold. Where two arrangements apply, the lowest code answers; of two
        rulings, the later one.
    """
    code = matter if isinstance(matter, str) else matter.code
    held = lists.matters.get(code)
    if held is None:
        name = code[:64] if isinstance(matter, str) else matter.name
        return _triage(code, township, day, lists, organisation, "", _say_unheld(name, lists, organisation))
    if held.lead is None or held.lead not in organisation.departments or held.lead == COMMAND:
        return _triage(code, township, day, lists, organisation, held.clause, _say_unnamed(held, organisation))
    return _Question(held, township, day, lists, organisation, areas).answer()


def lists_say(ruling: Ruling, day: date, lists: ListVersion, organisation: Organisation) -> bool:
    """Say whether a version of the lists itself gives a part to whom a ruling gave it, and no longer to who had it."""
    way = route(ruling.matter, ruling.township, day, replace(lists, rulings=()), organisation)
    acting = {leg.department for leg in way.legs if leg.role is ruling.role}
    return ruling.to_department in acting and acting.isdisjoint({ruling.from_department} - {ruling.to_department})


def asked_to_lead(
    department: str, township: str | None, day: date, organisation: Organisation, reason: str
) -> RouteLeg:
    """Give the leg of a department to which a case is transferred; raises UnknownDepartment."""
    known = organisation.department(department)
    unit = organisation.unit_for(department, township, day)
    who = _who_acts(known, unit, township)
    return RouteLeg(
        LegRole.LEAD,
        department,
        unit.code if unit else None,
        clause=f"移交：{reason}",
        sentence=f"本件移交{known.spoken}牵头办理，{who}；移交理由：{reason}",
    )


def asked_by_decision(
    role: LegRole, department: str, township: str | None, day: date, organisation: Organisation, decision: str
) -> RouteLeg:
    """Give the leg of a department that acts by the adjudicator's decision; raises UnknownDepartment."""
    known = organisation.department(department)
    unit = organisation.unit_for(department, township, day)
    part = "牵头" if role is LegRole.LEAD else "协同"
    return RouteLeg(
        role,
        department,
        unit.code if unit else None,
        clause=f"争议裁定：{decision}",
        sentence=f"按争议裁定，本件由{known.spoken}{part}办理，{_who_acts(known, unit, township)}。",
    )


POINT_MOVED = ("案件位置变更", "新位置")
LINES_MOVED = ("区划调整", "新区划")
"""What moves a case, and by what it is asked whose it is then."""


def moved_with(
    leg: Leg,
    township: str | None,
    day: date,
    organisation: Organisation,
    rightful: str | None = None,
    why: tuple[str, str] = POINT_MOVED,
) -> tuple[str | None, str]:
    """Give the unit and the sentence of a leg whose case moves to a place where the lists do not name its department.

    A department that has a case keeps it until somebody transfers it, even into an area that another body runs.

    Parameters
    ----------
    why
        `POINT_MOVED` or `LINES_MOVED`.
    rightful
        The department that would lead at the new place, when that is another one: the sentence asks to transfer.
    """
    department = organisation.department(leg.department)
    unit = organisation.unit_for(leg.department, township, day)
    part = "牵头" if leg.role is LegRole.LEAD else "协同"
    sentence = f"{why[0]}，{department.spoken}继续{part}办理，{_who_acts(department, unit, township)}。"
    if rightful is not None:
        sentence += f"按{why[1]}应由{organisation.department(rightful).spoken}牵头，请研判是否移交。"
    return unit.code if unit else None, sentence


@dataclass(frozen=True, slots=True)
class _Acting:
    """A department that acts: as the list says, or by an arrangement or a ruling in place of the one that it names."""

    department: Department
    unit: Unit | None
    who: str
    named: Department
    by: Arrangement | None
    arranged: Department
    ruling: Ruling | None

    @property
    def grounds(self) -> tuple[tuple[str, str], ...]:
        """Codes and words of what beside the list makes it act."""
        return tuple((one.code, one.clause) for one in (self.by, self.ruling) if one)

    def says(self, part: str) -> str:
        """Say what part the list gives to whom, and by which clause or ruling another body has it now."""
        if not self.grounds:
            return f"{self.named.spoken}{part}，{self.who}"
        words = [f"清单写明{self.named.spoken}{part}"]
        if self.by:
            here = "本区域改由" if self.by.kind is ArrangementKind.RUN_BY else "当日由"
            words.append(f"按照“{self.by.clause.rstrip('。')}”，{here}{self.arranged.spoken}承担")
        if self.ruling:
            words.append(_say_ruling(self.ruling, self.department, "承担"))
        return f"{'；'.join(words)}，{self.who}"


@dataclass(frozen=True, slots=True)
class _Question:
    """A matter that the lists give to somebody, at a place, on a day."""

    matter: Matter
    township: str | None
    day: date
    lists: ListVersion
    organisation: Organisation
    areas: Collection[str]

    def answer(self) -> Route:
        matter, listed = self.matter, self.matter.lead or ""
        guide = None
        if matter.kind is MatterKind.POWER:
            guide, listed = self._acting(listed, None), TOWNSHIP
        lead = self._acting(listed, LegRole.LEAD)
        sentence = self._say_power(lead, guide) if guide else self._say_lead(lead)
        legs = [self._leg(LegRole.LEAD, lead, sentence)]
        for code in dict.fromkeys(matter.coordinating):
            if code in self.organisation.departments and code != COMMAND:
                self._join(legs, self._acting(code, LegRole.COORDINATING), matter.checks.get(code, ""))
        used = [code for leg in legs for code in leg.arrangements]
        used += [guide.by.code] if guide and guide.by else []
        return Route(
            tuple(legs),
            self.lists.version,
            arrangements=tuple(dict.fromkeys(used)),
            guide=guide.department.code if guide else None,
        )

    def _join(self, legs: list[RouteLeg], acting: _Acting, task: str) -> None:
        """Add a coordinating part; two parts that are put into one hand are one leg: nobody comes twice."""
        checks = f"；检查内容：{task.rstrip('。')}" if task else ""
        part = f"{acting.says('协同到场')}{checks}。"
        place = next((at for at, leg in enumerate(legs) if leg.department == acting.department.code), None)
        if place is None:
            legs.append(self._leg(LegRole.COORDINATING, acting, f"{self._held}{part}"))
        elif acting.grounds or legs[place].arrangements:
            leg = legs[place]
            new = [(code, clause) for code, clause in acting.grounds if code not in leg.arrangements]
            legs[place] = replace(
                leg,
                clause=" ".join([leg.clause, *(clause for _, clause in new)]),
                sentence=f"{leg.sentence}同时，{part}",
                arrangements=(*leg.arrangements, *(code for code, _ in new)),
            )

    def _acting(self, listed: str, role: LegRole | None) -> _Acting:
        """Find who acts for a department that the list names; without a role it has no part on which one could rule."""
        applying = [
            one
            for one in self.lists.arrangements
            if one.to_department in self.organisation.departments
            and one.to_department != COMMAND
            and one.applies(self.matter, self.township, listed, self.day, self.areas)
        ]
        by = min(applying, key=lambda one: one.code, default=None)
        arranged = by.to_department if by else listed
        question = self.lists.rulings, self.matter.code, self.township
        known = self.organisation.departments
        ruling = ruling_for(arranged, *question, role, self.day, known) if role else None
        code = ruling.to_department if ruling else arranged
        unit = self.organisation.unit_for(code, self.township, self.day)
        who = _who_acts(known[code], unit, self.township)
        if by and not ruling and by.kind is ArrangementKind.RUN_BY and unit is None and self.township is not None:
            who = "由其直接承办"  # the body that runs an area stations no unit in it
        return _Acting(known[code], unit, who, self.organisation.department(listed), by, known[arranged], ruling)

    def _leg(self, role: LegRole, acting: _Acting, sentence: str) -> RouteLeg:
        clause = " ".join([self.matter.clause, *(clause for _, clause in acting.grounds)]).strip()
        unit = acting.unit.code if acting.unit else None
        return RouteLeg(role, acting.department.code, unit, clause, sentence, tuple(code for code, _ in acting.grounds))

    @property
    def _held(self) -> str:
        return f"“{self.matter.name}”列入{LIST_NAMES[self.matter.kind]}，"

    def _say_lead(self, lead: _Acting) -> str:
        if self.matter.kind is MatterKind.ONE_THING:
            return f"{self._held}{lead.says('首问受理并牵头')}。"
        return f"{self._held}{lead.says('是主管部门')}，镇街按清单履行属地职责。"

    def _say_power(self, lead: _Acting, guide: _Acting) -> str:
        guided = f"由镇街行使，{guide.named.spoken}业务指导"
        if guide.by:
            guided += f"；按照“{guide.by.clause.rstrip('。')}”，现由{guide.department.spoken}业务指导"
        ways = []
        if lead.by:
            ways.append(f"按照“{lead.by.clause.rstrip('。')}”，改由{lead.arranged.spoken}行使")
        if lead.ruling:
            ways.append(_say_ruling(lead.ruling, lead.department, "行使"))
        if ways:
            return f"{self._held}{guided}；{'；'.join(ways)}，{lead.who}。"
        # That the township exercises it says who acts, unless the place is not known.
        return f"{self._held}{guided}，{lead.who}。" if self.township is None else f"{self._held}{guided}。"


def _triage(
    matter: str,
    township: str | None,
    day: date,
    lists: ListVersion,
    organisation: Organisation,
    clause: str,
    sentence: str,
) -> Route:
    """Leave it to the command room to find somebody, unless it was ruled already who it is."""
    known = organisation.departments
    ruling = ruling_for(COMMAND, lists.rulings, matter, township, LegRole.LEAD, day, known)
    if ruling is None:
        return Route((RouteLeg(LegRole.LEAD, COMMAND, None, clause, sentence),), lists.version, triage=True)
    department, unit = known[ruling.to_department], organisation.unit_for(ruling.to_department, township, day)
    leg = RouteLeg(
        LegRole.LEAD,
        department.code,
        unit.code if unit else None,
        f"{clause} {ruling.clause}".strip(),
        f"{sentence}{_say_ruling(ruling, department, '牵头办理')}，{_who_acts(department, unit, township)}。",
        (ruling.code,),
    )
    return Route((leg,), lists.version, arrangements=leg.arrangements)


def _say_ruling(ruling: Ruling, department: Department, does: str) -> str:
    return f"按照{ruling.title}，{'本镇街' if ruling.township else ''}改由{department.spoken}{does}"


def _say_unnamed(matter: Matter, organisation: Organisation) -> str:
    room = organisation.department(COMMAND)
    return f"三张清单均未为“{matter.name}”指定部门，由属地镇街{room.spoken}先行研判并指定承办部门。"


def _say_unheld(name: str, lists: ListVersion, organisation: Organisation) -> str:
    room = organisation.department(COMMAND)
    version = f"（{lists.version}版）" if lists.version else ""
    return f"当日执行的三张清单{version}均未列入“{name}”，由属地镇街{room.spoken}先行研判并指定承办部门。"


def _who_acts(department: Department, unit: Unit | None, township: str | None) -> str:
    if township is None:
        itself = "核实后由属地镇街承办" if department.code in (TOWNSHIP, COMMAND) else "先由部门本级承办"
        return f"位置尚未核实，{itself}"
    if department.code == TOWNSHIP:
        return "由属地镇街承办"
    if department.code == COMMAND:
        return f"由属地镇街{department.spoken}承办"
    if unit is None:
        return f"{department.spoken}在该镇街没有派驻机构，由部门本级承办"
    if unit.township == township:
        return f"由派驻该镇街的{unit.name}承办"
    return f"由服务该镇街的{unit.name}承办"
