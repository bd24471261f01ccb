"""The lists of a region as they are published now: the pack's own version, and those that the database holds.

Beside them stand the rulings on disputes, each in the version that held when it was made. The counter of the lists
moves with a published version and with a ruling, so that both are seen by every process.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, insert, select, update

from cases.case import LegRole
from cases.dispute import Ruling
from cases.errors import BadList
from cases.lists import Lists, ListVersion
from data import tables
from data.engine import reading, writing
from data.lists.drafting import Draft, Standing
from data.region import Region
from data.region.faults import Report
from data.region.items import LIST_FILES, ListHead, version_of
from data.region.lists import read_list_rows
from data.region.tables import Row

logger = logging.getLogger(__name__)

FRESH_S = 1.0
"""How long an answer is given again without asking the database whether a version was published or a ruling made."""

_COUNTER = select(tables.counters.c.value).where(tables.counters.c.name == tables.LISTS)
_COUNT = (
    update(tables.counters)
    .where(tables.counters.c.name == tables.LISTS, tables.counters.c.value == bindparam("seen"))
    .values(value=tables.counters.c.value + 1)
)
_ITEMS = (
    select(tables.list_items.c.list, tables.list_items.c.position, tables.list_items.c.data)
    .where(tables.list_items.c.version == bindparam("wanted"))
    .order_by(tables.list_items.c.position)
)
_DISPUTES = tables.disputes.c
_RULINGS = (
    select(_DISPUTES.number, _DISPUTES.ordinal, _DISPUTES.settled_at, _DISPUTES.ruling)
    .where(_DISPUTES.settled_at.is_not(None), _DISPUTES.ruling.is_not(None))
    .order_by(_DISPUTES.settled_at, _DISPUTES.number, _DISPUTES.ordinal)
)


class Library:
    """Gives the lists of a region; threads share it. What any process publishes or settles is seen within a second.

    A published version that has the name or the first day of the pack's own version takes its place.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    def __init__(self, engine: Engine, region: Region, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._region, self._clock = engine, region, clock
        self._lock = threading.Lock()
        self._held: Standing | None = None
        self._asked_at = 0.0

    def current(self) -> Lists:
        """Give all versions that are published, asking the database at most once a second."""
        return self._current().lists

    def latest(self) -> Lists:
        """Give all versions as they are at this very moment: whom a case goes to may not depend on who was asked first.

        It costs one row of the database; the lists are read again only when something was published or ruled.
        """
        held = self._held
        with reading(self._engine) as connection:
            counter: int = connection.execute(_COUNTER).scalar_one()
        return held.lists if held is not None and held.counter == counter else self.standing().lists

    def standing(self) -> Standing:
        """Give all versions as they are at this moment, with their rows; a draft begins with it."""
        return self._current(at_once=True)

    def publish(self, draft: Draft, by: str, now: datetime) -> Lists:
        """Publish a draft: all of it or nothing.

        Parameters
        ----------
        by
            Who publishes.
        now
            Aware instant.

        Raises
        ------
        BadList
            The draft has faults, or since it was made another version was published or a dispute settled with a ruling,
            which this version would end unseen.
        """
        if draft.report.errors:
            raise BadList(f"The version has {len(draft.report.errors)} faults and cannot be published; correct them.")
        head = {
            "version": draft.version.version,
            "effective_from": draft.version.effective_from,
            "source": draft.version.source,
            "model": draft.version.model,
            "published_at": now,
            "published_by": by,
        }
        items = [
            {"version": draft.version.version, "list": name, "position": position, "code": row["code"], "data": row}
            for name, rows in draft.rows.items()
            for position, row in enumerate(rows, 1)
        ]
        with writing(self._engine) as connection:
            if connection.execute(_COUNT, {"seen": draft.seen}).rowcount != 1:
                raise BadList(
                    "Another version was published, or a dispute settled with a ruling, in the meantime; look at the"
                    " difference and at the rulings that wait again."
                )
            connection.execute(insert(tables.list_versions), head)
            if items:
                connection.execute(insert(tables.list_items), items)
        return self.standing().lists

    def _current(self, *, at_once: bool = False) -> Standing:
        held, now = self._held, self._clock()
        if held is not None and not at_once and now - self._asked_at < FRESH_S:
            return held
        with self._lock:
            held = self._held
            if held is None or at_once or self._clock() - self._asked_at >= FRESH_S:
                held = self._held = self._read(held)
                self._asked_at = self._clock()
            return held

    def _read(self, before: Standing | None) -> Standing:
        with reading(self._engine) as connection:
            counter: int = connection.execute(_COUNTER).scalar_one()
            if before is not None and before.counter == counter:
                return before
            heads = {head.version: head for head in connection.execute(select(tables.list_versions))}
            known = before.rows if before else {}
            rows = {name: known.get(name) or _stored_rows(connection, name) for name in heads}
            rulings = list(self._rulings(connection))
        published = {
            name: before.lists.version(name)
            if before and name in known
            else self._version(rows[name], ListHead(name, head.effective_from, head.source, head.model))
            for name, head in heads.items()
        }
        own = self._region.list_version
        taken = {own.version, own.effective_from}
        if not any({one.version, one.effective_from} & taken for one in published.values()):
            published[own.version] = own
            rows[own.version] = known.get(own.version) or read_list_rows(self._region.folder, Report())
        return Standing(counter, Lists(published.values()).ruled(rulings), rows)

    def _rulings(self, connection: Connection) -> Iterator[Ruling]:
        for row in connection.execute(_RULINGS):
            if row.ruling:
                words = {name: row.ruling[name] for name in ("from_department", "to_department", "change")}
                question = row.ruling["matter"], row.ruling["township"], LegRole(row.ruling["role"])
                day = self._region.local_day(row.settled_at)
                yield Ruling(*question, **words, number=row.number, ordinal=row.ordinal + 1, settled_on=day)

    def _version(self, rows: Mapping[str, Sequence[Row]], head: ListHead) -> ListVersion:
        """Read a version as it was published, whatever became of the departments and areas that it names."""
        report = Report()
        own = {name: [replace(row, report=report) for row in some] for name, some in rows.items()}
        version = version_of(own, head, self._region.organisation.departments, self._region.area_codes, report)
        for fault in report:
            logger.warning("%s", fault)
        return version


def _stored_rows(connection: Connection, version: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {name: [] for name in LIST_FILES}
    for item in connection.execute(_ITEMS, {"wanted": version}):
        file = f"{LIST_FILES[item.list]} of version {version}"
        found[item.list].append(Row(file, item.position, item.data, Report()))
    return found
