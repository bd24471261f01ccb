"""The composition root."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Engine

from cases.supervision import NoticeKind
from dashboard import geometry as geometries
from dashboard import shell, text
from dashboard.api import boundaries, docs, errors, routes
from dashboard.auth.access import open_access
from dashboard.board import Board
from dashboard.documents.answering import Answering
from dashboard.documents.maps.daily import LOOK_EVERY_S, keep_making
from dashboard.documents.maps.making import MapRoom
from dashboard.duties import PACK, Duties
from dashboard.history import Grounds, Machine
from dashboard.metrics import Metrics
from dashboard.notifying import Notifier, directory_of, endpoint
from dashboard.pages import common
from dashboard.server import gate, pages
from dashboard.server.build import build_id
from dashboard.server.compression import Compression
from dashboard.server.exporting import Exporting
from dashboard.server.keeping import keep_months_ready
from dashboard.server.security import BodyLimit, SafeHeaders, hashes_of, policy
from dashboard.server.standing import Standing
from dashboard.server.tracing import Traced
from dashboard.server.truth import Truth
from dashboard.services import Services, desk_of
from dashboard.settings import ASSETS, ROOT, Settings
from dashboard.stream import Broadcaster
from dashboard.views import notices
from data import publishing, tracing
from data.engine import migrate, open_engine
from data.gis import write_areas
from data.judgements import Judgements
from data.lists import Library
from data.region import Region
from data.store import SqlCaseStore
from data.waking import Waking


def utc_now() -> datetime:
    """Ask the machine's clock."""
    return datetime.now(UTC)


def create_app(
    settings: Settings, *, now: Callable[[], datetime] = utc_now, services: Services | None = None
) -> FastAPI:
    """Make one application: API, live stream and pages over one region and one database.

    The tables are brought up to date here. The stream begins with the application's lifespan.

    Parameters
    ----------
    now
        Gives the current instant, aware UTC; tests give their own.
    services
        What `make_services` opened, which takes most of the time and may be done in a thread; the rest may not, because
        Dash keeps its pages in one registry for the whole process.

    Raises
    ------
    SettingsError, RegionError, SQLAlchemyError
        A setting, the region pack or the database cannot be used; each message says how to mend it.
    """
    services = services or make_services(settings, now)
    app = FastAPI(
        title=f"OneMap {services.region.names.get('zh', services.region.name)}",
        version=services.build,
        openapi_url=docs.OPENAPI_URL,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    services.metrics.registry.register(Standing(services))
    app.state.notifier = make_notifier(services)
    app.state.map_room = MapRoom(services.engine, services.region, common.book_of(services), services.now)
    errors.register(app)
    docs_page = docs.install(app)
    routes.include(app)
    dash_app = pages.mount(app, services)
    app.state.dash, app.state.pages = dash_app, shell.install(dash_app, services)
    pages.finish(app, dash_app)
    # Each one added lies around those before it.
    gate.install(app, services, app.state.pages)
    files = {boundaries.UPLOAD: settings.boundary_limit_bytes}
    app.add_middleware(BodyLimit, limit_bytes=settings.body_limit_bytes, files=files)
    app.add_middleware(Compression)
    # It answers what nobody foresaw, too; so the headers lie around it.
    app.add_middleware(Traced, services=services)
    app.add_middleware(
        SafeHeaders,
        content_policy=policy(dash_app.csp_hashes()),
        by_path={docs.DOCS_URL: policy(hashes_of(docs_page))},
        public_url=settings.public_url,
    )
    return app


def make_services(settings: Settings, now: Callable[[], datetime]) -> Services:
    """Open what an application stands on; nothing stays open when something of it cannot be used."""
    folder = settings.region_folder()
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
        standing = publishing.open_standing(folder, engine)
        write_areas(engine, region := publishing.region_at(standing, settings.indexes()))
        geometry = geometries.prepare(region, region.local_day(now()))
    except BaseException:
        engine.dispose()
        raise
    # Boundaries change while code does not: a page must meet another build then, whatever the operator calls the code.
    build = f"{settings.build or build_id((ROOT / 'dashboard', ASSETS), region.name)}-{geometry.fingerprint()[:8]}"
    board, metrics = Board(geometry.ground), Metrics(region.sources.keys())
    tracing.watch(engine, settings.slow_query_ms / 1000, metrics.slow_statement)
    library = Library(engine, region)
    return Services(
        settings,
        region,
        engine,
        library,
        desk=desk_of(region, SqlCaseStore(engine), library),
        board=board,
        live=make_live(settings, region, board, engine, now, build),
        geometry=geometry,
        now=now,
        build=build,
        judgements=Judgements(engine, region.organisation, region.assessment, region.zone),
        history=Machine(engine, region, Grounds(region, geometry), library.current, now),
        published=standing.counter,
        access=open_access(engine, settings, directory_of(region), now),
        duties=Duties(engine, settings.lease_seconds),
        metrics=metrics,
    )


def make_live(
    settings: Settings, region: Region, board: Board, engine: Engine, now: Callable[[], datetime], build: str
) -> Broadcaster:
    """Make the live stream of a board over a database."""
    return Broadcaster(
        board,
        Truth(engine),
        now,
        region.zone,
        greeting={"build": build, "region": region.name},
        poll_s=settings.poll_ms / 1000,
        heartbeat_s=settings.heartbeat_seconds,
        memory=settings.stream_memory,
    )


def make_notifier(services: Services) -> Notifier:
    """Make the notifier, which tells people in the language of a first visit."""
    language = next(name for name in text.LANGUAGES if name.startswith(services.settings.language))
    said = partial(notices.sentence, book=common.book_of(services), language=language)
    answers = Answering(services.engine, services.region.calendar, services.desk, services.now)
    result = NoticeKind.RESULT.value
    to = endpoint(services.settings, services.region.name)
    return Notifier(services, to, said, {result: answers.payload}, {result: answers.arrived})


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Run the live stream and the notifier as long as the application serves."""
    services: Services = app.state.services
    await services.live.start()
    duties = services.duties
    await asyncio.to_thread(duties.renew)
    following = asyncio.create_task(services.live.run(), name="live stream")
    settings = services.settings
    every_s = min(LOOK_EVERY_S, settings.lease_seconds)
    packs = keep_making(app.state.map_room, Path(settings.pack_folder), lambda: duties.has(PACK), every_s)
    exporting = Exporting(services)
    tasks = {
        "packs": packs,
        "rights": services.access.rights.run(),
        "duties": duties.run(),
        "waking": Waking(services.engine, services.live.nudge).run(),
        "months": keep_months_ready(services.engine, services.now),
        "exports": exporting.run(),
    }
    others = [asyncio.create_task(task, name=name) for name, task in tasks.items()]
    notifier: Notifier = app.state.notifier
    try:
        async with notifier.running():
            yield
    finally:
        services.live.close()
        exporting.stop()
        for task in others:
            task.cancel()
        await asyncio.gather(following, *others, return_exceptions=True)
        await asyncio.to_thread(duties.resign)
        services.engine.dispose()
