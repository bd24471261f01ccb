"""/api/v1/assessment: the sheet of a period, the cases behind its figures, ratings, consultations, the file."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import Response

from cases.assessment import Assessed, Component, Count, Indicator, Period, Scheme
from cases.matters import Domain
from dashboard.api.given import Given, Json
from dashboard.api.lists import check_township
from dashboard.api.parse import STRICT, Code, storable
from dashboard.auth import Forbidden, Role, scope, who
from dashboard.documents import assessment as documents
from dashboard.services import Services
from data.judgements import Consultation, Rating, Sheet
from data.views import BadQuery

router = APIRouter(tags=["assessment"])
PERIOD = "A month or a year of the region's zone: `2026-11`, `2026`. Default: this month."
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# How long a text may be is for the judgements to say; here only what no database can hold is refused.
Text = Annotated[str, AfterValidator(storable)]
MOST_ID = 2**63 - 1
OpinionName = Literal["agreed", "objected", "conditional"]


class SheetQuery(BaseModel):
    """Which units of which period; a misspelt filter is refused."""

    model_config = ConfigDict(extra="forbid")

    period: Code | None = Field(default=None, description=PERIOD)
    domain: Domain | None = None
    township: Code | None = Field(default=None, description="Units that stand in it or serve it.")


class CasesQuery(BaseModel):
    """Which figure is opened, and the page."""

    model_config = ConfigDict(extra="forbid")

    period: Code | None = Field(default=None, description=PERIOD)
    unit: Code
    indicator: Code
    part: Literal["numerator", "denominator"] = "numerator"
    cursor: Code | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=100, ge=1)


class RatingIn(BaseModel):
    """A rating; a later one of the same rater, unit and period corrects it, and both stay visible."""

    model_config = STRICT

    unit: Code
    period: Code
    rater: Code = Field(description="`township:<code>` of a township that the unit stands in or serves.")
    score: float = Field(description="0 to 100, at most two decimals.", allow_inf_nan=False)
    reason: Text = Field(description="Why; it is shown beside the score.")
    actor: Code = Field(default="", description="Who recorded it: a code, never a person's name; see events.")


class ConsultationIn(BaseModel):
    """The township was asked in writing about an appointment at the unit."""

    model_config = STRICT

    unit: Code
    township: Code
    about: Text = Field(description="What the township was asked about.")
    document: Text = Field(description="Number of the letter.")
    remarks: Text = ""
    actor: Code = ""


class AnswerIn(BaseModel):
    """What the township answered, once."""

    model_config = STRICT

    opinion: OpinionName
    document: Text = Field(description="Number of the letter that answered.")
    remarks: Text = Field(default="", description="Needed unless the township agreed.")
    actor: Code = ""


@router.get("/assessment")
def sheet(services: Given, query: Annotated[SheetQuery, Query()]) -> Response:
    """Every stationed unit in a period: counts, rates, ratings, scores, total and rank within its domain.

    A rate without cases is null, a score without one of its parts is null and says what is missing; no weight is ever
    spread over what is there. Ranks are of the whole domain, whatever township is asked for.
    """
    found, lines = chosen(services, query)
    scheme = services.region.assessment
    return Json(
        {
            **head(found, services),
            "components": [component_out(one) for one in scheme.components],
            "indicators": [indicator_out(one) for one in scheme.indicators],
            "units": [line_out(line, found, scheme) for line in lines],
        }
    )


@router.get("/assessment/cases")
def cases(services: Given, query: Annotated[CasesQuery, Query()]) -> Response:
    """Cases behind a numerator or denominator, as many as it says, a page at a time: follow `next`."""
    if query.limit > services.settings.page_limit:
        raise BadQuery(
            f"The limit is {query.limit}; give one from 1 to {services.settings.page_limit} and follow `next`."
        )
    count = count_of(services.region.assessment, query.indicator, query.part)
    scope.check_unit(who(), services.region.organisation.unit(query.unit, services.geometry.day), query.unit)
    now, name = services.now(), query.period or this_month(services)
    page = services.judgements.cases(name, query.unit, count, now, query.cursor, query.limit)
    return Json({"at": now, "period": name, "unit": query.unit, "count": count, "cases": page.parts, "next": page.next})


@router.post("/assessment/ratings", status_code=201)
def rate(services: Given, body: RatingIn) -> Response:
    """Rate a unit for a period. A correction is a new rating with its own reason; the earlier one stays as history."""
    if who().role is not Role.OPEN and body.rater != who().scope:
        raise Forbidden(f"{body.rater[:80]} is not you; you rate as {who().scope}.")
    rating = services.judgements.rate(
        body.unit, body.period, body.rater, body.score, body.reason, acting(body.actor), services.now()
    )
    return Json(rating, 201)


@router.post("/assessment/consultations", status_code=201)
def consult(services: Given, body: ConsultationIn) -> Response:
    """Record that a township was consulted in writing (书面征求意见) about an appointment at a unit."""
    asked = services.judgements.ask(
        body.unit, body.township, body.about, body.document, body.remarks, acting(body.actor), services.now()
    )
    return Json(asked, 201)


@router.post("/assessment/consultations/{asked}/answer", status_code=201)
def answer(services: Given, asked: Annotated[int, Path(ge=1, le=MOST_ID)], body: AnswerIn) -> Response:
    """Record the township's answer. A second one gives 409: an answer stays, and what has changed is asked again."""
    scope.check_township(who(), services.judgements.consultation(asked).township)
    actor = acting(body.actor)
    given = services.judgements.answer(asked, body.opinion, body.document, body.remarks, actor, services.now())
    return Json(given, 201)


@router.get("/assessment.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def workbook(services: Given, query: Annotated[SheetQuery, Query()]) -> Response:
    """Give the same sheet as an Excel file for filing: table, formulas with sources, consultations; A4 landscape."""
    found, lines = chosen(services, query)
    basis = documents.Basis.of(services.region, services.library.current(), services.now())
    content = documents.workbook(found, lines, basis, services.now())
    name = f"{services.region.names['zh']}派驻机构考核-{found.period.name}.xlsx"
    disposition = f"attachment; filename=\"assessment-{found.period.name}.xlsx\"; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=XLSX, headers={"Content-Disposition": disposition})


def acting(named: str) -> str:
    """Give who acts: whoever has signed in, else whom the request names."""
    return who().actor or named


def this_month(services: Services) -> str:
    """Name the month of today."""
    return f"{services.region.local_day(services.now()):%Y-%m}"


def chosen(services: Services, query: SheetQuery) -> tuple[Sheet, tuple[Assessed, ...]]:
    """Give the sheet of a period and the lines that are asked for."""
    now = services.now()
    found = services.judgements.sheet(query.period or this_month(services), now)
    check_township(services, query.township, last_day(found.period, services))
    return found, found.only(query.domain, query.township)


def last_day(during: Period, services: Services) -> Any:
    """Give the last day of a period that has begun by now."""
    return min(services.region.local_day(services.now()), during.last)


def count_of(scheme: Scheme, code: str, part: str) -> Count:
    """Give the count that stands above or below the line of an indicator."""
    indicator = scheme.indicator(code)
    if indicator is None:
        known = ", ".join(one.code for one in scheme.indicators)
        raise BadQuery(f"There is no indicator {code[:40]!r}; there are: {known}.")
    count = indicator.numerator if part == "numerator" else indicator.denominator
    if count is None:
        raise BadQuery(f"{code} is a count and has no denominator; ask for part=numerator.")
    return count


def head(found: Sheet, services: Services) -> dict[str, Any]:
    """Say which period it is and what the figures know."""
    start, end = found.period.instants(services.region.zone)
    return {"period": found.period.name, "from": start, "to": end, "as_of": found.as_of, "revision": found.revision}


def component_out(component: Component) -> dict[str, Any]:
    """Write a component of the total."""
    return {
        "code": component.code,
        "name": component.name,
        "name_en": component.name_en,
        "weight": float(component.weight),
        "kind": component.kind,
        "by": component.by,
    }


def indicator_out(one: Indicator) -> dict[str, Any]:
    """Write what an indicator is."""
    return {
        "code": one.code,
        "name": one.zh,
        "name_en": one.en,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "formula": one.formula(),
        "direction": one.direction,
        "points": one.points,
        "source": one.source,
    }


def line_out(line: Assessed, found: Sheet, scheme: Scheme) -> dict[str, Any]:
    """Write a unit's line."""
    unit = line.unit
    return {
        "unit": unit.code,
        "name": unit.name,
        "department": unit.department,
        "domain": unit.domain,
        "township": unit.township,
        "serves": unit.serves,
        "counts": dict(line.counts),
        "indicators": {one.code: figure_out(one, line) for one in scheme.indicators},
        "scores": {code: number(score) for code, score in line.scores.items()},
        "missing": [{"component": one.component.code, "what": one.what} for one in line.missing],
        "total": number(line.total),
        "rank": line.rank,
        "ratings": list[Rating](found.ratings.get(unit.code, ())),
        "consultations": list[Consultation](found.consultations.get(unit.code, ())),
    }


def figure_out(one: Indicator, line: Assessed) -> dict[str, Any]:
    """Write a figure with what it is made of."""
    below = None if one.denominator is None else line.counts[one.denominator]
    return {"numerator": line.counts[one.numerator], "denominator": below, "rate": number(one.of(line.counts))}


def number(value: Any) -> float | None:
    """Write an exact figure as JSON can; nothing stays null."""
    return None if value is None else float(value)
