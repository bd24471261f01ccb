"""The unified result as a page that stands for itself, and the page on which a copy is checked."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboard.settings import ASSETS

TEMPLATES = Path(__file__).parent / "templates"
STYLES = ASSETS / "css" / "paper.css"
Way = Mapping[str, str]
"""A link above the document: ``href`` and ``words``."""


def html(sheet: Mapping[str, Any], ways: Sequence[Way]) -> str:
    """Lay a sheet out as a page; it needs no other file."""
    return environment().get_template("result.html").render(doc=sheet, ways=ways, css=_styles())


def check_html(said: Mapping[str, Any]) -> str:
    """Lay out what a check came to; see `dashboard.documents.checking`."""
    return environment().get_template("check.html").render(said, css=_styles())


@cache
def environment() -> Environment:
    """Give the templates; every text is escaped."""
    # A name that the sheet does not have is an error here, and no empty place in an official document.
    loader = FileSystemLoader(TEMPLATES)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def _styles() -> str:
    return STYLES.read_text(encoding="utf8")
