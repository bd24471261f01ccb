"""Loading a pack: every file is read, every fault noted; a pack with errors is no region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import shapely

from cases.calendar import Calendar, SpecialDay
from cases.errors import CaseError
from cases.lists import ListVersion
from cases.organisation import Department, Organisation, Unit
from data.region.boundaries import Boundaries
from data.region.faults import RegionError, Report
from data.region.items import LIST_FILES, version_of
from data.region.layers import read_layer
from data.region.lists import read_categories, read_departments, read_list_rows, read_special_days, read_units
from data.region.region import Region
from data.region.section import FILE
from data.region.settings import Settings, read_settings
from data.region.tables import Row
from geo.areas import Area, AreaLayer
from geo.coverage import check_areas, check_spans
from geo.crs import Bounds


@dataclass(frozen=True, slots=True)
class Pack:
    """What the files of a pack say, as far as they could be read.

    Attributes
    ----------
    former
        Areas of no version that holds on any day, which cases may name nevertheless; see `data.publishing`.
    """

    folder: Path
    settings: Settings
    layers: Mapping[str, AreaLayer]
    departments: Mapping[str, Department]
    units: tuple[tuple[Unit, Row], ...]
    list_rows: Mapping[str, Sequence[Row]]
    version: ListVersion
    categories: Mapping[str, str]
    special_days: tuple[tuple[SpecialDay, Row], ...]
    former: tuple[Area, ...] = ()

    @property
    def bounds(self) -> Bounds:
        """Box around the nested layers in all their versions."""
        geometries = [area.geometry for layer in self.layers.values() for area in layer.areas]
        west, south, east, north = (float(value) for value in shapely.total_bounds(geometries))
        return west, south, east, north


def read(folder: Path) -> tuple[Pack | None, Report]:
    """Read every file of a pack and note what is wrong with each; None when there is no region.toml to begin with."""
    report = Report()
    settings = read_settings(folder, report)
    if settings is None:
        return None, report
    layers = {}
    for wanted in settings.layers:
        layer = layers[wanted.name] = read_layer(folder, wanted, report)
        # The locator is exact for valid polygons only, so this is looked at on every load.
        report.add_areas(wanted.file, [*check_areas(layer.areas), *check_spans(layer)])
    departments = read_departments(folder, report)
    units = read_units(folder, departments, report)
    list_rows = read_list_rows(folder, report)
    areas = {area.code for layer in layers.values() for area in layer.areas}
    version = version_of(list_rows, settings.lists, departments, areas, report)
    categories = read_categories(folder, report)
    days = read_special_days(folder, report)
    report.counts |= {name: len(layer) for name, layer in layers.items()}
    report.counts |= {"departments": len(departments), "units": len(units), "days": len(days)}
    report.counts |= {file: len(list_rows[name]) for name, file in LIST_FILES.items()}
    pack = Pack(folder, settings, layers, departments, tuple(units), list_rows, version, categories, tuple(days))
    return pack, report


def load(folder: Path, indexes: Path | None = None) -> Region:
    """Load a region pack.

    Parameters
    ----------
    folder
        A folder as docs/region-pack.md describes it.
    indexes
        Folder that keeps what locating needs between starts: see `geo.locator.store`.

    Raises
    ------
    RegionError
        The pack has errors; the message names file, row, column, value and the way out of the first one.
    """
    pack, report = read(Path(folder))
    if pack is None or report.errors:
        raise RegionError(str(folder), report.errors)
    try:
        return region_of(pack, indexes)
    except CaseError as problem:
        report.error("refused", FILE, str(problem))
        raise RegionError(str(folder), report.errors) from problem


def region_of(pack: Pack, indexes: Path | None = None) -> Region:
    """Compose a region from what its files say; raises CaseError for lists or hours that the trade refuses."""
    settings = pack.settings
    special = [day for day, _ in pack.special_days]
    return Region(
        folder=pack.folder,
        name=settings.name,
        names=settings.names,
        county_code=settings.county_code,
        number_prefix=settings.number_prefix,
        zone=settings.zone,
        metric_crs=settings.metric_crs,
        attribution=settings.attribution,
        attribution_en=settings.attribution_en,
        approval_number=settings.approval_number,
        office_hours=settings.office_hours,
        budgets=settings.budgets,
        duplicates=settings.duplicates,
        inspection_window=settings.inspection_window,
        future_skew=settings.future_skew,
        sources=MappingProxyType(dict(settings.sources)),
        map=settings.map,
        assessment=settings.assessment,
        escalations=settings.escalations,
        layers=MappingProxyType(dict(pack.layers)),
        organisation=Organisation(pack.departments.values(), [unit for unit, _ in pack.units]),
        list_version=pack.version,
        categories=MappingProxyType(dict(pack.categories)),
        calendar=Calendar(
            settings.zone, settings.office_hours, special, settings.covered, statutory=settings.statutory
        ),
        boundaries=Boundaries(pack.layers, settings.metric_crs, indexes),
        bounds=pack.bounds,
        former=pack.former,
    )
