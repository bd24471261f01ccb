"""Answering reporters: what is sent to them with a result, and the note that they have it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from cases.calendar import Calendar
from cases.desk import Desk, EventRequest
from cases.errors import NoSuchResult, NotAllowed
from cases.events import EventKind
from cases.recording import RULES
from cases.result import UnifiedResult, issues, unified
from dashboard.documents.sheet import check_path
from data import views
from data.notices import Kept

WEBHOOK = "webhook"
"""The channel of an answer that a source's own system has taken."""


def urls(result: UnifiedResult) -> dict[str, str]:
    """Give the addresses of a document, below the platform's own."""
    base = f"/api/v1/cases/{result.number}/result"
    forms = {"json": "", "html": ".html", "pdf": ".pdf"}
    return {name: f"{base}{ending}?round={result.round}" for name, ending in forms.items()} | {
        "check": f"{check_path(result)}?sha={result.sha256}"
    }


def answer_payload(engine: Engine, calendar: Calendar, number: str, issue: int) -> dict[str, Any]:
    """Write what the reporter of a case is sent with a result: the facts, and where the document is.

    Parameters
    ----------
    number
        The reporter's own case, which may have been merged into the one whose result it is.
    issue
        Revision of the event that issued the result.

    Raises
    ------
    NoSuchCase, NoSuchResult
    """
    own = next((one for one in views.answers_of(engine, number) if one.number == number), None)
    events = views.case_page(engine, own.result_of if own else number).events
    rounds = {event.revision: count for count, event in enumerate(issues(events), start=1)}
    if own is None or issue not in rounds:
        raise NoSuchResult(f"No result that answers {number} was issued with revision {issue}.")
    result = unified(events, calendar, own.result_of, rounds[issue])
    return {
        "number": number,
        "source": own.source,
        "source_id": own.source_id,
        "result_of": own.result_of,
        "document": result.document,
        "round": result.round,
        "issued_at": result.issued_at,
        "conclusion": result.conclusion,
        "sha256": result.sha256,
        "urls": urls(result),
    }


def record_answer(desk: Desk, engine: Engine, answer: Mapping[str, Any], channel: str, now: datetime) -> bool:
    """Note that a reporter has a result; False where there is nothing (more) to note.

    A result that has been replaced, or whose case is in work again, answers nobody: the next one does. Safe to call
    twice.

    Parameters
    ----------
    answer
        As `answer_payload` wrote it.
    now
        Aware: when the reporter got it.

    Raises
    ------
    Stale
        Others kept changing the case; call again.
    """
    number = answer["number"]
    own = next((one for one in views.answers_of(engine, number) if one.number == number), None)
    if own is None or own.round != answer["round"] or own.answered_at is not None:
        return False
    said = {"channel": channel, "round": answer["round"], "document": answer["document"]}
    try:
        desk.record(number, EventRequest(EventKind.ANSWERED.value, now, RULES, data=said), now)
    except NotAllowed:  # reopened since we looked
        return False
    return True


@dataclass(frozen=True, slots=True)
class Answering:
    """What the notifier does with the notice of a result: it carries the result, and its arrival is an answer."""

    engine: Engine
    calendar: Calendar
    desk: Desk
    now: Callable[[], datetime]

    def payload(self, notice: Kept) -> dict[str, Any]:
        """Give what the message of a result holds beside what all have."""
        return {"result": self._answer(notice)}

    def arrived(self, notice: Kept) -> bool:
        """Note that the reporter has the result."""
        return record_answer(self.desk, self.engine, self._answer(notice), WEBHOOK, self.now())

    def _answer(self, notice: Kept) -> dict[str, Any]:
        return answer_payload(self.engine, self.calendar, notice.number, int(notice.data["event"]))
