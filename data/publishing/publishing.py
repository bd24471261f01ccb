"""Publishing and withdrawing: all layers of a step in one transaction, or nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Connection, Engine, bindparam, insert, update

from data import tables
from data.boundary_import import Checked, Refused
from data.boundary_import.versions import compare, later_change
from data.boundary_import.writing import must_be_no_worse
from data.engine import reading, writing
from data.publishing.errors import Overtaken
from data.publishing.loading import Standing, laid
from data.publishing.publications import found
from data.region_check import check_pack

_COUNT = (
    update(tables.counters)
    .where(tables.counters.c.name == tables.BOUNDARIES, tables.counters.c.value == bindparam("seen"))
    .values(value=tables.counters.c.value + 1)
)


def must_be_publishable(step: Sequence[Checked], standing: Standing) -> None:
    """Refuse a step that must not be published, whoever asks.

    Raises
    ------
    Refused
        A file has errors, nothing would change, a later version stands in a layer, or the region would have errors that
        it has not now.
    """
    for checked in step:
        later = later_change(standing.pack.layers[checked.wanted.layer], checked.wanted.begin)
        if later is not None:
            raise Refused(
                f"{checked.wanted.layer} changes on {later} already, so a version from {checked.wanted.begin} on would"
                " end there; publish from that day on, or withdraw the later one first"
            )
    unsound = [checked.wanted.layer for checked in step if not checked.sound]
    if unsound:
        raise Refused(
            f"{', '.join(unsound)}: the file has errors, so nothing was published; correct them, or ask for repairs"
        )
    if not any(compare(checked.force, checked.areas) for checked in step):
        raise Refused("the file says what is in force already, so nothing was published")
    must_be_no_worse(check_pack(standing.pack), check_pack(step[0].proposed), "published")


def publish(
    engine: Engine,
    step: Sequence[Checked],
    standing: Standing,
    reports: Mapping[str, Mapping[str, Any]],
    *,
    by: str,
    note: str,
    now: datetime,
) -> int:
    """Publish the layers of a step in one transaction.

    Parameters
    ----------
    standing
        Against which the step was checked.
    reports
        What is kept of each layer's report, by layer.
    by, note
        Who publishes, and why; a name is needed.
    now
        Aware instant.

    Returns
    -------
    int
        Number of the publication.

    Raises
    ------
    Refused, Overtaken
        As `must_be_publishable`; or no name is given; or somebody published or withdrew since `standing` was read.
    """
    _must_be_named(by)
    must_be_publishable(step, standing)
    head = {
        "region": standing.pack.settings.county_code,
        "step": "published",
        "begins_on": step[0].wanted.begin,
        "note": note.strip(),
        "actor": by.strip(),
        "recorded_at": now,
    }
    layers = [_layer(checked, reports[checked.wanted.layer]) for checked in step]
    with writing(engine) as connection:
        _count(connection, standing.counter)
        publication = _head(connection, head)
        connection.execute(insert(tables.boundary_layers), [row | {"publication": publication} for row in layers])
        for checked in step:
            connection.execute(insert(tables.boundary_areas), _areas(checked, publication))
    return publication


def withdraw(engine: Engine, publication: int, standing: Standing, *, by: str, reason: str, now: datetime) -> None:
    """Withdraw a publication: from now on the region is as if it had never been; cases keep their codes.

    Raises
    ------
    NoSuchPublication, Refused, Overtaken
        There is none of this number; it is withdrawn, no name or reason is given, or without it the region would have
        errors that it has not now; somebody published or withdrew in the meantime.
    """
    _must_be_named(by)
    if not reason.strip():
        raise Refused("a withdrawal needs a reason: say what was wrong with the version")
    county = standing.pack.settings.county_code
    with reading(engine) as connection:
        one = found(connection, county, publication)
        if one.withdrawal is not None:
            raise Refused(f"publication {publication} was withdrawn by {one.withdrawal.by} already")
        kept = [other for other in standing.publications if other.withdrawal is None and other.id != publication]
        without = laid(standing.base, kept, connection)
    must_be_no_worse(check_pack(standing.pack), check_pack(without), "withdrawn")
    head = {"region": county, "step": "withdrawn", "withdraws": publication, "note": reason.strip()}
    with writing(engine) as connection:
        _count(connection, standing.counter)
        _head(connection, head | {"actor": by.strip(), "recorded_at": now})


def _must_be_named(by: str) -> None:
    if not by.strip():
        raise Refused("a publication needs a name: say who decides it")


def _count(connection: Connection, seen: int) -> None:
    if connection.execute(_COUNT, {"seen": seen}).rowcount != 1:
        raise Overtaken("boundaries were published or withdrawn in the meantime; check the file again")


def _head(connection: Connection, head: Mapping[str, Any]) -> int:
    made = connection.execute(insert(tables.boundary_publications).returning(tables.boundary_publications.c.id), head)
    number: int = made.scalar_one()
    return number


def _layer(checked: Checked, report: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "layer": checked.wanted.layer,
        "file": checked.content.file,
        "sha256": sha256_of(checked.wanted.file),
        "report": report,
    }


def sha256_of(file: Path) -> str:
    """Hash a file, or for a Shapefile its outlines, by which it is known again."""
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def _areas(checked: Checked, publication: int) -> list[dict[str, Any]]:
    outlines = shapely.to_wkb([area.geometry for area in checked.areas])
    return [
        {
            "publication": publication,
            "layer": area.layer,
            "position": position,
            "code": area.code,
            "series": area.series,
            "name": area.name,
            "parent": area.parent,
            "attributes": dict(area.attributes),
            "outline": outline,
        }
        for position, (area, outline) in enumerate(zip(checked.areas, outlines, strict=True), 1)
    ]
