"""Two-way supervision: who urges whom about what is late, and who answers."""

from datetime import datetime, timedelta

from dashboard.simulation import words
from dashboard.simulation.story import COMMAND_ROOM, LEAD, TOWNSHIP, Telling

REPLIES = 0.85


def watcher(telling: Telling, department: str, lead: str = "") -> str:
    """Say who notices that a department is late: mostly the township, else the command room; never the department.

    A coordinating department is urged by the lead, too, and a township that exercises its own power by the department
    that guides it.
    """
    if department == TOWNSHIP:
        return telling.matter.guide or COMMAND_ROOM
    chance = telling.draw.random()
    if lead and lead != department and chance < 0.25:
        return lead
    return telling.township if telling.township and chance < 0.7 else COMMAND_ROOM


def urge(telling: Telling, at: datetime, department: str, text: str, *, leg: str = LEAD, lead: str = "") -> None:
    """Urge a department."""
    telling.add(at, "urged", leg, watcher(telling, department, lead), text=text)


def supervise(
    telling: Telling, at: datetime, department: str, text: str, *, leg: str = LEAD, answered: datetime | None = None
) -> None:
    """Put a department under supervision; most reply, by default within the next office hours."""
    telling.add(at, "supervised", leg, watcher(telling, department), text=text)
    if telling.happens(REPLIES):
        soon = telling.office(at, telling.minutes(30, 420)) if answered is None else answered + telling.minutes(5, 60)
        # Addressed by its own code: the lead may be another one by then.
        telling.add(soon, "replied", department, department, text=telling.say(words.PROGRESS))


def late_by(takes: timedelta, limit: float) -> bool:
    """Say whether something takes longer than so many minutes."""
    return takes > timedelta(minutes=limit)
