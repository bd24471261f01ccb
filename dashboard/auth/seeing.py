"""Who saw what: opened cases behind which a reporter stands, and lists that were taken away, stand in the audit."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cases.case import CaseState
from dashboard.auth.identity import Identity
from dashboard.auth.record import What, entry
from dashboard.auth.roles import Role
from data import accounts

log = logging.getLogger(__name__)
ONE_LOOK = timedelta(minutes=10)
"""Within this a page that draws itself anew, or is opened once more, is one look."""
REMEMBERED = 10_000


class Seeing:
    """Writes what somebody saw; threads share it.

    Where nobody signs in, nobody can be named, and a source reads what it has sent itself: nothing is written then.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now
        self._last: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._lock = threading.Lock()

    def opened(self, who: Identity, state: CaseState) -> None:
        """Record that a case was opened, once a look; the contact is masked there, and showing it is another row."""
        if self._can_be_named(who) and state.report.get("contact") and self._is_a_new_look(who.account, state.number):
            self._note(who, What.OPENED, state.number)

    def taken(self, who: Identity, what: str) -> None:
        """Record that a list was taken away as a file."""
        if self._can_be_named(who):
            self._note(who, What.TAKEN, what)

    @staticmethod
    def _can_be_named(who: Identity) -> bool:
        return bool(who.account) and who.role not in (Role.OPEN, Role.REPORTER)

    def _is_a_new_look(self, account: str, number: str) -> bool:
        now, key = self._now(), (account, number)
        with self._lock:
            last = self._last.get(key)
            if last is not None and abs(now - last) < ONE_LOOK:
                return False
            self._last[key] = now
            self._last.move_to_end(key)
            while len(self._last) > REMEMBERED:
                self._last.popitem(last=False)
        return True

    def _note(self, who: Identity, what: What, target: str) -> None:
        try:
            accounts.note(self._engine, entry(who, what, target), self._now())
        except SQLAlchemyError:
            # Masked data may be read while nothing can be written, as from a disk that is full; the log says who did.
            log.exception("The audit cannot be written: %s %s %s", who.account, what, target)
