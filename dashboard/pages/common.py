"""What every page shows of the region, and the names that they all use."""

from dataclasses import dataclass
from typing import Any

from dash.development.base_component import Component

from cases.assessment import DEFAULT, Scheme
from dashboard.documents.book import book_on
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
    """Gather the names of everything in the region, on the day whose boundaries are shown."""
    return book_on(services.region, services.library.current, services.geometry.day)
