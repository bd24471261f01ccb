"""Which cases come in which hour: the same hour gives the same stories for a seed and a rate, whenever it is asked.

So a simulation that starts again tells what it told before, and the server knows every report by its source_id.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from dashboard.simulation.manners import Manners
from dashboard.simulation.profiles import Profile, profile_of
from dashboard.simulation.rhythm import hourly_share
from dashboard.simulation.story import REPORT, Step, Story, Telling, tell, with_duplicate
from dashboard.simulation.world import Matter, Spot, World
from geo import crs

HOUR = timedelta(hours=1)
LONGEST = timedelta(days=21)  # hardly a case stays open longer
UNKNOWN_SOURCE = 0.3
SOURCES = {"grid": 0.62, "hotline": 0.22, "patrol": 0.08, "sensor": 0.04, "video": 0.04}


@dataclass
class Plan:
    """A county's life for a seed and a rate.

    Attributes
    ----------
    rate
        Cases an hour, averaged over a week.
    """

    world: World
    seed: int
    rate: float
    manners: Manners = field(init=False)
    sources: tuple[tuple[str, ...], tuple[float, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.manners = Manners(self.seed)
        known = {code: SOURCES.get(code, UNKNOWN_SOURCE) for code in self.world.sources}
        total = sum(known.values())
        self.sources = (tuple(known), tuple(part / total for part in known.values()))

    def hour(self, start: datetime) -> tuple[Story, ...]:
        """Tell the cases that are reported in the hour from `start` (a full hour, aware), in the order of time."""
        number = int(start.timestamp() // 3600)
        draw = np.random.default_rng([self.seed, number])
        local = start.astimezone(self.world.zone)
        profiles = [profile_of(matter.code, reported=matter.reported) for matter in self.world.matters]
        shares = np.array([profile.weight * hourly_share(profile.hours, profile.week, local) for profile in profiles])
        expected = self.rate * shares.sum() / sum(profile.weight for profile in profiles)
        count = int(draw.poisson(expected))
        which = draw.choice(len(profiles), size=count, p=shares / shares.sum()) if count else []
        minutes = np.sort(draw.uniform(0, 3600, size=count))
        return tuple(
            self.story(
                number, index, start + timedelta(seconds=float(second)), self.world.matters[matter], profiles[matter]
            )
            for index, (second, matter) in enumerate(zip(minutes, which, strict=True))
        )

    def story(self, hour: int, index: int, at: datetime, matter: Matter, profile: Profile) -> Story:
        """Tell one case: where it is, who reports it, and everything that follows."""
        draw = np.random.default_rng([self.seed, hour, index, 1])
        at = at.replace(microsecond=0)
        hot = draw.random() < profile.hot
        where = (
            self.world.hot_spot(matter.code, profile.setting, self.seed, draw)
            if hot
            else self.world.spot(profile.setting, draw)
        )
        matter = self.world.matter_in(where.township, matter)
        key = f"sim-{self.seed}-{self.rate:g}-{hour}-{index}"
        telling = Telling(self.world, self.manners, matter, profile, where.township, key, draw)
        others = tuple(sorted({other.lead for other in self.world.matters} - {matter.lead, ""}))
        story = tell(telling, self.report(key, at, matter, profile, where, draw), others)
        if draw.random() < 0.02 and story.ends_at - at > 4 * HOUR:
            again = at + timedelta(minutes=float(draw.uniform(5, 60)))
            second = self.report(f"{key}-b", again.replace(microsecond=0), matter, profile, where, draw)
            story = with_duplicate(story, second, again + timedelta(minutes=float(draw.uniform(5, 25))))
        return story

    def report(
        self, key: str, at: datetime, matter: Matter, profile: Profile, where: Spot, draw: np.random.Generator
    ) -> Step:
        """Write one report as its source would: in its CRS, and now and then with a careless point."""
        codes, chances = self.sources
        source = codes[int(draw.choice(len(codes), p=chances))]
        words = profile.words[int(draw.integers(len(profile.words)))] if profile.words else f"{{place}}：{matter.name}"
        body: dict[str, Any] = {
            "matter": matter.code,
            "source": source,
            "source_id": key,
            "occurred_at": at.astimezone(self.world.zone).isoformat(),
            "description": words.format(place=where.place),
        }
        point = careless(where, self.world.sources[source], draw)
        if point:
            body["point"] = point
        return Step(at, key, REPORT, body=body)

    def backlog(self, start: datetime, end: datetime) -> list[Story]:
        """Tell every case that was pending at some instant from `start` (its full hour) to `end`.

        Cases of the last half day and those that are still open come first, the newest at once, so that the picture of
        the moment stands within seconds; those that are over follow in the order of time.
        """
        first = next(hours(start, end))
        stories = [story for hour in hours(first - LONGEST, end) for story in self.hour(hour) if story.ends_at > first]
        stories = [story for story in stories if story.steps[0].at <= end]
        day = end - timedelta(hours=12)
        present = [story for story in stories if story.ends_at > end or story.steps[0].at > day]
        kept = {story.key for story in present}
        return [*reversed(present), *(story for story in stories if story.key not in kept)]


def careless(where: Spot, system: str, draw: np.random.Generator) -> Mapping[str, Any] | None:
    """Give the point as the source sends it: rarely none at all, rarely with lon and lat swapped."""
    chance = draw.random()
    if chance < 0.006:
        return None
    lon, lat = crs.from_wgs84(where.lon, where.lat, system)
    x, y = round(float(lon), 6), round(float(lat), 6)
    return {"x": y, "y": x, "crs": system} if chance < 0.01 else {"x": x, "y": y, "crs": system}


def hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """Give the full hours from the one that holds `start` up to the one that holds `end`."""
    hour = datetime.fromtimestamp(start.timestamp() // 3600 * 3600, UTC)
    while hour <= end:
        yield hour
        hour += HOUR
