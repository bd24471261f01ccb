"""What a boundary file holds, feature by feature, as it came; what is wrong with one feature loses no other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

EMPTY = shapely.Polygon()

Position = tuple[float, float]


class TroubleKind(StrEnum):
    """What can be wrong with a feature, or a file, before anybody looks at what it means."""

    NO_GEOMETRY = "no_geometry"
    NOT_A_FEATURE = "not_a_feature"
    OPEN_RING = "open_ring"
    WRONG_NESTING = "wrong_nesting"
    BAD_COORDINATE = "bad_coordinate"
    UNREADABLE_GEOMETRY = "unreadable_geometry"
    HEIGHTS = "heights"
    LOST_FEATURE = "lost_feature"
    ENCODING = "encoding"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that the reader met.

    Attributes
    ----------
    says, remedy
        What is wrong, as the end of a sentence that begins with the feature's or file's name; the way out.
    place
        Where, in the file's own CRS; None where it has no place.
    harmless
        Whether nothing is lost by it.
    """

    kind: TroubleKind
    says: str
    remedy: str
    place: Position | None = None
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as it came.

    Attributes
    ----------
    number
        Its position in the file, from 1.
    geometry
        Two-dimensional, in the file's CRS, x first; empty where there is none or it cannot be used as it is.
    mended
        What a repair on request would take in place of an unusable geometry; None where nothing can be done.
    """

    number: int
    properties: Mapping[str, Any]
    geometry: BaseGeometry
    troubles: tuple[Trouble, ...] = ()
    mended: BaseGeometry | None = None


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """How the texts of an attribute table were read.

    Attributes
    ----------
    name
        Python's name of the encoding.
    why
        The evidence, as a sentence.
    certain
        Whether only one reading is possible; else it should be looked at, or said.
    """

    name: str
    why: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class BoundaryFile:
    """One layer of a file.

    Attributes
    ----------
    file, layer, kind
        Name of the file, of the layer in it, and of the format.
    counted
        Features that the raw file holds, counted without the reader that made `features`.
    crs
        The CRS that the file declares, or that its format prescribes; None where neither does.
    """

    file: str
    layer: str
    kind: str
    features: Sequence[Feature]
    counted: int
    crs: str | None = None
    columns: tuple[str, ...] = ()
    encoding: TextEncoding | None = None
    troubles: tuple[Trouble, ...] = field(default=())


def columns_of(features: Sequence[Feature]) -> tuple[str, ...]:
    """Give every column that any feature has, in order of appearance."""
    return tuple(dict.fromkeys(str(key) for feature in features for key in feature.properties))


def flat(geometry: BaseGeometry) -> tuple[BaseGeometry, tuple[Trouble, ...]]:
    """Drop heights, and say so: areas have none, and readers make another CRS of them."""
    if not shapely.has_z(geometry):
        return geometry, ()
    says = "has heights (3D coordinates), which areas do not use; they are left out"
    trouble = Trouble(TroubleKind.HEIGHTS, says, "export it in two dimensions if this was not meant", harmless=True)
    return shapely.force_2d(geometry), (trouble,)
