"""Which error gives which HTTP status: one table, so that no route decides it."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException
from starlette.responses import Response

from cases import errors as trade
from dashboard import auth
from dashboard.documents.paper import NoFonts
from data import accounts as kept
from data import saved_views as saved
from data.boundary_import import Refused
from data.exports import ExportError, NoSuchExport
from data.publishing import NoSuchDraft, NoSuchPublication, Overtaken
from data.views import BadQuery
from geo import errors as place

log = logging.getLogger(__name__)
# Completeness over all subclasses is held by a test. What only a region pack can cause is the operator's, hence 500.
STATUS: dict[type[Exception], tuple[int, str]] = {
    trade.CaseError: (422, "case_error"),
    trade.BadCalendar: (500, "bad_calendar"),
    trade.BadEvent: (422, "bad_event"),
    trade.BadGuide: (500, "bad_guide"),
    trade.BadJudgement: (422, "bad_judgement"),
    trade.BadList: (500, "bad_list"),
    trade.BadPeriod: (422, "bad_period"),
    trade.BadReport: (422, "bad_report"),
    trade.BadSubject: (422, "bad_subject"),
    trade.BadWeights: (500, "bad_weights"),
    trade.BeforeOccurrence: (422, "before_occurrence"),
    trade.FutureTime: (422, "future_time"),
    trade.KeyConflict: (409, "key_conflict"),
    trade.NoSuchCase: (404, "no_such_case"),
    trade.NoSuchNotice: (404, "no_such_notice"),
    trade.NoSuchResult: (404, "no_such_result"),
    trade.NoSuchConsultation: (404, "no_such_consultation"),
    trade.NoSuchSubject: (404, "no_such_subject"),
    trade.NotAllowed: (409, "not_allowed"),
    trade.SourceConflict: (409, "source_conflict"),
    trade.Stale: (409, "stale"),
    trade.UnknownDepartment: (422, "unknown_department"),
    trade.UnknownMatter: (422, "unknown_matter"),
    trade.UnknownSource: (422, "unknown_source"),
    trade.UnknownUnit: (422, "unknown_unit"),
    trade.UnknownVersion: (422, "unknown_version"),
    place.GeoError: (422, "geo_error"),
    place.BadArea: (500, "bad_area"),
    place.UnknownCRS: (422, "unknown_crs"),
    place.Unreadable: (422, "unreadable"),
    BadQuery: (422, "bad_query"),
    NoFonts: (500, "no_fonts"),
    ExportError: (422, "export_error"),
    NoSuchExport: (404, "no_such_export"),
    Refused: (422, "refused"),
    NoSuchDraft: (404, "no_such_draft"),
    NoSuchPublication: (404, "no_such_publication"),
    Overtaken: (409, "overtaken"),
    kept.AccessError: (422, "access_error"),
    kept.BadAccount: (422, "bad_account"),
    kept.LastAdministrator: (409, "last_administrator"),
    kept.NameTaken: (409, "name_taken"),
    kept.NoSuchAccount: (404, "no_such_account"),
    kept.NoSuchToken: (404, "no_such_token"),
    auth.AuthError: (403, "auth_error"),
    auth.CrossSite: (403, "cross_site"),
    auth.FirstPassword: (403, "first_password"),
    auth.Forbidden: (403, "forbidden"),
    auth.Locked: (429, "locked"),
    auth.SignedOut: (401, "signed_out"),
    auth.TooMany: (429, "too_many"),
    auth.WrongPassword: (401, "wrong_password"),
    saved.ViewError: (422, "view_error"),
    saved.BadView: (422, "bad_view"),
    saved.NoSuchView: (404, "no_such_view"),
    saved.ViewNameTaken: (409, "view_name_taken"),
}
EXTRAS = ("allowed", "number", "reason", "retry_after")  # attributes of errors that the answer repeats as fields


class ErrorOut(Response):
    """An error as JSON: a name for programs, a sentence for people."""

    media_type = "application/json"


def answer(status: int, name: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> ErrorOut:
    """Write the body that every error has."""
    # A sentence may quote half a character of the request, which no JSON can hold.
    detail = detail.encode("utf8", "replace").decode()
    return ErrorOut(orjson.dumps({"error": name, "detail": detail, **more}), status, headers)


def trade_error(request: Request, error: Exception) -> ErrorOut:
    """Answer an error of the trade or the map, by the nearest class that the table holds."""
    status, name = next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)
    more = {name: getattr(error, name) for name in EXTRAS if hasattr(error, name)}
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s %s: %s", request.method, request.url.path, error)
    return answer(status, name, str(error), **more)


def auth_error(error: auth.AuthError) -> ErrorOut:
    """Answer somebody who may not come in, or not do this."""
    status, name = next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)
    more = {extra: getattr(error, extra) for extra in EXTRAS if hasattr(error, extra)}
    headers = {"Cache-Control": "no-store"}
    if "retry_after" in more:
        headers["Retry-After"] = str(more["retry_after"])
    return answer(status, name, str(error), headers=headers, **more)


def turned_away(_request: Request, error: Exception) -> ErrorOut:
    """Answer the same from inside a route."""
    assert isinstance(error, auth.AuthError)  # noqa: S101 - registered for this class alone
    return auth_error(error)


def invalid(_request: Request, error: Exception) -> ErrorOut:
    """Answer a body or query that does not have the documented shape."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone
    problems = error.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        found = problems[0].get("ctx", {}).get("error", "")
        return answer(400, "no_json", f"The body is no JSON ({found}). Send application/json in UTF-8.")
    said = [f"{'.'.join(map(str, problem['loc'][1:])) or 'body'}: {problem['msg']}" for problem in problems]
    return answer(
        422,
        "invalid",
        "; ".join(said)[:2000] + ". The shape is described at /api/docs.",
        fields=[".".join(map(str, problem["loc"][1:])) for problem in problems],
    )


def refused(_request: Request, error: Exception) -> ErrorOut:
    """Answer what the router itself refuses: no such path, method not allowed."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    name = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_").replace("-", "_")
    return answer(error.status_code, name, str(error.detail), headers=error.headers)


def database_away(request: Request, error: Exception) -> ErrorOut:
    """Answer when the database cannot be reached or refuses: nothing was stored, the client may repeat."""
    log.error("%s %s: %s", request.method, request.url.path, error)
    detail = (
        "The database cannot be reached at the moment. Nothing was changed; repeat the request with the same source_id."
    )
    return answer(503, "database_away", detail, headers={"Retry-After": "2"})


def unforeseen(request: Request, error: Exception) -> ErrorOut:
    """Answer an error of our own making without telling the client about our insides."""
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    said = "Something unforeseen happened here; it is logged with its time and cause."
    return answer(500, "internal_error", said, headers={"Cache-Control": "no-store"})


def register(app: FastAPI) -> None:
    """Give the application its answers to errors."""
    app.add_exception_handler(auth.AuthError, turned_away)
    for root in (
        trade.CaseError,
        place.GeoError,
        BadQuery,
        ExportError,
        NoFonts,
        Refused,
        kept.AccessError,
        saved.ViewError,
    ):
        app.add_exception_handler(root, trade_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, refused)
    for away in (OperationalError, InterfaceError, PoolExhausted):
        app.add_exception_handler(away, database_away)
    app.add_exception_handler(Exception, unforeseen)
