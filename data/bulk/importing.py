"""From a row to a case: values are read, the desk receives the report, and every row gets an outcome."""

import math
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from cases.case import CaseState
from cases.desk import Desk, EventRequest, Report
from cases.errors import CaseError
from cases.events import EventKind
from cases.matters import Matters
from cases.receiving import Received
from data.bulk.errors import BulkError
from data.bulk.mapping import CaseMapping
from data.bulk.sheet import Cell, Sheet, SheetRow

AT_ONCE = 500
"""Rows that are written together: more are hardly quicker, and others who write wait for that long."""
CLOSED_AT_SOURCE = "closed at source"
COMMON_TIMES = (
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y-%m-%d %H:%M", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
)  # fmt: skip
NOTHING = frozenset({"", "-", "#N/A", "—", "N/A", "NA", "NULL", "null", "None", "NaN", "nan", "无"})


class Outcome(StrEnum):
    """What became of a row."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowResult:
    """A row of the sheet and what became of it.

    Attributes
    ----------
    number
        Number of the case; blank where there is none.
    reason
        Why it was refused, or what was noticed about a row that was kept.
    """

    row: SheetRow
    outcome: Outcome
    number: str = ""
    reason: str = ""
    flags: Sequence[str] = ()
    areas: Mapping[str, str] = field(default_factory=dict)


class BadRow(ValueError):
    """A value of a row that cannot be read; the message names column and value."""


def import_rows(
    sheet: Sheet, mapping: CaseMapping, desk: Desk, zone: ZoneInfo, now: Callable[[], datetime]
) -> Iterator[RowResult]:
    """Send every row through the desk, some hundred together, and give its outcome, in the order of the sheet.

    Importing the same sheet again changes nothing: the rows come back as repeated.

    Parameters
    ----------
    zone
        Zone of times without an offset, unless the mapping names another one.
    now
        Gives the current instant (aware).

    Raises
    ------
    BulkError
        Before the first row: the sheet lacks a column, or the region does not know the source.
    """
    mapping.check_header(sheet.header, sheet.path.name)
    if mapping.source not in desk.sources:
        raise BulkError(
            f"The region knows no source {mapping.source!r}; it knows: {', '.join(sorted(desk.sources))}."
            " Set `source` in the mapping to one of them."
        )
    matters = desk.lists().on(now().astimezone(zone).date()).matters
    reader = RowReader(sheet.header, mapping, matters, mapping.zone or zone)
    return chain.from_iterable(import_batch(rows, reader, desk, now()) for rows in batched(sheet.rows(), AT_ONCE))


def import_batch(rows: Sequence[SheetRow], reader: "RowReader", desk: Desk, now: datetime) -> list[RowResult]:
    """Send rows through the desk together; a row that is refused costs no other."""
    results: dict[int, RowResult] = {}
    reports: dict[int, Report] = {}
    for place, row in enumerate(rows):
        try:
            reports[place] = reader.report(row)
        except BadRow as error:
            results[place] = RowResult(row, Outcome.REFUSED, reason=str(error))
    taken: dict[int, Received] = {}
    for place, answer in zip(reports, desk.receive_all(list(reports.values()), now), strict=True):
        if isinstance(answer, CaseError):
            results[place] = RowResult(rows[place], Outcome.REFUSED, reason=str(answer))
        else:
            taken[place] = answer
    closed = close_all({place: (rows[place], answer.state) for place, answer in taken.items()}, reader, desk, now)
    for place, answer in taken.items():
        state, notes = closed.get(place, answer.state), []
        if any("\ufffd" in as_text(cell) for cell in rows[place].cells):
            notes.append("some characters cannot be read in the encoding of the file")
        if isinstance(state, Exception):
            notes.append(f"kept, but not closed: {state}")
            state = answer.state
        outcome = Outcome.REPEATED if answer.repeated else Outcome.ACCEPTED
        results[place] = RowResult(rows[place], outcome, state.number, "; ".join(notes), state.flags, areas_of(state))
    return [results[place] for place in range(len(rows))]


def close_all(
    rows: Mapping[int, tuple[SheetRow, CaseState]], reader: "RowReader", desk: Desk, now: datetime
) -> dict[int, CaseState | Exception]:
    """Record that the source itself has closed cases; give what they are then, or why they stay open."""
    told: dict[int, CaseState | Exception] = {}
    # By number: a row that stands in the sheet twice is one case, which is closed once.
    asked: dict[str, EventRequest] = {}
    for place, (row, state) in rows.items():
        try:
            closed_at = reader.closed_at(row)
            if closed_at is not None and state.is_pending:
                asked.setdefault(state.number, closing(state, closed_at, reader.mapping.source))
        except BadRow as error:
            told[place] = error
    closed = dict(zip(asked, desk.record_all(list(asked.items()), now), strict=True))
    return {place: closed[state.number] for place, (_, state) in rows.items() if state.number in closed} | told


def closing(state: CaseState, closed_at: datetime, source: str) -> EventRequest:
    """Ask for what says that the source itself has closed the case; raises BadRow."""
    if closed_at < state.received_at:
        raise BadRow(
            f"it was closed at {closed_at.isoformat()}, before it was opened at {state.received_at.isoformat()}"
        )
    return EventRequest(EventKind.CLOSED, closed_at, source, data={"reason": CLOSED_AT_SOURCE})


def batched(rows: Iterator[SheetRow], size: int) -> Iterator[list[SheetRow]]:
    """Give rows in lists of so many; the last may be shorter."""
    while some := list(islice(rows, size)):
        yield some


def areas_of(state: CaseState) -> dict[str, str]:
    """Give layer to code, for the layers that hold the case's point."""
    found = {"township": state.township, "village": state.village, "grid": state.cell, **state.areas}
    return {layer: code for layer, code in found.items() if code}


@dataclass
class RowReader:
    """Reads the fields of a report out of a row."""

    header: Sequence[str]
    mapping: CaseMapping
    matters: Matters
    zone: ZoneInfo
    _at: dict[str, int] = field(init=False, repr=False)
    _codes: dict[str, str] = field(init=False, repr=False)
    _times: Sequence[Callable[[str], datetime]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        forms = [partial(by_form, form=form) for form in (*self.mapping.times, *COMMON_TIMES)]
        declared = len(self.mapping.times)
        # ISO 8601 first of what nobody declared: it is read in a hundredth of the time that a form takes.
        self._times = [*forms[:declared], datetime.fromisoformat, *forms[declared:]]
        self._at = {name: position for position, name in enumerate(self.header)}
        self._codes = {
            plain(name): matter.code for matter in self.matters for name in (matter.name_en, matter.name) if name
        }

    def report(self, row: SheetRow) -> Report:
        """Read a report; raises BadRow."""
        if row.fault:
            raise BadRow(row.fault)
        occurred_at = self.instant("occurred_at", row)
        if occurred_at is None:
            raise BadRow(f"{self._where('occurred_at')} is empty; a report needs the time of what happened")
        contact = {"name": self.text("contact_name", row), "phone": plain(self.text("contact_phone", row))}
        return Report(
            matter=self.matter(row),
            source=self.mapping.source,
            source_id=plain(self.text("source_id", row)),
            occurred_at=occurred_at,
            x=coordinate(self.text("x", row)),
            y=coordinate(self.text("y", row)),
            crs=self.mapping.crs,
            description=self.text("description", row),
            contact={name: value for name, value in contact.items() if value},
            photos=[address for address in self.text("photos", row).replace(";", " ").split() if address],
            attributes=self.attributes(row),
        )

    def closed_at(self, row: SheetRow) -> datetime | None:
        """Read when the source closed the case; None where it did not."""
        return self.instant("closed_at", row)

    def matter(self, row: SheetRow) -> str:
        """Give the code of the matter: by the mapping's table, else the value itself as a code or as a name."""
        said = self.text("matter", row)
        if said in self.mapping.matters:
            return self.mapping.matters[said]
        code = plain(said)
        return code if code in self.matters else self._codes.get(code, code)

    def attributes(self, row: SheetRow) -> dict[str, Any]:
        """Give the attributes that have a value."""
        found = {name: as_text(row.cells[self._at[column]]) for name, column in self.mapping.attributes.items()}
        return {name: value for name, value in found.items() if value not in NOTHING}

    def text(self, name: str, row: SheetRow) -> str:
        """Give a field as text; several columns are joined by a middle dot."""
        if name in self.mapping.constants:
            return self.mapping.constants[name]
        cells = [as_text(row.cells[self._at[column]]) for column in self.mapping.columns.get(name, ())]
        return " · ".join(cell for cell in cells if cell)

    def instant(self, name: str, row: SheetRow) -> datetime | None:
        """Read an instant, in the zone of naive times where it has no offset; raises BadRow."""
        columns = self.mapping.columns.get(name, ())
        cells = [row.cells[self._at[column]] for column in columns]
        if len(cells) == 1 and isinstance(cells[0], datetime):
            return self._aware(cells[0])
        written = plain(" ".join(as_text(cell) for cell in cells))
        if written in NOTHING:
            return None
        for read in self._times:
            try:
                return self._aware(read(written))
            except ValueError:
                continue
        raise BadRow(
            f"{self._where(name)} is {written!r:.60}, which is no time by ISO 8601 or by `times` of the mapping"
        )

    def _aware(self, instant: datetime) -> datetime:
        return instant if instant.tzinfo else instant.replace(tzinfo=self.zone)

    def _where(self, name: str) -> str:
        return "column " + " and ".join(repr(column) for column in self.mapping.columns.get(name, (name,)))


def by_form(written: str, form: str) -> datetime:
    """Read a time by a form of `strptime`; raises ValueError. The zone is added by whoever knows it."""
    return datetime.strptime(written, form)  # noqa: DTZ007


def as_text(cell: Cell) -> str:
    """Write a cell as text."""
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell


def plain(text: str) -> str:
    """Write full-width digits and letters as half-width ones, and runs of space as one: ``１２`` becomes ``12``."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def coordinate(text: str) -> object:
    """Give a coordinate as a number where it is one; anything else goes to the desk as it is, which flags it."""
    said = plain(text)
    try:
        value = float(said.replace(",", ".")) if said.count(",") == 1 and "." not in said else float(said)
    except ValueError:
        return None if said in NOTHING else said
    return value if math.isfinite(value) else said
