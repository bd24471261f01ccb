"""What comes through the door, as shapes. The rules of the trade (lengths, times, codes) are the desk's, not ours.

A point is not judged here at all: whatever stands in its place is handed on, so that the case is kept and flagged.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from cases.desk import EventRequest, Report

LATEST_YEAR = 2200
POINT_KEYS = {"x", "y", "crs"}
LEAD = "lead"


def written(value: Any) -> Any:
    """Take only text for an instant: a bare number might be seconds, milliseconds or a day in a spreadsheet."""
    if value is not None and not isinstance(value, str | datetime):
        raise ValueError("give it as text with its offset, such as 2026-11-24T08:15:00+08:00")
    return value


def in_utc(value: datetime) -> datetime:
    """Move an instant to UTC; the first and last years of the calendar cannot be moved and are never meant."""
    if not 1 < value.year < LATEST_YEAR:
        raise ValueError(f"{value.isoformat()} is not a year in which anything can have happened")
    return value.astimezone(UTC)


def storable(value: str) -> str:
    """Refuse what no database can compare with: a NUL, half a character."""
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("it holds a NUL or half a character; remove it")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(written), AfterValidator(in_utc)]
Code = Annotated[str, AfterValidator(storable), Field(max_length=200)]
# A misspelt field would be lost in silence, so it is refused; what a source has of its own goes into `attributes`.
STRICT = ConfigDict(extra="forbid")
REPORT_EXAMPLE = {
    "matter": "YJS-01",
    "source": "grid",
    "source_id": "2026-11-24-000017",
    "occurred_at": "2026-11-24T08:15:00+08:00",
    "point": {"x": 121.2665, "y": 30.1703, "crs": "EPSG:4490"},
    "description": "楼下饭店油烟直排，晚上尤其严重",
    "contact": {"name": "", "phone": ""},
    "photos": [],
    "attributes": {},
}
SUBJECT_EXAMPLE = REPORT_EXAMPLE | {
    "source_id": "2026-11-24-000018",
    "subject": {"credit_code": "91330282MA2AJ0001Y", "name": "示范餐饮店一"},
}
EVENT_EXAMPLES = [
    {"kind": "accepted", "occurred_at": "2026-11-24T08:30:00+08:00", "actor": "zhzf", "leg": "lead", "data": {}},
    {
        "kind": "found",
        "occurred_at": "2026-11-24T09:10:00+08:00",
        "actor": "sthj",
        "department": "sthj",
        "data": {"finding": "油烟净化器未清洗"},
    },
]


class ReportIn(BaseModel):
    """A report: something happened somewhere."""

    model_config = STRICT | ConfigDict(json_schema_extra={"examples": [REPORT_EXAMPLE, SUBJECT_EXAMPLE]})

    matter: str = Field(description="Code of an item of the lists; `GET /api/v1/region` names them all.")
    source: str = Field(description="Code of a reporting source of the region.")
    source_id: str = Field(description="The report's own id there. Sending it again with the same body is safe.")
    occurred_at: Instant = Field(description="When it happened: ISO 8601 with an offset.")
    received_at: Instant | None = Field(
        default=None, description="When the centre got it, if later: from then the lead has its time."
    )
    point: Any = Field(
        default=None,
        description="`{x, y, crs}`: longitude and latitude in degrees, or metres of the CRS; without `crs`, that of the"
        " source. A point that is missing or makes no sense does not lose the case: it is kept and flagged.",
    )
    description: str = ""
    contact: dict[str, Any] | None = Field(
        default=None, description="`{name, phone}`: whom to answer. Masked in lists."
    )
    photos: list[str] = Field(default_factory=list, description="Addresses that begin with http:// or https://.")
    attributes: dict[str, Any] | None = Field(default=None, description="Anything else that the source knows.")
    subject: Any = Field(
        default=None,
        description="The enterprise or site that it is about: `{credit_code, name}` with the 18 characters of GB 32100,"
        " or `{site, name}`. Cases of one subject share one visit.",
    )

    def report(self) -> Report:
        """Give the same for the desk."""
        x, y, crs = raw_point(self.point)
        return Report(
            matter=self.matter,
            source=self.source,
            source_id=self.source_id,
            occurred_at=self.occurred_at,
            received_at=self.received_at,
            x=x,
            y=y,
            crs=crs,
            description=self.description,
            contact=self.contact or {},
            photos=tuple(self.photos),
            attributes=self.attributes or {},
            subject=self.subject,
        )


class EventIn(BaseModel):
    """Something that happened to a case."""

    model_config = STRICT | ConfigDict(json_schema_extra={"examples": EVENT_EXAMPLES})

    kind: str = Field(description="accepted, arrived, found, finished, verified, closed, returned, transferred, ...")
    occurred_at: Instant = Field(description="When it happened: ISO 8601 with an offset.")
    actor: str | None = Field(
        default=None,
        description="Who did it: code of a department, unit or source, never a person's name. Where somebody has signed"
        " in or sends a key, that says it, and what stands here is not believed.",
    )
    leg: Annotated[int, Field(ge=1, le=1000)] | Literal["lead"] | None = Field(
        default=None, description="Number of the leg that it concerns, or `lead` for the one that leads now."
    )
    department: str | None = Field(default=None, description="Instead of `leg`: the department whose leg it concerns.")
    data: dict[str, Any] | None = Field(default=None, description="The kind's own facts.")

    def request(self) -> EventRequest:
        """Give the same for the desk, to which no leg means the lead."""
        return EventRequest(
            kind=self.kind,
            occurred_at=self.occurred_at,
            actor=self.actor or "",
            leg=None if self.leg == LEAD else self.leg,
            department=self.department,
            data=self.data or {},
        )


def raw_point(point: Any) -> tuple[Any, Any, Any]:
    """Give (x, y, crs) of whatever stands in the place of a point; nothing of it is dropped."""
    if isinstance(point, Mapping) and point.keys() <= POINT_KEYS:
        return point.get("x"), point.get("y"), point.get("crs")
    return point, None, None
