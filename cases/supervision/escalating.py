"""A clock that turns amber or red tells those who should know, by the region's rules: clocks and instants, no more.

False alarms are what people hate: a clock that has stopped, or stands still, tells nobody any more, and neither does a
level that another one has taken over from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cases.case import CaseState
from cases.clock import Clock, ClockKind, Level, level
from cases.organisation import ADJUDICATOR, COMMAND
from cases.supervision import parties
from cases.supervision.notices import KIND_OF_LEVEL, Notice


class Role(StrEnum):
    """Whom a rule may name, as seen from a clock."""

    OWNER = "owner"
    DEPARTMENT = "department"
    TOWNSHIP = "township"
    COMMAND = "command"
    ADJUDICATOR = "adjudicator"


@dataclass(frozen=True, slots=True)
class EscalationRule:
    """Who is told of a clock at a level, after how long, how often.

    Attributes
    ----------
    clock
        None: every kind.
    level
        Amber or red.
    after
        How long the level has lasted when the first notice goes out.
    repeat
        Time between two notices; zero: once.
    most
        How many notices there are at most while the level lasts.
    """

    code: str
    clock: ClockKind | None
    level: Level
    to: tuple[Role, ...]
    after: timedelta = timedelta(0)
    repeat: timedelta = timedelta(0)
    most: int = 1

    def times(self, begin: datetime, until: datetime) -> Iterator[tuple[int, datetime]]:
        """Give (occurrence, instant) of the notices of a level that began at `begin`, up to `until` inclusive."""
        for count in range(self.most if self.repeat else 1):
            instant = begin + self.after + count * self.repeat
            if instant > until:
                return
            yield count, instant


@dataclass(frozen=True, slots=True)
class Watched:
    """A clock with all that must be known to say who is told of it.

    Attributes
    ----------
    department, unit
        Those of the leg that it belongs to, of the lead for a clock of the case as a whole.
    source
        Who reported the case, and has to verify the result.
    """

    number: str
    township: str | None
    source: str
    department: str
    unit: str | None
    clock: Clock

    def recipient(self, role: Role) -> str:
        """Give the inbox of a role."""
        if role is Role.COMMAND:
            return COMMAND
        if role is Role.ADJUDICATOR:
            return ADJUDICATOR
        if role is Role.TOWNSHIP:
            return parties.township(self.township)
        if role is Role.DEPARTMENT:
            return parties.department(self.department, self.township)
        return self._owner()

    def _owner(self) -> str:
        # Nobody is blamed for another one's delay: a result waits for its reporter, a dispute for the adjudicator.
        if self.clock.kind is ClockKind.VERIFY:
            return parties.source(self.source)
        if self.clock.kind is ClockKind.ADJUDICATE:
            return ADJUDICATOR
        return parties.owner(self.department, self.unit, self.township)


def watched(state: CaseState) -> tuple[Watched, ...]:
    """Give the clocks of a case and of its disputes that have not stopped."""
    clocks = [clock for clock in state.clocks if clock.stopped_at is None]
    clocks += [dispute.clock for dispute in state.disputes if dispute.settled_at is None]
    found = []
    for clock in clocks:
        leg = (state.leg(clock.leg) if clock.leg is not None else None) or state.lead
        found.append(Watched(state.number, state.township, state.source, leg.department, leg.unit, clock))
    return tuple(found)


def escalations(clocks: Iterable[Watched], rules: Sequence[EscalationRule], at: datetime) -> tuple[Notice, ...]:
    """Give every notice that the clocks call for at an instant, the earliest first, nobody twice for the same thing.

    For a rule of a level that a clock has at `at`, occurrence n = 0, 1, … `most` - 1 stands at the begin of the level +
    `after` + n x `repeat`; those up to `at` are given. So for a clock that keeps its level the notices of an earlier
    instant are among those of a later one.

    Parameters
    ----------
    at
        Aware instant, usually now.
    """
    found: dict[str, Notice] = {}
    for one in clocks:
        standing = level(one.clock, at)
        if standing not in KIND_OF_LEVEL or one.clock.due is None or _stands_still(one.clock, at):
            continue
        for rule in rules:
            if rule.level is standing and rule.clock in (None, one.clock.kind):
                for notice in _by_rule(one, rule, at):
                    earlier = found.get(notice.key)
                    if earlier is None or notice.at < earlier.at:
                        found[notice.key] = notice
    return tuple(sorted(found.values(), key=lambda notice: (notice.at, notice.key)))


def latest(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Keep only the last notice to each recipient of each clock at each level.

    Whoever looks after a long pause tells once how things stand, and not everything that should have been told since.
    """
    last: Mapping[tuple[str, str], Notice] = {
        (notice.recipient, str(notice.data["term"])): notice for notice in sorted(notices, key=lambda one: one.at)
    }
    return tuple(last.values())


def _by_rule(one: Watched, rule: EscalationRule, at: datetime) -> Iterator[Notice]:
    begin = _begin(one.clock, rule.level)
    term = _term(one, rule.level)
    for count, instant in rule.times(begin, at):
        for role in rule.to:
            recipient = one.recipient(role)
            yield Notice(
                f"{term}:{count}:{recipient}",
                recipient,
                KIND_OF_LEVEL[rule.level],
                one.number,
                one.clock.leg,
                rule.level,
                instant,
                _facts(one, rule, count, term),
            )


def _facts(one: Watched, rule: EscalationRule, count: int, term: str) -> dict[str, object]:
    due = one.clock.due
    return {
        "term": term,
        "rule": rule.code,
        "occurrence": count + 1,
        "clock": one.clock.kind.value,
        "round": one.clock.round,
        "department": one.department,
        "unit": one.unit,
        "started_at": one.clock.started_at.isoformat(),
        "due_at": due.due_at.isoformat() if due else None,
        "provisional": bool(due and due.provisional),
    }


def _begin(clock: Clock, standing: Level) -> datetime:
    assert clock.due is not None  # noqa: S101 - asked for by the caller
    return clock.due.amber_at if standing is Level.AMBER else clock.due.due_at


def _term(one: Watched, standing: Level) -> str:
    """Name one spell of one clock at one level, the same however often the history is read anew.

    Not by its instants: an event that is entered late moves them by minutes, and would tell everybody again. More time,
    or a pause before the level began, does make another spell.
    """
    clock = one.clock
    pauses = sum(pause.start < _begin(clock, standing) for pause in clock.pauses)
    owner = "case" if clock.leg is None else f"leg{clock.leg}"
    # A leg may be disputed again after a settlement; the clock of a dispute has no round that would tell them apart.
    since = f"@{clock.started_at.isoformat()}" if clock.kind is ClockKind.ADJUDICATE else ""
    spell = f"{clock.round}.{clock.budget.amount}.{pauses}"
    return f"{one.number}:{clock.kind}{since}:{owner}:{spell}:{standing.name.lower()}"


def _stands_still(clock: Clock, at: datetime) -> bool:
    return any(pause.start <= at and (pause.end is None or at < pause.end) for pause in clock.pauses)
