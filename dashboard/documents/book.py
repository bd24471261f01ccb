"""The names of everything in a region: areas, matters, departments, sources and units, gathered once."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from cases.lists import Lists
from cases.matters import Matter
from dashboard.views.names import Book
from data.region import Region


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


def book_on(region: Region, published: Callable[[], Lists], day: date) -> Book:
    """Gather the names of a region, its areas as they are on a day.

    Areas that do not hold on that day have names, too: cases keep the codes of their own day.
    """
    known = [area for layer in region.layers.values() for area in layer.areas]
    shown = [area for layer in region.layers for area in region.layer_on(layer, day).areas]
    # A later one with the same code takes the place of an earlier one.
    areas = [(area.code, area.name, area.attributes.get("name_en")) for area in (*region.former, *known, *shown)]
    units = {unit.code: unit.name for unit in region.organisation.units}
    return Book(areas, Titles(published), region.organisation.departments, region.sources, units)
