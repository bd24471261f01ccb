"""Plays a plan against a server: first the past, as fast as the server takes it, then life as it comes."""

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from dashboard.simulation.plan import HOUR, Plan
from dashboard.simulation.story import Step, Story

FRESH = timedelta(minutes=30)


class Sender(Protocol):
    """Whoever takes the steps; `dashboard.simulation.client.Reporter` is the real one."""

    def send(self, step: Step, at: datetime) -> None:
        """Send one step as having happened at `at`."""
        ...


class Clock(Protocol):
    """The real time, and a way to let it pass."""

    def now(self) -> datetime:
        """Give the present instant, aware UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass
class Player:
    """Plays stories in the right order.

    Attributes
    ----------
    started
        The instant up to which everything counts as backlog.
    speed
        Simulated seconds in a second after `started`. Live steps are said to have happened when they are sent.
    daily
        Told the real instant whenever a day of the region has begun while it lives.
    """

    plan: Plan
    sender: Sender
    clock: Clock
    days: float
    speed: float = 1.0
    daily: Callable[[datetime], object] = str
    started: datetime = field(init=False)
    _coming: list[tuple[datetime, int, Step]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.started = self.clock.now()
        self._told_until = datetime.fromtimestamp(self.started.timestamp() // 3600 * 3600, UTC) + HOUR

    def backlog(self) -> list[Story]:
        """Tell what has been reported since the backlog's start; the rest of the present hour waits for its time."""
        for story in self.plan.hour(self._told_until - HOUR):
            if story.steps[0].at > self.started:
                self._expect(story, self.started)
        return self.plan.backlog(self.started - timedelta(days=self.days), self.started)

    def catch_up(self, stories: list[Story], progress: Callable[[int], object] = int) -> None:
        """Send the steps of the past story by story, and at the end those of the last minutes in the order of time.

        So the newest thing that a watcher sees is the newest that happened.
        """
        recent = self.started - FRESH
        for story in stories:
            past = [step for step in story.steps if step.at <= recent]
            for step in past:
                self.sender.send(step, step.at)
            self._expect(story, recent)
            progress(len(past))
        self.send_due(progress)

    def live(self, until: datetime | None = None) -> None:
        """Send each step when its time comes, until `until` or for ever."""
        day = self._day()
        while until is None or self.clock.now() < until:
            self.send_due()
            if self._day() != day:
                day = self._day()
                self.daily(self.clock.now())
            wait = self._seconds_to_next()
            if until is not None:
                wait = min(wait, (until - self.clock.now()).total_seconds())
            # Never less than a millisecond: real and simulated instants are rounded apart by up to a microsecond.
            self.clock.sleep(min(max(wait, 0.001), 1.0))

    def send_due(self, progress: Callable[[int], object] = int) -> None:
        """Send every waiting step whose time has come."""
        simulated = self.simulated(self.clock.now())
        while self._told_until <= simulated:
            for story in self.plan.hour(self._told_until):
                self._expect(story, self.started)
            self._told_until += HOUR
        while self._coming and self._coming[0][0] <= simulated:
            step = heapq.heappop(self._coming)[2]
            self.sender.send(step, self.real(step.at))
            progress(1)

    def simulated(self, real: datetime) -> datetime:
        """Give the simulated instant of a real one; both are the same up to the start."""
        return self.started + (real - self.started) * self.speed if real > self.started else real

    def real(self, simulated: datetime) -> datetime:
        """Give the real instant of a simulated one."""
        return self.started + (simulated - self.started) / self.speed if simulated > self.started else simulated

    def _day(self) -> date:
        return self.clock.now().astimezone(self.plan.world.zone).date()

    def _expect(self, story: Story, after: datetime) -> None:
        for step in story.steps:
            if step.at > after:
                heapq.heappush(self._coming, (step.at, next(self._order), step))

    def _seconds_to_next(self) -> float:
        following = min(self._coming[0][0], self._told_until) if self._coming else self._told_until
        return (self.real(following) - self.clock.now()).total_seconds()
