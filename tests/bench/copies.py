"""What of a life changes in its copies: numbers, identities, instants, revisions; and how far its instants may move.

A copy is told some hours later at most, and only so far that every limit moves as far or not at all: that is asked of
the fold itself, at three shifts. Where it says otherwise (a noon, a midnight, an end of office hours lies between), the
copies of this life keep its instants.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Table, select

from cases.calendar import Calendar
from cases.case import CaseState
from cases.events import Event, EventKind
from cases.history import fold
from data import tables
from data.engine import reading
from data.store import case_row, read_events
from data.store.rows import PARTS, part_rows
from data.tables import MICROSECOND, Instant

COPY, SAID = "@K@", "@T@"  # stand for the copy's own digits and for the instant that its report says
ROOM = 100  # numbers of one day that a copy has for itself
NUMBER = re.compile(r"([A-Z]+\d{8}-)(\d{5})(?!\d)")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def written_tables() -> list[Table]:
    """Tables with rows of cases, by the column that says whose they are; a new one is found by itself."""
    others = [one for one in tables.metadata.sorted_tables if "number" in one.c and one is not tables.cases]
    return [tables.cases, *others]


@dataclass
class Life:
    """A closed case to be copied.

    Attributes
    ----------
    rows
        By table: its rows as they are stored, in the order of their keys, with `COPY` and `SAID` in the texts.
    window
        How far the last copy may lie after the first.
    moves
        By table: for each row the columns whose instants move with the copy.
    """

    number: str
    events: tuple[Event, ...]
    rows: dict[str, list[dict[str, Any]]]
    window: timedelta = timedelta()
    moves: dict[str, list[frozenset[str]]] = field(default_factory=dict)


def read_lives(engine: Engine, calendar: Calendar, furthest: timedelta) -> tuple[list[Life], list[dict[str, Any]]]:
    """Read the lives that are over, in the order in which they began, ready to be copied, and the subjects they name.

    A life that mentions one which is not over is left out with it.
    """
    found: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    with reading(engine) as connection:
        for table in written_tables():
            for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings():
                found[row["number"]][table.name].append(dict(row))
        histories = {number: read_events(connection, number) for number in found}
        subjects = [dict(row) for row in connection.execute(select(tables.subjects)).mappings()]
    kept = finished(found)
    began = sorted(kept, key=lambda number: (found[number]["cases"][0]["received_at"], number))
    codes = {row["code"] for row in subjects}
    lives = []
    for number in began:
        life = Life(number, histories[number], found[number])
        let_move(life, calendar, furthest)
        mark(life, codes)
        lives.append(life)
    named = {row["subject"] for number in kept for row in found[number]["cases"]}
    marked = [row | {"code": f"{row['code']}-{COPY}"} for row in subjects if f"{row['code']}-{COPY}" in named]
    return lives, marked


def finished(found: Mapping[str, Mapping[str, list[dict[str, Any]]]]) -> set[str]:
    """Give the numbers of cases that are over and touch no others than such."""
    touched = {
        number: {f"{head}{digits}" for head, digits in NUMBER.findall(repr(dict(rows)))}
        for number, rows in found.items()
    }
    kept = {number for number, rows in found.items() if not rows["cases"][0]["pending"]}
    while lost := {number for number in kept if not touched[number] <= kept}:
        kept -= lost
    return kept


def let_move(life: Life, calendar: Calendar, furthest: timedelta) -> None:
    """Find how far the copies of a life may move, and which of its instants do."""
    base = rows_of(fold(life.events, calendar, life.number))
    at = life.events[0].occurred_at
    if life.rows["cases"][0]["subject"] is None:
        for window in (furthest, furthest / 4, 10 * MINUTE):
            if calendar.local_day(at + window) != calendar.local_day(at):
                continue
            shifts = [window // MICROSECOND // part * MICROSECOND for part in (1, 2, 3)]
            answers = [moves_of(base, life, calendar, shift) for shift in shifts]
            if answers[0] is not None and answers.count(answers[0]) == len(answers):
                life.window, life.moves = window // MICROSECOND * MICROSECOND, answers[0]
                break
    every = frozenset({"occurred_at", "recorded_at"}) if life.window else frozenset()
    life.moves["events"] = [every for _ in life.events]


def rows_of(state: CaseState) -> list[tuple[Table, list[dict[str, Any]]]]:
    """Give everything that follows from the events of a case."""
    return [(tables.cases, [case_row(state)]), *part_rows(state)]


def moves_of(
    base: list[tuple[Table, list[dict[str, Any]]]], life: Life, calendar: Calendar, shift: timedelta
) -> dict[str, list[frozenset[str]]] | None:
    """Say which instants move when everything happens later; None if one moves in another way, or else changes."""
    moves: dict[str, list[frozenset[str]]] = {}
    later = rows_of(fold([moved(event, shift) for event in life.events], calendar, life.number))
    for (table, before), (_, after) in zip(base, later, strict=True):
        if len(before) != len(after):
            return None
        moves[table.name] = []
        for old, new in zip(before, after, strict=True):
            differing = {name for name, value in new.items() if value != old[name]}
            if any(not isinstance(table.c[name].type, Instant) or new[name] - old[name] != shift for name in differing):
                return None
            moves[table.name].append(frozenset(differing))
    return moves


def moved(event: Event, shift: timedelta) -> Event:
    """Let an event happen later."""
    data = event.data
    if event.kind is EventKind.RECEIVED:
        data = {**data, "occurred_at": (datetime.fromisoformat(data["occurred_at"]) + shift).isoformat()}
    return replace(event, occurred_at=event.occurred_at + shift, recorded_at=event.recorded_at + shift, data=data)


def mark(life: Life, codes: set[str]) -> None:
    """Put `COPY` where the number of a copy, its identity and its subject differ, and `SAID` for the time it says."""
    source_id = life.rows["cases"][0]["source_id"]
    own = {source_id, *codes}
    for name, rows in life.rows.items():
        for row in rows:
            for column, value in row.items():
                row[column] = marked(value, own)
            if name == "events" and row["kind"] == EventKind.RECEIVED and life.window:
                row["data"] = {**row["data"], "occurred_at": SAID}


def marked(value: Any, own: set[str]) -> Any:
    """Mark a text, or all texts in a document."""
    if isinstance(value, str):
        return f"{value}-{COPY}" if value in own else NUMBER.sub(_room, value)
    if isinstance(value, Mapping):
        return {name: marked(inner, own) for name, inner in value.items()}
    if isinstance(value, Sequence):
        return [marked(inner, own) for inner in value]
    return value


def _room(found: re.Match[str]) -> str:
    head, digits = found.groups()
    if int(digits) >= ROOM:
        raise ValueError(f"The day of {head}{digits} has {ROOM} cases or more; tell fewer lives, or over more years.")
    return f"{head}{COPY}{int(digits):02d}"


def parts_are_known() -> bool:
    """Whether everything that a fold rewrites is among the tables that are copied."""
    return set(PARTS) <= set(written_tables())
