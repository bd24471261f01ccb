"""The case page: a case and its history as words and times, ready for assets/js/case.js, with every contact masked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.case import FAR_M, CaseState, Leg
from cases.clock import Clock, ClockKind, Level, level
from cases.events import Event
from dashboard.text import WORDS, say
from dashboard.views.acts import acts_of, acts_on
from dashboard.views.names import Book
from dashboard.views.tables import ms

# An event that was recorded this much later than it happened was entered afterwards; less is the way of a message.
LATE = timedelta(minutes=5)
TOLD = (
    *("department", "wanted", "reason", "finding", "basis", "result", "text", "clause", "view", "decision"),
    *("into", "amount", "approved_by", "channel", "visit"),
)

REASONS = ("reason", "clause", "decision")


def masked_name(name: str) -> str:
    """张三丰 becomes 张*; a name in another script keeps its first letter."""
    name = name.strip()
    return f"{name[0]}*" if name else ""


def masked_phone(phone: str) -> str:
    """13812340000 becomes 138****0000; a number too short to hide anything in is hidden whole."""
    digits = phone.strip()
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else "*" * len(digits)


def masked_contact(contact: Any) -> str:
    """Name and phone of the reporter as everybody may see them; nothing when nothing was given."""
    if not isinstance(contact, dict):
        return ""
    parts = (masked_name(str(contact.get("name") or "")), masked_phone(str(contact.get("phone") or "")))
    return " ".join(part for part in parts if part)


class Drawer:
    """Draws one case in one language and zone at one moment."""

    def __init__(self, book: Book, language: str, zone: ZoneInfo, now: datetime) -> None:
        self.book, self.language, self.zone, self.now = book, language, zone, now

    def draw(self, state: CaseState, events: Sequence[Event]) -> dict[str, Any]:
        """Everything that the page shows."""
        due = first_due(state.clocks)
        return {
            "number": state.number,
            "matter": self.book.matter(state.matter, self.language),
            "status": str(state.status),
            "status_word": self._say(f"status.{state.status}"),
            "level": int(level_of(state.clocks, self.now)) if state.is_pending else 0,
            "due": ms(due.due.due_at) if due and due.due else None,
            "amber": ms(due.due.amber_at) if due and due.due else None,
            "due_word": self._say(f"clock.{due.kind}") if due else "",
            "chips": self._chips(state),
            "facts": self._facts(state),
            "description": str(state.report.get("description") or ""),
            "legs": [self._leg(leg, state) for leg in state.legs],
            "acts": acts_of(state, self.book, self.language),
            "clocks": [self._clock(clock, state) for clock in state.clocks],
            "events": [self._event(event, state) for event in by_occurrence(events)],
            "point": None if state.lon is None or state.lat is None else [state.lon, state.lat],
        }

    def _say(self, key: str, **values: Any) -> str:
        return say(key, self.language, **values)

    def _time(self, instant: datetime | None) -> str:
        if instant is None:
            return "—"
        local = instant.astimezone(self.zone)
        same_year = local.year == self.now.astimezone(self.zone).year
        return local.strftime("%m-%d %H:%M:%S" if same_year else "%Y-%m-%d %H:%M")

    def _chips(self, state: CaseState) -> list[str]:
        flags = [self._say(f"flag.{flag}" if f"flag.{flag}" in WORDS else "flag.other") for flag in state.flags]
        if any(clock.due and clock.due.provisional and clock.stopped_at is None for clock in state.clocks):
            flags.append(self._say("case.provisional"))
        if state.merged_into:
            flags.append(self._say("case.merged", number=state.merged_into))
        return list(dict.fromkeys(flags))

    def _facts(self, state: CaseState) -> list[tuple[str, str]]:
        point = self._say("case.no_place")
        if state.lon is not None and state.lat is not None:
            point = f"{state.lon:.5f}, {state.lat:.5f}"
        facts = [
            ("fact.place", self.book.place(state.township, state.village, state.cell, self.language)),
            ("fact.coordinates", point),
            ("fact.source", self.book.source(state.source, self.language)),
            ("fact.platform", self._say(f"platform.{state.platform}")),
            ("fact.domain", self._say(f"domain.{state.domain}")),
            ("fact.occurred", self._time(state.occurred_at)),
            ("fact.received", self._time(state.received_at)),
            ("fact.contact", masked_contact(state.report.get("contact"))),
            ("fact.list", state.list_version),
        ]
        return [(self._say(key), value) for key, value in facts if value]

    def _leg(self, leg: Leg, state: CaseState) -> dict[str, Any]:
        stamps = ("asked", "accepted", "arrived", "found", "ended")
        times = [(self._say(f"stamp.{name}"), getattr(leg, f"{name}_at")) for name in stamps]
        return {
            "key": leg.number,
            "role": str(leg.role),
            "role_word": self._say(f"role.{leg.role}"),
            "department": self.book.department(leg.department, self.language),
            "unit": self.book.unit(leg.unit),
            "status": str(leg.status),
            "status_word": self._say(f"leg.{leg.status}"),
            "clause": leg.clause,
            "sentence": leg.sentence,
            "finding": leg.finding or "",
            "basis": self._say("case.leg.basis", text=leg.basis) if leg.basis else "",
            "stamps": [(name, self._time(instant)) for name, instant in times if instant],
            "marks": self._marks(leg),
            "acts": acts_on(state, leg, self.book, self.language),
        }

    def _marks(self, leg: Leg) -> list[dict[str, str]]:
        """Say what stands out about a leg: how far it checked in, how it is driven, whether its duty is disputed."""
        marks = {
            "distance": leg.arrived_m is not None and ("case.leg.distance", {"m": f"{leg.arrived_m or 0:,.0f}"}),
            "far": leg.is_far and ("case.leg.far", {"m": f"{FAR_M:.0f}"}),
            "urged": leg.urged and ("case.leg.urged", {"n": leg.urged}),
            "owes": leg.owes_reply and ("case.leg.owes", {"at": self._time(leg.supervised_at)}),
            "replied": leg.supervised_at and not leg.owes_reply and ("case.leg.replied", {}),
            "disputed": leg.disputed and ("case.leg.disputed", {}),
        }
        return [{"kind": kind, "words": self._say(said[0], **said[1])} for kind, said in marks.items() if said]

    def _clock(self, clock: Clock, state: CaseState) -> dict[str, Any]:
        leg = None if clock.leg is None else state.leg(clock.leg)
        due = clock.due.due_at if clock.due else None
        words = "clock.paused"
        if clock.stopped_at is not None and due is not None:
            words = "clock.met" if clock.stopped_at <= due else "clock.missed"
        times = {"start": self._time(clock.started_at), "due": self._time(due), "stop": self._time(clock.stopped_at)}
        round_mark = f" · {clock.round}" if clock.round > 1 else ""
        return {
            "name": self._say(f"clock.{clock.kind}") + round_mark,
            "owner": self.book.department(leg.department, self.language) if leg else self._say("clock.case"),
            "start": ms(clock.started_at),
            "amber": ms(clock.due.amber_at) if clock.due else None,
            "due": ms(due),
            "stop": ms(clock.stopped_at),
            "pauses": [[ms(pause.start), ms(pause.end)] for pause in clock.pauses],
            "words": self._say(words),
            "foot": self._say("clock.foot.stopped" if clock.stopped_at else "clock.foot", **times),
        }

    def _event(self, event: Event, state: CaseState) -> dict[str, Any]:
        leg = None if event.leg is None else state.leg(event.leg)
        late = event.recorded_at - event.occurred_at > LATE
        title = self._say(
            "case.late.title", occurred=self._time(event.occurred_at), recorded=self._time(event.recorded_at)
        )
        return {
            "kind": str(event.kind),
            "word": self._say(f"event.{event.kind}"),
            "at": self._time(event.occurred_at),
            "who": self.book.actor(event.actor, self.language)
            or (self.book.department(leg.department, self.language) if leg else ""),
            "late": title if late else "",
            "detail": " · ".join(self._told(key, event.data[key], state) for key in told(event.data)),
        }

    def _told(self, key: str, value: Any, state: CaseState) -> str:
        if key == "approved_by":
            return self._say("case.told.approved", who=self.book.actor(str(value), self.language) or value)
        if key == "amount":
            finish = next((clock for clock in state.clocks if clock.kind is ClockKind.FINISH), None)
            return self._say(f"case.told.amount.{finish.budget.unit}", n=value) if finish else str(value)
        if key in ("department", "wanted"):
            return self.book.department(str(value), self.language)
        if key == "channel" and f"channel.{value}" in WORDS:
            return self._say(f"channel.{value}")
        return str(value)


def told(data: Mapping[str, Any]) -> list[str]:
    """Give the keys of an event's data that its line tells, in their order.

    The clause of what the adjudicator decided holds the decision itself, and the reason of the transfer that follows
    from it is that clause: what one text says already is not told by another one.
    """
    given = [key for key in TOLD if data.get(key)]
    words = [(key, str(data[key])) for key in given if key in REASONS]
    # The longer text stays, and of equal ones the first.
    repeated = {
        key
        for n, (key, text) in enumerate(words)
        for m, (_, other) in enumerate(words)
        if text in other and (len(other), -m) > (len(text), -n)
    }
    return [key for key in given if key not in repeated]


def by_occurrence(events: Sequence[Event]) -> list[Event]:
    """Order events as they happened, the newest first: the order of the fold, turned round."""
    return sorted(events, key=lambda event: (event.occurred_at, event.revision), reverse=True)


def first_due(clocks: Sequence[Clock]) -> Clock | None:
    """Find the running clock that is due first, or None."""
    running = [clock for clock in clocks if clock.stopped_at is None and clock.due is not None]
    return min(running, key=lambda clock: clock.due.due_at if clock.due else clock.started_at, default=None)


def level_of(clocks: Sequence[Clock], now: datetime) -> Level:
    """Find the worst level of the running clocks."""
    return max((level(clock, now) for clock in clocks), default=Level.GREEN) or Level.GREEN
