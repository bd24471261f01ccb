"""The boundaries of a region by the days on which they change, and what changes between two of them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

import shapely

from data.reattributing.errors import ReattributionError
from data.region import Region
from data.views.bases import Base
from geo.areas import Area

FIRST, PACK = "first", "pack"
"""Names of versions beside their days: the first one, and the last one that the files of the pack hold."""


@dataclass(frozen=True, slots=True)
class Version:
    """The boundaries from a day on.

    Attributes
    ----------
    until
        First day on which others hold; None for the last ones.
    names
        What they are called beside their day.
    """

    day: date
    until: date | None = None
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.day} ({', '.join(self.names)})" if self.names else self.day.isoformat()


class AreaChange(StrEnum):
    """What becomes of an area between two versions."""

    NEW = "new"
    GONE = "gone"
    LINE = "line"
    PARENT = "parent"


@dataclass(frozen=True, slots=True)
class ChangedArea:
    """An area that differs: as it was, as it is, None where it is not."""

    change: AreaChange
    before: Area | None
    after: Area | None

    @property
    def area(self) -> Area:
        """The area as it is, or was."""
        known = self.after or self.before
        assert known is not None  # noqa: S101 - one of the two is always given
        return known


@dataclass(frozen=True, slots=True)
class Change:
    """From which boundaries to which."""

    before: Version
    after: Version

    def areas(self, region: Region) -> Iterator[ChangedArea]:
        """Give every area that differs, layer by layer, by code."""
        for layer in region.layers.values():
            old = {area.code: area for area in layer.valid_on(self.before.day).areas}
            new = {area.code: area for area in layer.valid_on(self.after.day).areas}
            for code in dict.fromkeys([*old, *new]):
                change = _difference(old.get(code), new.get(code))
                if change is not None:
                    yield ChangedArea(change, old.get(code), new.get(code))


def _difference(before: Area | None, after: Area | None) -> AreaChange | None:
    if before is None or after is None:
        return AreaChange.NEW if before is None else AreaChange.GONE
    if before is after:
        return None
    if not shapely.equals(before.geometry, after.geometry):
        return AreaChange.LINE
    return AreaChange.PARENT if before.parent != after.parent else None


def versions_of(region: Region, pack: Region | None = None) -> tuple[Version, ...]:
    """Give every version of a region, the first one first.

    Parameters
    ----------
    pack
        The region as the files of its pack have it, where more boundaries have been published since.
    """
    first = region.boundaries.first_day
    days = sorted({day for layer in region.layers.values() for day in layer.change_days if first and day >= first})
    own = {day for layer in (pack or region).layers.values() for day in layer.change_days}
    last = max((day for day in days if day in own), default=None)
    ends: list[date | None] = [*days[1:], None]
    names = [tuple(name for name, at in ((FIRST, first), (PACK, last)) if at == day) for day in days]
    return tuple(Version(*one) for one in zip(days, ends, names, strict=True))


def in_force(region: Region, day: date) -> Version:
    """Give the version that holds on a day; raises ReattributionError before the first one."""
    held = [version for version in versions_of(region) if version.day <= day]
    if not held:
        raise ReattributionError(f"{region.name} has no boundaries on {day}; the first ones begin later.")
    return held[-1]


def change_of(region: Region, before: str, after: str, pack: Region | None = None) -> Change:
    """Read the two versions that somebody names.

    Raises
    ------
    ReattributionError
        There is no such version, or they are the same.
    """
    found = Change(_named("--from", before, region, pack), _named("--to", after, region, pack))
    if found.before == found.after:
        raise ReattributionError(f"--from {before} and --to {after} are the same boundaries; name two versions.")
    return found


def _named(option: str, text: str, region: Region, pack: Region | None) -> Version:
    known = versions_of(region, pack)
    for version in known:
        if text == version.day.isoformat() or text in version.names:
            return version
    shown = ", ".join(map(str, known)) or "none"
    raise ReattributionError(f"{option} {text[:64]!r} names no boundaries of {region.name}; it has: {shown}.")


def base_of(region: Region, version: Version) -> Base:
    """Give the boundaries of a version as a base of figures."""
    digest = hashlib.sha256()
    for layer in region.layers.values():
        digest.update(layer.valid_on(version.day).content_hash.encode())
    begins = datetime.combine(version.day, time.min, tzinfo=region.zone).astimezone(UTC)
    return Base(version.day, digest.hexdigest()[:20], begins)
