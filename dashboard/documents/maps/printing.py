"""A map sheet on paper or as a picture: laid out by typst with the project's fonts alone, the same bytes every time."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typst

from dashboard.documents.maps.sheet import Sheet
from dashboard.documents.maps.wanted import Format
from dashboard.documents.paper import fonts

TEMPLATE = Path(__file__).parent.parent / "templates" / "map.typ"


def written(sheets: Sequence[Sheet], form: Format, dpi: int = 150, index: Mapping[str, Any] | None = None) -> bytes:
    """Write sheets, one a page; a PNG or an SVG has one page.

    Parameters
    ----------
    dpi
        Dots an inch of a PNG.
    index
        What the first page of a pack says; None for sheets alone.
    """
    words = [one.words for one in sheets]
    inputs = {"sheets": json.dumps(words, ensure_ascii=False, sort_keys=True)}
    if index is not None:
        inputs["index"] = json.dumps(index, ensure_ascii=False, sort_keys=True)
    for page, one in enumerate(sheets):
        inputs |= {f"{name}{page}": image for name, image in one.images.items()}
    found = typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=fonts(),
        ignore_system_fonts=True,
        format=form.value,
        ppi=float(dpi) if form is Format.PNG else None,
        sys_inputs=inputs,
        timestamp=max(one.words["made"] for one in sheets),
    )
    assert isinstance(found, bytes)  # noqa: S101 - a list only where there are several pictures
    return found
