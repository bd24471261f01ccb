"""GET /api/v1/lists, /api/v1/lists/{code} and /api/v1/routes: the lists, an item whole, and who acts where, and why."""

import re
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from cases import lists as trade
from cases.arrangements import Arrangement
from cases.dispute import Ruling
from cases.lists import Lists, ListVersion
from cases.matters import Domain, Matter, MatterKind, Platform
from cases.routing import Route, RouteLeg, route
from dashboard.api.errors import answer
from dashboard.api.given import Given, Json
from dashboard.api.parse import Code
from dashboard.api.region import matter_out
from dashboard.services import Services
from data.views import BadQuery

router = APIRouter(tags=["lists"])
LONGEST_SEARCH = 200
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def written_day(value: Any) -> Any:
    """Take only a day as text: a bare number might be seconds since 1970 or a day of a spreadsheet."""
    if isinstance(value, str) and not DAY.fullmatch(value):
        raise ValueError("give a day such as 2026-11-24")
    return value


Day = Annotated[date, BeforeValidator(written_day)]
OnDay = Annotated[Day | None, Query(description="Day whose lists, arrangements and units answer. Default: today.")]


class ListQuery(BaseModel):
    """Filters of the lists; a misspelt one is refused."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        default="",
        max_length=LONGEST_SEARCH,
        description="Words, parted by blanks, all of which must occur: in names, clause, duties, checks, basis, guide.",
    )
    kind: MatterKind | None = None
    domain: Domain | None = None
    platform: Platform | None = None
    department: Code | None = Field(
        default=None, description="Acts, or guides the township that does; `township` itself for the powers."
    )
    township: Code | None = Field(
        default=None, description="Answers who acts there; `department` then means who acts in this township."
    )
    on: Day | None = Field(default=None, description="Day whose lists answer. Default: today.")


@router.get("/lists")
def many(services: Given, query: Annotated[ListQuery, Query()]) -> Response:
    """Items of the lists that hold on a day, those that match best first, each with who acts."""
    lists, day = services.library.current(), day_in(services, query.on)
    version = lists.on(day)
    check_township(services, query.township, day)
    found = trade.search(version.matters, query.q, domain=query.domain, kind=query.kind, platform=query.platform)
    items = []
    for matter in found:
        way = route(matter, query.township, day, version, services.region.organisation)
        if query.department is None or query.department in (way.guide, *(leg.department for leg in way.legs)):
            items.append(matter_out(matter) | {"field": matter.field, **way_out(way, services, day)})
    return Json(
        {
            "on": day,
            "version": version_out(version, lists),
            "versions": [version_out(one, lists) for one in lists.versions],
            "counts": {kind: len(version.matters.of_kind(kind)) for kind in MatterKind},
            "items": items,
        }
    )


@router.get("/lists/{code}", responses={404: {"description": "The lists of that day hold no such item."}})
def one(services: Given, code: str, on: OnDay = None) -> Response:
    """One item whole: clause, basis, duties, checks, guide, and who acts in each township."""
    lists, day = services.library.current(), day_in(services, on)
    version = lists.on(day)
    matter = version.matters.get(code)
    if matter is None:
        return answer(404, "no_such_item", no_item(code, version, lists))
    return Json(
        {
            "on": day,
            "version": version_out(version, lists),
            **whole(matter, services),
            "townships": everywhere(matter, version, services, day),
        }
    )


@router.get("/routes")
def explain(
    services: Given,
    matter: Annotated[Code, Query(description="Code of the matter.")],
    township: Annotated[Code | None, Query(description="Code of the township; without it, the departments.")] = None,
    on: OnDay = None,
) -> Response:
    """Who would be in charge of a matter in a township on a day, and by which clause. Nothing is stored.

    A matter that the lists of the day no longer hold goes to the township's command room, as a report would.
    """
    lists, day = services.library.current(), day_in(services, on)
    version, known = lists.on(day), lists.matter(matter, day)
    check_township(services, township, day)
    way = route(known, township, day, version, services.region.organisation)
    return Json(
        {
            "on": day,
            "matter": matter_out(known),
            "township": township,
            "version": version_out(version, lists),
            **way_out(way, services, day),
            "arrangements": [arrangement_out(one) for one in version.arrangements if one.code in way.arrangements],
            "rulings": [ruling_out(one) for one in version.rulings if one.code in way.arrangements],
        }
    )


def day_in(services: Services, on: date | None) -> date:
    """Give the day that is asked for; today in the region's zone without one."""
    return on or services.region.local_day(services.now())


def check_township(services: Services, code: str | None, day: date) -> None:
    """Refuse a township that does not exist on the day."""
    if code is None:
        return
    known = {area.code: area.name for area in services.region.townships_on(day)}
    if code not in known:
        raise BadQuery(f"There is no township {code[:40]!r} on {day}; there are: {', '.join(known)}.")


def no_item(code: str, version: ListVersion, lists: Lists) -> str:
    """Say that there is no such item, and where it can be found."""
    holding = [one for one in lists.versions if code in one.matters]
    if holding:
        ways = ", ".join(f"{one.version} (on={one.effective_from})" for one in holding)
        return f"Version {version.version} of the lists does not hold {code[:64]!r}; these do: {ways}."
    return f"No list holds {code[:64]!r}. /api/v1/lists?q=… finds items by their words."


def version_out(version: ListVersion, lists: Lists) -> dict[str, Any]:
    """Write what a version is; a first version without a beginning holds from ever."""
    return {
        "version": version.version,
        "effective_from": None if version.effective_from == date.min else version.effective_from,
        "effective_to": lists.effective_to(version.version),
        "source": version.source,
        "model": version.model,
    }


def whole(matter: Matter, services: Services) -> dict[str, Any]:
    """Write everything that the lists say of an item."""
    category = services.region.categories.get(matter.category or "")
    return matter_out(matter) | {
        "category_name": category,
        "field": matter.field,
        "department_duty": matter.department_duty,
        "township_duty": matter.township_duty,
        "checks": dict(matter.checks),
        "guide": None if matter.guide is None else asdict(matter.guide),
    }


def way_out(way: Route, services: Services, day: date) -> dict[str, Any]:
    """Write who acts and why."""
    return {
        "triage": way.triage,
        "guide_department": way.guide,
        "legs": [leg_out(leg, services, day) for leg in way.legs],
    }


def everywhere(matter: Matter, version: ListVersion, services: Services, day: date) -> list[dict[str, Any]]:
    """Write who acts in each township of the day."""
    found = []
    for area in services.region.townships_on(day):
        way = route(matter, area.code, day, version, services.region.organisation)
        found.append({"code": area.code, "name": area.name, **way_out(way, services, day)})
    return found


def leg_out(leg: RouteLeg, services: Services, day: date) -> dict[str, Any]:
    """Write one body that acts."""
    organisation = services.region.organisation
    unit = organisation.unit(leg.unit, day) if leg.unit else None
    return {
        "role": leg.role,
        "department": leg.department,
        "name": organisation.department(leg.department).spoken,
        "unit": None if unit is None else {"code": unit.code, "name": unit.name, "township": unit.township},
        "clause": leg.clause,
        "sentence": leg.sentence,
        "arrangements": leg.arrangements,
    }


def arrangement_out(one: Arrangement) -> dict[str, Any]:
    """Write an arrangement that was used."""
    return {
        "code": one.code,
        "kind": one.kind,
        "from_department": one.from_department,
        "to_department": one.to_department,
        "valid_from": None if one.valid_from == date.min else one.valid_from,
        "valid_to": one.valid_to,
        "clause": one.clause,
        "source": one.source,
    }


def ruling_out(one: Ruling) -> dict[str, Any]:
    """Write what was ruled on a dispute, and what the next version of the lists should say."""
    return {
        "code": one.code,
        "number": one.number,
        "dispute": one.ordinal,
        "settled_on": one.settled_on,
        "matter": one.matter,
        "township": one.township,
        "role": one.role,
        "from_department": one.from_department,
        "to_department": one.to_department,
        "change": one.change,
        "clause": one.clause,
    }
