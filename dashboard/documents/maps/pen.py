"""What the writers of a sheet share: the question, the plate, the frame, and words in the sheet's language."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely

from dashboard.documents.maps.atlas import Atlas, Plate
from dashboard.documents.maps.contents import Contents
from dashboard.documents.maps.layout import Layout, layout
from dashboard.documents.maps.wanted import Wanted
from dashboard.text import LANGUAGES, say
from dashboard.views.names import Book
from data.region import Region
from geo.areas import Area
from geo.cartography import Frame, fitted

FINEST = ("cell", "village", "township")


@dataclass(frozen=True, slots=True)
class Pen:
    """One sheet in the making.

    Attributes
    ----------
    field
        The painted layer: the finest one that the region has.
    chosen
        The township that fills the sheet, in metres; None on the sheet of the whole region.
    """

    contents: Contents
    atlas: Atlas
    book: Book
    day: date
    plate: Plate
    field: str
    chosen: shapely.Geometry | None
    layout: Layout
    frame: Frame

    @classmethod
    def of(cls, contents: Contents, atlas: Atlas, book: Book) -> "Pen":
        """Take up the pen for a sheet."""
        wanted = contents.wanted
        day = atlas.region.local_day(wanted.at)
        plate = atlas.on(day)
        codes = [area.code for area in plate.areas["township"]]
        chosen = plate.shapes["township"][codes.index(wanted.township)] if wanted.township else None
        place = layout(wanted.paper)
        west, south, east, north = map(float, shapely.bounds(plate.county if chosen is None else chosen))
        frame = fitted((west, south, east, north), place.width, place.height)
        field = next(field for field in FINEST if field in plate.areas)
        return cls(contents, atlas, book, day, plate, field, chosen, place, frame)

    @property
    def wanted(self) -> Wanted:
        """The question."""
        return self.contents.wanted

    @property
    def region(self) -> Region:
        """The region."""
        return self.atlas.region

    @property
    def english(self) -> bool:
        """Whether the sheet is written in English."""
        return self.wanted.language == LANGUAGES[1]

    @property
    def extent(self) -> shapely.Geometry:
        """What the sheet is about, in metres."""
        return self.plate.county if self.chosen is None else self.chosen

    def say(self, key: str, **values: Any) -> str:
        """Say something in the sheet's language."""
        return say(key, self.wanted.language, **values)

    def at(self, instant: datetime) -> str:
        """Write an instant in the region's zone."""
        local = instant.astimezone(self.region.zone)
        if self.english:
            return f"{local:%Y-%m-%d %H:%M} (UTC{local:%z})"
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"

    def name(self, area: Area) -> str:
        """Name an area."""
        return str((self.english and area.attributes.get("name_en")) or area.name)

    def region_name(self) -> str:
        """Name the region."""
        return self.region.names.get("en" if self.english else "zh", self.region.name)
