"""[duplicates] of region.toml: how near two cases must be to be suggested as the same one."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from cases.duplicates import DuplicateLimits, Limits
from data.region.faults import Report
from data.region.section import FILE

TITLE = "duplicates"
MOST_METRES = 5_000
MOST_HOURS = 24 * 366


def duplicate_limits(given: object, report: Report) -> DuplicateLimits:
    """Read the limits for all matters and those of single ones; note what is wrong and keep the default instead."""
    usual = DuplicateLimits().default
    if given is None:
        return DuplicateLimits()
    if not isinstance(given, Mapping):
        report.error("bad_setting", FILE, f"must be a table: write [{TITLE}]", column=TITLE, value=given)
        return DuplicateLimits()
    default = _limits(TITLE, given, usual, report, ("metres", "hours", "by_matter"))
    single = given.get("by_matter", {})
    if not isinstance(single, Mapping):
        sentence = f"must hold tables: write [{TITLE}.by_matter.<code>]"
        report.error("bad_setting", FILE, sentence, column=f"[{TITLE}] by_matter", value=single)
        single = {}
    by_matter = {
        str(code): _limits(f"{TITLE}.by_matter.{code}", one, default, report, ("metres", "hours"))
        for code, one in single.items()
    }
    return DuplicateLimits(default, by_matter)


def _limits(title: str, given: object, usual: Limits, report: Report, known: tuple[str, ...]) -> Limits:
    """Read one pair of limits; what is not given is as usual."""
    if not isinstance(given, Mapping):
        report.error("bad_setting", FILE, f"must be a table: write [{title}]", column=f"[{title}]", value=given)
        return usual
    for key in given.keys() - set(known):
        report.error(
            "bad_setting", FILE, f"is no key here; there are {', '.join(known)}", column=f"[{title}]", value=key
        )
    metres = _number(title, given, "metres", usual.metres, MOST_METRES, report)
    hours = _number(title, given, "hours", usual.hours, MOST_HOURS, report)
    if hours == 0:
        sentence = "must be more than 0: no two reports come in the same instant; metres = 0 suggests nothing"
        report.error("bad_setting", FILE, sentence, column=f"[{title}] hours", value=hours)
        hours = usual.hours
    return Limits(metres, hours)


def _number(title: str, given: Mapping[str, Any], key: str, usual: float, most: int, report: Report) -> float:
    value = given.get(key, usual)
    sound = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and 0 <= value <= most
    if not sound:
        sentence = f"must be a number from 0 to {most:,}"
        report.error("bad_setting", FILE, sentence, column=f"[{title}] {key}", value=value)
        return usual
    return float(value)
