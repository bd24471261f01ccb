"""Which cases come in which hour: the same hour gives the same stories for a seed and a rate, whenever it is asked.

So a simulation that starts again tells what it told before, and the server knows every report by its source_id.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from dashboard.simulation.episodes import Episode, reports_in
from dashboard.simulation.manners import Manners
from dashboard.simulation.profiles import Profile, profile_of
from dashboard.simulation.rhythm import hourly_share
from dashboard.simulation.story import Story
from dashboard.simulation.subjects import CYCLE, KIND_OF, KINDS, SLOTS, subject_of
from dashboard.simulation.world import Matter, World

HOUR = timedelta(hours=1)
LONGEST = timedelta(days=24)  # hardly a story lasts longer
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
    others: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.manners = Manners(self.seed)
        known = {code: SOURCES.get(code, UNKNOWN_SOURCE) for code in self.world.sources}
        total = sum(known.values())
        self.sources = (tuple(known), tuple(part / total for part in known.values()))
        leads = {matter.lead for matter in self.world.matters if matter.reported}
        self.others = tuple(sorted(leads - {"", "township"}))
        self._profiles = [profile_of(matter.code, reported=matter.reported) for matter in self.world.matters]
        # A story may hold several reports: as many fewer stories begin with such a matter.
        self._begins = [
            profile.weight / reports_in(matter.code, self.world)
            for matter, profile in zip(self.world.matters, self._profiles, strict=True)
        ]

    def hour(self, start: datetime) -> tuple[Story, ...]:
        """Tell the stories that begin in the hour from `start` (a full hour, aware), in the order of time."""
        number = int(start.timestamp() // 3600)
        draw = np.random.default_rng([self.seed, number])
        local = start.astimezone(self.world.zone)
        profiles = self._profiles
        busy = [hourly_share(profile.hours, profile.week, local) for profile in profiles]
        shares = np.array(busy) * self._begins
        count = int(draw.poisson(self.rate * shares.sum() / sum(profile.weight for profile in profiles)))
        which = draw.choice(len(profiles), size=count, p=shares / shares.sum())
        minutes = np.sort(draw.uniform(0, 3600, size=count))
        kinds: Counter[str] = Counter()
        stories = []
        for index, (second, chosen) in enumerate(zip(minutes, which, strict=True)):
            matter, at = self.world.matters[chosen], start + timedelta(seconds=float(second))
            kind = KIND_OF.get(matter.code, KINDS[0]).word
            stories.append(self.story(number, index, at, matter, profiles[chosen], slot=kinds[kind]))
            kinds[kind] += matter.code in KIND_OF
        return tuple(stories)

    def story(self, hour: int, index: int, at: datetime, matter: Matter, profile: Profile, slot: int = SLOTS) -> Story:
        """Tell one case and those that come of it; the `slot` numbers the hour's new subjects of one kind."""
        draw = np.random.default_rng([self.seed, hour, index, 1])
        at = at.replace(microsecond=0)
        kind = KIND_OF.get(matter.code)
        hot = draw.random() < profile.hot
        subject = None
        if kind and slot < SLOTS and draw.random() < kind.shares[matter.code]:
            number = hour % CYCLE * SLOTS + slot
            subject = subject_of(self.world, self.seed, kind, number, matter.code, profile)
            where = subject.where
        elif hot:
            where = self.world.hot_spot(matter.code, profile.setting, self.seed, draw)
        else:
            where = self.world.spot(profile.setting, draw)
        key = f"sim-{self.seed}-{self.rate:g}-{hour}-{index}"
        episode = Episode(self.world, self.manners, self.sources, self.others, key, draw, subject)
        return episode.told(at, matter, profile, where)

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


def hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """Give the full hours from the one that holds `start` up to the one that holds `end`."""
    hour = datetime.fromtimestamp(start.timestamp() // 3600 * 3600, UTC)
    while hour <= end:
        yield hour
        hour += HOUR
