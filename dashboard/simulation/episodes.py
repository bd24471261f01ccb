"""What hangs together: a case, its duplicates, what looks like one, and the further cases of the same subject.

All of it is told as one story, in the order of time, so that everybody in it knows what happened before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from dashboard.simulation import words
from dashboard.simulation.manners import Manners
from dashboard.simulation.profiles import Profile, profile_of
from dashboard.simulation.story import COMMAND_ROOM, REPORT, Step, Story, Telling, told
from dashboard.simulation.subjects import KIND_OF, Kind, Subject
from dashboard.simulation.telling import tell
from dashboard.simulation.visits import Diary
from dashboard.simulation.work import ANSWERED, CHANNELS, DEVICES
from dashboard.simulation.world import Matter, Spot, World
from geo import crs

MERGED, ALIKE = 0.035, 0.025
"""Part of the cases that are reported twice, and beside which another one stands that only looks the same."""
FURTHER = (0.5, 0.27, 0.15, 0.08)
"""How likely a subject has 0, 1, 2, 3 further cases."""
SOON = 0.55  # of the further cases come while the first one is hardly begun
LAST_DAY = 8
NAMED = 0.6
NOTED_AS_NEW = 0.6
ANOTHER, AGAIN = "现场核对：地点相近，不是同一件事", "同一对象的新情况，不作重复处理"
SECOND_VISITS = 0.3
WITHOUT_POINT, SWAPPED = 0.006, 0.004


def reports_in(matter: str, world: World) -> float:
    """Say how many reports a story that begins with a matter holds, in the mean."""
    kind = KIND_OF.get(matter)
    further = kind.shares[matter] * sum(n * chance for n, chance in enumerate(FURTHER)) if kind else 0.0
    return 1 + MERGED + ALIKE + (further if kind and later_matters(kind, world) else 0.0)


def later_matters(kind: Kind, world: World) -> list[Matter]:
    """Give the matters that a further case of such a subject may be about."""
    return [matter for matter in world.matters if matter.code in kind.later]


@dataclass
class Episode:
    """A story while it is being put together.

    Attributes
    ----------
    sources
        Codes of the sources and their chances.
    others
        Departments to which a case may be passed on.
    subject
        Whom all of it is about, or None.
    """

    world: World
    manners: Manners
    sources: tuple[tuple[str, ...], tuple[float, ...]]
    others: tuple[str, ...]
    key: str
    draw: np.random.Generator
    subject: Subject | None
    steps: list[Step] = field(default_factory=list)

    def told(self, at: datetime, matter: Matter, profile: Profile, where: Spot) -> Story:
        """Tell the first case, and what comes of it."""
        finished = self.case(self.key, at, matter, profile, where)
        chance = self.draw.random()
        if chance < MERGED and finished and finished - at > timedelta(hours=4):
            self.reported_twice(at, finished, matter, profile, where)
        elif MERGED <= chance < MERGED + ALIKE:
            self.told_apart(at, matter, profile, where)
        kind = KIND_OF.get(matter.code)
        if self.subject is None or kind is None or not (later := later_matters(kind, self.world)):
            return told(self.key, self.steps)
        return told(self.key, Diary(self.further(at, matter.code, later, where)).read(self.steps))

    def case(
        self,
        key: str,
        at: datetime,
        matter: Matter,
        profile: Profile,
        where: Spot,
        *,
        about: bool = True,
    ) -> datetime | None:
        """Tell one case, by default about the subject; give when its result was issued, None if there is none."""
        subject = self.subject if about else None
        acting = self.world.matter_in(where.township, matter)
        named = subject is not None and bool(self.draw.random() < NAMED)
        body = self.report(key, at, matter, profile, where, named=named)
        telling = Telling(
            self.world, self.manners, acting, profile, where, key, self.draw, subject, named, body["source"]
        )
        others = tuple(code for code in self.others if code not in (acting.lead, *acting.coordinating))
        finished = tell(telling, body, others)
        self.steps += telling.steps
        return finished

    def report(
        self, key: str, at: datetime, matter: Matter, profile: Profile, where: Spot, *, named: bool
    ) -> dict[str, Any]:
        """Write one report as its source would: in its CRS, and now and then with a careless point."""
        codes, chances = self.sources
        source = codes[int(self.draw.choice(len(codes), p=chances))]
        said = words.one_of(profile.words, self.draw) if profile.words else f"{{place}}：{matter.name}"
        body: dict[str, Any] = {
            "matter": matter.code,
            "source": source,
            "source_id": key,
            "occurred_at": at.astimezone(self.world.zone).isoformat(),
            "description": said.format(place=where.place),
        }
        point = careless(where, self.world.sources[source], self.draw)
        if point:
            body["point"] = point
        if named and self.subject:
            body["subject"] = dict(self.subject.given)
        return body

    def reported_twice(self, at: datetime, finished: datetime, matter: Matter, profile: Profile, where: Spot) -> None:
        """Add a second report of the same thing, which the command room merges; its reporter is answered, too."""
        draw, key = self.draw, f"{self.key}-b"
        again = (at + timedelta(minutes=float(draw.uniform(5, 60)))).replace(microsecond=0)
        near = self.world.beside(where, float(draw.uniform(4, 30)), draw)
        body = self.report(key, again, matter, profile, near, named=self.subject is not None)
        lead = self.world.matter_in(near.township, matter).lead
        self.steps.append(Step(again, key, REPORT, lead, body=body))
        merged = again + timedelta(minutes=float(draw.uniform(5, 25)))
        self.steps.append(
            Step(merged, key, "merged", "", COMMAND_ROOM, {"into": self.key, "reason": "同一地点同一问题"})
        )
        if draw.random() < ANSWERED:
            at = max(finished, merged) + timedelta(minutes=float(draw.uniform(5, 90)))
            channel = words.one_of(CHANNELS.get(body["source"], DEVICES), draw)
            self.steps.append(Step(at, key, "answered", "", COMMAND_ROOM, {"channel": channel}))

    def told_apart(self, at: datetime, matter: Matter, profile: Profile, where: Spot) -> None:
        """Add a case that only looks like the first one; the command room says so."""
        draw, key = self.draw, f"{self.key}-c"
        second = (at + timedelta(minutes=float(draw.uniform(20, 110)))).replace(microsecond=0)
        near = self.world.beside(where, float(draw.uniform(15, 29)), draw)
        self.case(key, second, matter, profile, near, about=False)
        self.note_apart(key, self.key, second + timedelta(minutes=float(draw.uniform(10, 90))), ANOTHER)

    def note_apart(self, key: str, other: str, at: datetime, text: str) -> None:
        """Let the command room say that a case is no duplicate of another one."""
        body = {"text": text, "not_duplicate_of": other}
        self.steps.append(Step(at, key, "commented", "", COMMAND_ROOM, body))

    def further(self, at: datetime, first: str, later: list[Matter], where: Spot) -> Mapping[str, str]:
        """Add further cases of the subject; give those that are worth a second visit, with the reason."""
        draw = self.draw
        weights = np.array([KIND_OF[first].later[matter.code] for matter in later])
        reasons = {}
        known = [(self.key, first, at)]
        for number in range(1, 1 + int(draw.choice(len(FURTHER), p=FURTHER))):
            key = f"{self.key}-s{number}"
            matter = later[int(draw.choice(len(later), p=weights / weights.sum()))]
            profile = profile_of(matter.code, reported=matter.reported)
            begins = self.moment(at, profile)
            self.case(key, begins, matter, profile, self.world.beside(where, float(draw.uniform(3, 25)), draw))
            same = next(((other, when) for other, about, when in known if about == matter.code), None)
            if same and draw.random() < NOTED_AS_NEW:
                later_one = max(begins, same[1])
                self.note_apart(key, same[0], later_one + timedelta(minutes=float(draw.uniform(10, 90))), AGAIN)
            known.append((key, matter.code, begins))
            if draw.random() < SECOND_VISITS:
                reasons[key] = words.one_of(words.SECOND_VISIT, draw)
        return reasons

    def moment(self, at: datetime, profile: Profile) -> datetime:
        """Draw when a further case of the subject is reported: soon, or on a later day at the matter's hours."""
        draw = self.draw
        if draw.random() < SOON:
            return (at + timedelta(hours=float(draw.uniform(0.5, 10)))).replace(microsecond=0)
        day = at.astimezone(self.world.zone).replace(hour=0, minute=0, second=0)
        hours = np.array(profile.hours, float)
        hour = int(draw.choice(24, p=hours / hours.sum()))
        minutes = float(draw.uniform(0, 60))
        days = int(draw.integers(1, LAST_DAY))
        return (day + timedelta(days=days, hours=hour, minutes=minutes)).replace(microsecond=0)


def careless(where: Spot, system: str, draw: np.random.Generator) -> Mapping[str, Any] | None:
    """Give the point as the source sends it: rarely none at all, rarely with lon and lat swapped."""
    chance = draw.random()
    if chance < WITHOUT_POINT:
        return None
    lon, lat = crs.from_wgs84(where.lon, where.lat, system)
    x, y = round(float(lon), 6), round(float(lat), 6)
    return {"x": y, "y": x, "crs": system} if chance < WITHOUT_POINT + SWAPPED else {"x": x, "y": y, "crs": system}
