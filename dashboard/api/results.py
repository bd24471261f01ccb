"""GET /api/v1/cases/{number}/result, as JSON, page and paper, and /api/v1/answers: who has to be given which."""

import re
from hashlib import sha256
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from cases.clock import Clock, outcome
from cases.errors import CaseError
from cases.result import UnifiedResult, editions, issues, unified
from dashboard.api.cases import NUMBER, known, owned
from dashboard.api.errors import STATUS
from dashboard.api.given import Given, Json
from dashboard.api.negotiation import REVALIDATE, matches
from dashboard.api.query import Codes
from dashboard.auth import Identity, Role, who
from dashboard.documents.answering import urls
from dashboard.documents.checking import checked, nothing_to_check
from dashboard.documents.naming import Names
from dashboard.documents.page import check_html, html
from dashboard.documents.paper import pdf
from dashboard.documents.sheet import sheet
from dashboard.services import Services
from dashboard.text import LANGUAGES, say
from data import views
from data.views import Answer

router = APIRouter(tags=["results"])
checks = APIRouter(include_in_schema=False)
Language = Literal["zh", "en"]
Round = Annotated[int | None, Query(description="Which result of a case that was reopened; the last one by default.")]
Lang = Annotated[Language, Query(description="Language of the fixed words; what departments wrote stays as it is.")]
Known = Annotated[str, Header(alias="If-None-Match")]
DOCUMENT = re.compile(r"(?P<number>.+)-(?P<round>\d{1,4})")


class AnswersQuery(BaseModel):
    """Which answers are meant; a misspelt filter is refused."""

    model_config = ConfigDict(extra="forbid")

    source: Codes = Field(description="Only reporters of these sources.")
    unanswered: bool = Field(default=False, description="Only those that were not given the last result yet.")
    cursor: str | None = Field(default=None, max_length=200, description="`next` of the page before.")
    limit: int = Field(default=100, ge=1, description="At most so many; follow `next`.")


@router.get("/cases/{number}/result")
def result(services: Given, number: str, round: Round = None, lang: Lang = "zh", if_none_match: Known = "") -> Response:
    """Give the unified result of a case: every department's finding and basis, the lead's conclusion, the clocks.

    404 when there is none and will be none, 409 while the case is in work, each with a sentence. Reading it is no
    answer: an answer is recorded when the webhook was taken, or when a person says so with an `answered` event.
    """
    events = owned(services, number).events
    found = unified(events, services.region.calendar, number, round)
    names = names_in(services, lang)
    body = Json(
        result_out(found, sheet(found, names), names)
        | {
            "rounds": len(issues(events)),
            "answers": [answer_out(one) for one in views.answers_of(services.engine, number)],
        }
    ).body
    return answered(found, bytes(body), "application/json", if_none_match)


@router.get("/cases/{number}/result.html")
def result_html(
    services: Given, number: str, round: Round = None, lang: Lang = "zh", if_none_match: Known = ""
) -> Response:
    """Give the unified result as a page that needs no other file, to be read or printed."""
    found = issued(services, number, round)
    page = html(sheet(found, names_in(services, lang)), ways(found, lang))
    return answered(found, page.encode(), "text/html", if_none_match)


@router.get("/cases/{number}/result.pdf")
def result_pdf(
    services: Given, number: str, round: Round = None, lang: Lang = "zh", if_none_match: Known = ""
) -> Response:
    """Give the unified result on A4 as PDF/A: the same bytes for the same result."""
    found = issued(services, number, round)
    written = sheet(found, names_in(services, lang))
    # From what is written and not from the bytes: who has the paper already costs no typesetting.
    etag = etag_of(found, orjson.dumps(written) + services.build.encode())
    if matches(if_none_match, etag):
        return Response(status_code=304, headers=headers(etag))
    name = {"Content-Disposition": f'inline; filename="{found.document}.pdf"'}
    return Response(pdf(written), media_type="application/pdf", headers=headers(etag) | name)


@router.get("/answers")
def answers(services: Given, query: Annotated[AnswersQuery, Query()]) -> Response:
    """Results with the reporters to whom they are due, those of merged cases among them, the last reported first.

    `answered_at` is null until the reporter was given the last result; a case that is in work again is not listed.
    """
    rows, following = views.list_answers(
        services.engine,
        source=own_source(who()) or tuple(query.source),
        unanswered=query.unanswered,
        cursor=query.cursor,
        limit=query.limit,
    )
    return Json({"at": services.now(), "answers": [answer_out(row) for row in rows], "next": following})


@checks.get("/result/{number}")
def check(services: Given, number: str, sha: str = "", lang: Lang = "zh") -> Response:
    """Say whether a code belongs to a document, named by its own number or by that of its case."""
    language = language_of(lang)
    case, round_ = named(number)
    try:
        events = views.case_page(services.engine, known(case)).events
        found = unified(events, services.region.calendar, case, round_)
        texts = editions(events, services.region.calendar, case, found.round)
    except CaseError as error:
        status = next(STATUS[cls][0] for cls in type(error).__mro__ if cls in STATUS)
        return Response(check_html(nothing_to_check(language)), status, media_type="text/html")
    address = urls(found)["html"] + suffix(lang)
    page = check_html(checked(sha[:200], texts, names_in(services, lang), address))
    return Response(page, media_type="text/html", headers={"Cache-Control": "no-store"})


def own_source(identity: Identity) -> tuple[str, ...]:
    """Give the source for which a key asks: it is told of no other's reporters."""
    return (identity.code,) if identity.role is Role.REPORTER else ()


def issued(services: Services, number: str, round_: int | None) -> UnifiedResult:
    """Give the result of a round; raises NoSuchCase, NoSuchResult, NotAllowed."""
    events = owned(services, number).events
    return unified(events, services.region.calendar, number, round_)


def named(number: str) -> tuple[str, int | None]:
    """Read the number of a document, or of a case, which means its last document."""
    found = None if NUMBER.fullmatch(number) else DOCUMENT.fullmatch(number)
    return (found["number"], int(found["round"])) if found else (number, None)


def language_of(lang: Language) -> str:
    """Give the language of the catalogue."""
    return LANGUAGES[lang == "en"]


def names_in(services: Services, lang: Language) -> Names:
    """Give the region's names in a language."""
    return Names(services.region, services.library.current, language_of(lang))


def suffix(lang: Language) -> str:
    """Give what an address needs behind its query to stay in the language."""
    return "&lang=en" if lang == "en" else ""


def ways(found: UnifiedResult, lang: Language) -> list[dict[str, str]]:
    """Give the links above a document."""
    language, addresses = language_of(lang), urls(found)
    other = suffix("zh" if lang == "en" else "en")
    return [
        {"href": addresses["pdf"] + suffix(lang), "words": say("result.way.pdf", language)},
        {"href": addresses["check"] + suffix(lang), "words": say("result.way.check", language)},
        {"href": addresses["html"] + other, "words": say("result.way.language", language)},
    ]


def etag_of(found: UnifiedResult, written: bytes) -> str:
    """Give the validator of an answer: the hash of the facts, and that of the words around them."""
    return f'"{found.sha256[:32]}-{sha256(written).hexdigest()[:16]}"'


def headers(etag: str) -> dict[str, str]:
    """Give the headers of an answer that may be kept and must be asked for."""
    return {"ETag": etag, "Cache-Control": REVALIDATE}


def answered(found: UnifiedResult, body: bytes, media_type: str, if_none_match: str) -> Response:
    """Answer with a body, or with 304 to whoever has it."""
    etag = etag_of(found, body)
    if matches(if_none_match, etag):
        return Response(status_code=304, headers=headers(etag))
    return Response(body, media_type=media_type, headers=headers(etag))


def result_out(found: UnifiedResult, written: dict[str, Any], names: Names) -> dict[str, Any]:
    """Write a result with codes and names."""
    return {
        "document": found.document,
        "number": found.number,
        "round": found.round,
        "sha256": found.sha256,
        "title": written["title"],
        "issuer": written["issuer"],
        "model": bool(written["mark"]),
        "matter": found.matter,
        "matter_name": names.matter(found),
        "source": found.source,
        "place": names.place(found),
        **{name: getattr(found, name) for name in ("township", "village", "cell", "list_version", "merged")},
        "subject": dict(found.subject) if found.subject else None,
        **{name: getattr(found, name) for name in ("occurred_at", "received_at", "accepted_at", "on_site_at")},
        "issued_at": found.issued_at,
        "conclusion": found.conclusion,
        "lead": found.issuer.department,
        "findings": [
            {
                **{name: getattr(one, name) for name in ("leg", "role", "department")},
                "name": names.body(one.department, found),
                **{name: getattr(one, name) for name in ("unit", "finding", "basis", "found_at", "arrived_at")},
                **{name: getattr(one, name) for name in ("arrived_m", "is_far", "clause", "sentence")},
            }
            for one in found.findings
        ],
        "list_basis": names.basis(found),
        "clocks": [clock_out(clock, found) for clock in found.clocks],
        "promise": {kind.value: budget_out(budget) for kind, budget in found.promise.items()},
        "urls": urls(found),
    }


def clock_out(clock: Clock, found: UnifiedResult) -> dict[str, Any]:
    """Write a limit as it ended."""
    return {
        "kind": clock.kind,
        "leg": clock.leg,
        "department": found.departments[found.lead if clock.leg is None else clock.leg],
        "round": clock.round,
        "started_at": clock.started_at,
        "budget": budget_out(clock.budget),
        "pauses": [{"start": pause.start, "end": pause.end} for pause in clock.pauses],
        "due_at": clock.due.due_at if clock.due else None,
        "provisional": clock.due.provisional if clock.due else False,
        "stopped_at": clock.stopped_at,
        "outcome": outcome(clock),
    }


def budget_out(budget: Any) -> dict[str, Any]:
    """Write a budget."""
    return {"amount": budget.amount, "unit": budget.unit}


def answer_out(one: Answer) -> dict[str, Any]:
    """Write who has to be given which result."""
    return {
        "number": one.number,
        "source": one.source,
        "source_id": one.source_id,
        "result_of": one.result_of,
        "round": one.round or None,
        "document": f"{one.result_of}-{one.round}" if one.round else None,
        "issued_at": one.issued_at,
        "answered_at": one.answered_at,
        "url": f"/api/v1/cases/{one.result_of}/result" if one.round else None,
    }
