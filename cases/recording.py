"""What the desk adds to an event before it is recorded: the facts that only the rules know, and the events that follow.

Whoever sends an event says what happened; which unit acts at the new place, how far a check-in was from the case and
what two returns lead to is not for them to say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cases.calendar import Calendar
from cases.case import FAR_M, CaseState, Leg, LegRole, LegStatus, Status
from cases.clock import Budgets, ClockKind
from cases.errors import BadEvent, UnknownDepartment
from cases.events import Event, EventKind
from cases.history import fold, in_order
from cases.inspection import WINDOW, Inspection, Visit, checks_of, opened, read_subject
from cases.intake import LONGEST_DESCRIPTION, EventRequest, check_text, place_as_data
from cases.lifecycle import TRANSITIONS, Actor, can_record, check_data, check_status, resolve_leg
from cases.lists import Lists, ListVersion
from cases.organisation import ADJUDICATOR, Organisation
from cases.ports import Gazetteer, Place
from cases.routing import asked_to_lead, moved_with, route

RULES = "rules"
"""The actor of events that follow from others without anybody's doing."""

IN_WORK = (Status.RECEIVED, Status.ACCEPTED, Status.ON_SITE)


@dataclass(frozen=True, slots=True)
class Recording:
    """Completes events with what the map, the organisation and the lists know."""

    gazetteer: Gazetteer
    organisation: Organisation
    lists: Callable[[], Lists]
    calendar: Calendar
    budgets: Budgets
    visits: Callable[[str], Sequence[Visit]]
    window: timedelta = WINDOW

    def complete(
        self, history: Sequence[Event], state: CaseState, kind: EventKind, request: EventRequest, now: datetime
    ) -> list[Event]:
        """Build the event that was asked for, complete with what the rules know, and those that go with it.

        Raises
        ------
        BadEvent, BadSubject, NotAllowed, UnknownDepartment
        """
        if TRANSITIONS[kind].owners == {Actor.RULES}:
            raise BadEvent(f"The event {kind} follows from others by the rules; nobody can record it.")
        occurred_at, recorded_at = request.occurred_at.astimezone(UTC), now.astimezone(UTC)
        leg = request.leg
        if leg is None and request.department is not None:
            leg = _leg_of(state, request.department)
        asked = Event(kind, occurred_at, recorded_at, request.actor, leg, dict(request.data))
        completing, preceding, following = _COMPLETING.get(kind), _PRECEDING.get(kind), _FOLLOWING.get(kind)
        event = replace(asked, data=dict(request.data) | completing(self, state, asked)) if completing else asked
        return [
            *(preceding(self, state, event, history) if preceding else ()),
            event,
            *(following(self, state, event, history) if following else ()),
        ]

    # What an event is completed with.

    def _asked(self, state: CaseState, event: Event) -> dict[str, Any]:
        check_data(event.kind, event.data)
        return self._named(state, event.data["department"], event.data["reason"], event.occurred_at)

    def _named(self, state: CaseState, department: str, reason: str, at: datetime) -> dict[str, Any]:
        """Give the unit of a department that is put in charge by somebody's decision, and the words for it."""
        if department == ADJUDICATOR:
            raise UnknownDepartment(f"{department} settles disputes and handles no case; name another department.")
        day = self.calendar.local_day(at)
        leg = asked_to_lead(department, state.township, day, self.organisation, reason)
        return {"unit": leg.unit, "clause": leg.clause, "sentence": leg.sentence}

    def _checked_in(self, state: CaseState, event: Event) -> dict[str, Any]:
        """Measure how far a check-in is from the case; one from another county is a mistake or worse."""
        if event.data.get("point") is None:
            return {}
        place = self._read(event, state)
        metres = None
        assert place.lon is not None and place.lat is not None  # noqa: S101 - `_read` refuses other points
        if state.lon is not None and state.lat is not None:
            metres = round(self.gazetteer.metres(state.lon, state.lat, place.lon, place.lat), 1)
        if "outside" in place.flags and (metres is None or metres > FAR_M):
            where = f"{metres / 1000:.1f} km from the case" if metres is not None else "and the case has no place"
            raise BadEvent(
                f"The check-in at {place.lon:.5f}, {place.lat:.5f} lies outside the region, {where}; correct the"
                " position or its crs, or check in without data.point."
            )
        return {"lon": place.lon, "lat": place.lat, "distance_m": metres}

    def _relocated(self, state: CaseState, event: Event) -> dict[str, Any]:
        """Find the place of the new point, and the units that act there for the departments still at work."""
        check_status(state, event.kind)
        place = self._read(event, state)
        units = self._units_at(place, state, self.calendar.local_day(event.occurred_at))
        return {"place": place_as_data(place), "units": units}

    def _disputed(self, state: CaseState, event: Event) -> dict[str, Any]:
        check_data(event.kind, event.data)
        wanted = event.data.get("wanted")
        if wanted is not None:
            self.organisation.department(str(wanted))
        return self._limit(state)

    def _limit(self, state: CaseState) -> dict[str, Any]:
        budget = self.budgets.of(state.matter)[ClockKind.ADJUDICATE]
        return {"budget": {"amount": budget.amount, "unit": budget.unit.value}}

    def _settled(self, state: CaseState, event: Event) -> dict[str, Any]:
        """Name who acts from now on, and how the next such case is routed when the decision is to hold for it."""
        check_data(event.kind, event.data)
        leg = resolve_leg(state, event.kind, event.leg) or state.lead
        department, ruling = event.data["department"], event.data.get("ruling")
        named = self._named(state, department, event.data["decision"], event.occurred_at)
        return named | {"ruling": _ruling(state, leg, department, ruling) if ruling is not None else None}

    def _read(self, event: Event, state: CaseState) -> Place:
        """Read the point of an event."""
        point = event.data.get("point")
        if not isinstance(point, Mapping) or not isinstance(point.get("crs"), str):
            # The CRS of the source would be a guess here: whoever moves a case points at our map, not at the source's.
            raise BadEvent(f"The event {event.kind} needs data.point with x, y and crs, such as EPSG:4490.")
        place = self.gazetteer.place(point.get("x"), point.get("y"), point["crs"], state.source, state.occurred_at)
        if place.lon is None or place.lat is None:
            raise BadEvent(f"The point {point!r:.200} cannot be read; give x (longitude), y (latitude) and their crs.")
        return place

    def _units_at(self, place: Place, state: CaseState, day: date) -> dict[str, dict[str, str | None]]:
        """Give unit and sentence at a new place by number of the leg, for the departments still at work."""
        received, version = self.calendar.local_day(state.received_at), self._version(state)
        ways = [
            route(state.matter, place.township, when, version, self.organisation, areas=around(place))
            for when in (received, day)
        ]
        named = {(leg.role, leg.department): leg for leg in ways[1].legs}
        rightful = None if ways[0].triage else ways[0].legs[0].department
        units = {}
        for leg in state.legs:
            if leg.ended_at is None:
                here = named.get((leg.role, leg.department))
                # Who leads by transfer leads by somebody's decision, which no list corrects.
                other = rightful if leg.number == 1 and rightful != leg.department else None
                unit, sentence = (
                    (here.unit, here.sentence)
                    if here and not other
                    else moved_with(leg, place.township, day, self.organisation, other)
                )
                units[str(leg.number)] = {"unit": unit, "sentence": sentence}
        return units

    def _version(self, state: CaseState) -> ListVersion:
        """Give the lists that routed the case: they go on explaining it, wherever and whenever it moves."""
        lists = self.lists()
        if state.list_version in lists:
            return lists.version(state.list_version)
        return lists.on(self.calendar.local_day(state.received_at))

    def _identified(self, _: CaseState, event: Event) -> dict[str, Any]:
        return {"subject": read_subject(event.data.get("subject")).as_data()}

    # What goes before.

    def _comes(self, state: CaseState, event: Event, history: Sequence[Event]) -> list[Event]:
        """Plan the visit that a department comes for, where it is another one than the case had."""
        at = event.occurred_at
        if state.subject is None or at < state.received_at:
            return []
        then = fold([one for one in history if one.occurred_at <= at], self.calendar, state.number)
        leg = resolve_leg(then, event.kind, event.leg)
        if leg is None or not can_record(then, event.kind, leg.number):
            return []
        inspection = self._inspection(replace(then, subject=state.subject, visit=state.visit), history)
        plan = inspection.arrive(leg, at, event.data.get("reason"), event.data.get("approved_by"))
        return [] if plan is None else [_by_rules(EventKind.PLANNED, event, **plan.as_data())]

    def _inspection(self, state: CaseState, history: Sequence[Event]) -> Inspection:
        assert state.subject is not None  # noqa: S101 - callers ask for cases with a subject alone
        checks = checks_of(state, self._version(state))
        return Inspection(state, self.visits(state.subject), checks, opened(history), self.window)

    # What follows.

    def _accepted(self, state: CaseState, event: Event, history: Sequence[Event]) -> list[Event]:
        """Plan the visit of the subject, if there is one, and call those who come with the lead."""
        return [*self._plans(state, event, history), *self._calls(state, event, history)]

    def _plans(self, state: CaseState, event: Event, history: Sequence[Event]) -> list[Event]:
        if state.subject is None:
            return []
        plan = self._inspection(state, history).plan(event.occurred_at)
        if plan.visit == state.visit and plan.checks == state.checks:
            return []
        return [_by_rules(EventKind.PLANNED, event, **plan.as_data())]

    def _plans_at_last(self, state: CaseState, event: Event, history: Sequence[Event]) -> list[Event]:
        """Plan the visit of a subject that is known only now that the lead is at work."""
        if state.status not in (Status.ACCEPTED, Status.ON_SITE):
            return []
        return self._plans(replace(state, subject=event.data["subject"]["code"]), event, history)

    def _calls(self, state: CaseState, event: Event, _: Sequence[Event]) -> list[Event]:
        """Call every coordinating department that waits when the lead accepts."""
        waiting = [leg for leg in state.coordinating if leg.status is LegStatus.WAITING]
        return [_by_rules(EventKind.CALLED, event, leg.number) for leg in waiting]

    def _opens_dispute(self, state: CaseState, event: Event, history: Sequence[Event]) -> list[Event]:
        """Open a dispute when a case is returned for the second time since the last one."""
        known = [one for one in in_order(history) if one.occurred_at <= event.occurred_at]
        since = max((n for n, one in enumerate(known) if one.kind is EventKind.DISPUTED), default=-1)
        before = [one for one in known[since + 1 :] if one.kind is EventKind.RETURNED]
        if not before:
            return []
        leg = resolve_leg(state, event.kind, event.leg) or state.lead
        reasons = "；".join(str(one.data.get("reason", "")) for one in (*before, event))
        data = {"clause": leg.clause or leg.sentence, "view": f"两次退回：{reasons}", **self._limit(state)}
        return [_by_rules(EventKind.DISPUTED, event, leg.number, **data)]

    def _transfers(self, state: CaseState, event: Event, _: Sequence[Event]) -> list[Event]:
        """Hand a case that is still at work over when the adjudicator decides that another department leads it."""
        leg = resolve_leg(state, event.kind, event.leg) or state.lead
        department = event.data["department"]
        if state.status not in IN_WORK or leg.number != state.lead.number or department == leg.department:
            return []
        named = {name: event.data[name] for name in ("unit", "clause", "sentence")}
        reason = f"争议裁定：{event.data['decision']}"
        return [_by_rules(EventKind.TRANSFERRED, event, department=department, reason=reason, **named)]


_COMPLETING: dict[EventKind, Callable[[Recording, CaseState, Event], dict[str, Any]]] = {
    EventKind.ARRIVED: Recording._checked_in,
    EventKind.TRANSFERRED: Recording._asked,
    EventKind.RELOCATED: Recording._relocated,
    EventKind.DISPUTED: Recording._disputed,
    EventKind.SETTLED: Recording._settled,
    EventKind.IDENTIFIED: Recording._identified,
}
_PRECEDING: dict[EventKind, Callable[[Recording, CaseState, Event, Sequence[Event]], list[Event]]] = {
    EventKind.ARRIVED: Recording._comes,
}
_FOLLOWING: dict[EventKind, Callable[[Recording, CaseState, Event, Sequence[Event]], list[Event]]] = {
    EventKind.ACCEPTED: Recording._accepted,
    EventKind.IDENTIFIED: Recording._plans_at_last,
    EventKind.RETURNED: Recording._opens_dispute,
    EventKind.SETTLED: Recording._transfers,
}


def _ruling(state: CaseState, leg: Leg, department: str, given: object) -> dict[str, Any]:
    """Complete what the adjudicator says about the next such case."""
    if not isinstance(given, Mapping) or not str(given.get("change") or "").strip():
        raise BadEvent(
            f"data.ruling is {given!r:.100}; give an object with change (what the next version of the lists should say)"
            " and, unless it holds everywhere, township: true."
        )
    check_text("data.ruling.change", given["change"], LONGEST_DESCRIPTION, BadEvent, required=True)
    # The next such case comes to whom the lists name, not to whom this one was passed on in the meantime.
    routed = state.legs[0] if leg.role is LegRole.LEAD else leg
    return {
        "matter": state.matter,
        "township": state.township if given.get("township") else None,
        "role": leg.role.value,
        "from_department": routed.department,
        "to_department": department,
        "change": given["change"],
    }


def _by_rules(kind: EventKind, cause: Event, leg: int | None = None, **data: Any) -> Event:
    return Event(kind, cause.occurred_at, cause.recorded_at, RULES, leg, data)


def around(place: Place) -> tuple[str, ...]:
    """Give the codes of the areas other than the township that cover a place."""
    return tuple(code for code in (place.village, place.cell, *place.areas.values()) if code)


def _leg_of(state: CaseState, department: str) -> int:
    """Give the number of the leg in which a department has a part now, else of the last one in which it had."""
    legs = sorted(
        (leg for leg in state.legs if leg.department == department), key=lambda leg: (leg.is_active, leg.number)
    )
    if not legs:
        known = ", ".join(f"{leg.department} (leg {leg.number})" for leg in state.legs)
        raise UnknownDepartment(f"{department[:64]} has no part in {state.number}; these have: {known}.")
    return legs[-1].number
