"""What moves, as a GeoPackage: points with old and new codes, and the areas that change, in CGCS2000 (EPSG:4490)."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import shapely

from data.placing import flags
from data.reattributing.comparing import COLUMN, Comparison, Moves
from data.reattributing.errors import ReattributionError

CASES, AREAS = "moved_cases", "changed_areas"
CRS = "EPSG:4490"
SUFFIX = ".gpkg"


class Package:
    """A GeoPackage while it is written."""

    def __init__(self, path: Path, comparison: Comparison) -> None:
        self._path, self._comparison = path, comparison
        self._layers = tuple(comparison.region.layers)
        self._write(AREAS, self._areas(), "MultiPolygon")
        self._write(CASES, self._cases(None), "Point")

    def add(self, found: Moves) -> None:
        """Write the cases of a page that move."""
        if found.moves.any():
            self._write(CASES, self._cases(found), "Point", append=True)

    def _write(self, layer: str, frame: geopandas.GeoDataFrame, kind: str, *, append: bool = False) -> None:
        pyogrio.write_dataframe(
            frame, self._path, layer=layer, driver="GPKG", geometry_type=kind, append=append, promote_to_multi=False
        )

    def _cases(self, found: Moves | None) -> geopandas.GeoDataFrame:
        rows = np.flatnonzero(found.moves) if found else np.zeros(0, np.intp)
        columns: dict[str, Any] = {"number": [], "state": [], "flags": []}
        if found:
            page = found.page
            columns["number"] = [page.numbers[at] for at in rows.tolist()]
            columns["state"] = np.where(page.pending[rows], "open", "closed")
            columns["flags"] = flags.written(found.after.flags[rows]).to_pylist()
        for layer in self._layers:
            name = COLUMN.get(layer, layer)
            for word, placed in (("from", found.before if found else None), ("to", found.after if found else None)):
                columns[f"{word}_{name}"] = placed.areas[layer].take(rows).to_pylist() if placed else []
        points: Any = shapely.points(found.page.lon[rows], found.page.lat[rows]) if found else []
        texts = {name: np.array(values, dtype=object) for name, values in columns.items()}
        return geopandas.GeoDataFrame(texts, geometry=geopandas.GeoSeries(points, crs=CRS), crs=CRS)

    def _areas(self) -> geopandas.GeoDataFrame:
        rows, shapes = [], []
        for changed in self._comparison.change.areas(self._comparison.region):
            versions = ("before", changed.before), ("after", changed.after)
            for version, area in versions:
                if area is not None:
                    words = {"layer": area.layer, "code": area.code, "name": area.name, "series": area.series}
                    words |= {"parent": area.parent or "", "change": changed.change.value, "version": version}
                    rows.append(words | {"boundaries": self._day(version)})
                    shapes.append(_multi(area.geometry))
        names = ("layer", "code", "name", "series", "parent", "change", "version", "boundaries")
        texts = {name: np.array([row[name] for row in rows], dtype=object) for name in names}
        return geopandas.GeoDataFrame(texts, geometry=geopandas.GeoSeries(shapes, crs=CRS), crs=CRS)

    def _day(self, version: str) -> str:
        change = self._comparison.change
        return (change.before if version == "before" else change.after).day.isoformat()


@contextmanager
def writing_package(path: Path, comparison: Comparison) -> Iterator[Package]:
    """Give a GeoPackage to write into, which takes its name when it is whole, in place of a file of that name.

    Raises
    ------
    ReattributionError
        The name has another ending, or there is no such folder.
    """
    if path.suffix.lower() != SUFFIX:
        raise ReattributionError(f"--gpkg {path} must end with {SUFFIX}; give it another name.")
    if not path.parent.is_dir():
        raise ReattributionError(f"There is no folder {path.parent} for --gpkg; make it or name another one.")
    with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as beside:
        part = Path(beside) / path.name
        yield Package(part, comparison)
        part.replace(path)


def _multi(shape: Any) -> Any:
    return shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])
