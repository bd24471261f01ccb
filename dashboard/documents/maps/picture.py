"""The map of a sheet, drawn without a word: ground, colours, lines by rank, signs; and where names may stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from cases.clock import Level
from dashboard.documents.maps import styles
from dashboard.documents.maps.atlas import Atlas, Plate
from geo.cartography import Frame, Label, Placed, Svg, drawn, place_labels
from geo.cartography.paths import UNITS, marks
from geo.cartography.ticks import crosses

LEVEL_FILLS = {int(Level.GREEN): styles.CALM, int(Level.AMBER): styles.AMBER, int(Level.RED): styles.RED}
SMALLEST_SIGNED_MM2 = 40.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn map: the image, its names, and the names that found no room."""

    svg: str
    names: tuple[Placed, ...]
    left_out: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Colouring:
    """The class of each area of the painted layer, and the inks of the classes from 1 on.

    Attributes
    ----------
    classes
        (n,) in the order of the plate's areas; 0 is left blank.
    fills
        Ink by class.
    hatched
        Classes that are hatched as well, so that they stand apart in grey.
    signed
        Classes whose areas bear the sign of what is overdue.
    """

    classes: NDArray[np.int64]
    fills: Mapping[int, str]
    hatched: frozenset[int] = frozenset()
    signed: frozenset[int] = frozenset()


def by_level(levels: NDArray[np.int64]) -> Colouring:
    """Colour areas by the worst level of their cases."""
    return Colouring(levels, LEVEL_FILLS, frozenset({int(Level.AMBER)}), frozenset({int(Level.RED)}))


def by_class(classes: NDArray[np.int64], number: int) -> Colouring:
    """Colour areas by the class of a measure; few classes take inks that lie far apart, one or two none of the ends.

    The darkest ink says very many, the lightest one nearly nothing: of 1 and 2 cases neither is true.
    """
    last = len(styles.RAMP) - 1
    first = max(0, 3 - number)
    inks = np.linspace(first, last - first, max(number, 1)).round().astype(int).tolist()
    return Colouring(classes, {i + 1: styles.RAMP[ink] for i, ink in enumerate(inks)})


def draw(
    atlas: Atlas, plate: Plate, frame: Frame, layer: str, colours: Colouring, labels: Sequence[Label],
    chosen: shapely.Geometry | None = None,
) -> Picture:  # fmt: skip
    """Draw the map of a frame.

    Parameters
    ----------
    layer
        The painted one: ``cell``, ``village`` or ``township``.
    chosen
        A township in metres whose sheet this is: what lies outside is dimmed.
    """
    svg = Svg(frame)
    svg.define(styles.HATCH)
    ground(svg, atlas, plate)
    shapes = plate.at_scale(layer, frame.scale)
    paint(svg, shapes, colours)
    svg.add(drawn(atlas.surroundings().of("lake"), frame), styles.fill(styles.WATER))
    svg.add(drawn(atlas.surroundings().of("lake"), frame), styles.LINES["lake"])
    if chosen is not None:
        dim(svg, chosen)
    lines(svg, plate, layer)
    if chosen is not None:
        svg.add(drawn([chosen], frame), styles.LINES["chosen"])
    svg.add(_plus(frame, crosses(frame, atlas.region.metric_crs)), styles.LINES["grid"])
    boxes = signs(svg, shapes, colours)
    placed, left_out = place_labels(labels, frame.width, frame.height, boxes)
    return Picture(svg.text(), tuple(placed), tuple(left_out))


def ground(svg: Svg, atlas: Atlas, plate: Plate) -> None:
    """Draw water with its shore, the neighbours, and the region's own land."""
    around, frame = atlas.surroundings(), svg.frame
    sheet = f"M0 0H{round(frame.width * UNITS)}V{round(frame.height * UNITS)}H0Z"
    svg.add(sheet, styles.fill(styles.NEIGHBOUR))
    county = drawn([plate.county.simplify(frame.scale * 0.00005)], frame)
    # Below the water: on the side of the sea the shore has lines of its own.
    svg.add(county, styles.COUNTY_BAND)
    sea, shore = drawn(around.of("sea"), frame), drawn(around.of("shore"), frame)
    if sea:
        svg.clip("sea", sea)
        svg.add(sea, styles.fill(styles.WATER))
        for band in styles.SHORE_BANDS:
            svg.add(shore, band)
    svg.add(drawn(around.of("county"), frame), styles.LINES["neighbour"])
    svg.add(county, styles.fill(styles.LAND))
    svg.add(shore, styles.LINES["shore"])


def paint(svg: Svg, shapes: NDArray[np.object_], colours: Colouring) -> None:
    """Fill the areas, those of one class as one path, so that no seam shows between them."""
    for number, ink in colours.fills.items():
        path = drawn(shapes[colours.classes == number], svg.frame)
        svg.add(path, styles.fill(ink))
        if number in colours.hatched:
            svg.add(path, styles.AMBER_OVER)


def dim(svg: Svg, chosen: shapely.Geometry) -> None:
    """Lay a veil over everything outside of a township."""
    frame = svg.frame
    outside = shapely.box(*frame.bounds).buffer(50 * frame.metres_per_mm).difference(chosen)
    svg.add(drawn([outside], frame), {**styles.fill("#ffffff"), "fill-opacity": "0.62"})


def lines(svg: Svg, plate: Plate, layer: str) -> None:
    """Draw the boundaries, the finest first, each rank over the one below."""
    for rank in ("cell", "village", "township"):
        if rank in plate.shapes and not (rank == "cell" and layer != "cell"):
            svg.add(drawn(plate.at_scale(rank, svg.frame.scale), svg.frame), styles.LINES[rank])
    svg.add(drawn([plate.county.simplify(svg.frame.scale * 0.00005)], svg.frame), styles.LINES["county"])


def signs(svg: Svg, shapes: NDArray[np.object_], colours: Colouring) -> list[tuple[float, float, float, float]]:
    """Put a triangle into each area that has something overdue; give the boxes that they cover."""
    chosen = shapes[np.isin(colours.classes, list(colours.signed))] if colours.signed else shapes[:0]
    if not len(chosen):
        return []
    points = svg.frame.to_paper(shapely.get_coordinates(shapely.point_on_surface(chosen)))
    inside = (points > 0).all(axis=1) & (points[:, 0] < svg.frame.width) & (points[:, 1] < svg.frame.height)
    points = points[inside]
    svg.add(marks(points, styles.TRIANGLE), styles.OVERDUE_SIGN)
    return [(x - 1.0, y - 1.0, x + 1.0, y + 0.8) for x, y in points.tolist()]


def _plus(frame: Frame, points: NDArray[np.float64], arm: float = 1.2) -> str:
    words = []
    for x, y in (points * UNITS).round().astype(int).tolist():
        if 0 < x < frame.width * UNITS and 0 < y < frame.height * UNITS:
            a = round(arm * UNITS)
            words.append(f"M{x - a} {y}L{x + a} {y}M{x} {y - a}L{x} {y + a}")
    return "".join(words)
