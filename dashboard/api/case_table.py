"""GET /api/v1/case-table: the case table of the pages, a stretch at a time, and whole as a file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Cookie, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from dashboard.api.given import Given, Json
from dashboard.api.installed import language_of
from dashboard.api.parse import Code
from dashboard.auth import who
from dashboard.auth.scope import party
from dashboard.documents import case_table as documents
from dashboard.pages import common, filters
from dashboard.services import Services
from dashboard.text import COOKIE, LANGUAGES
from dashboard.views import tables
from dashboard.views.names import Book
from data import views
from data.views import MOST_LISTED, BadQuery, Sorting

router = APIRouter(prefix="/case-table", tags=["cases"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_IN_A_WORKBOOK = 100_000
Language = Annotated[str | None, Cookie(alias=COOKIE, description="Language of names and words: `zh-CN` or `en`.")]


class TableQuery(BaseModel):
    """What the address of the page `/cases` says. Unknown codes match nothing; a misspelt filter is refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    area: Code = Field(default="", description="Code of a township, village or grid cell.")
    platform: Code = ""
    domain: Code = ""
    matter: Code = ""
    department: Code = Field(default="", description="With any part in the case.")
    source: Code = ""
    level: Code = Field(default="", description="`green`, `amber`, `red`, or several with commas; as of now.")
    first: Code = Field(default="", alias="from", description="First day, `2026-11-01`, in the region's zone.")
    last: Code = Field(default="", alias="to", description="Last day, included.")
    state: Literal["open", "ended", "all"] = Field(default="open", description="Pending, not pending, or both.")

    def view(self) -> dict[str, str]:
        """Give it as the pages' filters read it."""
        return self.model_dump(by_alias=True, exclude={"state"})


class StretchQuery(TableQuery):
    """The same, and which rows."""

    sort: Sorting | None = Field(default=None, description="Default: `due` for pending cases, else `newest`.")
    start: int = Field(default=0, ge=0, description=f"Position of the first row; the first {MOST_LISTED} are listed.")
    limit: int = Field(default=200, ge=1)


@router.get("")
def stretch(services: Given, query: Annotated[StretchQuery, Query()], onemap_lang: Language = None) -> Response:
    """Rows of the table in words, from a position on, with the number of all cases that the filter means.

    `total` is counted no further than one beyond what is listed; `listed` is how many rows can be scrolled to.
    """
    if query.limit > services.settings.page_limit:
        raise BadQuery(f"The limit is {query.limit}; give one from 1 to {services.settings.page_limit}.")
    language, book, now = *words_of(services, onemap_lang), services.now()
    found = chosen(services, book, query, now, language)
    sorting = query.sort or (Sorting.DUE if query.state == "open" else Sorting.NEWEST)
    rows = views.case_stretch(services.engine, found.filters, sorting, query.start, query.limit)
    return Json(
        {
            "at": now,
            "total": rows.total,
            "listed": min(rows.total, MOST_LISTED),
            "rows": tables.case_rows(rows.rows, book, language, more=True),
            "notes": found.notes,
            "chosen": [{"key": key, "name": name, "words": words} for key, name, words in found.words],
        }
    )


@router.get(".csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def csv_file(services: Given, query: Annotated[TableQuery, Query()], onemap_lang: Language = None) -> Response:
    """Give all cases that the filter means as CSV (UTF-8 with its mark); the first line says what it is."""
    language, book, now = *words_of(services, onemap_lang), services.now()
    found = chosen(services, book, query, now, language)
    services.access.seeing.taken(who(), "case-table.csv")
    rows = documents.as_csv(
        views.every_case(services.engine, found.filters), book, about(services, found, now, language)
    )
    return StreamingResponse(encoded(rows), media_type="text/csv; charset=utf-8", headers=named(services, now, "csv"))


@router.get(".xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def workbook(services: Given, query: Annotated[TableQuery, Query()], onemap_lang: Language = None) -> Response:
    """Give the same as an Excel workbook, up to 100,000 cases."""
    language, book, now = *words_of(services, onemap_lang), services.now()
    found = chosen(services, book, query, now, language)
    services.access.seeing.taken(who(), "case-table.xlsx")
    rows = limited(views.every_case(services.engine, found.filters))
    content = documents.as_workbook(rows, book, about(services, found, now, language))
    return Response(content, media_type=XLSX, headers=named(services, now, "xlsx"))


def words_of(services: Services, cookie: str | None) -> tuple[str, Book]:
    """Give the reader's language and the names of everything; made anew, for what is asked once in a while."""
    return language_of(cookie, services.settings.language), common.book_of(services)


def chosen(services: Services, book: Book, query: TableQuery, now: datetime, language: str) -> Any:
    """Read what is asked for, with the state that the page calls by one word; cases of one's own alone."""
    found = filters.chosen(services, book, {**query.view(), "state": query.state}, now, language)
    return replace(found, filters=replace(found.filters, party=party(who())))


def about(services: Services, found: Any, now: datetime, language: str) -> documents.About:
    """Say what a file holds."""
    region = services.region
    name = region.names.get("en" if language == LANGUAGES[1] else "zh") or region.name
    said = "；".join(f"{title}：{words}" for _, title, words in found.words)
    return documents.About(name, said, services.geometry.day.isoformat(), now, region.zone, language)


def named(services: Services, now: datetime, ending: str) -> dict[str, str]:
    """Name the file by region and time."""
    at = f"{now.astimezone(services.region.zone):%Y%m%d-%H%M}"
    name = f"{services.region.names.get('zh') or services.region.name}-案件-{at}.{ending}"
    return {"Content-Disposition": f"attachment; filename=\"cases-{at}.{ending}\"; filename*=UTF-8''{quote(name)}"}


def limited(rows: Iterator[Any]) -> Iterator[Any]:
    """Stop where a workbook becomes unwieldy, with a way out."""
    for count, row in enumerate(rows):
        if count == MOST_IN_A_WORKBOOK:
            raise BadQuery(
                f"The filter means more than {MOST_IN_A_WORKBOOK} cases, too many for a workbook;"
                " narrow it, or take the CSV."
            )
        yield row


def encoded(pieces: Iterator[str]) -> Iterator[bytes]:
    """Give text as UTF-8."""
    for piece in pieces:
        yield piece.encode("utf8")
