"""The unified result on paper: a PDF/A of A4 pages, the same bytes for the same sheet."""

import json
import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

log = logging.getLogger(__name__)
TEMPLATE = Path(__file__).parent / "templates" / "result.typ"
ARCHIVE = "a-2u"
"""PDF/A-2u: fonts inside, every glyph with its character, so that the text can be searched and copied for good."""


def pdf(sheet: Mapping[str, Any]) -> bytes:
    """Lay a sheet out and write it as PDF, with its issue as the time at which it was made."""
    try:
        return _compiled(sheet, [ARCHIVE])
    except typst.TypstError as error:
        # An emoji, a character that the font lacks: the archive's rules forbid it, the answer must go out all the same.
        log.warning("%s cannot be written as PDF/A: %s", sheet["document"], error)
        return _compiled(sheet, [])


def _compiled(sheet: Mapping[str, Any], standards: list[Any]) -> bytes:
    return typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"sheet": json.dumps(sheet, ensure_ascii=False, sort_keys=True)},
        pdf_standards=standards,
        timestamp=sheet["issued_at"],
    )


class NoFonts(OSError):
    """A font of the documents is not there: typst would leave every character out and say nothing."""


@cache
def fonts() -> typst.Fonts:
    """Give the fonts of the documents, those of the package alone: what the machine has must not change a document.

    Raises
    ------
    NoFonts
        A file of the package is missing.
    """
    for file in (pylopdf_fonts_zh_cn.serif_path(), pylopdf_fonts_zh_cn.sans_path()):
        if not file.is_file():
            raise NoFonts(
                f"The font {file.name} is missing; nothing can be set without it. Install it again:"
                " pip install --force-reinstall pylopdf-fonts-zh-cn."
            )
    folder = pylopdf_fonts_zh_cn.serif_path().parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
