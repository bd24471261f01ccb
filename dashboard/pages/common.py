"""What every page shows of the region, and the names that they all use."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dash.development.base_component import Component

from cases.assessment import DEFAULT, Scheme
from cases.lists import Lists
from cases.matters import Matter
from dashboard.services import Services
from dashboard.text import LANGUAGES, say
from dashboard.views import chrome
from dashboard.views.names import Book


@dataclass(frozen=True, slots=True)
class Shown:
    """What layouts need of the region: names and lines, no data.

    Attributes
    ----------
    bounds
        West, south, east, north in degrees.
    finest
        Name of the layer that the map paints as cells.
    townships
        Codes with their names (Chinese, English), by code.
    matters
        Code, Chinese and English name, domain of every matter, in the order of the lists.
    number_example
        What a case number looks like here.
    departments
        Codes with their spoken names (Chinese, English), in the order of the pack.
    units, sources
        The same of stationed units, which have no English names, and of reporting sources.
    assessment
        How stationed units are assessed.
    """

    names: tuple[str, str]
    bounds: tuple[float, float, float, float]
    finest: str = "grid"
    attribution: tuple[str, str] = ("", "")
    approval: str = ""
    townships: tuple[tuple[str, str, str], ...] = ()
    matters: tuple[tuple[str, str, str, str], ...] = ()
    number_example: str = ""
    departments: tuple[tuple[str, str, str], ...] = ()
    units: tuple[tuple[str, str, str], ...] = ()
    sources: tuple[tuple[str, str, str], ...] = ()
    assessment: Scheme = DEFAULT

    def name(self, language: str) -> str:
        """Give the region's name."""
        return self.names[LANGUAGES.index(language)]

    def map_label(self, language: str) -> str:
        """Say what a reader who sees no map is told."""
        return say("map.label", language, name=self.name(language))

    def note(self, language: str) -> str:
        """Give the line that stands on every map."""
        return self.attribution[language == LANGUAGES[1]]

    def legend(self, language: str) -> Component:
        """Draw the legend of the map."""
        return chrome.legend(language, finest=self.finest, attribution=self.note(language), approval=self.approval)

    def township_links(self, language: str) -> list[tuple[str, str]]:
        """List every township's page, by code."""
        return [
            (name_en if language == LANGUAGES[1] else name, f"/township/{code}")
            for code, name, name_en in self.townships
        ]


class Titles(Mapping[str, Matter]):
    """The matters of every published version by code, as the last version that holds them names them.

    A case may be of a matter that the lists have dropped, or of one that was published since this process started: only
    then are the lists asked anew.
    """

    def __init__(self, published: Callable[[], Lists]) -> None:
        self._published = published
        self._known = self._read()

    def __getitem__(self, code: str) -> Matter:
        """Give the matter; raises KeyError when no version holds it."""
        if code not in self._known:
            self._known = self._read()
        return self._known[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def _read(self) -> dict[str, Matter]:
        return {matter.code: matter for version in self._published().versions for matter in version.matters}


# Dash asks every layout once without arguments when it starts.
NOTHING = Shown(("", ""), (-180, -60, 180, 70))


def shown_of(services: Services) -> Shown:
    """Gather what layouts need, once per application."""
    region, geometry = services.region, services.geometry
    day = geometry.day
    townships: list[Any] = list(region.layer_on("township", day).areas) if "township" in region.layers else []
    return Shown(
        (region.names.get("zh") or region.name, region.names.get("en") or region.name),
        geometry.bounds,
        geometry.finest,
        (region.attribution, region.attribution_en or region.attribution),
        region.approval_number,
        tuple((a.code, a.name, a.attributes.get("name_en") or a.name) for a in sorted(townships, key=lambda a: a.code)),
        tuple((m.code, m.name, m.name_en or m.name, str(m.domain)) for m in services.library.current().on(day).matters),
        f"{region.number_prefix}{day:%Y%m%d}-00001",
        tuple((d.code, d.spoken, d.name_en or d.spoken) for d in region.organisation.departments.values()),
        tuple((u.code, u.name, u.name) for u in region.organisation.units if u.valid_on(day)),
        tuple((s.code, s.name, s.name_en) for s in region.sources.values()),
        region.assessment,
    )


def book_of(services: Services) -> Book:
    """Gather the names of everything in the region, on the day whose boundaries are shown.

    Areas that do not hold on that day have names, too: cases keep the codes of their own day.
    """
    region, day = services.region, services.geometry.day
    known = [area for layer in region.layers.values() for area in layer.areas]
    shown = [area for layer in region.layers for area in region.layer_on(layer, day).areas]
    # A later one with the same code takes the place of an earlier one.
    areas = [(area.code, area.name, area.attributes.get("name_en")) for area in (*region.former, *known, *shown)]
    units = {unit.code: unit.name for unit in region.organisation.units}
    return Book(areas, Titles(services.library.current), region.organisation.departments, region.sources, units)
