"""The folder of an exported history: one file a month, and a description that lists the months that are whole."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from data.exporting.columns import VERSION
from data.placing.sinks import whole_or_nothing
from data.region import Region

METADATA = "_metadata.json"
FILE = "cases.parquet"


class NotAnExport(Exception):
    """The folder cannot take the export; the message says why and what to do."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the region's zone."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Give the month of a day."""
        return cls(day.year, day.month)

    @property
    def next(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def begins(self, zone: ZoneInfo) -> datetime:
        """Give its first instant in a zone, in UTC."""
        return datetime(self.year, self.month, 1, tzinfo=zone).astimezone(UTC)

    @property
    def path(self) -> Path:
        """Its file below the folder, named as Hive does."""
        return Path(f"year={self.year}") / f"month={self.month:02d}" / FILE


class Folder:
    """The folder and its description.

    Raises
    ------
    NotAnExport
        The folder holds something else, the history of another region, or one of a schema that is not known here.
    """

    def __init__(self, path: Path, region: Region) -> None:
        self.path = path
        self._region = region
        if path.exists() and not path.is_dir():
            raise NotAnExport(f"{path} is a file; name a folder.")
        if path.is_dir() and any(path.iterdir()) and not (path / METADATA).is_file():
            raise NotAnExport(f"{path} holds other files and no exported history; name an empty folder or a new one.")
        self.months: dict[Month, dict[str, Any]] = self._read()

    def _read(self) -> dict[Month, dict[str, Any]]:
        if not (self.path / METADATA).is_file():
            return {}
        try:
            said = json.loads((self.path / METADATA).read_text(encoding="utf-8"))
            version, name = said["schema"], said["region"]["name"]
            months = {Month(one["year"], one["month"]): one for one in said["partitions"]}
        except (ValueError, KeyError, TypeError) as problem:
            raise NotAnExport(
                f"{self.path / METADATA} cannot be read: {problem}; export into a new folder."
            ) from problem
        if name != self._region.name:
            raise NotAnExport(
                f"{self.path} holds the history of {name!r}, not of {self._region.name!r}; name another one."
            )
        if version != VERSION:
            raise NotAnExport(
                f"{self.path} was written with schema {version}, this is {VERSION}; export into a new folder."
            )
        return months

    def clear(self, months: Sequence[Month], at: datetime, revision: int) -> None:
        """Take away months that have no case any more, from the description first."""
        for month in months:
            self.months.pop(month, None)
        self.describe(at, revision)
        for month in months:
            file = self.path / month.path
            file.unlink(missing_ok=True)
            for above in (file.parent, file.parent.parent):
                if above.is_dir() and not any(above.iterdir()):
                    above.rmdir()

    def describe(self, at: datetime, revision: int) -> None:
        """Write the description anew, after each month: so it lists what is there, whenever the power fails."""
        region = self._region
        months = [self.months[month] for month in sorted(self.months)]
        said = {
            "schema": VERSION,
            "region": {
                "name": region.name, "names": dict(region.names), "county_code": region.county_code,
                "zone": region.zone.key, "attribution": region.attribution,
            },
            "exported_at": at.isoformat(),
            "revision": revision,
            "boundary_versions": {
                name: [day.isoformat() for day in layer.change_days] for name, layer in region.layers.items()
            },
            "rows": sum(month["rows"] for month in months),
            "partitions": months,
        }  # fmt: skip
        self.path.mkdir(parents=True, exist_ok=True)
        with whole_or_nothing(self.path / METADATA) as file:
            file.write(json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n")
