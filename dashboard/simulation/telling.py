"""What becomes of a case: one of a few courses, from the ordinary one to the quarrel about whose it is."""

from datetime import datetime
from typing import Any

from dashboard.simulation.quarrels import disputed_beside, disputed_lead, pass_on, rival, twice_returned
from dashboard.simulation.story import COMMAND_ROOM, REPORT, TOWNSHIP, Step, Telling
from dashboard.simulation.work import accept, conclude, finish, on_site

OUTSIDE = 0.012
TWICE_RETURNED, RETURNED, DISPUTED = 0.006, 0.04, 0.01  # of the cases of one department
DISPUTED_BESIDE = 0.012  # of the cases of several departments


def tell(telling: Telling, body: dict[str, Any], others: tuple[str, ...]) -> datetime | None:
    """Tell a case from its report on, and give when its last result was issued; None for one that has none.

    Parameters
    ----------
    body
        Of the report; it says when it was.
    others
        Departments to which it may be passed on.
    """
    lead = telling.matter.lead
    asked = datetime.fromisoformat(body["occurred_at"])
    telling.steps.append(Step(asked, telling.key, REPORT, lead, body=body))
    if telling.happens(OUTSIDE):
        telling.add(asked + telling.minutes(5, 40), "closed", "", COMMAND_ROOM, reason="转外：不在本市管辖范围")
        return None
    finished, lead = _worked_on(telling, asked, lead, others)
    return conclude(telling, finished, lead)


def _worked_on(telling: Telling, asked: datetime, lead: str, others: tuple[str, ...]) -> tuple[datetime, str]:
    alone = not telling.matter.coordinating and bool(others) and lead != TOWNSHIP
    chance = telling.draw.random()
    other = rival(telling, lead, others) if others else ""
    if alone and chance < TWICE_RETURNED:
        return twice_returned(telling, lead, other)
    if alone and chance < TWICE_RETURNED + RETURNED:
        asked, lead = pass_on(telling, asked, lead, other), other
    accepted = accept(telling, asked, lead)
    start = on_site(telling, accepted, lead)
    if alone and telling.happens(DISPUTED):
        return disputed_lead(telling, start, lead, rival(telling, lead, tuple(one for one in others if one != lead)))
    if telling.matter.coordinating and telling.happens(DISPUTED_BESIDE):
        parties = (lead, *telling.matter.coordinating)
        by = parties[int(telling.draw.integers(len(parties)))]
        return disputed_beside(telling, start, lead, by, other if by == lead else lead), lead
    return finish(telling, start, lead), lead
