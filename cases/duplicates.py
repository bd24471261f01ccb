"""Two reports of one thing: which cases are suggested as the same, in which order, and what a merge may not do.

Nothing here merges: a person does. Suggested is what is of the same matter, near enough in place and near enough in
time, by limits that the region sets for each matter.

The rule of the order. A candidate's score is a whole number from 0 to 100 that comes from place and time alone: half
of it is lost over the whole distance that the limit allows, the other half over the whole time. Equal scores are told
apart by, in this order: the same reporter, the same source, the likeness of the texts, the lower number. A text is
never a reason by itself: the same words are used for a hundred different heaps of litter, and other words for one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import SequenceMatcher
from typing import Any

from cases.case import CaseState
from cases.errors import BadEvent, NotAllowed

NOT_DUPLICATE = "not_duplicate_of"
"""Field of a comment that says of which case this one is no duplicate."""

COMPARED_CHARACTERS = 200
"""How much of a text is compared: the comparison takes time with the square of the length."""

HOUR = timedelta(hours=1)
FEWEST_DIGITS = 7
"""A shorter number is no telephone number that anybody could be known by."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How near two cases of a matter must be to be suggested as one.

    Attributes
    ----------
    metres
        Largest distance in the region's metric CRS, itself included; 0 suggests nothing for the matter.
    hours
        Largest time between the two occurrences, in either direction, itself included.
    """

    metres: float
    hours: float

    @property
    def is_on(self) -> bool:
        """Whether anything is suggested at all."""
        return self.metres > 0

    @property
    def window(self) -> timedelta:
        """The hours as a span of time."""
        return timedelta(hours=self.hours)

    def hold(self, distance_m: float, apart: timedelta) -> bool:
        """Say whether two cases so far apart are near enough."""
        return self.is_on and distance_m <= self.metres and abs(apart) <= self.window


@dataclass(frozen=True, slots=True)
class DuplicateLimits:
    """The limits of a region, and those of single matters."""

    default: Limits = Limits(100.0, 72.0)
    by_matter: Mapping[str, Limits] = field(default_factory=dict)

    def of(self, matter: str) -> Limits:
        """Give the limits of a matter."""
        return self.by_matter.get(matter, self.default)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that may be the same as another one.

    Attributes
    ----------
    number
        Its number.
    distance_m
        Metres between the two, in the region's metric CRS.
    apart
        Its occurrence minus that of the other one: negative when it occurred earlier.
    score
        From place and time alone; see the rule at the head of this module.
    same_reporter, same_source
        Whether the same telephone number, or the same source, reported both.
    likeness
        Of the two texts, from 0 to 1.
    """

    number: str
    distance_m: float
    apart: timedelta
    score: int
    same_reporter: bool = False
    same_source: bool = False
    likeness: float = 0.0

    @property
    def hours(self) -> float:
        """Hours between the two, whichever came first."""
        return abs(self.apart) / HOUR

    @property
    def direction(self) -> str:
        """Whether it occurred ``earlier`` or ``later`` than the other one, or at the ``same`` time."""
        if not self.apart:
            return "same"
        return "later" if self.apart > timedelta() else "earlier"

    @property
    def why(self) -> tuple[str, ...]:
        """The reasons for its place in the order, as codes."""
        reasons = {"same_reporter": self.same_reporter, "same_source": self.same_source, "text": self.likeness >= 0.5}
        return ("distance", "time", *(name for name, holds in reasons.items() if holds))


def score(distance_m: float, apart: timedelta, limits: Limits) -> int:
    """Give 100 for the same place and time, 0 at both limits; for two cases that the limits hold."""
    in_place = distance_m / limits.metres
    in_time = abs(apart) / limits.window if limits.window else 0.0
    return round(100 * (1 - (in_place + in_time) / 2))


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Put candidates in order, the likeliest first; the order in which they come does not matter."""
    return sorted(
        candidates,
        key=lambda one: (-one.score, not one.same_reporter, not one.same_source, -one.likeness, one.number),
    )


def likeness(one: str, other: str) -> float:
    """Compare the beginnings of two texts: 1 when they are equal, 0 when they share nothing or one says nothing."""
    # The matcher is not symmetric by itself.
    first, second = sorted((one.strip()[:COMPARED_CHARACTERS], other.strip()[:COMPARED_CHARACTERS]))
    return round(SequenceMatcher(None, first, second, autojunk=False).ratio(), 2) if first else 0.0


def reporter_of(report: Mapping[str, Any]) -> str:
    """Give what a reporter is known by, the digits of the telephone number; nothing when none was left."""
    contact = report.get("contact")
    phone = str(contact.get("phone") or "") if isinstance(contact, Mapping) else ""
    digits = "".join(character for character in phone if character.isdecimal())
    return digits if len(digits) >= FEWEST_DIGITS else ""


def chain(number: str, merged_into: Callable[[str], str | None]) -> tuple[str, ...]:
    """Follow a case through all merges to the one that stays: the case itself first, the one that stays last.

    Parameters
    ----------
    merged_into
        Gives the number of the case into which one was merged, None for one that was not.

    Raises
    ------
    NotAllowed
        The merges form a ring, in which no case stays; merging by `check_merge` alone can never lead to one.
    """
    followed = [number]
    while (after := merged_into(followed[-1])) is not None:
        if after in followed:
            raise NotAllowed(f"The merges of {number} form a ring: {' → '.join([*followed, after])}; no case stays.")
        followed.append(after)
    return tuple(followed)


def check_merge(one: CaseState, into: CaseState, stays: str, reason: object) -> None:
    """Refuse a merge that would lose a case.

    Only a case that was not merged takes others in, and only one that was not merged goes: so every merge leads from
    the end of one chain to the end of another, and no ring can close.

    Parameters
    ----------
    one, into
        The case that goes and the one that was named to stay.
    stays
        The end of the chain of merges that begins with `into`: its own number unless it was merged itself.
    reason
        What was given as ``data.reason``.

    Raises
    ------
    NotAllowed
        The sentence names the case that stays, or what is missing.
    """
    if into.number == one.number:
        raise NotAllowed(f"{one.number} cannot be merged into itself; name the case that stays.")
    if into.merged_into is not None and stays == one.number:
        raise NotAllowed(
            f"{into.number} was itself merged into {into.merged_into}: that would be a ring; {one.number} stays."
        )
    if into.merged_into is not None:
        raise NotAllowed(f"{into.number} was itself merged into {stays}; merge {one.number} into that one.")
    if into.matter != one.matter and not (isinstance(reason, str) and reason.strip()):
        raise NotAllowed(
            f"{one.number} is of matter {one.matter} and {into.number} of {into.matter}; a merge across matters needs"
            " data.reason."
        )


def is_later(one: CaseState, into: CaseState) -> bool:
    """Say whether the case that stays was received after the one that goes."""
    return into.received_at > one.received_at


def dismissed(number: str, data: Mapping[str, Any]) -> str | None:
    """Give the case of which a comment says that this one is no duplicate; None when it says nothing of the kind.

    Raises
    ------
    BadEvent
        What it names is no case number, or the case itself.
    """
    other = data.get(NOT_DUPLICATE)
    if other is None:
        return None
    if not isinstance(other, str) or not other.strip() or other == number:
        raise BadEvent(f"data.{NOT_DUPLICATE} is {other!r:.60}; give the number of the other case.")
    return other
