"""What is to be imported: one layer of one file, and how it is to be understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from data.region.loading import Pack
from geo.areas import Area, AreaLayer
from geo.exchange import BoundaryFile
from geo.exchange.findings import Finding, Level, Repair
from geo.exchange.fitting import Fitting
from geo.exchange.ways import Way


class Refused(Exception):
    """Nothing can be checked or written; the message names the value and the way out."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One import.

    Attributes
    ----------
    layer, series
        Layer of the region pack, and the series of the codes.
    code, name, parent
        Columns of the file; without a parent areas nest where they lie.
    begin
        First day on which the new version holds.
    crs
        A `geo.exchange.ways.Way`; goes before what the file declares.
    sublayer
        Which layer of a file that offers several.
    repair
        Whether what can be mended is mended; each repair is listed.
    """

    file: Path
    layer: str
    series: str
    code: str
    begin: date
    name: str | None = None
    parent: str | None = None
    crs: str | None = None
    encoding: str | None = None
    sublayer: str | None = None
    repair: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was looked at, and what it would become.

    Attributes
    ----------
    content
        The file as it came.
    way
        How its numbers were read; None where nobody said, so that nothing could be checked on the map.
    areas
        The new version, as far as it can be used: valid from `Wanted.begin` on. This is what is written into a pack,
        and what a publication into a database takes.
    numbers
        Code to number of the feature.
    force
        The version that holds on that day before the import.
    proposed
        The pack as it would be with all layers of the same step.
    """

    wanted: Wanted
    pack: Pack
    content: BoundaryFile
    way: Way | None
    fitting: Fitting | None
    areas: tuple[Area, ...]
    numbers: Mapping[str, int]
    force: AreaLayer
    proposed: Pack
    findings: tuple[Finding, ...] = ()
    repairs: tuple[Repair, ...] = ()

    def count(self, level: Level) -> int:
        """How many findings are of a level."""
        return sum(finding.level is level for finding in self.findings)

    @property
    def sound(self) -> bool:
        """Whether there is no error."""
        return self.count(Level.ERROR) == 0


@dataclass(slots=True)
class Notes:
    """What comes together while a file is looked at."""

    findings: list[Finding] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
