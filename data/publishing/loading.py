"""The region: the pack, and the published versions laid over it in the order in which they were published."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, Engine

from cases.errors import CaseError
from data.boundary_import.versions import laid_over, with_layers
from data.engine import reading
from data.publishing.publications import Publication, areas_of, count, heads, named
from data.region import Region, RegionError, read
from data.region.loading import Pack, region_of
from data.region.section import FILE
from geo.areas import Area

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is published at one moment.

    Attributes
    ----------
    base
        The pack as its files say it.
    pack
        The pack with everything that is published and not withdrawn laid over it.
    counter
        Moves with every publication and withdrawal.
    publications
        All of the county, withdrawn ones too.
    """

    base: Pack
    pack: Pack
    counter: int
    publications: tuple[Publication, ...]


def counter(engine: Engine) -> int:
    """Give the counter that moves with every publication and withdrawal: one row of the database."""
    with reading(engine) as connection:
        return count(connection)


def load(folder: Path, engine: Engine, indexes: Path | None = None) -> Region:
    """Load the region of a pack with the boundaries that the database publishes over it.

    Parameters
    ----------
    folder, indexes
        As for `data.region.load`.
    engine
        A migrated database.

    Raises
    ------
    RegionError
        As `data.region.load`.
    """
    return region_at(open_standing(folder, engine), indexes)


def open_standing(folder: Path, engine: Engine) -> Standing:
    """Read the pack, and what is published over it at one moment of the database; raises RegionError."""
    pack, report = read(Path(folder))
    if pack is None or report.errors:
        raise RegionError(str(folder), report.errors)
    with reading(engine) as connection:
        return standing_of(pack, connection)


def standing_of(base: Pack, connection: Connection) -> Standing:
    """Lay over a pack what is published and not withdrawn."""
    county = base.settings.county_code
    known = tuple(heads(connection, county))
    pack = laid(base, (one for one in known if one.withdrawal is None), connection)
    held = {area.code for layer in pack.layers.values() for area in layer.areas}
    former = {area.code: area for area in named(connection, county) if area.code not in held} if known else {}
    return Standing(base, replace(pack, former=tuple(former.values())), count(connection), known)


def laid(pack: Pack, order: Iterable[Publication], connection: Connection) -> Pack:
    """Lay publications over a pack, the first one first."""
    for one in order:
        for published in one.layers:
            if published.layer not in pack.layers:
                # The pack was exchanged for one without this layer; the rest of the county goes on.
                log.warning("Publication %s is of %s, which is no layer of the pack", one.id, published.layer)
                continue
            areas: Sequence[Area] = areas_of(connection, one, published.layer)
            layer = laid_over(pack.layers[published.layer], areas, one.begins_on)
            pack = with_layers(pack, {published.layer: layer})
    return pack


def region_at(standing: Standing, indexes: Path | None = None) -> Region:
    """Compose the region of a standing; raises RegionError for lists or hours that the trade refuses."""
    pack = standing.pack
    try:
        return region_of(pack, indexes)
    except CaseError as problem:
        _, report = read(pack.folder)
        report.error("refused", FILE, str(problem))
        raise RegionError(str(pack.folder), report.errors) from problem
