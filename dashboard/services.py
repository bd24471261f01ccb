"""What pages and routes are given: everything that one application is made of, in one place."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from cases.desk import Desk
from cases.ports import CaseStore
from dashboard.auth.access import Access
from dashboard.board import Board
from dashboard.duties import Duties
from dashboard.geometry import Geometry
from dashboard.history import Machine
from dashboard.metrics import Metrics
from dashboard.settings import Settings
from dashboard.stream import Broadcaster
from data.judgements import Judgements
from data.lists import Library
from data.region import Region


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one application, made by `dashboard.server.create_app`.

    Attributes
    ----------
    engine
        For `data.views`, the only readers of the database.
    library
        The lists as they are published now: `library.current().on(day)`.
    desk
        The only writer: receives reports and records events.
    board
        Counts of pending cases for any instant from now on, without the database; safe to call from any thread.
    live
        The stream; after writing through the desk, call `live.nudge()`.
    geometry
        URLs of the layers, gids, bounds.
    now
        The current instant, aware UTC; never ask the clock directly.
    build
        Build id; a page that meets another one reloads itself.
    judgements
        Assessment of stationed units: the sheet of a period, ratings, consultations.
    history
        The time machine: moments of the past, hot spots, what to expect.
    published
        The counter of publications when the region was loaded; see `data.publishing`.
    access
        Who asks, how people come in, and what an administrator changes.
    duties
        What this process does for all of them.
    metrics
        What it counts of its own work.
    """

    settings: Settings
    region: Region
    engine: Engine
    library: Library
    desk: Desk
    board: Board
    live: Broadcaster
    geometry: Geometry
    now: Callable[[], datetime]
    build: str
    judgements: Judgements
    history: Machine
    published: int
    access: Access
    duties: Duties
    metrics: Metrics


def desk_of(region: Region, store: CaseStore, library: Library) -> Desk:
    """Make the desk of a region over a memory of cases and the lists as they are published."""
    return Desk(
        store=store,
        gazetteer=region,
        organisation=region.organisation,
        lists=library.latest,
        sources=region.sources.keys(),
        calendar=region.calendar,
        budgets=region.budgets,
        prefix=region.number_prefix,
        future_skew=region.future_skew,
        inspection_window=region.inspection_window,
    )
