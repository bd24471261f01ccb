"""A map sheet as words, boxes and one or two images, ready to be laid out; the same for the same contents."""

from dataclasses import dataclass
from typing import Any

import shapely

from dashboard.documents.maps import around, legend, picture, styles
from dashboard.documents.maps.labelling import labels
from dashboard.documents.maps.pen import Pen
from geo.cartography import Placed, Svg, drawn, fitted, north, ticks

INSET = (46.0, 34.0)
ARROW_MM = 16.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the template needs: texts and numbers, and the images by name."""

    words: dict[str, Any]
    images: dict[str, str]


def sheet(pen: Pen) -> Sheet:
    """Draw the map and write everything around it."""
    colours, entries = legend.coloured(pen)
    shown = picture.draw(pen.atlas, pen.plate, pen.frame, pen.field, colours, list(labels(pen)), pen.chosen)
    images = {"map": shown.svg} | ({} if pen.chosen is None else {"inset": inset(pen)})
    place, crs = pen.layout, pen.region.metric_crs
    unlabelled = [label.text for label in shown.left_out if label.kind == "township"]
    words = {
        "language": pen.wanted.language,
        "paper": place.paper,
        "map": {"left": place.left, "top": place.top, "width": place.width, "height": place.height},
        "column": place.column,
        "type": place.type,
        **around.head(pen),
        "names": [_named(one) for one in shown.names],
        "ticks": [{"side": tick.side, "at": tick.at, "words": tick.degrees} for tick in ticks(pen.frame, crs)],
        "north": {"degrees": north(pen.frame, crs), "words": pen.say("sheet.north"), **corner(pen)},
        "legend": _legend(pen, entries),
        "table": around.table(pen),
        "scale": around.scale(pen),
        "foot": around.foot(pen, unlabelled),
        "watermark": pen.wanted.user,
        "inset": _inset_words(pen),
        "made": int(pen.wanted.at.timestamp()),
    }
    return Sheet(words, images)


def _legend(pen: Pen, entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": pen.say("sheet.legend"),
        "measure": pen.say(f"sheet.legend.{pen.wanted.measure}"),
        "count": pen.say("sheet.legend.cells"),
        "classes": entries,
        "lines": legend.line_entries(pen),
    }


def _inset_words(pen: Pen) -> dict[str, Any] | None:
    if pen.chosen is None:
        return None
    return {"words": pen.say("sheet.inset", region=pen.region_name()), "size": INSET}


def _named(one: Placed) -> dict[str, Any]:
    left, top, right, bottom = one.box
    box = {"left": left, "top": top, "width": right - left, "height": bottom - top}
    return {
        **box,
        "size": one.label.size,
        "kind": one.label.kind,
        "spacing": one.label.spacing,
        "words": one.label.text,
    }


def corner(pen: Pen) -> dict[str, float]:
    """Find the corner of the map with least of the sheet's own ground under it: there stands the arrow."""
    frame, edge = pen.frame, ARROW_MM + 2.0
    corners = [(x, y) for y in (2.0, frame.height - edge) for x in (frame.width - edge, 2.0)]
    left, top = min(corners, key=lambda place: shapely.intersection(_ground(pen, *place), pen.extent).area)
    return {"left": left, "top": top, "side": ARROW_MM}


def _ground(pen: Pen, x: float, y: float) -> shapely.Geometry:
    per_mm = pen.frame.metres_per_mm
    west, north_edge, side = pen.frame.west + x * per_mm, pen.frame.north - y * per_mm, ARROW_MM * per_mm
    return shapely.box(west, north_edge - side, west + side, north_edge)


def inset(pen: Pen) -> str:
    """Draw where in the region the township lies."""
    west, south, east, upper = map(float, shapely.bounds(pen.plate.county))
    frame = fitted((west, south, east, upper), *INSET, margin=1.5)
    svg = Svg(frame)
    picture.ground(svg, pen.atlas, pen.plate)
    svg.add(drawn(pen.plate.at_scale("township", frame.scale), frame), styles.stroke("#9aa0a0", 0.1))
    own = {**styles.fill(styles.RAMP[3]), "stroke": styles.INK, "stroke-width": "20"}
    svg.add(drawn([pen.chosen], frame), own)
    return svg.text()
