"""Which cases a list request means."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cases.clock import Level
from dashboard.api.parse import Code, Instant

Codes = Annotated[tuple[Code, ...], Field(default=(), max_length=200)]
LevelName = Literal["none", "green", "amber", "red"]
LEVELS: dict[LevelName, Level] = {"none": Level.NONE, "green": Level.GREEN, "amber": Level.AMBER, "red": Level.RED}


class CaseQuery(BaseModel):
    """Filters, each of which may be given several times (any of them), and the page; a misspelt one is refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    township: Codes
    village: Codes
    cell: Codes
    matter: Codes
    department: Codes = Field(description="With any part in the case.")
    platform: Codes
    domain: Codes
    status: Codes
    source: Codes
    level: tuple[LevelName, ...] = Field(default=(), description="As of now; `none` are the cases no longer pending.")
    occurred_from: Instant | None = Field(default=None, alias="from", description="Occurred at this instant or after.")
    occurred_to: Instant | None = Field(default=None, alias="to", description="Occurred before this instant.")
    order: Literal["occurred", "revision"] = Field(
        default="occurred", description="`occurred`: newest first; `revision`: as changes were committed, for copying."
    )
    cursor: Code | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=100, ge=1)
