"""An officer's page: the legs of a unit or department, the next due first, each with the steps that the rules allow."""

from collections.abc import Iterable, Mapping
from typing import Any

from cases.case import CaseState, Leg
from cases.clock import ClockKind
from cases.events import EventKind
from cases.lifecycle import TRANSITIONS, can_record
from cases.organisation import TOWNSHIP
from dashboard.text import WORDS, say
from dashboard.views.names import Book
from dashboard.views.tables import ms

STEPS = (
    EventKind.REPLIED,
    EventKind.ACCEPTED,
    EventKind.ARRIVED,
    EventKind.FOUND,
    EventKind.FINISHED,
    EventKind.RETURNED,
    EventKind.DISPUTED,
)
"""What an officer does, in the order of the work; the first that is possible is the next one."""

ASIDE = frozenset({EventKind.RETURNED, EventKind.DISPUTED})
"""Ways out of the work, never its next step."""

PLACED = frozenset({EventKind.ARRIVED})
"""Steps that say where the phone is, where it may."""

QUICK: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.REPLIED: ("on_the_way", "working", "done_soon"),
    EventKind.FOUND: ("in_order", "put_right", "to_be_put_right"),
    EventKind.RETURNED: ("not_ours", "elsewhere", "no_such_thing"),
    EventKind.FINISHED: ("settled", "educated"),
}
"""Sentences that one tap writes."""


def actor_of(state: CaseState, leg: Leg) -> str:
    """Give the code under which whoever has a leg acts on it: its unit, the township itself, its department."""
    return leg.unit or (state.township if leg.department == TOWNSHIP and state.township else leg.department)


def leg_items(rows: Iterable[Any], states: Mapping[str, CaseState], book: Book, language: str) -> list[dict[str, Any]]:
    """Draw legs in the order in which they come.

    Parameters
    ----------
    rows
        As `data.views.legs_of` gives them.
    states
        The cases by number; a row whose case has gone meanwhile is left out.
    """
    found = []
    for row in rows:
        state = states.get(row.number)
        leg = state.leg(row.leg) if state else None
        if state and leg and state.is_pending:
            found.append(_leg(row, state, leg, book, language))
    return found


def _leg(row: Any, state: CaseState, leg: Leg, book: Book, language: str) -> dict[str, Any]:
    steps = [_step(kind, leg, language) for kind in STEPS if can_record(state, kind, leg.number)]
    nothing_due = state.running(ClockKind.FINISH) is None and row.due_at is None
    return {
        "key": f"{row.number}/{row.leg}",
        "number": row.number,
        "leg": row.leg,
        "actor": actor_of(state, leg),
        "matter": book.matter(state.matter, language),
        "place": book.place(state.township, state.village, state.cell, language),
        "point": None if state.lon is None or state.lat is None else [state.lon, state.lat],
        "role": str(leg.role),
        "role_word": say(f"role.{leg.role}", language),
        "status": say(f"leg.{leg.status}", language),
        "unit": book.unit(leg.unit) if leg.unit else book.department(leg.department, language),
        "due": ms(row.due_at),
        "amber": ms(row.amber_at),
        "clock": say(f"clock.{row.due_kind}", language) if row.due_kind else say(f"status.{state.status}", language),
        "marks": _marks(leg, language),
        "told": str(state.report.get("description") or "")[:200],
        "steps": steps,
        # Whether it is this body's turn: else it waits for others, and the page says so.
        "turn": any(step["next"] for step in steps) and not (nothing_due and leg.found_at is not None),
    }


def _marks(leg: Leg, language: str) -> list[dict[str, str]]:
    marks = {
        "owes": leg.owes_reply and say("mine.owes", language),
        "urged": leg.urged and say("case.leg.urged", language, n=leg.urged),
        "disputed": leg.disputed and say("case.leg.disputed", language),
    }
    return [{"kind": kind, "words": str(words)} for kind, words in marks.items() if words]


def _step(kind: EventKind, leg: Leg, language: str) -> dict[str, Any]:
    """Draw one step: a tap is enough where nothing must be said, else a sheet asks for it."""
    row = TRANSITIONS[kind]
    asked = [name for name in (*row.required, *row.optional) if f"steps.field.{name}" in WORDS]
    return {
        "kind": str(kind),
        "title": say(f"steps.{kind}", language),
        "done": say(f"steps.{kind}.done", language),
        "next": kind not in ASIDE,
        "placed": kind in PLACED,
        "fields": [_field(name, kind, leg, required=name in row.required, language=language) for name in asked],
        "ask": bool(row.required),
        "quick": [say(f"steps.quick.{name}", language) for name in QUICK.get(kind, ())],
    }


def _field(name: str, kind: EventKind, leg: Leg, *, required: bool, language: str) -> dict[str, Any]:
    words = say(f"steps.field.{name}", language)
    return {
        "name": name,
        "label": words if required else say("steps.field.may", language, words=words),
        "required": required,
        # Whoever disputes cites the clause that names it; it is here already.
        "value": (leg.sentence or leg.clause) if (name, kind) == ("clause", EventKind.DISPUTED) else "",
        "long": name not in ("basis", "wanted"),
    }
