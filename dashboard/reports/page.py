"""The frame of every report: one HTML file that needs no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template

from dashboard.settings import ASSETS

FOLDER = ASSETS / "reports"
STYLES = "w_report.css"


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says around its sections.

    Attributes
    ----------
    title, attribution
        Plain text, which is escaped.
    verdict, legend, facts
        HTML that is sound already.
    level
        ``error``, ``warning``, ``note`` or empty: how the verdict looks.
    """

    language: str
    title: str
    verdict: str
    facts: str
    legend: str
    attribution: str
    level: str = ""


def page(report: Report, sections: Sequence[tuple[str, str]], styles: str = "") -> str:
    """Write a report.

    Parameters
    ----------
    sections
        Title and HTML of each.
    styles
        Name of a style sheet beside the common one.
    """
    values = {
        "lang": report.language,
        "css": asset(STYLES) + (asset(styles) if styles else ""),
        "title": escape(report.title),
        "verdict": report.verdict,
        "level": report.level,
        "facts": report.facts,
        "sections": "\n".join(f"<section>\n<h2>{title}</h2>\n{html}\n</section>" for title, html in sections),
        "legend": report.legend,
        "attribution": escape(report.attribution),
    }
    return Template(asset("report.html")).substitute(values)


def asset(name: str) -> str:
    """Read a file of the reports."""
    return (FOLDER / name).read_text(encoding="utf-8")
