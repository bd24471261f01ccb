"""Build the area layers of Cixi: `python -m data.regions.cixi.build [--out FOLDER]`.

Codes and names are real; the county line comes from a public package; the shore, the township, village and grid lines
are drawn here and shown as 示意 until official ones are imported. The same sources give the same bytes (one machine,
pinned versions): all chance comes from one seed, all orders from codes and coordinates.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from data.regions.cixi import context, naming, pack, sketch
from geo.drawing import Pen, Wander, divide, trace

HERE = Path(__file__).parent
SEED = 330282
CELLS = 2500
VILLAGE_STRETCH, CELL_STRETCH = 1.7, 1.25
"""Villages of the plain reach further across the dykes, from the old shore to the new one, than along them."""
WAVES_M = (7000.0, 2600.0, 1100.0, 480.0)
HEIGHTS_M = (210.0, 85.0, 34.0, 12.0)


@dataclass(frozen=True)
class Village:
    """One village's piece of land before its lines are drawn, metres."""

    code: str
    township: str
    piece: Polygon


def main() -> None:
    """Write the four files."""
    parser = argparse.ArgumentParser(description="Build the area layers of Cixi")
    parser.add_argument("--out", type=Path, default=HERE, help="folder for the files (default: the pack itself)")
    build(HERE / "sources", parser.parse_args().out)


def build(sources: Path, out: Path) -> None:
    """Draw every layer from the folder `sources` and write it into the folder `out`."""
    # One generator for each step: a change in one leaves the chance of the others as it was.
    for_land, for_villages, for_counts, for_cells, for_lines = np.random.default_rng(SEED).spawn(5)
    ground = sketch.read(sources, for_land)
    tables = pack.read_tables(sources)
    villages = _villages(ground, tables, for_villages)
    cells, owners = _cells(ground, villages, _cell_counts(villages, tables, for_counts), for_cells)
    drawn = trace(cells, ground.land, _pen(ground, for_lines), sketch.to_degrees, for_lines)
    out.mkdir(parents=True, exist_ok=True)
    layers = pack.layers(drawn, owners, tables)
    for name, features in layers.items():
        pack.write(out / f"{name}.geojson", name, features)
    pack.write(out / "context.geojson", "context", context.features(sources, drawn))


def _villages(ground: sketch.Sketch, tables: pack.Tables, chance: np.random.Generator) -> list[Village]:
    """Cut every township into its villages and give each piece its name."""
    found: list[Village] = []
    for township in sorted(ground.townships):
        piece = ground.townships[township]
        own = [row for row in tables.villages if row["township"] == township]
        parts = divide(
            piece, len(own), partial(ground.crowding, township), ground.grain(piece, VILLAGE_STRETCH), chance
        )
        middles = shapely.get_coordinates(shapely.centroid(parts))
        order = naming.assign(
            [row["name"] for row in own],
            middles,
            shapely.area(parts),
            ground.crowding(township, middles),
            {core.place: core.at for core in ground.cores[township]},
        )
        found += [Village(row["code"], township, parts[index]) for row, index in zip(own, order, strict=True)]
    return found


def _cell_counts(villages: list[Village], tables: pack.Tables, chance: np.random.Generator) -> NDArray[np.int64]:
    """How many grid cells each village has: `CELLS` in all, by the largest remainder.

    A cell holds a number of households: the count grows with a village's people, and they far slower than its land.
    """
    kind = {row["code"]: row["kind"] for row in tables.villages}
    area = shapely.area([village.piece for village in villages])
    people = (area / 1e6) ** 0.38 * np.exp(chance.normal(0.0, 0.22, len(villages)))
    people *= [1.5 if kind[village.code] == "community" else 1.0 for village in villages]
    wish = 1.0 + (CELLS - len(villages)) * people / people.sum()
    counts = np.floor(wish).astype(np.int64)
    counts[np.argsort(counts - wish, kind="stable")[: CELLS - int(counts.sum())]] += 1
    return np.asarray(counts)


def _cells(
    ground: sketch.Sketch, villages: list[Village], counts: NDArray[np.int64], chance: np.random.Generator
) -> tuple[list[Polygon], list[str]]:
    """Cut every village into its cells; the village of each cell."""
    cells: list[Polygon] = []
    owners: list[str] = []
    for village, count in zip(villages, counts, strict=True):
        grain = ground.grain(village.piece, CELL_STRETCH)
        cells += divide(village.piece, int(count), partial(_cell_weight, ground, village.township), grain, chance)
        owners += [village.code] * int(count)
    return cells, owners


def _cell_weight(ground: sketch.Sketch, township: str, points: sketch.Points) -> sketch.Points:
    """Cells of one village differ less in size than the villages of a town."""
    return np.sqrt(ground.crowding(township, points))


def _pen(ground: sketch.Sketch, chance: np.random.Generator) -> Pen:
    """Lines wander more in the hills than between dykes."""
    return Pen(
        wander=Wander.of(WAVES_M, HEIGHTS_M, chance),
        strength=lambda points: 1.0 - 0.35 * ground.order(points),
        fade_m=1200.0,
        tremble=0.05,
        tremble_m=45.0,
        spacing_m=40.0,
        tolerance_m=2.5,
    )


if __name__ == "__main__":
    main()
