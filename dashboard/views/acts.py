"""What a person may do by hand on the page of a case: a small form for each event that the rules allow just now."""

from collections.abc import Iterable
from typing import Any

from cases.case import CaseState, Leg
from cases.clock import ClockKind
from cases.events import EventKind
from cases.lifecycle import TRANSITIONS, Actor, can_record, names_of
from cases.organisation import COMMAND
from dashboard.text import say
from dashboard.views.names import Book

OF_LEG = (EventKind.URGED, EventKind.SUPERVISED, EventKind.REPLIED)
OF_CASE = (EventKind.COMMENTED, EventKind.EXTENDED, EventKind.SUSPENDED, EventKind.RESUMED)
# Whoever has a leg answers for it, and nobody drives itself.
OWN = frozenset({EventKind.REPLIED})
OTHERS = frozenset({EventKind.URGED, EventKind.SUPERVISED})
SHAPES = {"amount": "count", "approved_by": "line"}
"""Fields that are no paragraph."""


def acts_on(state: CaseState, leg: Leg, book: Book, language: str) -> list[dict[str, Any]]:
    """Give the forms for one leg."""
    return [_act(state, kind, leg, book, language) for kind in OF_LEG if can_record(state, kind, leg.number)]


def acts_of(state: CaseState, book: Book, language: str) -> list[dict[str, Any]]:
    """Give the forms for the case as a whole; an answer by phone stands beside the result that it gives."""
    return [_act(state, kind, None, book, language) for kind in OF_CASE if can_record(state, kind)]


def actors(state: CaseState, kind: EventKind, leg: Leg | None) -> list[str]:
    """Give the codes of those who may own an event by the table: the township, the command room, who has a leg.

    Parameters
    ----------
    leg
        The leg that the event concerns, or None for the case as a whole.
    """
    owners, own = TRANSITIONS[kind].owners, names_of(state, leg) if leg else ()
    found: list[str | None] = []
    if Actor.LEADER in owners:
        found.append(state.township)
    if Actor.OFFICER in owners:
        found += [code for one in state.legs if one.is_active for code in (one.unit, one.department)]
    if Actor.COMMANDER in owners:
        found.append(COMMAND)
    if Actor.REPORTER in owners:
        found.append(state.source)
    if leg and kind in OWN:
        found = [leg.unit, *own, COMMAND]
    return [code for code in dict.fromkeys(found) if code and not (kind in OTHERS and code in own)]


def _act(state: CaseState, kind: EventKind, leg: Leg | None, book: Book, language: str) -> dict[str, Any]:
    row = TRANSITIONS[kind]
    return {
        "key": str(kind),
        "kind": str(kind),
        "leg": leg.number if leg else None,
        "title": say(f"act.{kind}", language),
        "by": say("act.by", language),
        "actors": [[code, book.actor(code, language) or code] for code in actors(state, kind, leg)],
        "fields": [
            {
                "name": name,
                "label": say(f"act.field.{name}" if name in row.required else "act.field.optional", language)
                if name != "amount"
                else _amount(state, language),
                "shape": SHAPES.get(name, "area"),
            }
            for name in _fields(row.required, row.optional)
        ],
    }


def _fields(*names: Iterable[str]) -> list[str]:
    return [name for some in names for name in some]


def _amount(state: CaseState, language: str) -> str:
    """Say in which unit an extension is counted."""
    clock = state.running(ClockKind.FINISH)
    return say(f"act.field.amount.{clock.budget.unit if clock else 'working_days'}", language)
