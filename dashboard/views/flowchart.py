"""The flow chart of a guide, drawn from its steps as SVG: boxes downwards, questions as diamonds, noes to the right.

Pure: steps in, one SVG text out. Colours and fonts come from assets/css/60-lists.css by class, so that the same drawing
serves the dark screen and white paper. Lengths are in pixels of the drawing; origin at the top left, y downwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

from cases.guides import Step
from dashboard.text import say

NAME_PX, NOTE_PX, LINE = 15.0, 12.5, 1.4  # size of a step's name, of who and when, height of a line in sizes
MAIN_WIDTH, SIDE_WIDTH = 252.0, 132.0  # so that the words can be read on a phone, too
MAIN_X = MAIN_WIDTH / 2 + 1  # middle of the way down
SIDE_X = MAIN_WIDTH + 40 + SIDE_WIDTH / 2  # middle of the branches
GAP = 30.0  # an arrow from one step to the next
PAD = 11.0
LANE = 16.0  # distance between the ways back, so that two do not lie on each other
HEAD = 5.5  # length of an arrow head
NO_BREAK_BEFORE = frozenset("，。；：、！？）》」』”％,.;:!?)%")


@dataclass(slots=True)
class Drawing:
    """What has been drawn so far, and how wide and high it is."""

    parts: list[str] = field(default_factory=list)
    width: float = MAIN_WIDTH + 2
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Node:
    """A drawn step: its middle, and half of its width and height."""

    x: float
    y: float
    half_width: float
    half_height: float

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.y - self.half_height

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.half_height

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.half_width


def draw(steps: Sequence[Step], language: str) -> str:
    """Draw the steps of a guide; an empty text where there are none.

    A decision's yes goes on downwards, its no to the right: there it ends, or it goes back to the first step.
    """
    if not steps:
        return ""
    drawing = Drawing()
    start = _pill(drawing, MAIN_X, 1.0, say("flow.start", language))
    before, back_to, lanes = start, start, 0
    for number, step in enumerate(steps):
        node = _step(drawing, step, before.bottom + GAP)
        _arrow(drawing, (before.x, before.bottom), (node.x, node.top))
        if number and steps[number - 1].decision:
            _word(drawing, before.x + 9, before.bottom + GAP / 2 - 2, say("flow.yes", language))
        if number == 0 and not step.decision:
            back_to = node
        if step.decision:
            branch = _branch(drawing, step, node, language)
            if step.back:
                lanes += 1
                _way_back(drawing, branch, back_to, lanes)
        before = node
    end = _pill(drawing, MAIN_X, before.bottom + GAP, say("flow.end", language))
    _arrow(drawing, (before.x, before.bottom), (end.x, end.top))
    if steps[-1].decision:
        _word(drawing, before.x + 9, before.bottom + GAP / 2 - 2, say("flow.yes", language))
    drawing.height = max(drawing.height, end.bottom + 1)
    label = quoteattr(say("flow.label", language, n=len(steps)))
    size = f"{drawing.width:.0f} {drawing.height:.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" role="img" aria-label={label} viewBox="0 0 {size}"'
        f' width="{drawing.width:.0f}" height="{drawing.height:.0f}">{"".join(drawing.parts)}</svg>'
    )


def wrapped(text: str, width_px: float, size_px: float) -> list[str]:
    """Break a text into lines of at most a width and of about the same length: no line holds a single character.

    Chinese breaks anywhere but before a closing mark, other words break at blanks.
    """
    lines = _broken(text, width_px, size_px)
    for slack in (0.5, 1.5):
        even = _broken(text, min(width_px, _width(text, size_px) / max(len(lines), 1) + slack * size_px), size_px)
        if len(even) == len(lines):
            return even
    return lines


def _broken(text: str, width_px: float, size_px: float) -> list[str]:
    lines, line = [], ""
    for piece in _pieces(text):
        if line and _width(line + piece.rstrip(), size_px) > width_px and piece not in NO_BREAK_BEFORE:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    """Divide a text where a line may end: after each wide character, and after a blank."""
    pieces = [""]
    for letter in text:
        wide = _is_wide(letter)
        if wide or (pieces[-1] and (_is_wide(pieces[-1][-1]) or pieces[-1][-1] == " ") and letter != " "):
            pieces.append(letter)
        else:
            pieces[-1] += letter
    return [piece for piece in pieces if piece]


def _is_wide(letter: str) -> bool:
    return east_asian_width(letter) in "WFA"


def _width(text: str, size_px: float) -> float:
    """Estimate the width of a text: an em for a wide character, a little more than half for others."""
    return size_px * sum(1.0 if _is_wide(letter) else 0.58 for letter in text)


def _step(drawing: Drawing, step: Step, top: float) -> Node:
    inside = MAIN_WIDTH * 0.58 if step.decision else MAIN_WIDTH - 2 * PAD
    name = f"{step.name}？" if step.decision and step.name[-1:] not in "？?" else step.name
    lines = [(line, NAME_PX) for line in wrapped(name, inside, NAME_PX)]
    lines += [(line, NOTE_PX) for line in _notes(step, inside)]
    text = sum(size * LINE for _, size in lines)
    half_width = MAIN_WIDTH / 2
    if step.decision:
        # A diamond holds a text whose half width and half height, as shares of its own, add up to one.
        widest = max(_width(line, size) for line, size in lines)
        half_height = max(text / 2 / (1 - min(widest, inside) / 2 / half_width) + 4, 36.0)
        node = Node(MAIN_X, top + half_height, half_width, half_height)
        corners = ((node.x, node.top), (node.right, node.y), (node.x, node.bottom), (node.x - half_width, node.y))
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
        drawing.parts.append(f'<polygon class="flow-ask" points="{points}"/>')
    else:
        node = Node(MAIN_X, top + text / 2 + PAD - 2, half_width, text / 2 + PAD - 2)
        _box(drawing, node, "flow-box", radius=5)
    _lines(drawing, node, lines)
    return node


def _notes(step: Step, inside_px: float) -> list[str]:
    """Who and when: on one line where there is room, else below each other."""
    parts = [part for part in (step.who, step.time) if part]
    together = " · ".join(parts)
    if _width(together, NOTE_PX) <= inside_px:
        return [together] if parts else []
    return [line for part in parts for line in wrapped(part, inside_px, NOTE_PX)]


def _branch(drawing: Drawing, step: Step, asked: Node, language: str) -> Node:
    lines = [(line, NOTE_PX) for line in wrapped(step.otherwise, SIDE_WIDTH - 2 * PAD, NOTE_PX)]
    half = len(lines) * NOTE_PX * LINE / 2 + PAD - 3
    node = Node(SIDE_X, asked.y, SIDE_WIDTH / 2, half)
    _box(drawing, node, "flow-back" if step.back else "flow-stop", radius=5 if step.back else min(half, 16.0))
    _lines(drawing, node, lines)
    _arrow(drawing, (asked.right, asked.y), (node.x - node.half_width, node.y))
    _word(drawing, asked.right + 9, asked.y - 7, say("flow.no", language))
    drawing.width = max(drawing.width, node.right + 2)
    drawing.height = max(drawing.height, node.bottom + 1)
    return node


def _way_back(drawing: Drawing, branch: Node, target: Node, lane: int) -> None:
    """Lead from a branch up the right side into the right edge of its target, each way on a lane of its own."""
    x = SIDE_X + SIDE_WIDTH / 2 + LANE * lane
    # Ways that end at one step come in one above the other.
    y = target.y + min(6.0 * (lane - 1), target.half_height - 6)
    drawing.parts.append(
        f'<path class="flow-line" d="M{branch.right:.1f} {branch.y:.1f}H{x:.1f}V{y:.1f}H{target.right + HEAD:.1f}"/>'
    )
    _head(drawing, (target.right, y), (-1, 0))
    drawing.width = max(drawing.width, x + 3)


def _pill(drawing: Drawing, x: float, top: float, word: str) -> Node:
    height = NOTE_PX * LINE + 10
    node = Node(x, top + height / 2, max(44.0, _width(word, NOTE_PX) / 2 + 16), height / 2)
    _box(drawing, node, "flow-pill", radius=height / 2)
    _lines(drawing, node, [(word, NOTE_PX)])
    return node


def _box(drawing: Drawing, node: Node, class_name: str, *, radius: float) -> None:
    drawing.parts.append(
        f'<rect class="{class_name}" x="{node.x - node.half_width:.1f}" y="{node.top:.1f}"'
        f' width="{2 * node.half_width:.1f}" height="{2 * node.half_height:.1f}" rx="{radius:.1f}"/>'
    )


def _lines(drawing: Drawing, node: Node, lines: Sequence[tuple[str, float]]) -> None:
    y = node.y - sum(size * LINE for _, size in lines) / 2
    for text, size in lines:
        y += size * LINE
        name = "flow-name" if size == NAME_PX else "flow-note"
        # The base line lies a good third of the size above the lower edge of its line.
        base = y - size * 0.34
        drawing.parts.append(f'<text class="{name}" x="{node.x:.1f}" y="{base:.1f}">{escape(text)}</text>')


def _word(drawing: Drawing, x: float, y: float, word: str) -> None:
    drawing.parts.append(f'<text class="flow-word" x="{x:.1f}" y="{y:.1f}">{escape(word)}</text>')


def _arrow(drawing: Drawing, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a straight arrow, downwards or to the right."""
    across = end[0] - start[0] > end[1] - start[1]
    dx, dy = (1, 0) if across else (0, 1)
    line = f"M{start[0]:.1f} {start[1]:.1f}L{end[0] - dx * HEAD:.1f} {end[1] - dy * HEAD:.1f}"
    drawing.parts.append(f'<path class="flow-line" d="{line}"/>')
    _head(drawing, end, (dx, dy))


def _head(drawing: Drawing, tip: tuple[float, float], towards: tuple[int, int]) -> None:
    (x, y), (dx, dy) = tip, towards
    wing, length = HEAD * 0.72, HEAD * 1.5
    base = (x - dx * length, y - dy * length)
    points = (tip, (base[0] - dy * wing, base[1] + dx * wing), (base[0] + dy * wing, base[1] - dx * wing))
    drawing.parts.append(f'<polygon class="flow-head" points="{" ".join(f"{px:.1f},{py:.1f}" for px, py in points)}"/>')
