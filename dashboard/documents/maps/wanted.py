"""What a map sheet is asked for: moment, measure, paper; every wish is checked before anything is read or drawn."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from data.views import BadQuery, CaseFilter
from data.views.search import ALL

FINEST_DPI, COARSEST_DPI = 600, 72


class Paper(StrEnum):
    """Sizes of paper, in landscape."""

    A4 = "a4"
    A3 = "a3"

    @property
    def millimetres(self) -> tuple[float, float]:
        """Width and height (ISO 216)."""
        return (297.0, 210.0) if self is Paper.A4 else (420.0, 297.0)


class Measure(StrEnum):
    """What the areas of the map are coloured by."""

    LEVEL = "level"
    PENDING = "pending"
    OVERDUE = "overdue"
    DENSITY = "density"


class Format(StrEnum):
    """What the sheet is written as: three that people look at, five that programs read."""

    PDF = "pdf"
    PNG = "png"
    SVG = "svg"
    GPKG = "gpkg"
    GEOJSON = "geojson"
    PARQUET = "parquet"
    XLSX = "xlsx"
    CSV = "csv.zip"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One map sheet.

    Attributes
    ----------
    at
        The instant that it shows, aware.
    township
        Code of the township that fills the sheet; None for the whole region.
    dpi
        Dots an inch of a PNG.
    user
        Whose name stands as a watermark in the map; empty for none.
    """

    at: datetime
    measure: Measure = Measure.LEVEL
    paper: Paper = Paper.A4
    township: str | None = None
    filters: CaseFilter = ALL
    language: str = "zh-CN"
    dpi: int = 150
    user: str = ""

    def checked(self, now: datetime, first: datetime | None) -> "Wanted":
        """Give itself; raises BadQuery for what no sheet can show.

        Parameters
        ----------
        now
            The present, aware.
        first
            When the first case occurred; None where there is none.
        """
        if self.at.tzinfo is None:
            raise BadQuery(f"The moment {self.at.isoformat()} has no offset; write it as 2026-11-24T15:00:00+08:00.")
        if self.at > now:
            raise BadQuery(f"The moment {self.at.isoformat()} lies in the future; a map shows what has been.")
        if first is not None and self.at < first:
            raise BadQuery(
                f"The moment {self.at.isoformat()} lies before the first case, which occurred at {first.isoformat()}."
            )
        if not COARSEST_DPI <= self.dpi <= FINEST_DPI:
            raise BadQuery(f"{self.dpi} dpi cannot be printed here; ask for {COARSEST_DPI} to {FINEST_DPI}.")
        return self
