"""Big exports in the background: ask, look, download, cancel; made by whichever process is free."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from dashboard.api.errors import answer
from dashboard.api.given import Given, Json
from dashboard.api.parse import STRICT, Code, Instant
from dashboard.api.query import Codes
from dashboard.auth import who
from dashboard.auth.scope import party
from dashboard.services import Services
from dashboard.text import LANGUAGES
from data import exports
from data.exports import Export, Form
from data.exports.making import MANIFEST
from data.views import CaseFilter

router = APIRouter(prefix="/exports", tags=["exports"])
Number = Annotated[int, InPath(ge=1, le=2**63 - 1)]
SAME_NAMED = ("township", "village", "cell", "matter", "department", "platform", "domain", "status", "source")
MEDIA = {
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


class ExportIn(BaseModel):
    """What is to be exported: no filter means every case that is one's own."""

    model_config = STRICT

    form: Form = Field(description="`parquet` (GeoParquet) or `xlsx` (Excel workbooks).")
    township: Codes
    village: Codes
    cell: Codes
    matter: Codes
    department: Codes = Field(description="With any part in the case.")
    platform: Codes
    domain: Codes
    status: Codes
    source: Codes
    pending: bool | None = Field(default=None, description="Only those that are pending, or that are not.")
    occurred_from: Instant | None = Field(default=None, alias="from")
    occurred_to: Instant | None = Field(default=None, alias="to", description="Occurred before this instant.")
    lang: Code = Field(default=LANGUAGES[0], pattern=f"^({'|'.join(LANGUAGES)})$", description="Of names.")

    def filters(self) -> CaseFilter:
        """Give which cases are meant: those that are one's own, whatever is asked for."""
        same = {name: getattr(self, name) for name in SAME_NAMED}
        return CaseFilter(
            **same, pending=self.pending, occurred_from=self.occurred_from, occurred_to=self.occurred_to,
            party=party(who()),
        )  # fmt: skip


@router.get("")
def every(services: Given) -> Response:
    """Give one's own exports, the newest first."""
    found = exports.of_owner(services.engine, who().account)
    return Json({"exports": [export_out(services, one) for one in found]})


@router.post("", status_code=202)
def ask(services: Given, body: ExportIn) -> Response:
    """Ask for an export; it is made in the background. `GET` its address to see how far it is."""
    made = exports.ask(services.engine, body.form, body.filters(), who().account, services.now(), body.lang)
    return Json(export_out(services, made), 202, {"Location": f"/api/v1/exports/{made.id}"})


@router.get("/{asked}")
def one(services: Given, asked: Number) -> Response:
    """Give an export: its state, cases done and in all, rate, seconds left, and the files that are whole."""
    return Json(export_out(services, exports.find(services.engine, asked, who().account)))


@router.delete("/{asked}", status_code=204)
def cancel(services: Given, asked: Number) -> Response:
    """Cancel an export, or take away one that has ended: it and its files are gone."""
    exports.find(services.engine, asked, who().account)
    exports.drop(services.engine, asked)
    shutil.rmtree(folder_of(services, asked), ignore_errors=True)
    return Response(status_code=204)


@router.post("/{asked}/resume", status_code=202)
def resume(services: Given, asked: Number) -> Response:
    """Let an export that failed go on behind its last whole file."""
    exports.again(services.engine, exports.find(services.engine, asked, who().account))
    return Json(export_out(services, exports.find(services.engine, asked, who().account)), 202)


@router.get("/{asked}/files/{file}", responses={200: {"content": {media: {} for media in MEDIA.values()}}})
def download(services: Given, asked: Number, file: str) -> Response:
    """Give a file of an export, or its manifest."""
    found = exports.find(services.engine, asked, who().account)
    # Looked up and not made into a path: a name from outside never reaches the disk.
    name = next((name for name in files_of(found) if name == file), None)
    path = folder_of(services, asked) / (name or "")
    if name is None or not path.is_file():
        return answer(404, "no_such_file", f"Export {asked} has no file {file[:60]!r}; its address lists those it has.")
    saved = f"{services.region.name}-{asked}-{name}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(saved)}"}
    return FileResponse(path, media_type=MEDIA[name.rpartition(".")[2]], headers=headers)


def folder_of(services: Services, number: int) -> Path:
    """Give the folder of an export."""
    return Path(services.settings.export_folder) / str(number)


def files_of(one: Export) -> list[str]:
    """Name the files that are whole."""
    return [*(part["name"] for part in one.parts), *([MANIFEST] if one.state == "done" else [])]


def export_out(services: Services, one: Export) -> dict[str, Any]:
    """Write an export."""
    kept = timedelta(days=services.settings.export_days)
    sizes = {part["name"]: part for part in one.parts}
    url = f"/api/v1/exports/{one.id}"
    return {
        "id": one.id, "form": one.form, "state": one.state, "done": one.done, "total": one.total,
        "rate": one.rate and round(one.rate), "seconds_left": one.seconds_left and round(one.seconds_left, 1),
        "message": one.message, "wanted": {key: value for key, value in one.wanted.items() if key != "party"},
        "asked_at": one.asked_at, "ended_at": one.ended_at, "kept_until": one.ended_at and one.ended_at + kept,
        "files": [
            {
                "name": name, "url": f"{url}/files/{name}",
                **{key: sizes[name][key] for key in ("rows", "bytes", "sha256") if name in sizes},
            }
            for name in files_of(one)
        ],
    }  # fmt: skip
