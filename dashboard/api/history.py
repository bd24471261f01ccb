"""/api/v1/history: any moment of the past, the density of time, hot spots, what to expect."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from cases.errors import FutureTime
from dashboard.api.given import Given, Json
from dashboard.api.parse import Instant
from dashboard.api.query import Codes
from dashboard.history import Machine, expected, hot_spots, moment
from dashboard.services import Services
from data import views
from data.views import BadQuery, Basis, CaseFilter, Known

router = APIRouter(prefix="/history", tags=["history"])
MOST_STEPS = 2000
KNOWN = "`today`: by what is known today. `then`: as the wall showed it, by what was recorded up to `at`."
BASIS = "`shown`: the areas in which each case stood then, on the map of that day. `current`: the boundaries of today."
MapBasis = Literal[Basis.SHOWN, Basis.CURRENT]


def number(written: Any) -> Any:
    """Read a number of a query, where all is text; anything else is refused by what it must be one of."""
    return int(written) if isinstance(written, str) and written.isdecimal() else written


class KindQuery(BaseModel):
    """Which cases count; each may be given several times (any of them), a misspelt filter is refused."""

    model_config = ConfigDict(extra="forbid")

    matter: Codes
    domain: Codes
    platform: Codes

    def kind(self) -> CaseFilter:
        """Give the same for the views."""
        return CaseFilter(matter=self.matter, domain=self.domain, platform=self.platform)


class MomentQuery(KindQuery):
    """A moment, and how it is told."""

    at: Instant | None = Field(default=None, description="ISO 8601 with an offset, not in the future. Default: now.")
    known: Known = Field(default=Known.TODAY, description=KNOWN)
    basis: MapBasis = Field(default=Basis.SHOWN, description=BASIS)


class DensityQuery(KindQuery):
    """A stretch of time in equal steps."""

    start: Instant = Field(alias="from", description="ISO 8601 with an offset: where the first step begins.")
    steps: int = Field(default=168, ge=1, le=MOST_STEPS)
    minutes: int = Field(default=60, ge=1, le=10_080, description="Length of a step.")


class HotQuery(KindQuery):
    """A period that ends at an instant."""

    at: Instant | None = Field(default=None, description="End of the period, to the full hour. Default: now.")
    days: Annotated[Literal[1, 7, 14, 28], BeforeValidator(number)] = Field(
        default=7, description="Its length; four more before it are compared."
    )
    basis: MapBasis = Field(default=Basis.SHOWN, description="`shown`: the map of the day of `at`; `current`: today's.")


class ExpectedQuery(KindQuery):
    """Hours after an instant."""

    at: Instant | None = Field(default=None, description="Where the hours begin, to the full hour. Default: now.")
    hours: Annotated[Literal[6, 12, 24], BeforeValidator(number)] = 12


@router.get("")
def reach(services: Given) -> Response:
    """How far back the past goes: first report, first recording, and the days on which boundaries changed."""
    machine, now = services.history, services.now()
    return Json(
        {
            "now": now,
            "first_received": views.first_received(machine.engine),
            "first_recorded": views.first_recorded(machine.engine),
            "boundaries": machine.grounds.days,
        }
    )


@router.get("/moment")
def one_moment(services: Given, query: Annotated[MomentQuery, Query()]) -> Response:
    """Pending, amber and overdue cases of every area at a moment, with the geometry of that day's boundaries.

    `cells` and `townships` are flat: gid, level, pending, amber, overdue, and so on; gids are those of the GeoJSON
    under `version.layers`. Its cost follows the cases that were pending then, not the length of the history.
    """
    at = checked(query.at, services)
    return Json(moment(services.history, at, query.known, query.basis, query.kind()))


@router.get("/density")
def density(services: Given, query: Annotated[DensityQuery, Query()]) -> Response:
    """How many cases were received and closed in each step, and which steps lie in office hours of a working day."""
    step = timedelta(minutes=query.minutes)
    if query.start + query.steps * step - services.now() > timedelta(days=400):
        raise BadQuery(f"{query.steps} steps from {query.start.isoformat()} on end in the future; ask for fewer.")
    found = views.density(services.engine, query.start, query.steps, step, query.kind())
    return Json(
        {
            "from": query.start,
            "minutes": query.minutes,
            "received": found.received,
            "closed": found.closed,
            "days": days_of(services.history, query.start, query.start + query.steps * step),
        }
    )


@router.get("/hotspots")
def spots(services: Given, query: Annotated[HotQuery, Query()]) -> Response:
    """Places where reports gathered: Getis-Ord Gi* of every cell among its neighbours, false discoveries held to 5 %.

    `emerging`: hot now and in fewer than half of the four periods before; `persistent`: in half or more; `fading`: no
    longer; `island`: a single high cell among low ones (local Moran). `q` is the smallest rate of false discoveries at
    which the place would still count.
    """
    at = full_hour(checked(query.at, services))
    return Json(hot_spots(services.history, at, query.days, query.basis, query.kind()))


@router.get("/expected")
def next_hours(services: Given, query: Annotated[ExpectedQuery, Query()]) -> Response:
    """Tell what the hours after an instant may bring, from its past alone, with how well that did in the last weeks.

    Where the hours are over, `happened` stands beside what was expected. `score.mase` is the mean absolute error over
    that of "as many as in the same hours a week before": below 1 is better.
    """
    at = full_hour(checked(query.at, services))
    return Json(expected(services.history, at, query.hours, query.kind()))


def checked(at: datetime | None, services: Services) -> datetime:
    """Refuse the future; give the present where nothing is asked for."""
    now = services.now()
    if at is not None and at > now:
        raise FutureTime(
            f"{at.isoformat()} is in the future (it is {now.isoformat(timespec='seconds')}); "
            "the history tells the present and the past. Leave `at` out for now."
        )
    return at or now


def full_hour(at: datetime) -> datetime:
    """Cut to the hour, so that a period is computed once an hour and not for every viewer."""
    return at.replace(minute=0, second=0, microsecond=0)


def days_of(machine: Machine, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Say of each local day that a stretch touches when it begins, whether people work, and their office hours."""
    calendar, found = machine.region.calendar, []
    day = calendar.local_day(start)
    while calendar.start_of_day(day) < end:
        found.append(
            {
                "day": day,
                "start": calendar.start_of_day(day),
                "works": calendar.is_workday(day).works,
                "provisional": calendar.is_workday(day).provisional,
                "office": calendar.office_spans(day),
            }
        )
        day += timedelta(days=1)
    return found
