"""Lives of cases for a fill: the simulator's stories, told to the real desk over a database of one's own.

The instants are the story's, so a county of several years stands there in minutes. Nothing that the desk refuses is
forced on it; a story goes on with what it accepts, as at a real server.
"""

import asyncio
import itertools
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from typing import cast as typed

import httpx
import numpy as np
from sqlalchemy import Engine, event

from cases.desk import Desk, EventRequest, Report
from cases.errors import CaseError
from dashboard.cli.simulate import learn
from dashboard.server import create_app
from dashboard.services import desk_of
from dashboard.settings import Settings
from dashboard.simulation.casting import Casting, cast
from dashboard.simulation.client import Reporter
from dashboard.simulation.plan import HOUR, Plan
from dashboard.simulation.profiles import Setting
from dashboard.simulation.story import LEAD, REPORT, Step, Story
from dashboard.simulation.world import Spot, World, point_inside
from data.engine import migrate, open_engine
from data.lists import Library
from data.region import Region
from data.store import SqlCaseStore

STEP_HOURS = 37  # told is every 37th hour: in 37 days every hour of the day and of the week has had its turn
SECONDS = timedelta(seconds=1)
LATE = 0.04  # of the events are written down hours after they happened


class EvenWorld(World):
    """The county with its cases spread over all cells, each in its turn, instead of over a few streets."""

    def spot(self, setting: Setting, draw: np.random.Generator) -> Spot:
        """Give a point in the next cell."""
        cell = next(self.turns)
        lon, lat = point_inside(self.shapes[cell], draw)
        return Spot(lon, lat, self.townships[cell], self.places[cell])

    def hot_spot(self, matter: str, setting: Setting, seed: int, draw: np.random.Generator) -> Spot:
        """Give a point in the next cell: there are no hot spots."""
        return self.spot(setting, draw)

    @property
    def turns(self) -> Iterator[int]:
        """The cells, over and over, in an order that depends on nothing but their number."""
        if "turns" not in self.__dict__:
            cells = list(range(len(self.shapes)))
            random.Random(5).shuffle(cells)
            self.__dict__["turns"] = itertools.cycle(cells)
        return self.__dict__["turns"]


@dataclass
class Teller:
    """Tells steps to a desk at the instants at which they happen.

    Attributes
    ----------
    until
        Steps after it have not happened yet.
    refused
        What the desk would not have, by kind of error.
    """

    desk: Desk
    until: datetime
    numbers: dict[str, str] = field(default_factory=dict)
    castings: dict[str, Casting] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(3))

    def tell(self, story: Story) -> None:
        """Tell one story as far as it has happened."""
        for step in story.steps:
            if step.at <= self.until:
                try:
                    self.step(step)
                except CaseError as error:
                    self.refused[type(error).__name__] += 1

    def step(self, step: Step) -> None:
        """Tell one step; raises what the desk raises."""
        late = timedelta(hours=self.chance.uniform(1, 9)) if self.chance.random() < LATE else 3 * SECONDS
        now = min(step.at + late, self.until + 3 * SECONDS)
        if step.kind == REPORT:
            self.report(step, now)
        elif step.case in self.numbers:
            played = cast(step, self.numbers, self.castings.get(step.case))
            # A ruling is made once; copied a hundred times it would fill the lists with the same sentence.
            data = {name: value for name, value in played.body.items() if name != "ruling"}
            department = None if played.department in ("", LEAD) else played.department
            request = EventRequest(played.kind, step.at, played.actor, None, department, data)
            self.desk.record(self.numbers[step.case], request, now)

    def report(self, step: Step, now: datetime) -> None:
        """Tell a report; note who leads in place of the department that the story expects."""
        body: dict[str, Any] = dict(step.body)
        point = body.pop("point", None) or {}
        known = {one.name for one in fields(Report)}
        given = {name: value for name, value in body.items() if name in known and name != "occurred_at"}
        state = self.desk.receive(Report(occurred_at=step.at, **given, **point), now).state
        self.numbers[step.case] = state.number
        lead = state.legs[0].department
        if lead != step.department:
            self.castings[step.case] = Casting.swap(step.department, lead, {})


@dataclass
class Inside:
    """Asks an application without a server, as far as `learn` needs a reporter."""

    app: Any

    def fetch(self, path: str) -> Any:
        """Get JSON."""
        # In a thread of its own: whoever calls may be in a loop already.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, self._get(path)).result()

    async def _get(self, path: str) -> Any:
        transport = httpx.ASGITransport(self.app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            return (await http.get(path)).raise_for_status().json()


def even_world(url: str, folder: Path, seed: int) -> World:
    """Learn the region as a reporter does, from the application itself over a database."""
    settings = Settings(
        database_url=url, access="open", index_folder=str(folder / "indexes"), pack_folder=str(folder / "packs")
    )
    found = learn(typed(Reporter, Inside(create_app(settings))), seed)
    return EvenWorld(**{one.name: getattr(found, one.name) for one in fields(World)})


def desk_on(engine: Engine, region: Region) -> Desk:
    """The real desk over the real store."""
    return desk_of(region, SqlCaseStore(engine), Library(engine, region))


def stories(plan: Plan, start: datetime, end: datetime) -> Iterator[Story]:
    """Tell what begins between two instants, in the order of time; the plan's rate is that of hours that are told."""
    at = datetime.fromtimestamp(start.timestamp() // 3600 * 3600, start.tzinfo)
    while at < end:
        yield from plan.hour(at)
        at += STEP_HOURS * HOUR


def tell_closed(
    engine: Engine,
    region: Region,
    world: World,
    lives: int,
    span: tuple[datetime, datetime],
    told: Callable[[int], Any],
) -> Teller:
    """Tell about so many lives, evenly over a span, that are over by its end; `told` hears how many there are."""
    start, end = span
    hours = (end - start) / HOUR / STEP_HOURS
    teller = Teller(desk_on(engine, region), end)
    for story in stories(Plan(world, 11, lives / hours), start, end):
        if story.ends_at <= end:
            teller.tell(story)
            told(len(teller.numbers))
    return teller


def tell_pending(
    engine: Engine, region: Region, world: World, pending: int, end: datetime, told: Callable[[int], Any]
) -> Teller:
    """Tell lives that are under way at the end, until about so many are; most cases are over within days."""
    teller = Teller(desk_on(engine, region), end)
    plan, days = Plan(world, 12, pending / 3), 24
    waiting = [story for story in stories(plan, end - timedelta(days=days), end) if story.ends_at > end]
    for story in waiting[-pending:]:
        teller.tell(story)
        told(len(teller.numbers))
    return teller


def scratch(file: Path) -> Engine:
    """A migrated SQLite file whose commits wait for nothing: nobody needs it after a power cut."""
    engine = open_engine(f"sqlite:///{file}")

    @event.listens_for(engine, "connect")
    def hurry(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    migrate(engine)
    return engine
