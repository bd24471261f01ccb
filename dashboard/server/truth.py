"""Where the live stream reads: the views of the database, in the pieces that it asks for."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine

from dashboard.board import Day
from dashboard.stream import TICKER, Changes
from data import views
from data.views import CaseRow

BATCH = 1000


class Truth:
    """The database as `dashboard.stream.Source`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def pending(self) -> tuple[Sequence[CaseRow], int]:
        """Give all pending cases and the revision that they hold for."""
        revision, rows = views.open_board(self._engine)
        return rows, revision

    def changes(self, since: int) -> Changes | None:
        """Give the cases and the last events after `since`; None when there is nothing."""
        rows: list[CaseRow] = []
        revision = since
        while batch := views.cases_changed_since(self._engine, revision, BATCH):
            rows += batch
            revision = batch[-1].revision
            if len(batch) < BATCH:
                break
        if not rows:
            return None
        # Events that are committed meanwhile belong to the next change.
        events = [e for e in views.latest_events(self._engine, TICKER, since) if e.revision <= revision]
        return Changes(rows, events[::-1], revision)

    def day(self, start: datetime, end: datetime) -> Day:
        """Give what was received and closed from `start` on, before `end`."""
        found = views.day_figures(self._engine, start, end)
        return Day(found.received, found.closed, found.reports)
