"""Boundary files on the web: received, checked with report and moves, published. Blocking work, for threads.

What is published is what the file says when it is published, read again by the same steps; it is refused when somebody
else has published since the check that was looked at.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from dashboard.reports.boundary import as_html, as_json
from dashboard.services import Services
from dashboard.text import LANGUAGES
from data import publishing
from data.boundary_import import Checked, Refused, Wanted, check_step
from data.boundary_import.versions import compare
from data.publishing import Draft, Publication, Standing, drafts
from data.region import Region
from geo.areas import Area
from geo.exchange import Unreadable, weigh

LONGEST_NAME = 120
UNPACKED_TIMES = 5
"""How many times the limit of a file what it unpacks to may weigh."""


def county_of(services: Services) -> str:
    """Whose publications and drafts these are."""
    return services.region.county_code


def plain_name(given: str) -> str:
    """Make a name for a file of what a browser says: no folder, nothing that a system would take for something else."""
    name = re.split(r"[\\/]", given)[-1]
    name = re.sub(r"[\x00-\x1f\x7f:*?\"<>|]", "_", name).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem:
        raise Refused(f"the file is named {given!r:.60}; send it with its suffix, such as .zip, .gpkg or .geojson")
    return f"{stem[-LONGEST_NAME:]}.{suffix[:20]}"


def receive(services: Services, path: Path, actor: str) -> Draft:
    """Keep a file as a draft, with what it offers; raises Unreadable, Refused."""
    if not actor.strip():
        raise Refused("the file has no sender; say who sends it")
    # A reader holds a file in memory, several times over; whoever has a larger one imports it by the command line.
    weigh(path, UNPACKED_TIMES * services.settings.boundary_limit_bytes)
    standing = publishing.open_standing(services.region.folder, services.engine)
    today = services.region.local_day(services.now())
    offers = publishing.offers_of(path, standing.pack, today)
    return drafts.keep(services.engine, county_of(services), path, actor.strip(), services.now(), offers)


def check(services: Services, draft: str, asked: Mapping[str, Any]) -> Draft:
    """Check a draft as it is asked to be understood, and keep what came of it.

    Raises
    ------
    NoSuchDraft, Overtaken
        There is none, or it is being checked already. A file that is refused is no error here: the draft says why.
    """
    county, engine = county_of(services), services.engine
    known = drafts.begin(engine, county, draft, asked, services.now())
    outcome: dict[str, Any] = {"refused": "the check was broken off by an error, which the server has logged"}
    done: dict[str, Any] = {}
    try:
        with stepped(services, known) as (step, standing):
            outcome = outcome_of(services, step, standing)
            pages = {lang: {one.wanted.layer: as_html(one, lang) for one in step} for lang in LANGUAGES}
            done = {"seen": standing.counter, "pages": pages}
    except (Refused, Unreadable) as refused:
        outcome = {"refused": str(refused)}
    finally:
        drafts.settle(engine, draft, services.now(), outcome=outcome, **done)
    return drafts.draft_of(engine, county, draft)


def publish(services: Services, draft: str, actor: str, note: str) -> int:
    """Publish a checked draft; gives the number of the publication.

    Raises
    ------
    NoSuchDraft, Overtaken, Refused
        There is none; somebody published since it was checked; it was not checked, or must not be published.
    """
    county, engine = county_of(services), services.engine
    known = drafts.draft_of(engine, county, draft)
    if known.state != "checked":
        raise Refused(f"draft {draft} is {known.state}; publish it when it is checked")
    with stepped(services, known) as (step, standing):
        if standing.counter != known.seen:
            raise publishing.Overtaken(
                "boundaries were published or withdrawn since the check; check again and look at what it says now"
            )
        reports = {one.wanted.layer: as_json(one) for one in step}
        number = publishing.publish(engine, step, standing, reports, by=actor, note=note, now=services.now())
    drafts.remove(engine, county, draft)
    return number


def withdraw(services: Services, publication: int, actor: str, reason: str) -> None:
    """Withdraw a publication; raises NoSuchPublication, Overtaken, Refused."""
    standing = publishing.open_standing(services.region.folder, services.engine)
    publishing.withdraw(services.engine, publication, standing, by=actor, reason=reason, now=services.now())


@contextmanager
def stepped(services: Services, draft: Draft) -> Iterator[tuple[tuple[Checked, ...], Standing]]:
    """Give the checked layers of a draft, and against what they were checked, while its file is unpacked."""
    standing = publishing.open_standing(services.region.folder, services.engine)
    with drafts.unpacked(services.engine, draft) as path:
        yield check_step(wanted_of(draft.asked or {}, path), standing.pack), standing


def wanted_of(asked: Mapping[str, Any], path: Path) -> list[Wanted]:
    """Read one import per layer out of what was asked; raises Refused."""
    if not asked.get("layers"):
        raise Refused("no layer is chosen; choose at least one")
    begin, repair = date.fromisoformat(asked["begin"]), bool(asked.get("repair"))
    return [
        Wanted(
            path,
            one["layer"],
            one["series"],
            one["code"],
            begin,
            one.get("name") or None,
            one.get("parent") or None,
            one.get("crs") or None,
            one.get("encoding") or None,
            one.get("sublayer") or None,
            repair,
        )
        for one in asked["layers"]
    ]


def outcome_of(services: Services, step: Sequence[Checked], standing: Standing) -> dict[str, Any]:
    """Say what was found, what would change, which cases would move, and what stands in the way."""
    blocked = None
    try:
        publishing.must_be_publishable(step, standing)
    except Refused as refused:
        blocked = str(refused)
    sound = all(one.sound for one in step)
    moves = publishing.moves_out(publishing.moves(services.engine, step, standing)) if sound else None
    return {"layers": [layer_of(one) for one in step], "blocked": blocked, "moves": moves}


def layer_of(one: Checked) -> dict[str, Any]:
    """Give the report of one layer with what would change in it."""
    told = compare(one.force, one.areas)
    changes = {"unchanged": told.unchanged, "changed": told.changed, "new": told.new, "gone": told.gone}
    names = {area.code: area.name for area in one.areas if area.code in {*told.new, *told.changed}}
    return as_json(one) | {"changes": {word: list(codes) for word, codes in changes.items()}, "names": names}


def overview(services: Services) -> dict[str, Any]:
    """Write what there is."""
    known = publishing.publications(services.engine, county_of(services))
    waiting = drafts.drafts(services.engine, county_of(services))
    return {
        "at": services.now(),
        "day": services.geometry.day,
        "layers": versions(services.region),
        "publications": [publication_out(one) for one in reversed(known)],
        "drafts": [draft_out(one, whole=False) for one in waiting],
    }


def versions(region: Region) -> dict[str, Any]:
    """Write the versions of every layer: the day on which each begins, and how many areas it has."""
    return {
        name: {
            "parent": layer.parent,
            "series": list(dict.fromkeys(series for area in layer.areas for series in area_series(area))),
            "versions": [{"begins": day, "areas": len(layer.valid_on(day))} for day in reversed(layer.change_days)],
        }
        for name, layer in region.layers.items()
    }


def area_series(area: Area) -> list[str]:
    """Name the series in which an area has a code, its own first."""
    return [area.series, *(key.removeprefix("code_") for key in area.attributes if key.startswith("code_"))]


def publication_whole(services: Services, publication: int) -> dict[str, Any]:
    """Write a publication with its reports."""
    reports = publishing.report_of(services.engine, county_of(services), publication)
    known = publishing.publications(services.engine, county_of(services))
    found = next(one for one in known if one.id == publication)
    return publication_out(found) | {"reports": reports}


def publication_out(one: Publication) -> Mapping[str, Any]:
    """Write one publication."""
    gone = one.withdrawal
    return {
        "id": one.id,
        "begins": one.begins_on,
        "note": one.note,
        "actor": one.by,
        "at": one.at,
        "layers": [
            {"layer": layer.layer, "file": layer.file, "sha256": layer.sha256, "areas": layer.areas}
            for layer in one.layers
        ],
        "withdrawn": {"actor": gone.by, "at": gone.at, "reason": gone.reason} if gone else None,
    }


def draft_out(one: Draft, *, whole: bool = True) -> Mapping[str, Any]:
    """Write a draft, or the head of it."""
    head = {
        "id": one.id,
        "file": one.file,
        "sha256": one.sha256,
        "size": one.size,
        "actor": one.actor,
        "at": one.uploaded_at,
        "state": one.state,
        "changed_at": one.changed_at,
    }
    return head | ({"offers": one.offers, "asked": one.asked, "outcome": one.outcome} if whole else {})
