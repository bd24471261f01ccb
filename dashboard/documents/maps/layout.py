"""Where the parts of a sheet stand, in millimetres from its upper left corner: one layout for every size of paper."""

from dataclasses import dataclass

from dashboard.documents.maps.wanted import Paper

MARGIN = 11.0
FOOT = 21.0
TICKS = 4.5
"""Room around the map for the degrees."""
GAP = 4.0


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a sheet.

    Attributes
    ----------
    left, top, width, height
        Of the map's frame.
    column
        Where the column beside it begins, and how wide it is.
    type
        Size of the text in millimetres.
    """

    paper: tuple[float, float]
    left: float
    top: float
    width: float
    height: float
    column: tuple[float, float]
    type: float


def layout(paper: Paper) -> Layout:
    """Lay out a sheet."""
    wide, high = paper.millimetres
    column = 62.0 if paper is Paper.A4 else 80.0
    size = 2.55 if paper is Paper.A4 else 3.1
    left, top = MARGIN + TICKS, 7.0 + 5.6 * size + TICKS
    width = wide - left - TICKS - GAP - column - MARGIN
    height = high - top - TICKS - FOOT
    return Layout((wide, high), left, top, width, height, (wide - MARGIN - column, column), size)
