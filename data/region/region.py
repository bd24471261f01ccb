"""A region, frozen: its names, times, lists and boundaries, and the answer where a raw point lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import hypot
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cases.assessment import Scheme
from cases.calendar import Calendar
from cases.clock import Budgets
from cases.duplicates import DuplicateLimits
from cases.lists import ListVersion
from cases.matters import Matters
from cases.organisation import Organisation
from cases.ports import Place
from cases.supervision import EscalationRule
from data.region.boundaries import CHAIN, Boundaries
from data.region.settings import TOWNSHIP, MapView, Source
from geo.areas import Area, AreaLayer
from geo.crs import ACCEPTED, Bounds, Reading, from_wgs84, recognise_point
from geo.errors import UnknownCRS

FLAGS = (
    "missing",
    "unreadable",
    "not_finite",
    "zero",
    "out_of_range",
    "unlocated",
    "swapped",
    "projected",
    "zone_prefixed",
    "degrees",
    "before_boundaries",
    "boundary",
    "gap",
    "outside",
)
"""Every flag that `Region.place` can set; see there."""


@dataclass(frozen=True, slots=True)
class Region:
    """Everything that a pack says, ready to be asked. Threads share it.

    Attributes
    ----------
    folder
        Where it was read from.
    names
        Its name by language: ``zh``, ``en``.
    zone
        The zone of its days and office hours.
    metric_crs
        CRS in which lengths and areas are computed.
    attribution, attribution_en, approval_number
        The line that stands on every map, in Chinese and English; 审图号 of official boundaries or an empty text.
    layers
        Area layers by name, in the order of the pack.
    list_version
        The version of the lists that stands in the pack; `data.lists.Library` adds those that were published later.
    escalations
        Who is told of a clock that turns amber or red.
    inspection_window
        How long a visit of a subject is recent, so that the next case joins it.
    assessment
        How the total of a stationed unit is weighed.
    categories
        Codes of the standard to which items refer, and its names for them.
    former
        Areas of boundary versions that were withdrawn or replaced: cases may have their codes. They have no outline.
    """

    folder: Path
    name: str
    names: Mapping[str, str]
    county_code: str
    number_prefix: str
    zone: ZoneInfo
    metric_crs: str
    attribution: str
    attribution_en: str
    approval_number: str
    office_hours: tuple[tuple[time, time], ...]
    budgets: Budgets
    duplicates: DuplicateLimits
    inspection_window: timedelta
    future_skew: timedelta
    sources: Mapping[str, Source]
    map: MapView
    assessment: Scheme
    escalations: tuple[EscalationRule, ...]
    layers: Mapping[str, AreaLayer]
    organisation: Organisation
    list_version: ListVersion
    categories: Mapping[str, str]
    calendar: Calendar
    boundaries: Boundaries
    bounds: Bounds
    former: tuple[Area, ...] = ()

    @property
    def matters(self) -> Matters:
        """The items of the lists that stand in the pack."""
        return self.list_version.matters

    @property
    def area_codes(self) -> frozenset[str]:
        """Codes of all areas in all their versions, withdrawn ones too."""
        held = frozenset(area.code for layer in self.layers.values() for area in layer.areas)
        return held.union(area.code for area in self.former)

    @property
    def finest(self) -> str:
        """Name of the finest of the nested layers: what the map paints as cells."""
        return next(name for name in reversed(CHAIN) if name in self.layers)

    def local_day(self, instant: datetime) -> date:
        """Give the day in the region's zone on which an aware instant lies; raises ValueError for a naive one."""
        if instant.tzinfo is None:
            # astimezone would quietly take the machine's own zone.
            raise ValueError(f"{instant} has no offset, so nobody knows its day; give an aware instant")
        return instant.astimezone(self.zone).date()

    def layer_on(self, layer: str, day: date) -> AreaLayer:
        """Give a layer as it is on a day, areas by code; raises KeyError for a layer that the region does not have."""
        return self.layers[layer].valid_on(day)

    def areas_on(self, day: date) -> dict[str, AreaLayer]:
        """Give every layer as it is on a day."""
        return {name: layer.valid_on(day) for name, layer in self.layers.items()}

    def townships_on(self, day: date) -> tuple[Area, ...]:
        """Give the townships of a day, by code."""
        return self.layer_on(TOWNSHIP, day).areas

    def area(self, series: str, code: str, day: date | None = None) -> Area | None:
        """Give the area with a code of a series on a day, or its latest version; None where there is none.

        A code without its series is no name: 330282006 is 陆中湾街道 in ``mca`` and 古塘街道 in ``nbs``.
        """
        found = (layer.in_series(series, code, day) for layer in self.layers.values())
        return next((area for area in found if area is not None), None)

    def children(self, area: Area, day: date) -> tuple[Area, ...]:
        """Give the areas of the next finer layer that nest in an area on a day, by code."""
        for layer in self.layers.values():
            if layer.parent == area.layer:
                return layer.children_of(area.code, day)
        return ()

    def place(self, x: object, y: object, crs: str | None, source: str, occurred_at: datetime) -> Place:
        """Locate a raw point by the boundaries of the local day on which it occurred.

        Parameters
        ----------
        x, y
            As they came, in the order of `crs` with longitude or easting first.
        crs
            The declared CRS; None or blank takes that of the source.
        source
            Code of the reporting source.
        occurred_at
            Aware instant.

        Returns
        -------
        Place
            Flags: what `geo.crs.recognise_point` noticed; ``unlocated`` (no position), ``before_boundaries`` (older
            than the first version), ``boundary`` (on a shared edge; the lowest township, then village, then cell has
            it), ``gap`` (inside a township, but no finer area covers it), ``outside`` (no township covers it; the
            nearest area within 200 m is a suggestion).

        Raises
        ------
        UnknownCRS
            Neither the report nor the source declares a CRS that can be read.
        """
        declared = self._crs(crs, source)
        raw = {"x": x, "y": y, "crs": declared}
        reading = recognise_point(x, y, declared, self.bounds, self.metric_crs)
        if reading.lon is None or reading.lat is None:
            return Place(flags=(*reading.notes, "unlocated"), raw=raw)
        return self._locate(reading.lon, reading.lat, reading, raw, self.local_day(occurred_at))

    def metres(self, lon: float, lat: float, other_lon: float, other_lat: float) -> float:
        """Give the distance of two points (WGS84 degrees) in metres of the region's metric CRS."""
        x, y = from_wgs84([lon, other_lon], [lat, other_lat], self.metric_crs)
        return hypot(x[1] - x[0], y[1] - y[0])

    def _crs(self, crs: str | None, source: str) -> str:
        if crs is not None and str(crs).strip():
            return crs
        known = self.sources.get(source)
        if known is None:
            raise UnknownCRS(
                f"The report declares no CRS and {source!r:.80} is no source of the region that would; accepted are"
                f" {', '.join(ACCEPTED)}"
            )
        return known.crs

    def _locate(self, lon: float, lat: float, reading: Reading, raw: Mapping[str, Any], day: date) -> Place:
        era = self.boundaries.on(day)
        if era is None:
            return Place(lon, lat, flags=(*reading.notes, "before_boundaries"), raw=raw)
        found = era.find(lon, lat)
        flags, nearest = [*reading.notes], None
        if found.on_edge:
            flags.append("boundary")
        if TOWNSHIP not in found.areas:
            flags.append("outside")
            nearest = era.nearest(lon, lat)
        elif len(found.areas.keys() & set(CHAIN)) < len(era.chain):
            flags.append("gap")
        codes = {layer: area.code for layer, area in found.areas.items()}
        return Place(
            lon=lon,
            lat=lat,
            cell=codes.get("grid"),
            village=codes.get("village"),
            township=codes.get(TOWNSHIP),
            areas={layer: code for layer, code in codes.items() if layer not in CHAIN},
            flags=tuple(flags),
            nearest=nearest[0].code if nearest else None,
            nearest_m=round(nearest[1], 1) if nearest else None,
            raw=raw,
        )
