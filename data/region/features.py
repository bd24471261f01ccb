"""Polygon files as a pack and a new region take them: what `geo.exchange` reads, with one sentence for each problem."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from geo.exchange import Feature as RawFeature
from geo.exchange import TroubleKind, Unreadable, read_boundaries
from geo.exchange.features import EMPTY

__all__ = ["EMPTY", "Feature", "FeatureFile", "read_features"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as it came.

    Attributes
    ----------
    number
        Its position in the file, from 1.
    geometry
        Two-dimensional, in the file's CRS; what a repair would take where a ring does not close or rings are nested
        wrongly; empty where there is none or it cannot be read.
    problem
        What is wrong with the geometry, as a sentence with the way out; None when nothing is.
    place
        Where, in the file's CRS.
    """

    number: int
    properties: Mapping[str, Any]
    geometry: BaseGeometry
    problem: str | None = None
    place: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """What a file holds.

    Attributes
    ----------
    crs
        The CRS that the file declares, or its format prescribes; None where neither does.
    expected
        Number of features that the file says it holds.
    problem
        Why the file cannot be read at all.
    """

    features: Sequence[Feature] = ()
    crs: str | None = None
    expected: int = 0
    problem: str | None = None
    columns: tuple[str, ...] = field(default=())


def read_features(path: Path, layer: str | None = None, encoding: str | None = None) -> FeatureFile:
    """Read a boundary file of any format.

    Parameters
    ----------
    layer
        Which layer of a file that holds several, a GeoPackage for instance; without it such a file is refused.
    encoding
        Of the texts, for those who know better than the file.
    """
    try:
        content = read_boundaries(path, layer, encoding)
    except Unreadable as problem:
        # Whoever asks puts the name of the file before the sentence.
        return FeatureFile(problem=str(problem).removeprefix(f"{path.name} "))
    features = tuple(_feature(raw) for raw in content.features)
    return FeatureFile(features, content.crs, content.counted, columns=content.columns)


def _feature(raw: RawFeature) -> Feature:
    serious = next((trouble for trouble in raw.troubles if not trouble.harmless), None)
    geometry = raw.mended if serious is not None and raw.mended is not None else raw.geometry
    if serious is None:
        return Feature(raw.number, raw.properties, geometry)
    place = serious.place if serious.kind is TroubleKind.OPEN_RING else None
    return Feature(raw.number, raw.properties, geometry, f"{serious.says}; {serious.remedy}", place)
