"""Maps for paper: scale and frame, lines as thick as the paper can show, labels that do not overlap, sensible classes.

Everything is computed in the region's metric CRS and drawn in millimetres of paper, x to the right and y down from the
upper left corner of the map's frame. Knows nothing of cases, words or fonts: whoever lays out the sheet writes texts.
"""

from geo.cartography.classes import Classes, classify
from geo.cartography.frame import Bar, Frame, fitted, scale_bar
from geo.cartography.labels import Label, Placed, place_labels, text_width
from geo.cartography.paths import Style, Svg, drawn
from geo.cartography.projected import Projected, projected
from geo.cartography.ticks import Tick, north, ticks

__all__ = [
    "Bar",
    "Classes",
    "Frame",
    "Label",
    "Placed",
    "Projected",
    "Style",
    "Svg",
    "Tick",
    "classify",
    "drawn",
    "fitted",
    "north",
    "place_labels",
    "projected",
    "scale_bar",
    "text_width",
    "ticks",
]
