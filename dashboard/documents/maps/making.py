"""From the question to the file: the one door to map sheets, for the command line, the API and the daily pack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from dashboard.documents.maps import around, contents, printing, tables
from dashboard.documents.maps.atlas import Atlas
from dashboard.documents.maps.pen import Pen
from dashboard.documents.maps.sheet import sheet
from dashboard.documents.maps.wanted import Format, Wanted
from dashboard.views.names import Book
from data.region import Region
from data.views import BadQuery

MEDIA: Mapping[Format, str] = {
    Format.PDF: "application/pdf",
    Format.PNG: "image/png",
    Format.SVG: "image/svg+xml",
    Format.GPKG: "application/geopackage+sqlite3",
    Format.GEOJSON: "application/geo+json",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "application/zip",
}
PICTURES = frozenset({Format.PDF, Format.PNG, Format.SVG})


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made.

    Attributes
    ----------
    name
        For saving: region, area, measure and moment, in plain letters.
    code
        Check code of the contents, which stands on the sheet as well.
    """

    name: str
    media_type: str
    body: bytes
    code: str


class MapRoom:
    """Makes map sheets of one region; threads share it."""

    def __init__(self, engine: Engine, region: Region, book: Book, now: Callable[[], datetime]) -> None:
        self.engine, self.region, self.book, self.now = engine, region, book, now
        self.atlas = Atlas(region)

    def make(self, wanted: Wanted, form: Format) -> Made:
        """Make one file; raises BadQuery for what cannot be shown."""
        found = self.read(wanted)
        pen = Pen.of(found, self.atlas, self.book)
        if form in PICTURES:
            body = printing.written([sheet(pen)], form, wanted.dpi)
        else:
            body = tables.written(pen, manifest(pen), form)
        return Made(self.file_name(wanted, form), MEDIA[form], body, found.code)

    def read(self, wanted: Wanted) -> contents.Contents:
        """Read what a sheet states."""
        return contents.read(self.engine, self.region, wanted, self.now())

    def moved(self, wanted: Wanted, at: str | None) -> Wanted:
        """Move a question to a moment as people write it: with its offset, or in the region's zone; None leaves it."""
        if at is None:
            return wanted
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            raise BadQuery(f"{at[:40]!r} is no moment; write it as 2026-11-24T15:00 or with its offset.") from None
        return replace(wanted, at=moment if moment.tzinfo else moment.replace(tzinfo=self.region.zone))

    def file_name(self, wanted: Wanted, form: Format) -> str:
        """Name a file so that a folder of them sorts by area and moment."""
        local = wanted.at.astimezone(self.region.zone)
        area = wanted.township or self.region.county_code
        return f"{self.region.name}-{area}-{wanted.measure}-{local:%Y%m%d-%H%M%S}.{form}"


def manifest(pen: Pen) -> dict[str, Any]:
    """Say what the figures are, of which moment, by which boundaries, from which source."""
    found = pen.contents
    top = around.head(pen)
    return {
        "title": top["title"],
        "at": found.wanted.at,
        "filter": top["filter"],
        "n": found.total.pending,
        **{f"total_{name}": getattr(found.total, name) for name in around.COLUMNS},
        "boundaries": around.version(pen).isoformat(),
        "basis": "as occurred",
        "crs": tables.CRS,
        "axes": "lon, lat",
        "revision": found.revision,
        "source": pen.say("sheet.source", product=pen.say("product"), revision=found.revision),
        "attribution": around.note(pen),
        "code": found.code,
    }
