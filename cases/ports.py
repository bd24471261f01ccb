"""What the trade needs from the world, as narrow protocols: a place for a point, a memory for cases."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from cases.case import CaseState
from cases.events import Event
from cases.inspection import Visit

BY_LINES = frozenset({"before_boundaries", "boundary", "gap", "outside"})
"""Flags that follow from where the lines run; the others say how the point was read, and stay when lines move."""
Identity = tuple[str, str]
"""Source and the source's own number of a report: two with the same are the same report."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case stands, by the boundary version that held when it occurred.

    Attributes
    ----------
    lon, lat
        WGS84/CGCS2000 degrees, or None when the point could not be read.
    cell, village, township
        Codes of the areas that cover the point, None outside or where the region has no such layer.
    areas
        Codes by layer name for the region's other layers (New York: ``{"precinct": "61"}``).
    flags
        ``boundary``, ``outside``, ``unlocated``, ``swapped``, ``projected`` ..., in the order of their discovery.
    nearest, nearest_m
        For a point outside every area: the finest area within 200 m and its distance in metres, as a suggestion.
    raw
        The input as it came: x, y and CRS.
    """

    lon: float | None = None
    lat: float | None = None
    cell: str | None = None
    village: str | None = None
    township: str | None = None
    areas: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    nearest: str | None = None
    nearest_m: float | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


class Gazetteer(Protocol):
    """Answers where a point lies; `data.region.Region` is the real one."""

    def place(self, x: object, y: object, crs: str | None, source: str, occurred_at: datetime) -> Place:
        """Locate a raw point of a source; bad coordinates give flags, an unknown CRS raises."""
        ...

    def metres(self, lon: float, lat: float, other_lon: float, other_lat: float) -> float:
        """Give the distance of two points (WGS84 degrees) in metres of the region's metric CRS."""
        ...


@dataclass(frozen=True, slots=True)
class NewCase:
    """What is to be written about a case that nobody has stored yet.

    Attributes
    ----------
    day
        The local day that its number names.
    body_hash
        Fingerprint of the report.
    state
        What follows from the events; without number and revision, which are drawn when it is written.
    """

    day: date
    body_hash: str
    events: Sequence[Event]
    state: CaseState


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written about one case that others may be changing, too.

    Attributes
    ----------
    seen
        The last revision of the case on which the events rest.
    state
        What follows from them.
    key
        By which a client recognises its own request when it sends it again, with the fingerprint of what it asked.
    """

    number: str
    seen: int
    events: Sequence[Event]
    state: CaseState
    key: tuple[str, str] | None = None


class CaseStore(Protocol):
    """The memory of cases: narrow methods, one transaction each."""

    def numbered(self, identities: Collection[Identity]) -> Mapping[Identity, tuple[str, str]]:
        """Give (case number, body hash) of earlier reports by their (source, source_id); new ones are left out."""
        ...

    def keyed(self, number: str, key: str) -> str | None:
        """Give the fingerprint of the request that was recorded on a case under a key, or None."""
        ...

    def history(self, number: str) -> Sequence[Event]:
        """Give all events of a case in the order of their revision; raises NoSuchCase."""
        ...

    def histories(self, numbers: Collection[str]) -> Mapping[str, Sequence[Event]]:
        """Give the events of several cases, each as `history` does; a number that nobody was given is left out."""
        ...

    def add_all(self, prefix: str, cases: Sequence[NewCase]) -> Sequence[CaseState]:
        """Write new cases with their first events in one transaction; give their states with number and revision.

        A number is ``<prefix><yyyymmdd>-<5 digits>`` and is drawn in the same transaction; those of a day follow the
        order of the cases. Raises SourceConflict, and writes nothing, when another process stored one of the same
        (source, source_id) in the meantime.
        """
        ...

    def append(self, number: str, seen: int, events: Sequence[Event], state: CaseState) -> CaseState:
        """Append events and rewrite the projections; raises Stale unless the last revision of the case is `seen`."""
        ...

    def append_all(self, changes: Sequence[Change]) -> Sequence[CaseState]:
        """Append to several different cases in one transaction, all or nothing; raises Stale as `append` does."""
        ...

    def visits(self, subject: str) -> Sequence[Visit]:
        """Give the visits of a subject by their ordinal; none for a subject that nobody has named.

        `append` writes a visit that a `planned` event opens, and raises Stale when another case has opened one of the
        same subject and ordinal in the meantime.
        """
        ...
