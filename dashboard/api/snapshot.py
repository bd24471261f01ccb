"""GET /api/v1/snapshot.{form}: a map sheet of any moment, as PDF, PNG, SVG, and its figures for programs."""

from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from dashboard.api.given import Given
from dashboard.api.parse import Code, Instant
from dashboard.api.query import LEVELS, Codes, LevelName
from dashboard.auth import who
from dashboard.auth.scope import party
from dashboard.documents.maps.making import PICTURES, MapRoom
from dashboard.documents.maps.wanted import Format, Measure, Paper, Wanted
from dashboard.text import LANGUAGES
from data.views import CaseFilter

router = APIRouter(tags=["snapshot"])
FORMS = StrEnum("FORMS", {form.name: form.value for form in Format})  # type: ignore[misc]
SAME_NAMED = ("village", "cell", "matter", "department", "platform", "domain", "source")


class SnapshotQuery(BaseModel):
    """What the sheet shows; a misspelt wish is refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    at: Instant | None = Field(default=None, description="The moment, with its offset; now if missing.")
    measure: Measure = Measure.LEVEL
    paper: Paper = Paper.A4
    area: Code | None = Field(default=None, description="Code of the township that fills the sheet.")
    dpi: int = Field(default=150, description="Of a PNG, 72 to 600.")
    lang: str = Field(default=LANGUAGES[0], pattern=f"^({'|'.join(LANGUAGES)})$")
    village: Codes
    cell: Codes
    matter: Codes
    department: Codes
    platform: Codes
    domain: Codes
    source: Codes
    level: tuple[LevelName, ...] = Field(default=(), description="At the moment of the sheet.")
    occurred_from: Instant | None = Field(default=None, alias="from")
    occurred_to: Instant | None = Field(default=None, alias="to")

    def wanted(self, services: Given, form: Format) -> Wanted:
        """Give the question as the map room takes it.

        A picture counts every case, as the cockpit does; what programs read lists those alone that are one's own.
        """
        filters = CaseFilter(
            **{name: getattr(self, name) for name in SAME_NAMED},
            level=tuple(LEVELS[name] for name in self.level),
            occurred_from=self.occurred_from,
            occurred_to=self.occurred_to,
            party=None if form in PICTURES else party(who()),
        )
        at = self.at or services.now().replace(microsecond=0)
        return Wanted(at, self.measure, self.paper, self.area, filters, self.lang, self.dpi, person())


def person() -> str:
    """Give whose name stands in the sheet; empty while nobody has to sign in."""
    asking = who()
    return asking.display or asking.account


@router.get("/snapshot.{form}", responses={200: {"content": {"application/pdf": {}, "image/png": {}}}})
def snapshot(services: Given, request: Request, form: FORMS, query: Annotated[SnapshotQuery, Query()]) -> Response:
    """Draw a map sheet of a moment: A4 or A3, the whole region or one township, by level or by a measure.

    `pdf` (vector, fonts inside), `png`, `svg`; or the same cases and figures with a manifest as `gpkg`, `geojson`,
    `parquet`, `xlsx`, `csv.zip`. The same question about the past gives the same bytes as long as nothing is added.
    """
    room: MapRoom = request.app.state.map_room
    wished = Format(form.value)
    made = room.make(query.wanted(services, wished), wished)
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(made.name)}",
        "X-Check-Code": made.code,
        "Cache-Control": "private, no-cache",
    }
    return Response(made.body, media_type=made.media_type, headers=headers)
