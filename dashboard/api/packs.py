"""/api/v1/packs: the daily packs of map sheets that are kept, and each as PDF."""

from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from dashboard.api.errors import answer
from dashboard.api.given import Given, Json
from dashboard.documents.maps.pack import packs

router = APIRouter(prefix="/packs", tags=["snapshot"])


@router.get("")
def every(services: Given) -> Response:
    """Packs that are kept, the newest day first, with size and SHA-256."""
    return Json({"packs": [asdict(pack) for pack in packs(Path(services.settings.pack_folder))]})


@router.get("/{day}", responses={200: {"content": {"application/pdf": {}}}})
def one(services: Given, day: str) -> Response:
    """Give the pack of a day as PDF: an index, the county, every township."""
    folder = Path(services.settings.pack_folder)
    # Looked up in the list and not made into a path: a name from outside never reaches the disk.
    found = next((pack for pack in packs(folder) if pack.day == day), None)
    if found is None:
        return answer(
            404, "no_such_pack", f"There is no pack of {day[:20]!r}; /api/v1/packs lists those that are kept."
        )
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(found.file)}"}
    return FileResponse(folder / found.file, media_type="application/pdf", headers=headers)
