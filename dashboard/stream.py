"""The live stream: one task per process follows the database by revision, and every open page is told what changed.

The truth is in the database. This process's own commits nudge the task, and so do foreign ones where the database
tells of them (`data.waking`); one poll finds what nobody told, so any number of processes may serve. Messages are made
once and the same bytes go to every client; a client is a position in one shared ring, so a slow one costs nothing and,
once it has fallen out of the ring, is let go to come back and get everything anew.

A message's id is ``<revision>.<milliseconds>``. The picture is a pure function of these two, so an id that one process
has sent may be resumed at any other process of the same database that has sent it, too. Clients treat it as opaque.
"""

import asyncio
import contextlib
import itertools
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Protocol

import orjson

from dashboard import board as boards
from data.views import CaseRow, EventRow

log = logging.getLogger(__name__)
RETRY_MS = 1000
COME_BACK_MS = 2000  # within this, each at its own moment, those come back whose process stops
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0)
# A burst of commits is told in steps of this, so that its cost does not follow its rate; the first waits for nothing.
GATHER_S = 0.04
SHORTEST_REST_S = 0.01
# A clock that is set back by less is waited for; by more, the pictures of the wrong future are withdrawn.
SET_BACK = timedelta(seconds=2)
DECIMALS = 5  # of degrees: a metre, for a ring on the map
TICKER = 200  # most events told in one delta: nobody reads more, and an import brings thousands


@dataclass(frozen=True, slots=True)
class Changes:
    """What the database has that the board has not: changed cases and events, both up to `revision`."""

    rows: Sequence[CaseRow]
    events: Sequence[EventRow]
    revision: int


class Source(Protocol):
    """Where the truth is; blocking calls, made in a thread."""

    def pending(self) -> tuple[Sequence[CaseRow], int]:
        """Give all pending cases and the revision that they hold for."""
        ...

    def changes(self, since: int) -> Changes | None:
        """Give what came after `since`, or None when nothing did."""
        ...

    def day(self, start: datetime, end: datetime) -> boards.Day:
        """Give what happened from `start` up to `end`."""
        ...


def message(event: str, data: Any, identity: str = "") -> bytes:
    """Write one server-sent event; the data is one line of JSON."""
    head = f"id: {identity}\n" if identity else ""
    return f"{head}event: {event}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"


def name_of(picture: boards.Picture) -> str:
    """Give the id of the message after which a client shows this picture."""
    return f"{picture.revision}.{boards.milliseconds(picture.at)}"


@dataclass(frozen=True, slots=True)
class Told:
    """One message in the ring: its position in the life of the process, the ids before and after it, its bytes."""

    position: int
    before: str
    after: str
    sent: bytes


class Broadcaster:
    """Follows the truth, keeps the board, tells the clients.

    Parameters
    ----------
    greeting
        What `hello` says beside revision and time: build id and region.
    now
        Gives the current instant (aware UTC); tests give their own.
    zone
        In which zone a day begins.
    poll_s, heartbeat_s
        How often to look for foreign commits that nobody told of, and the longest silence towards a client, in seconds.
    memory
        How many deltas are kept for those who come back.
    """

    def __init__(
        self,
        board: boards.Board,
        source: Source,
        now: Callable[[], datetime],
        zone: tzinfo,
        *,
        greeting: dict[str, Any],
        poll_s: float = 0.2,
        heartbeat_s: float = 15.0,
        memory: int = 1000,
    ) -> None:
        self.board = board
        self.clients = 0
        self.current_at: datetime | None = None  # the last instant at which the board was known to equal the database
        self._source, self._now, self._zone, self._greeting = source, now, zone, greeting
        self._poll_s, self._heartbeat_s = poll_s, heartbeat_s
        self._ring: deque[Told] = deque(maxlen=memory)
        self._position = 0
        self._picture: boards.Picture | None = None
        self._next_change: datetime | None = None
        self._date: date | None = None
        self._full: tuple[str, bytes] = ("", b"")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._nudged = asyncio.Event()
        self._news = asyncio.Event()
        self._closing = False

    # --- following ---

    async def start(self) -> None:
        """Read the pending cases once; raises what the database raises."""
        self._loop = asyncio.get_running_loop()
        self._nudged, self._news, self._closing = asyncio.Event(), asyncio.Event(), False
        await asyncio.to_thread(self._load)

    def nudge(self) -> None:
        """Say from any thread that this process has just committed something."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._nudged.set)

    def close(self) -> None:
        """End the task and every stream; called on the event loop."""
        self._closing = True
        self._nudged.set()
        self._news.set()

    @property
    def is_closing(self) -> bool:
        """Whether the process, or this edition of it, has been told to end."""
        return self._closing

    async def run(self) -> None:
        """Follow the database until `close`; a database that is away is tried again and again."""
        failures = 0
        while not self._closing:
            try:
                await self._step()
                failures, pause = 0, self._rest()
            except Exception:
                # Whatever the database raises while it is away: the wall keeps its last picture and says how old it is.
                if failures == 0:
                    log.exception("The live stream cannot read the database; it will keep trying")
                pause = BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)]
                failures += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), pause)
            self._nudged.clear()

    def _rest(self) -> float:
        """Say for how long nothing needs to be looked at unless somebody nudges, in seconds."""
        if self._next_change is None:
            return self._poll_s
        return min(self._poll_s, max(SHORTEST_REST_S, (self._next_change - self._now()).total_seconds()))

    async def _step(self) -> None:
        found = await asyncio.to_thread(self._fold)
        if found is None:
            return
        # Picture and message change hands together, on the loop: a client that opens meanwhile gets one or the other.
        before, (self._picture, data) = self._shown, found
        if self._picture.at < before.at:  # the clock was set back
            self._ring.clear()
            self._tell("full", boards.full(self._picture), before)
        else:
            self._tell("delta", data, before)
        await asyncio.sleep(GATHER_S)

    @property
    def _shown(self) -> boards.Picture:
        if self._picture is None:
            raise RuntimeError("The stream has not been started: enter the application's lifespan first.")
        return self._picture

    def _instant(self) -> datetime:
        """Now in whole milliseconds, so that the id of a message says exactly which picture it leads to."""
        now = self._now()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        if self._picture is not None and self._picture.at - SET_BACK < now < self._picture.at:
            return self._picture.at
        return now

    def _load(self) -> None:
        at = self._instant()
        rows, revision = self._source.pending()
        day = self._today(at)
        self.board.load(rows, revision)
        self._picture = self._draw(at, day)

    def _today(self, at: datetime) -> boards.Day:
        self._date = at.astimezone(self._zone).date()
        return self._source.day(datetime.combine(self._date, time.min, tzinfo=self._zone), at)

    def _draw(self, at: datetime, day: boards.Day) -> boards.Picture:
        self.board.day = day
        self._next_change = self.board.next_change(at)
        self.current_at = at
        return self.board.picture(at)

    def _fold(self) -> tuple[boards.Picture, dict[str, Any]] | None:
        """Take in what is new, draw it, say what differs; None when neither data nor time changed anything."""
        at, before = self._instant(), self._shown
        changes = self._source.changes(self.board.revision)
        is_due = self._next_change is not None and self._next_change <= at
        if changes is None and not is_due and at >= before.at and at.astimezone(self._zone).date() == self._date:
            self.current_at = at
            return None
        day = self._today(at)  # every question to the database comes before the first change of the board
        cases = [] if changes is None else self._take(changes, at)
        picture = self._draw(at, day)
        data = {"rev": picture.revision, "at": boards.milliseconds(at)} | boards.delta(before, picture)
        return picture, data | ({"cases": cases} if cases else {})

    def _take(self, changes: Changes, at: datetime) -> list[dict[str, Any]]:
        """Fold changed cases into the board; give one entry per event for tickers."""
        moves = self.board.apply(changes.rows)
        self.board.revision = max(self.board.revision, changes.revision)
        rows = {row.number: row for row in changes.rows}
        told = [h for h in changes.events if h.number in rows]
        first = {h.number: h.revision for h in reversed(told)}
        last = {h.number: h.revision for h in told}
        found = []
        for h in told[-TICKER:]:
            move = moves[h.number]
            is_the_one = h.revision == (first if move == "came" else last)[h.number]
            found.append(self._entry(h, rows[h.number], move if is_the_one else "event", at))
        return found

    def _entry(self, event: EventRow, row: CaseRow, move: str, at: datetime) -> dict[str, Any]:
        entry = {
            "n": row.number,
            "k": move,
            "e": event.kind,
            "g": self.board.cell_gid(row),
            "t": row.township,
            "m": row.matter,
            "l": int(row.level(at)),
            "at": boards.milliseconds(event.occurred_at),
            "x": None if row.lon is None else round(row.lon, DECIMALS),
            "y": None if row.lat is None else round(row.lat, DECIMALS),
        }
        return {k: v for k, v in entry.items() if v is not None}

    def _tell(self, event: str, data: dict[str, Any], before: boards.Picture) -> None:
        self._position += 1
        after = name_of(self._shown)
        self._ring.append(Told(self._position, name_of(before), after, message(event, data, after)))
        news, self._news = self._news, asyncio.Event()
        news.set()

    # --- clients ---

    async def follow(self, last_id: str = "") -> AsyncIterator[bytes]:
        """Give one client its messages until it goes, falls too far behind, or the server stops.

        Parameters
        ----------
        last_id
            The id of the last message that it has; empty for a new client.
        """
        self.clients += 1
        try:
            position, opening = self._open(last_id)
            yield opening
            while not self._closing:
                news = self._news
                waiting = self._after(position)
                if waiting is None:
                    return
                if waiting:
                    position = waiting[-1].position
                    yield b"".join(told.sent for told in waiting)
                    continue
                try:
                    await asyncio.wait_for(news.wait(), self._heartbeat_s)
                except TimeoutError:
                    yield self._heartbeat()
            yield message("again", {"within": COME_BACK_MS})
        finally:
            self.clients -= 1

    def _open(self, last_id: str) -> tuple[int, bytes]:
        """Give the position from which to go on, and the first bytes: greeting, and what the client lacks."""
        shown = self._shown
        hello = self._greeting | {"rev": shown.revision, "now": boards.milliseconds(self._now())}
        parts = [f"retry: {RETRY_MS}\n".encode(), message("hello", hello)]
        position = self._known(last_id) if last_id else None
        if position is None:
            position = self._position
            if self._full[0] != name_of(shown):
                self._full = (name_of(shown), message("full", boards.full(shown), name_of(shown)))
            parts += [message("reset", {"rev": shown.revision})] * bool(last_id) + [self._full[1]]
        return position, b"".join(parts)

    def _known(self, last_id: str) -> int | None:
        """Give the position after which a client with this id goes on; None when its picture is not in memory."""
        if last_id == name_of(self._shown):
            return self._position
        for told in reversed(self._ring):
            if told.before == last_id:
                return told.position - 1
        return None

    def _after(self, position: int) -> list[Told] | None:
        """Give the messages after a position; None when some of them are forgotten already."""
        if position == self._position:
            return []
        oldest = self._ring[0].position
        return None if position < oldest - 1 else list(itertools.islice(self._ring, position - oldest + 1, None))

    def _heartbeat(self) -> bytes:
        at = self.current_at or self._shown.at
        return message("heartbeat", {"at": boards.milliseconds(at), "rev": self._shown.revision})
