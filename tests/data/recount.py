"""A second opinion on the assessment: plain Python over the events of a case, without the fold and without SQL.

It knows only minutes round the clock, which is what the cases of `tests.data.test_assessment` have as limits.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cases.assessment import Count
from cases.events import Event

RESPOND, ARRIVE = timedelta(minutes=30), timedelta(minutes=60)
MINUTE = timedelta(minutes=1)


@dataclass
class Limit:
    """A clock: `how` says what stopped it."""

    start: datetime
    length: timedelta
    stop: datetime | None = None
    how: str = ""
    pauses: list[list[datetime | None]] = field(default_factory=list)
    extended: list[datetime] = field(default_factory=list)

    def due(self) -> datetime | None:
        """When it has run for the whole of its length; None while it is paused before that."""
        at = self.start + self.length
        for begin, end in self.pauses:
            if begin is not None and begin < at:
                if end is None:
                    return None
                at += end - begin
        return at

    def end(self, at: datetime, how: str) -> None:
        if self.stop is None:
            self.stop, self.how = at, how
            self.pauses = [[begin, end or at] for begin, end in self.pauses]


@dataclass
class Part:
    """A department's part."""

    role: str
    department: str
    unit: str | None
    state: str
    since: datetime | None = None
    limits: list[Limit] = field(default_factory=list)
    arrived: datetime | None = None
    found: datetime | None = None
    ended: datetime | None = None

    @property
    def active(self) -> bool:
        return self.state not in ("returned", "transferred")


class Story:
    """One case, told by its events."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.parts: list[Part] = []
        self.finish: list[Limit] = []
        self.status, self.merged = "received", False
        self.returned: list[tuple[datetime, Part]] = []
        for event in sorted(events, key=lambda one: (one.occurred_at, one.revision)):
            getattr(self, f"on_{event.kind}", lambda *_: None)(event, event.occurred_at, self.meant(event))

    @property
    def lead(self) -> Part:
        return [part for part in self.parts if part.role == "lead"][-1]

    def meant(self, event: Event) -> Any:
        if not self.parts:
            return None
        return self.parts[event.leg - 1] if event.leg else self.lead

    def running(self) -> Limit | None:
        return self.finish[-1] if self.finish and self.finish[-1].stop is None else None

    def begin_if_ready(self, at: datetime) -> None:
        others = [part for part in self.parts if part.role != "lead" and part.active]
        missing = others and any(part.found is None for part in (self.lead, *others))
        if self.status in ("accepted", "on_site") and not missing and not self.running():
            self.finish.append(Limit(at, self.length))

    def ask(self, part: Part, at: datetime, length: timedelta, state: str) -> None:
        part.state = state
        part.limits.append(Limit(at, length))

    def on_received(self, event: Event, at: datetime, _: Any) -> None:
        self.length = event.data["budgets"]["finish"]["amount"] * MINUTE
        for leg in event.data["legs"]:
            self.parts.append(Part(leg["role"], leg["department"], leg["unit"], "waiting"))
        self.lead.since = at
        self.ask(self.lead, at, RESPOND, "asked")

    def on_accepted(self, _: Event, at: datetime, part: Part) -> None:
        part.state, part.ended, self.status = "accepted", None, "accepted"
        part.limits[-1].end(at, "answered")
        self.begin_if_ready(at)

    def on_called(self, _: Event, at: datetime, part: Part) -> None:
        self.ask(part, at, ARRIVE, "called")

    def on_arrived(self, _: Event, at: datetime, part: Part) -> None:
        part.state, part.arrived = "arrived", at
        if part.limits:
            part.limits[-1].end(at, "came")
        self.status = "received" if self.status == "received" else "on_site"

    def on_found(self, _: Event, at: datetime, part: Part) -> None:
        part.state, part.found = "found", at
        if part.limits:
            part.limits[-1].end(at, "came")
        self.begin_if_ready(at)

    def on_finished(self, _: Event, at: datetime, __: Part) -> None:
        self.status = "finished"
        self.finish[-1].end(at, "result")
        for part in self.parts:
            if part.active and (part is self.lead or part.role != "lead"):
                part.state, part.ended = "done", at

    def on_verified(self, *_: Any) -> None:
        self.status = "verified"

    def on_reopened(self, _: Event, at: datetime, __: Part) -> None:
        lead = self.lead
        self.status = "received" if lead.state in ("asked", "returned") else "accepted"
        for part in self.parts:
            if part.active and (part.state != "done" or part is lead):
                part.ended = None
                if part.state == "done":
                    part.state = "accepted"
                if part.state == "called":
                    self.ask(part, at, ARRIVE, "called")
        if lead.state == "asked":
            self.ask(lead, at, RESPOND, "asked")
        self.begin_if_ready(at)

    def on_closed(self, _: Event, at: datetime, __: Part) -> None:
        self.status = "closed"
        for part in self.parts:
            part.ended = part.ended or at
            for limit in part.limits:
                limit.end(at, "cut")
        for limit in self.finish:
            limit.end(at, "cut")

    def on_merged(self, event: Event, at: datetime, part: Part) -> None:
        self.merged = True
        self.on_closed(event, at, part)

    def on_returned(self, _: Event, at: datetime, part: Part) -> None:
        self.returned.append((at, part))
        part.state, part.ended, self.status = "returned", at, "received"
        part.limits[-1].end(at, "answered")

    def on_transferred(self, event: Event, at: datetime, _: Part) -> None:
        before = self.lead
        for part in self.parts:
            if part is before or (part.active and part.department == event.data["department"]):
                if part.active:
                    part.state, part.ended = "transferred", at
                for limit in part.limits:
                    limit.end(at, "cut")
        self.parts.append(Part("lead", event.data["department"], event.data["unit"], "asked", at))
        self.ask(self.lead, at, RESPOND, "asked")
        self.status = "received"

    def on_extended(self, event: Event, at: datetime, _: Part) -> None:
        limit = self.running()
        assert limit is not None
        limit.length += event.data["amount"] * MINUTE
        limit.extended.append(at)

    def on_suspended(self, _: Event, at: datetime, __: Part) -> None:
        limit = self.running()
        assert limit is not None
        limit.pauses.append([at, None])

    def on_resumed(self, _: Event, at: datetime, __: Part) -> None:
        limit = self.running()
        assert limit is not None
        limit.pauses = [[begin, end or at] for begin, end in limit.pauses]

    def on_disputed(self, _: Event, at: datetime, part: Part) -> None:
        if part is self.lead and part.state == "returned":
            part.ended = None
            self.ask(part, at, RESPOND, "asked")

    def on_settled(self, event: Event, at: datetime, part: Part) -> None:
        decided = event.data["department"]
        open_ = self.status in ("received", "accepted", "on_site")
        if part.role == "lead" or decided == part.department or not open_ or not part.active:
            return
        called = part.state != "waiting"
        part.state, part.ended = "transferred", at
        for limit in part.limits:
            limit.end(at, "cut")
        if not any(one.department == decided and one.active for one in self.parts):
            self.parts.append(Part("coordinating", decided, event.data["unit"], "waiting"))
            if called:
                self.ask(self.parts[-1], at, ARRIVE, "called")
        self.begin_if_ready(at)


def recount(stories: Iterable[Story], start: datetime, end: datetime) -> Counter[tuple[str, Count]]:
    """Count for every unit what docs/assessment.md says."""
    found: Counter[tuple[str, Count]] = Counter()
    for story in stories:
        if not story.merged:
            _lead_work(story, start, end, found)
            _coordinating_work(story, start, end, found)
            _limits(story, start, end, found)
            _returns(story, start, end, found)
    return Counter({key: number for key, number in found.items() if key[0] is not None and number})


def _lead_work(story: Story, start: datetime, end: datetime, found: Counter[Any]) -> None:
    leads = [part for part in story.parts if part.role == "lead"]
    reworked: Counter[str | None] = Counter()
    for turn, limit in enumerate(story.finish):
        due, issued = limit.due(), limit.stop if limit.how == "result" else None
        if due is None:
            continue
        decided = min(due, issued) if issued else due
        place = max(n for n, part in enumerate(leads) if part.since and (n == 0 or part.since < decided))
        part, until = leads[place], leads[place + 1].since if place + 1 < len(leads) else None
        own = issued is not None and (until is None or issued <= until)
        done = own and issued is not None and start <= issued < end
        left = min([at for at in (limit.stop, until) if at], default=None)
        held = due < end and (left is None or left > max(due, start))
        overdue = held and not (own and issued is not None and issued < end)
        counts = [Count.DONE] * done + [Count.OVERDUE] * overdue + [Count.DUE] * (done or overdue)
        counts += [Count.ON_TIME] * bool(done and issued and issued <= due)
        was_extended = any(part.since <= at and (until is None or at <= until) for at in limit.extended if part.since)
        counts += [Count.EXTENDED] * ((done or overdue) and was_extended)
        if done and turn + 1 < len(story.finish):
            counts += [Count.REWORK_TIMES] + [Count.REWORK] * (reworked[part.unit] == 0)
            reworked[part.unit] += 1
        found.update((part.unit, count) for count in counts)


def _coordinating_work(story: Story, start: datetime, end: datetime, found: Counter[Any]) -> None:
    for part in story.parts:
        if part.role == "lead" or not part.limits:
            continue
        last = part.limits[-1]
        due = last.due()
        assert due is not None
        done = part.found is not None and start <= part.found < end
        ran_out = due < end and (part.ended is None or part.ended > max(due, start))
        owing = ran_out and (part.found is None or part.found >= end)
        away = part.arrived is None or part.arrived >= end
        counts = [Count.DONE] * done + [Count.DUE] * (done or owing) + [Count.OVERDUE] * (owing and away)
        counts += [Count.ON_TIME] * bool(done and last.stop and last.stop <= due)
        found.update((part.unit, count) for count in counts)


def _limits(story: Story, start: datetime, end: datetime, found: Counter[Any]) -> None:
    for part in story.parts:
        names = (Count.RESPOND_DUE, Count.RESPOND_MET) if part.role == "lead" else (Count.ARRIVE_DUE, Count.ARRIVE_MET)
        for limit in part.limits:
            due = limit.due()
            in_time = limit.stop is not None and due is not None and limit.stop <= due
            if due and start <= due < end and not (in_time and limit.how == "cut"):
                found.update((part.unit, name) for name in (names if in_time else names[:1]))


def _returns(story: Story, start: datetime, end: datetime, found: Counter[Any]) -> None:
    own = [(at, part.unit) for at, part in story.returned if start <= at < end]
    found.update((unit, Count.RETURNED) for _, unit in own)
    if sum(at < end for at, _ in story.returned) >= 2:
        found.update((unit, Count.PASSED_ON) for unit in {unit for _, unit in own})
