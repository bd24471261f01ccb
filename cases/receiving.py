"""The reception: reports become cases, one by one or many together."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.calendar import Calendar
from cases.case import CaseState
from cases.clock import Budgets
from cases.errors import BadReport, CaseError, SourceConflict, Stale, UnknownSource
from cases.events import Event, EventKind
from cases.history import fold
from cases.inspection import read_subject
from cases.intake import ERASED_BODY, Report, body_hash, check_report, check_time, place_as_data
from cases.lists import Lists
from cases.matters import Matter
from cases.organisation import Organisation
from cases.ports import CaseStore, Gazetteer, Identity, NewCase, Place
from cases.recording import around
from cases.routing import RouteLeg, route

ATTEMPTS = 8
"""How often reports are tried again when somebody else sent one of them in between."""


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to a report or an event: the case, and whether the same had come before."""

    state: CaseState
    repeated: bool


@dataclass(frozen=True, slots=True)
class Reception:
    """Receives reports.

    Attributes
    ----------
    store, gazetteer
        The memory and the map.
    lists
        Gives the lists as they are published now; asked anew for every report, so that a new version needs no restart.
    sources
        Codes of the sources that may report.
    prefix
        What case numbers begin with.
    future_skew
        How far a time may lie ahead of ours.
    """

    store: CaseStore
    gazetteer: Gazetteer
    organisation: Organisation
    lists: Callable[[], Lists]
    sources: Collection[str]
    calendar: Calendar
    budgets: Budgets
    prefix: str
    future_skew: timedelta = timedelta(minutes=2)

    def receive(self, report: Report, now: datetime) -> Received:
        """Make a case of a report, or find the case that the same report made before.

        Parameters
        ----------
        now
            The current instant (aware).

        Raises
        ------
        BadReport, BadSubject, FutureTime, UnknownSource, UnknownMatter
            The report cannot become a case. Bad coordinates are no reason: such a case is kept and flagged.
        SourceConflict
            The same (source, source_id) came before with another content.
        Exception
            What the gazetteer raises for an unknown CRS.
        """
        (answer,) = self.receive_all([report], now)
        if isinstance(answer, CaseError):
            raise answer
        return answer

    def receive_all(self, reports: Sequence[Report], now: datetime) -> list[Received | CaseError]:
        """Make cases of many reports, as `receive` does of each, written in as few transactions as can be.

        Returns
        -------
        list
            An answer to each report, in their order: the case, or why there is none.

        Raises
        ------
        Exception
            What the gazetteer raises for an unknown CRS, and what the memory raises when it cannot write: of the
            reports that were to be written together, none is.
        """
        answers: dict[int, Received | CaseError] = {}
        for part in without_repeats(reports):
            answers |= self._receive_different(part, now)
        return [answers[place] for place in range(len(reports))]

    def _receive_different(self, reports: Mapping[int, Report], now: datetime) -> dict[int, Received | CaseError]:
        answers: dict[int, Received | CaseError] = {}
        prints: dict[int, str] = {}
        for place, report in reports.items():
            try:
                prints[place] = self._checked(report)
            except CaseError as refusal:
                answers[place] = refusal
        lists = self.lists()
        for _ in range(ATTEMPTS):
            answers |= self._known({place: (reports[place], prints[place]) for place in prints if place not in answers})
            new: dict[int, NewCase] = {}
            for place in prints.keys() - answers:
                try:
                    new[place] = self._opened(reports[place], prints[place], lists, now)
                except CaseError as refusal:
                    answers[place] = refusal
            try:
                return answers | self._stored(new)
            except SourceConflict:
                # Another process stored one of them since we looked; whose content it was decides.
                continue
        raise Stale(f"Others sent the same {len(reports)} reports {ATTEMPTS} times in a row; try again.")

    def _stored(self, new: Mapping[int, NewCase]) -> dict[int, Received | CaseError]:
        """Write new cases together; each for itself where a text of one of them cannot be stored."""
        if not new:
            return {}
        places = sorted(new)
        try:
            states = self.store.add_all(self.prefix, [new[place] for place in places])
        except BadReport as refusal:
            if len(places) == 1:
                return {places[0]: refusal}
            return {key: answer for place in places for key, answer in self._stored({place: new[place]}).items()}
        return {place: Received(state, repeated=False) for place, state in zip(places, states, strict=True)}

    def _checked(self, report: Report) -> str:
        """Refuse a report that cannot become a case, whatever is known already; give its fingerprint."""
        check_report(report)
        if report.source not in self.sources:
            known = ", ".join(sorted(self.sources))
            raise UnknownSource(f"There is no source {report.source[:64]!r}; the region knows: {known}.")
        return body_hash(report)

    def _opened(self, report: Report, fingerprint: str, lists: Lists, now: datetime) -> NewCase:
        for instant in (report.occurred_at, report.received_at):
            check_time(instant, now, self.future_skew)
        matter = lists.matter(report.matter, self.calendar.local_day(report.received_at or report.occurred_at))
        place = self.gazetteer.place(report.x, report.y, report.crs, report.source, report.occurred_at)
        event = self._opening(report, matter, place, lists, now)
        day = self.calendar.local_day(event.occurred_at)
        return NewCase(day, fingerprint, (event,), fold((event,), self.calendar))

    def _known(self, reports: Mapping[int, tuple[Report, str]]) -> dict[int, Received | CaseError]:
        """Answer those that came before: with the case that there is, or with a conflict."""
        known = self.store.numbered([identity(report) for report, _ in reports.values()])
        answers: dict[int, Received | CaseError] = {}
        same: dict[int, str] = {}
        for place, (report, fingerprint) in reports.items():
            if identity(report) not in known:
                continue
            number, earlier = known[identity(report)]
            if earlier in (fingerprint, ERASED_BODY):
                same[place] = number
            else:
                answers[place] = SourceConflict(
                    f"{report.source} {report.source_id} was reported before with another content, as {number};"
                    " send the change as an event, or a new report under a new source_id.",
                    number,
                )
        histories = self.store.histories(same.values()) if same else {}
        for place, number in same.items():
            answers[place] = Received(fold(histories[number], self.calendar, number), repeated=True)
        return answers

    def _opening(self, report: Report, matter: Matter, place: Place, lists: Lists, now: datetime) -> Event:
        """Give the event that opens a case; all that was decided stands in it, so that no later list changes it."""
        received_at = (report.received_at or report.occurred_at).astimezone(UTC)
        day = self.calendar.local_day(received_at)
        way = route(matter, place.township, day, lists.on(day), self.organisation, areas=around(place))
        data = {
            "source": report.source,
            "source_id": report.source_id,
            "matter": matter.code,
            "platform": matter.platform.value,
            "domain": matter.domain.value,
            "occurred_at": report.occurred_at.astimezone(UTC).isoformat(),
            **_said(report, place_as_data(place)),
            "legs": [_leg_as_data(leg) for leg in way.legs],
            "list_version": way.list_version,
            **({} if report.subject is None else {"subject": read_subject(report.subject).as_data()}),
            "budgets": {
                kind.value: {"amount": budget.amount, "unit": budget.unit.value}
                for kind, budget in self.budgets.of(matter.code).items()
            },
        }
        return Event(EventKind.RECEIVED, received_at, now.astimezone(UTC), report.source, leg=1, data=data)


def identity(report: Report) -> Identity:
    """Give what says whether two reports are the same."""
    return report.source, report.source_id


def without_repeats(reports: Sequence[Report]) -> Iterator[dict[int, Report]]:
    """Cut reports, by their place, into parts in which no report comes twice: the second must find the first."""
    part: dict[int, Report] = {}
    met: set[Identity] = set()
    for place, report in enumerate(reports):
        if identity(report) in met:
            yield part
            part, met = {}, set()
        part[place] = report
        met.add(identity(report))
    yield part


def _said(report: Report, where: Mapping[str, Any]) -> dict[str, Any]:
    """Give where it is, and what was reported in the words of the source."""
    said = {
        "description": report.description,
        "contact": dict(report.contact),
        "photos": list(report.photos),
        "attributes": dict(report.attributes),
        "point": where["raw"],
    }
    return {"place": where, "report": said}


def _leg_as_data(leg: RouteLeg) -> dict[str, Any]:
    data = {
        "role": leg.role.value,
        "department": leg.department,
        "unit": leg.unit,
        "clause": leg.clause,
        "sentence": leg.sentence,
    }
    return data | {"arrangements": list(leg.arrangements)} if leg.arrangements else data
