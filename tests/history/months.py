"""A county's past as it would have been recorded: the simulated stories, told to a server whose clock runs with them.

``python -m tests.history.months sqlite:////tmp/past.db --days 60 --rate 4`` fills a database for looking at.
"""

import argparse
import heapq
import random
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboard.cli.simulate import learn
from dashboard.server import create_app
from dashboard.settings import Settings
from dashboard.simulation.client import Reporter
from dashboard.simulation.plan import Plan
from dashboard.simulation.story import REPORT, Step
from tests.api.conftest import Caller, Watch, called

SOON, SECOND = timedelta(seconds=20), timedelta(seconds=1)
LATE_SHARE = 0.06
"""Of the events: those that somebody writes down some hours after they happened."""


def lag(chance: random.Random, step: Step) -> timedelta:
    """How long after it happened a step becomes known."""
    if step.kind == REPORT or chance.random() > LATE_SHARE:
        return SOON * chance.random()
    return timedelta(hours=chance.uniform(0.3, 20))


def told(caller: Caller, watch: Watch, end: datetime, days: float, rate: float, seed: int = 1) -> Iterator[datetime]:
    """Tell the stories of some days up to `end`; gives the instant after each step, so that a test may look around.

    A step of a case waits for the one before it, so that no case hears of its end before its beginning.
    """
    watch.now, chance = end, random.Random(seed)
    reporter = Reporter(caller)  # type: ignore[arg-type]
    plan = Plan(learn(reporter, seed), seed, rate)
    coming: list[tuple[datetime, int, Step]] = []
    for story in plan.backlog(end - timedelta(days=days), end):
        known = datetime(1970, 1, 1, tzinfo=UTC)
        for step in story.steps:
            known = max(known + SECOND, step.at + lag(chance, step))
            if known <= end:
                heapq.heappush(coming, (known, len(coming), step))
    while coming:
        watch.now, _, step = heapq.heappop(coming)
        reporter.send(step, step.at)
        yield watch.now
    watch.now = end


def fill(url: str, days: float, rate: float, end: datetime, region: str | None = None, seed: int = 1) -> None:
    """Fill a database."""
    watch = Watch()
    watch.now = end
    settings = Settings(database_url=url, poll_ms=5000, **({"region": region} if region else {}))
    with called(create_app(settings, now=watch)) as caller:
        for count, at in enumerate(told(caller, watch, end, days, rate, seed)):
            if count % 5000 == 0:
                sys.stderr.write(f"{count} {at.isoformat()}\n")


def main(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Fill a database from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--days", type=float, default=60)
    parser.add_argument("--rate", type=float, default=4)
    given = parser.parse_args()
    Path(given.url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    fill(given.url, given.days, given.rate, now())


if __name__ == "__main__":
    main()
