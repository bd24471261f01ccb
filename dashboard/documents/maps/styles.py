"""How a map sheet looks: every colour, width and size, once. Chosen so that classes stay apart in grey and in print."""

from collections.abc import Mapping

from geo.cartography import Style

WATER, SHORE, LAND, NEIGHBOUR = "#dfeaf0", "#5b87a0", "#fdfdfb", "#f0efea"
RAMP = ("#fbe9cf", "#f4c98f", "#e39d5c", "#c56a36", "#8a3b1d")
"""Classes of a measure, of falling lightness: one ink and its shades."""
CALM, AMBER, RED = "#e9ede8", "#f3c969", "#c23a26"
INK, SOFT, FAINT = "#1d2327", "#59636a", "#9aa3a8"


def stroke(colour: str, millimetres: float, **more: str) -> dict[str, str]:
    """Style a line by its colour and width on paper."""
    return {
        "fill": "none",
        "stroke": colour,
        "stroke-width": f"{millimetres * 100:g}",
        "stroke-linejoin": "round",
        "stroke-linecap": "round",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


def fill(colour: str) -> dict[str, str]:
    """Style an area; neighbouring areas of one path leave no seam by this rule."""
    return {"fill": colour, "fill-rule": "evenodd"}


# A shore as engravers drew it: lines that grow fainter away from the land.
SHORE_BANDS: tuple[Style, ...] = (
    stroke("#d3e2ea", 5.2, clip_path="url(#sea)"),
    stroke("#c4d8e3", 3.2, clip_path="url(#sea)"),
    stroke("#b0cad9", 1.5, clip_path="url(#sea)"),
)
LINES: Mapping[str, Style] = {
    "cell": stroke("#b9bdb9", 0.06),
    "village": stroke("#8d938f", 0.14),
    "township": stroke("#3c4448", 0.32, stroke_dasharray="260 90 50 90"),
    "county": stroke(INK, 0.55),
    "neighbour": stroke("#a7a9a4", 0.18, stroke_dasharray="160 80"),
    "shore": stroke(SHORE, 0.22),
    "lake": stroke(SHORE, 0.14),
    "grid": stroke("#8aa0ab", 0.08),
    "chosen": stroke(INK, 0.75),
}
COUNTY_BAND = stroke("#e4dce6", 2.6)
"""The tinted band along a boundary, as on official maps."""
HATCH = (
    '<pattern id="hatch" width="90" height="90" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line x1="0" y1="0" x2="0" y2="90" stroke="#7a5a12" stroke-width="22"/></pattern>'
)
AMBER_OVER = {"fill": "url(#hatch)", "fill-rule": "evenodd"}
TRIANGLE = ((0.0, -0.95), (0.95, 0.7), (-0.95, 0.7))
OVERDUE_SIGN = {"fill": RED, "stroke": "#ffffff", "stroke-width": "18", "stroke-linejoin": "round"}
