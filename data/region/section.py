"""The tables of region.toml as readers take them: each notes what is wrong and gives a harmless value instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.region.faults import Report

FILE = "region.toml"


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the file."""

    title: str
    values: Mapping[str, Any]
    report: Report

    def text(self, key: str, default: str | None = None) -> str:
        """Give a text; without a default it must be there and may not be blank."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.error(
                key, value, "must be a text in quotes, and not an empty one" if default is None else "must be a text"
            )
            return default or "?"
        return value.strip()

    def number(self, key: str, default: float) -> float:
        """Give a number that is not negative."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            self.error(key, value, "must be a number, 0 or more")
            return default
        return value

    def error(self, key: str, value: object, sentence: str) -> None:
        """Note an error of this table."""
        self.report.error("bad_setting", FILE, sentence, column=f"{self.title} {key}", value=value)


def section(content: Mapping[str, Any], title: str, report: Report) -> Section:
    """Give a table of the file; an empty one where there is none."""
    values = content.get(title, {})
    if not isinstance(values, Mapping):
        report.error("bad_setting", FILE, f"must be a table: write [{title}]", column=title, value=values)
        values = {}
    return Section(f"[{title}]", values, report)


def entries(given: object, title: str, report: Report) -> list[Section]:
    """Give tables that may come several times, each with its number."""
    if not isinstance(given, list) or not all(isinstance(entry, Mapping) for entry in given):
        report.error("bad_setting", FILE, f"must be tables: write [[{title}]] above each", column=title, value=given)
        return []
    return [Section(f"[[{title}]] {number}", entry, report) for number, entry in enumerate(given, 1)]
