"""What was found in a boundary file: each with its feature, its place and the way out; and what a repair changed."""

from dataclasses import dataclass
from enum import StrEnum

from geo.coverage import Fault, FaultKind, Severity
from geo.exchange.features import Position


class Level(StrEnum):
    """Whether a layer must not be used so, may be meant so, or only should be known."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes
    ----------
    kind
        Short name: of `geo.coverage.FaultKind`, of `geo.exchange.TroubleKind`, or of a check of texts, codes or CRS.
    says, remedy
        What is wrong, with its values; the way out.
    feature, code, name
        Number of the feature in the file, its code and name; None and empty for what concerns the file.
    codes
        Every area concerned.
    place
        Where to look, (lon, lat) in degrees.
    size_m2
        Size of an overlap, a gap or a change, in square metres.
    """

    level: Level
    kind: str
    says: str
    remedy: str
    feature: int | None = None
    code: str = ""
    name: str = ""
    codes: tuple[str, ...] = ()
    place: Position | None = None
    size_m2: float | None = None

    @property
    def where(self) -> str:
        """Feature, code, name and place in one phrase."""
        parts = [f"feature {self.feature}"] if self.feature is not None else []
        parts += [f"{self.code} {self.name}".strip()] if self.code or self.name else []
        parts += [f"({self.place[0]:.6f}, {self.place[1]:.6f})"] if self.place else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing that was changed because somebody asked for it.

    Attributes
    ----------
    change_m2, area_m2
        Change of the area and what it is now, in square metres on the ellipsoid; None where no outline changed.
    """

    feature: int | None
    code: str
    name: str
    says: str
    change_m2: float | None = None
    area_m2: float | None = None
    place: Position | None = None


REMEDIES = {
    FaultKind.EMPTY_GEOMETRY: "draw it, or remove the feature",
    FaultKind.NOT_A_POLYGON: "export the areas as polygons, and labels or lines apart",
    FaultKind.INVALID_RING: "correct the ring there, or ask for --repair",
    FaultKind.NOT_DEGREES: "say the CRS with --crs",
    FaultKind.LOST_FEATURE: "export the file again, or in another format",
    FaultKind.DUPLICATE_CODE: "correct the code; pieces of one area become one with --repair",
    FaultKind.VALIDITY_OVERLAP: "end the first version on the day on which the second begins",
    FaultKind.VALIDITY_HOLE: "close the hole unless it is meant",
    FaultKind.OVERLAP: "correct one of the two lines",
    FaultKind.GAP: "correct the lines unless it is water or somebody else's",
    FaultKind.UNMATCHED_EDGE: "draw each shared line once, through the same vertices",
    FaultKind.UNKNOWN_PARENT: "correct the parent's code, or choose another column with --parent",
    FaultKind.OUTSIDE_PARENT: "correct the line or the parent",
    FaultKind.UNCOVERED_PARENT: "correct the lines of the areas in it",
}
LEVELS = {Severity.ERROR: Level.ERROR, Severity.WARNING: Level.WARNING}


def finding_of(fault: Fault, feature: int | None = None, name: str = "") -> Finding:
    """Make a finding of a fault of a coverage."""
    code = fault.codes[0] if fault.codes else ""
    return Finding(
        LEVELS[fault.severity],
        str(fault.kind),
        fault.sentence,
        REMEDIES[fault.kind],
        feature,
        code,
        name,
        fault.codes,
        fault.place,
        fault.size_m2,
    )
