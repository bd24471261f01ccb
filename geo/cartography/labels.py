"""Names on a map: each where there is room, the important ones first, none upon another."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in millimetres."""
LINE_HEIGHT = 1.2
AIR = 0.5
"""Millimetres between two names at least."""


@dataclass(frozen=True, slots=True)
class Label:
    """A name that wants to stand on the map.

    Attributes
    ----------
    text
        May have several lines.
    x, y
        Where its middle stands best, in millimetres of the frame.
    size
        Of the type, in millimetres.
    kind
        What the sheet styles it by.
    weight
        Greater ones are placed first.
    reach
        How far from its place it may move, in millimetres; a name that finds no room there is left out.
    spacing
        Room between two characters, in parts of the size.
    """

    text: str
    x: float
    y: float
    size: float
    kind: str
    weight: float = 0.0
    reach: float = 6.0
    spacing: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A name with its place: the box that it fills."""

    label: Label
    box: Box

    @property
    def middle(self) -> tuple[float, float]:
        """Centre of the box in millimetres."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


def text_width(text: str, size: float, spacing: float = 0.0) -> float:
    """Give the width of a line in millimetres: an em for each wide character, a little over half for others.

    An estimate on the safe side (Unicode Standard Annex 11, East Asian Width), so that no font is needed here.
    """
    ems = sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.58 for sign in text)
    return (ems + spacing * max(len(text) - 1, 0)) * size


def place_labels(
    labels: Iterable[Label], width: float, height: float, obstacles: Sequence[Box] = ()
) -> tuple[list[Placed], list[Label]]:
    """Place names in a frame.

    Parameters
    ----------
    labels
        In any order; equal weights are placed in the order of text, place and size, so the same names
        give the same map.
    width, height
        Of the frame in millimetres; no name leaves it.
    obstacles
        Boxes where no name may stand.

    Returns
    -------
    placed, left_out
        Names with their boxes, and those without room.
    """
    taken: list[Box] = list(obstacles)
    placed: list[Placed] = []
    left_out: list[Label] = []

    def turn(one: Label) -> tuple[float | str, ...]:
        return -one.weight, one.text, one.x, one.y, one.size, one.reach

    for label in sorted(labels, key=turn):
        box = next((box for box in _candidates(label) if _fits(box, width, height, taken)), None)
        if box is None:
            left_out.append(label)
        else:
            placed.append(Placed(label, box))
            taken.append(box)
    return placed, left_out


def _candidates(label: Label) -> Iterable[Box]:
    lines = label.text.split("\n")
    wide = max(text_width(line, label.size, label.spacing) for line in lines)
    high = LINE_HEIGHT * label.size * len(lines)
    yield _box(label.x, label.y, wide, high)
    step = label.size / 2
    for ring in range(1, int(label.reach / step) + 1):
        r = ring * step
        for dx, dy in ((0, -1), (0, 1), (1, 0), (-1, 0), (0.7, -0.7), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7)):
            yield _box(label.x + dx * r, label.y + dy * r, wide, high)


def _box(x: float, y: float, wide: float, high: float) -> Box:
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _fits(box: Box, width: float, height: float, taken: Sequence[Box]) -> bool:
    left, top, right, bottom = box
    if left < AIR or top < AIR or right > width - AIR or bottom > height - AIR:
        return False
    return not any(
        left < other[2] + AIR and right > other[0] - AIR and top < other[3] + AIR and bottom > other[1] - AIR
        for other in taken
    )
