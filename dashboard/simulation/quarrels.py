"""Whose case is it: returns, disputes by a department or by the rules, the views of both sides, the decision."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.simulation import words
from dashboard.simulation.rhythm import OFFICE_DAY
from dashboard.simulation.story import ADJUDICATOR, COMMAND_ROOM, LEAD, Telling
from dashboard.simulation.work import accept, finish, issue

IN_TIME = 0.84  # of five working days; the rest is settled later
RULINGS, CLARIFICATIONS = 0.4, 0.15
RIVALS_ABOUT = {
    "SD-01": ("zjj", "nync"),
    "SD-02": ("scjg",),
    "SD-03": ("scjg",),
    "SD-04": ("zhzf", "jtys"),
    "SD-05": ("jtys",),
    "SD-06": ("jxj", "slj", "zhzf"),
    "SD-07": ("sthj", "nync"),
    "SD-08": ("zrzy",),
    "SD-09": ("gaj",),
    "SD-10": ("gaj", "zhzf"),
    "SD-11": ("zhzf", "sthj"),
    "SD-12": ("zjj",),
    "SD-13": ("zjj",),
    "SD-14": ("nync", "zhzf"),
    "SD-15": ("sthj",),
    "SD-16": ("sthj",),
    "SD-17": ("xfjy", "scjg"),
    "SD-18": ("xfjy",),
    "SD-19": ("zhzf",),
    "SD-20": ("swj", "gaj"),
    "SD-21": ("zjj",),
    "SD-22": ("gaj",),
    "SD-23": ("zjj", "sthj"),
    "SD-24": ("gaj", "jxj"),
    "SD-25": ("zjj", "zhzf"),
    "SD-26": ("zjj", "gaj"),
    "SD-27": ("zhzf",),
    "SD-28": ("zjj", "yjgl"),
    "SD-29": ("gaj",),
}
RIVALS = {
    "zhzf": ("zjj", "zrzy"),
    "zjj": ("zhzf", "jtys"),
    "gaj": ("zhzf", "sfj"),
    "jtys": ("gaj", "zhzf"),
    "slj": ("sthj", "nync"),
    "sthj": ("zhzf", "nync"),
    "nync": ("sthj", "zhzf"),
    "zrzy": ("nync", "zhzf"),
    "scjg": ("zhzf", "wsjk"),
    "xfjy": ("gaj", "zjj"),
    "yjgl": ("xfjy", "zjj"),
    "wsjk": ("scjg", "gaj"),
    "mzj": ("gaj", "wsjk"),
    "rsj": ("zjj", "gaj"),
    "sfj": ("gaj", "mzj"),
    "jxj": ("zjj", "zhzf"),
}
"""With whom a department of the model lists usually disagrees, about a matter and else."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A disagreement that is open.

    Attributes
    ----------
    holder
        Who has the leg, and keeps it until it is settled.
    other
        Who should have it, as the holder sees it.
    by_rules
        Whether two returns opened it, so that the holder has said nothing yet.
    """

    opened: datetime
    leg: str
    holder: str
    other: str
    by_rules: bool = False


def rival(telling: Telling, department: str, others: tuple[str, ...]) -> str:
    """Choose with whom a department disagrees."""
    about = RIVALS_ABOUT.get(telling.matter.code, ()) if department == telling.matter.lead else ()
    for known in (about, RIVALS.get(department, ())):
        likely = [code for code in known if code in others]
        if likely:
            return words.one_of(likely, telling.draw)
    return words.one_of(others, telling.draw)


def pass_on(telling: Telling, asked: datetime, lead: str, to: str) -> datetime:
    """Let the lead return the case and the command room name another department; give when that one is asked."""
    returned = hand_back(telling, asked, lead)
    reason = "经研判改派，由该部门首问"
    at = returned + telling.minutes(8, 70)
    return telling.add(at, "transferred", LEAD, COMMAND_ROOM, department=to, reason=reason)


def hand_back(telling: Telling, asked: datetime, lead: str) -> datetime:
    """Let the lead return the case."""
    reason = telling.say(words.RETURN_REASONS)
    return telling.add(asked + telling.minutes(6, 26), "returned", LEAD, lead, reason=reason)


def twice_returned(telling: Telling, lead: str, to: str) -> tuple[datetime, str]:
    """Let two departments in turn return the case, so that the rules open a dispute; give the result's time and lead.

    The second one stays in charge meanwhile and works on it.
    """
    asked = pass_on(telling, telling.steps[0].at, lead, to)
    returned = hand_back(telling, asked, to)
    accepted = accept(telling, returned, to)
    return under_dispute(telling, Dispute(returned, LEAD, to, lead, by_rules=True), accepted)


def disputed_lead(telling: Telling, accepted: datetime, lead: str, wanted: str) -> tuple[datetime, str]:
    """Let the lead dispute its duty while it works; give the result's time and who issued it."""
    opened = telling.office(accepted, telling.minutes(15, 240))
    dispute = Dispute(opened, LEAD, lead, wanted)
    _open(telling, dispute)
    return under_dispute(telling, dispute, accepted)


def under_dispute(telling: Telling, dispute: Dispute, accepted: datetime) -> tuple[datetime, str]:
    """Let the work go on and the adjudicator settle; who is named while it is in work accepts and finishes."""
    takes = max(telling.manners.finish(telling.profile.days, dispute.holder, telling.township, telling.draw), _HOUR)
    done = telling.office(max(accepted, dispute.opened), takes)
    decided = dispute.other if telling.happens(0.5) else dispute.holder
    settled = _settle(telling, dispute, decided, after=accepted)
    if decided == dispute.holder or settled >= done:
        telling.stands = True  # reopened, it would be handed over to whom the decision names
        return issue(telling, done, dispute.holder), dispute.holder
    again = accept(telling, settled, decided)
    rest = max(takes * telling.draw.uniform(0.3, 0.8), _HOUR)
    return issue(telling, telling.office(again, rest), decided), decided


def disputed_beside(telling: Telling, start: datetime, lead: str, department: str, wanted: str = "") -> datetime:
    """Let a department of a joint case dispute its part after it was on site, and keep it; give the result's time."""
    finished = finish(telling, start, lead)
    leg = LEAD if department == lead else department
    dispute = Dispute(start + (finished - start) * telling.draw.uniform(0.05, 0.3), leg, department, wanted or lead)
    _open(telling, dispute)
    _settle(telling, dispute, department, after=dispute.opened)
    return finished


_HOUR = timedelta(hours=1)


def _open(telling: Telling, dispute: Dispute) -> None:
    matter, draw = telling.matter, telling.draw
    clause = matter.clause.split("；")[0] or f"属地管理清单：{matter.name}"
    view = words.one_of(words.VIEWS, draw)
    wanted = {} if dispute.other == dispute.holder else {"wanted": dispute.other}
    telling.add(dispute.opened, "disputed", dispute.leg, dispute.holder, clause=clause, view=view, **wanted)


def _settle(telling: Telling, dispute: Dispute, decided: str, after: datetime) -> datetime:
    """Hear both sides and the township, then decide: mostly within five working days, not before `after`."""
    draw = telling.draw
    days = draw.uniform(0.6, 4.6) if telling.happens(IN_TIME) else draw.uniform(5.3, 8.5)
    sides = [(dispute.other, words.COUNTER_VIEWS)]
    if dispute.by_rules:
        sides.append((dispute.holder, words.VIEWS))
    if telling.township and telling.happens(0.6):
        sides.append((telling.township, words.TOWNSHIP_VIEWS))
    for side, texts in sides:
        if telling.happens(0.9):
            at = telling.office(dispute.opened, days * draw.uniform(0.05, 0.6) * OFFICE_DAY)
            telling.add(at, "stated", dispute.leg, side, text=telling.say(texts))
    # Nobody is put in charge of a case while the one before has not taken it yet.
    at = max(telling.office(dispute.opened, days * OFFICE_DAY), after + telling.minutes(10, 40))
    decision = telling.say(words.UPHELD if decided == dispute.holder else words.GIVEN_OVER)
    data: dict[str, object] = {"department": decided, "decision": decision}
    chance = CLARIFICATIONS if decided == telling.matter.lead else RULINGS
    if telling.happens(chance) and not telling.matter.coordinating:
        data["ruling"] = _ruling(telling, decided)
    return telling.add(at, "settled", dispute.leg, ADJUDICATOR, **data)


def _ruling(telling: Telling, decided: str) -> dict[str, object]:
    names, matter = telling.world.names, telling.matter
    place = names.get(telling.township, "")
    return {
        "change": f"{place}“{matter.name}”由{names.get(decided, decided)}牵头，镇街负责巡查发现和先行劝导",
        **({"township": True} if telling.township else {}),
    }
