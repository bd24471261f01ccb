"""GET /healthz, /readyz and /metrics: whether the process lives, whether it can do its work, and how it stands."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from fastapi import APIRouter
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from dashboard.api.errors import answer
from dashboard.api.given import Given, Json
from dashboard.services import Services
from data import views
from data.engine import is_up_to_date

router = APIRouter(tags=["operation"])
STALE_SECONDS = 10.0
MEGABYTE = 2**20


class Unready(Exception):
    """What keeps the process from its work: a name for programs, a sentence for people."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


def stopping(services: Services) -> None:
    """Refuse once the process has been told to end."""
    if services.live.is_closing:
        raise Unready("stopping", "The process ends; another one answers.")


def database(services: Services) -> None:
    """Refuse unless the database answers."""
    try:
        views.latest_revision(services.engine)
    except SQLAlchemyError as error:
        raise Unready("database_away", f"The database does not answer: {type(error).__name__}.") from None


def board(services: Services) -> None:
    """Refuse unless the board follows the database."""
    current_at = services.live.current_at
    if current_at is None:
        raise Unready("starting", "The board has not been filled yet; ask again in a second.")
    behind_s = (services.now() - current_at).total_seconds()
    if behind_s > STALE_SECONDS:
        raise Unready("board_stale", f"The board has not followed the database for {behind_s:.0f} s; see the log.")


def migrations(services: Services) -> None:
    """Refuse while the tables are older than the code; newer ones are those of a process that is being rolled out."""
    try:
        done = is_up_to_date(services.engine)
    except SQLAlchemyError as error:
        raise Unready("database_away", f"The database does not answer: {type(error).__name__}.") from None
    if not done:
        raise Unready("migrations_missing", "The tables are older than the code; start one process of it anew.")


def disk(services: Services) -> None:
    """Refuse when a disk that is written to has hardly any space left."""
    least = services.settings.disk_free_mb
    for what, folder in written_folders(services).items():
        free = shutil.disk_usage(folder).free // MEGABYTE
        if free < least:
            raise Unready("disk_full", f"The disk of the {what} has {free} MB left, less than {least}; make room.")


CHECKS: Mapping[str, Callable[[Services], None]] = {
    "stopping": stopping,
    "database": database,
    "board": board,
    "migrations": migrations,
    "disk": disk,
}
"""Name of a check to what raises Unready when it fails; the first that fails gives the answer its name."""


def written_folders(services: Services) -> dict[str, Path]:
    """Give the folders of this machine that are written to, as far as they exist."""
    folders = {"packs": Path(services.settings.pack_folder)}
    url = make_url(services.settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        folders["database"] = Path(url.database).resolve().parent
    return {what: folder for what, folder in folders.items() if folder.is_dir()}


@router.get("/healthz")
async def alive(services: Given) -> Response:
    """Answer as long as the process serves at all; asks no database."""
    return Json(
        {"status": "ok", "build": services.build, "region": services.region.name, "streams": services.live.clients}
    )


@router.get("/readyz")
def ready(services: Given) -> Response:
    """Answer 200 when the process can do its work, 503 with each reason otherwise.

    Asked are: that it does not end just now, the database, the board that follows it, migrations, space on the disk.
    """
    wrong: dict[str, Unready] = {}
    for name, check in CHECKS.items():
        try:
            check(services)
        except Unready as error:
            wrong[name] = error
    checks = {name: "ok" if name not in wrong else wrong[name].name for name in CHECKS}
    if wrong:
        detail = " ".join(dict.fromkeys(str(error) for error in wrong.values()))
        return answer(503, next(iter(wrong.values())).name, detail, checks=checks)
    revision = views.latest_revision(services.engine)
    return Json({"status": "ready", "revision": revision, "board_revision": services.board.revision, "checks": checks})


@router.get("/metrics", response_class=Response)
def metrics(services: Given) -> Response:
    """How this process stands, in Prometheus' text format; every process answers for itself.

    For administrators, for whoever sits at this machine while nobody has to sign in, and for the key of the setting
    `ONEMAP_METRICS_KEY` (`Authorization: Bearer …`).
    """
    return Response(generate_latest(services.metrics.registry), media_type=CONTENT_TYPE_LATEST)
