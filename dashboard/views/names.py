"""What codes are called: the names of a region's areas, matters, departments and sources in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from cases.organisation import ADJUDICATING, ADJUDICATOR, Department
from dashboard.text import LANGUAGES, say

ENGLISH = LANGUAGES[1]
SETTLING: Mapping[str, Department] = {ADJUDICATOR: ADJUDICATING}
"""Who acts on cases and never has one."""


class Named(Protocol):
    """Anything with a Chinese and, perhaps, an English name."""

    @property
    def name(self) -> str:
        """The name."""
        ...


class Book:
    """Names by code.

    Parameters
    ----------
    areas
        Areas of all layers on the day whose boundaries are shown, the widest layer first.
    matters, departments, sources
        By code.
    units
        Names of stationed units by code.
    """

    def __init__(
        self,
        areas: Iterable[tuple[str, str, str | None]],
        matters: Mapping[str, Named],
        departments: Mapping[str, Named],
        sources: Mapping[str, Named],
        units: Mapping[str, str] | None = None,
    ) -> None:
        self._areas = {code: (name, name_en) for code, name, name_en in areas}
        self._matters, self._departments, self._sources = matters, departments, sources
        self._units = units or {}

    def area(self, code: str | None, language: str) -> str:
        """Name of an area, the code itself where it is not known, nothing for None."""
        if not code:
            return ""
        name, name_en = self._areas.get(code, (code, None))
        return (language == ENGLISH and name_en) or name

    def knows_area(self, code: str) -> bool:
        """Whether some layer has an area with this code."""
        return code in self._areas

    def matter(self, code: str, language: str) -> str:
        """Name of a matter."""
        return self._name(self._matters.get(code), code, language)

    def department(self, code: str | None, language: str) -> str:
        """Short name of a department."""
        return self._name(self._departments.get(code or ""), code or "", language)

    def unit(self, code: str | None) -> str:
        """Name of a stationed unit; units have no English names."""
        return self._units.get(code or "", code or "")

    def actor(self, code: str, language: str) -> str:
        """Name of whoever recorded an event; nothing for the rules themselves and for codes that nobody knows."""
        if code in self._units:
            return self._units[code]
        if code in self._areas:
            return self.area(code, language)
        known = self._departments.get(code) or self._sources.get(code) or SETTLING.get(code)
        return self._name(known, code, language) if known else ""

    def source(self, code: str, language: str) -> str:
        """Name of a reporting source."""
        return self._name(self._sources.get(code), code, language)

    def place(
        self, township: str | None, village: str | None, cell: str | None, language: str, *, within: bool = False
    ) -> str:
        """Name the finest place that is known, below its township: 观海卫镇 · 卫东村第3网格.

        Parameters
        ----------
        within
            Whether the reader already knows which township it is.
        """
        if not (township or village or cell):
            return say("place.nowhere", language)
        finest = self.area(cell or village, language)
        above = "" if within and finest else self.area(township, language)
        return " · ".join(part for part in (above, finest) if part)

    @staticmethod
    def _name(thing: Named | None, code: str, language: str) -> str:
        if thing is None:
            return code
        if language == ENGLISH and getattr(thing, "name_en", ""):
            return str(thing.name_en)  # type: ignore[attr-defined]
        return str(getattr(thing, "spoken", thing.name))
