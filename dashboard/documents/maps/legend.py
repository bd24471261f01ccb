"""The colours of a sheet and the legend that explains them: both from the same classes."""

from typing import Any

import numpy as np

from dashboard.documents.maps import contents as figures
from dashboard.documents.maps import picture, styles
from dashboard.documents.maps.labelling import inside
from dashboard.documents.maps.pen import Pen
from dashboard.documents.maps.wanted import Measure
from geo.cartography import Classes, classify

FRACTIONS_BELOW = 10
OWN_LINES = ("county", "township", "village", "cell")
AROUND_LINES = (("neighbour", "county"), ("shore", "shore"))


def coloured(pen: Pen) -> tuple[picture.Colouring, list[dict[str, Any]]]:
    """Give the colours of the painted layer, and the entries of the legend with the areas of each class."""
    seen = inside(pen, pen.plate.shapes[pen.field])
    if pen.wanted.measure is Measure.LEVEL:
        codes = [area.code for area in pen.plate.areas[pen.field]]
        levels = figures.levels_of(pen.contents, codes, pen.field)
        counts = np.bincount(levels[seen], minlength=4)
        colours = picture.by_level(levels)
        inks = {0: styles.LAND, **picture.LEVEL_FILLS}
        return colours, [
            _entry(ink, pen.say(f"sheet.legend.level.{level}"), int(counts[level]), colours, level)
            for level, ink in inks.items()
        ]
    values = figures.values_of(pen.contents, pen.plate, pen.field)
    classes = classify(values[seen])
    found = classes.of(values)
    colours = picture.by_class(found, len(classes.limits))
    counts = np.bincount(found[seen], minlength=len(classes.limits) + 1)
    words = [pen.say("sheet.legend.none"), *spans(classes, whole=pen.wanted.measure is not Measure.DENSITY)]
    return colours, [
        _entry(colours.fills.get(i, styles.LAND), said, int(counts[i]), colours, i) for i, said in enumerate(words)
    ]


def _entry(ink: str, words: str, number: int, colours: picture.Colouring, level: int) -> dict[str, Any]:
    hatch, sign = level in colours.hatched, level in colours.signed
    return {"ink": ink, "words": words, "n": number, "hatch": hatch, "sign": sign}


def spans(classes: Classes, *, whole: bool) -> list[str]:
    """Write the classes as a reader says them: 1, 2–4, 5–9; or >0–0.5, 0.5–1.2."""
    words, below = [], 0.0
    for limit in classes.limits:
        if whole:
            low = int(below) + 1
            words.append(f"{low}" if low == int(limit) else f"{low}–{int(limit)}")
        else:
            words.append(f"{_number(below) if below else '>0'}–{_number(limit)}")
        below = limit
    return words


def _number(value: float) -> str:
    return f"{value:.1f}" if value < FRACTIONS_BELOW else f"{value:.0f}"


def line_entries(pen: Pen) -> list[dict[str, Any]]:
    """Explain the lines that the sheet has."""
    ranks = [rank for rank in OWN_LINES if rank == "county" or rank in pen.plate.shapes]
    around = pen.atlas.surroundings()
    ranks += [rank for rank, kind in AROUND_LINES if len(around.of(kind))]
    return [
        {
            "words": pen.say(f"sheet.line.{rank}"),
            "ink": styles.LINES[rank]["stroke"],
            "width": float(styles.LINES[rank]["stroke-width"]) / 100,
            "dash": [float(part) / 100 for part in styles.LINES[rank].get("stroke-dasharray", "").split()],
        }
        for rank in ranks
    ]
