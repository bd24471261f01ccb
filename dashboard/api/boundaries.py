"""/api/v1/boundaries: versions and publications; files that are sent, checked, looked at, published; withdrawals."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from dashboard import drafting
from dashboard.api.errors import answer
from dashboard.api.given import Given, Json, missing
from dashboard.api.parse import STRICT, Code, storable
from dashboard.auth import who
from dashboard.services import Services
from dashboard.text import LANGUAGES
from data.publishing import drafts

router = APIRouter(prefix="/boundaries", tags=["boundaries"])
SLOW = ThreadPoolExecutor(2, thread_name_prefix="boundaries")
Result = TypeVar("Result")
UPLOAD = "/api/v1/boundaries/drafts"
"""The one path that takes a file."""
ACTOR = "Who does it. Where somebody has signed in, that says it, and what stands here is not believed."
Text = Annotated[str, AfterValidator(storable), Field(max_length=2000)]
FILE = {"requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


class LayerIn(BaseModel):
    """How one layer of the file is to be understood."""

    model_config = STRICT

    layer: Code = Field(description="Layer of the region: `township`, `village`, `grid` …")
    series: Code = Field(description="Series of the codes, such as `mca`.")
    code: Code = Field(description="Column of the codes.")
    name: Code | None = Field(default=None, description="Column of the names.")
    parent: Code | None = Field(default=None, description="Column of the parents' codes; else areas nest as they lie.")
    sublayer: Code | None = Field(default=None, description="Layer of the file, where it holds several.")
    crs: Code | None = Field(default=None, description="Goes before what the file declares: docs/boundary-files.md.")
    encoding: Code | None = Field(default=None, description="Of the texts; else decided by their bytes.")


class CheckIn(BaseModel):
    """How a file is to be checked; its layers change together on one day."""

    model_config = STRICT | ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "begin": "2027-01-01",
                    "repair": False,
                    "layers": [{"layer": "township", "series": "mca", "code": "code", "name": "name"}],
                }
            ]
        }
    )

    begin: date = Field(description="First day on which the new version holds.")
    layers: list[LayerIn] = Field(min_length=1, max_length=20)
    repair: bool = Field(default=False, description="Mend what can be mended; each repair is listed.")


class PublishIn(BaseModel):
    """Who publishes, and why."""

    model_config = STRICT

    actor: Code = Field(default="", description=ACTOR)
    note: Text = Field(default="", description="Why: a document, a decision.")


class WithdrawIn(BaseModel):
    """Who withdraws, and why."""

    model_config = STRICT

    actor: Code = Field(default="", description=ACTOR)
    reason: Text = Field(description="What was wrong with the version.")


@router.get("")
async def many(services: Given) -> Response:
    """List the versions of every layer, what was published (withdrawn too), and files that wait as drafts."""
    return Json(await asyncio.to_thread(drafting.overview, services))


@router.get("/publications/{publication}")
async def one(services: Given, publication: int) -> Response:
    """Give one publication whole, with the report on the file of each layer as it was published."""
    return Json(await asyncio.to_thread(drafting.publication_whole, services, publication))


@router.post("/publications/{publication}/withdrawal")
async def withdraw(services: Given, publication: int, body: WithdrawIn) -> Response:
    """Withdraw a publication: the region is as if it had never been; cases keep their codes."""
    await asyncio.to_thread(drafting.withdraw, services, publication, acting(body.actor), body.reason)
    return Json(await asyncio.to_thread(drafting.publication_whole, services, publication), 201)


@router.post("/drafts", openapi_extra=FILE)
async def send(
    request: Request,
    services: Given,
    file: Annotated[Code, Query(description="Name of the file with its suffix.")],
    actor: Annotated[Code, Query(description=ACTOR)] = "",
) -> Response:
    """Send a boundary file of any format as the body; the answer names its layers and columns, with a proposal."""
    most = services.settings.boundary_limit_bytes
    with TemporaryDirectory(prefix="onemap-upload-") as folder:
        path = Path(folder) / drafting.plain_name(file)
        if not await written(request, path, most):
            return answer(
                413, "body_too_large", f"The file is larger than {most} bytes.", headers={"Connection": "close"}
            )
        draft = await asyncio.to_thread(drafting.receive, services, path, acting(actor))
    return Json(drafting.draft_out(draft), 201)


@router.get("/drafts/{draft}")
async def draft(services: Given, draft: str) -> Response:
    """Give one draft: what the file offers, how it was asked to be understood, what the check found and would move."""
    return Json(drafting.draft_out(await asyncio.to_thread(drafts.draft_of, services.engine, county(services), draft)))


@router.delete("/drafts/{draft}")
async def remove(services: Given, draft: str) -> Response:
    """Remove a draft and its file."""
    await asyncio.to_thread(drafts.remove, services.engine, county(services), draft)
    return Json({"removed": draft})


@router.post("/drafts/{draft}/check")
async def check(services: Given, draft: str, body: CheckIn) -> Response:
    """Check a draft: report, changes, and the cases that it would move. Answers when that is done, and keeps it."""
    asked = body.model_dump(mode="json")
    return Json(drafting.draft_out(await slowly(drafting.check, services, draft, asked)))


@router.get("/drafts/{draft}/report.html")
async def report(
    services: Given,
    draft: str,
    layer: Annotated[Code, Query(description="Layer of the region.")],
    lang: Annotated[str, Query(description=f"Language: {', '.join(LANGUAGES)}.")] = LANGUAGES[0],
) -> Response:
    """Show the report on one layer as a page with a map of each fault."""
    page = await asyncio.to_thread(drafts.page_of, services.engine, county(services), draft, lang, layer)
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


@router.post("/drafts/{draft}/publication")
async def publish(services: Given, draft: str, body: PublishIn) -> Response:
    """Publish a checked draft: all its layers in one transaction. Every server process takes them within seconds."""
    number = await slowly(drafting.publish, services, draft, acting(body.actor), body.note)
    return Json(await asyncio.to_thread(drafting.publication_whole, services, number), 201)


def acting(named: str) -> str:
    """Give the person who acts: the account that has signed in, else whom the request names."""
    if not (who().account or named):
        raise missing("actor")
    return who().account or named


async def slowly(work: Callable[..., Result], *given: Any) -> Result:
    """Do what takes long in threads of its own: a province's file must not hold those that answer everybody else."""
    run = partial(copy_context().run, work, *given)
    return await asyncio.get_running_loop().run_in_executor(SLOW, run)


async def written(request: Request, path: Path, most: int) -> bool:
    """Write a body to a file as it comes; False when it is larger than allowed."""
    size = 0
    with path.open("wb") as file:
        async for part in request.stream():
            size += len(part)
            if size > most:
                return False
            await asyncio.to_thread(file.write, part)
    return True


def county(services: Services) -> str:
    """Whose boundaries these are."""
    return drafting.county_of(services)
