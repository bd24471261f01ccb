"""The exports in the database: asked for, taken, heard of, ended. Whoever is not heard of for a while has lost his."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, Row, and_, delete, func, insert, or_, select, update

from cases.clock import Level
from data.engine import reading, writing
from data.tables import EXPORT_FORMS, EXPORT_STATES, exports
from data.views import CaseFilter, Party

SILENT = timedelta(seconds=20)
"""Who makes an export is heard of every second; after this he is taken to be dead."""
MOST_WAITING = 20
Form = StrEnum("Form", {name.upper(): name for name in EXPORT_FORMS})  # type: ignore[misc]
State = StrEnum("State", {name.upper(): name for name in EXPORT_STATES})  # type: ignore[misc]


class ExportError(ValueError):
    """An export that cannot be asked for; the message says why and what to do."""


class NoSuchExport(ExportError):
    """There is none of this number, or it is somebody else's."""


class Lost(Exception):
    """It is not ours any more: it was cancelled, or another process has taken it over."""


@dataclass(frozen=True, slots=True)
class Export:
    """An export as it stands.

    Attributes
    ----------
    wanted
        Which cases, as `written` gives it, and the language of names.
    total, done
        Cases; the total is None until somebody has counted.
    parts
        The files that are whole, in their order.
    rate, seconds_left
        Cases a second while it is being made, and what that makes of the rest; None where nobody can say.
    """

    id: int
    owner: str
    form: str
    wanted: Mapping[str, Any]
    state: str
    total: int | None
    done: int
    parts: Sequence[Mapping[str, Any]]
    message: str
    asked_at: datetime
    begun_at: datetime | None
    begun_with: int
    holder: str | None
    heard_at: datetime | None
    ended_at: datetime | None

    @property
    def rate(self) -> float | None:
        """Give the cases a second of the run that is under way."""
        if self.state != "running" or self.begun_at is None or self.heard_at is None:
            return None
        seconds = (self.heard_at - self.begun_at).total_seconds()
        return (self.done - self.begun_with) / seconds if seconds > 0 and self.done > self.begun_with else None

    @property
    def seconds_left(self) -> float | None:
        """Give the time that the rest will take at this rate."""
        return (self.total - self.done) / self.rate if self.rate and self.total is not None else None

    @property
    def filters(self) -> CaseFilter:
        """Give which cases are meant."""
        return read(self.wanted)


def written(filters: CaseFilter) -> dict[str, Any]:
    """Write a filter so that the database keeps it."""
    said: dict[str, Any] = {}
    for item in fields(filters):
        value = getattr(filters, item.name)
        if value in ((), None):
            continue
        if isinstance(value, datetime):
            said[item.name] = value.isoformat()
        elif isinstance(value, Party):
            said[item.name] = {"kind": value.kind, "code": value.code}
        else:
            said[item.name] = [int(one) if isinstance(one, Level) else one for one in value] if isinstance(
                value, tuple
            ) else value  # fmt: skip
    return said


def read(said: Mapping[str, Any]) -> CaseFilter:
    """Read a filter that `written` wrote."""
    values: dict[str, Any] = {}
    for item in fields(CaseFilter):
        if item.name not in said:
            continue
        value = said[item.name]
        if item.name in ("occurred_from", "occurred_to", "at"):
            value = datetime.fromisoformat(value)
        elif item.name == "party":
            value = Party(value["kind"], value["code"])
        elif item.name == "level":
            value = tuple(Level(one) for one in value)
        elif isinstance(value, list):
            value = tuple(value)
        values[item.name] = value
    return CaseFilter(**values)


def ask(engine: Engine, form: str, filters: CaseFilter, owner: str, now: datetime, language: str = "zh-CN") -> Export:
    """Ask for an export; raises ExportError for one too many."""
    wanted = {**written(filters), "language": language}
    columns = exports.c
    row = {
        "owner": owner, "form": Form(form).value, "wanted": wanted, "state": "waiting", "done": 0, "parts": [],
        "message": "", "asked_at": now, "begun_with": 0,
    }  # fmt: skip
    with writing(engine) as connection:
        waiting = select(func.count()).where(columns.owner == owner, columns.state.in_(("waiting", "running")))
        if connection.execute(waiting).scalar_one() >= MOST_WAITING:
            raise ExportError(f"{MOST_WAITING} exports of yours are being made already; wait for one, or cancel one.")
        number = connection.execute(insert(exports).values(row).returning(columns.id)).scalar_one()
    return find(engine, number, owner)


def find(engine: Engine, number: int, owner: str | None) -> Export:
    """Give an export; an owner finds his own alone, None finds everybody's. Raises NoSuchExport."""
    query = select(exports).where(exports.c.id == number)
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None or (owner is not None and row.owner != owner):
        raise NoSuchExport(f"There is no export {number} of yours; /api/v1/exports lists those that there are.")
    return _export(row)


def of_owner(engine: Engine, owner: str) -> list[Export]:
    """Give the exports of somebody, the newest first."""
    query = select(exports).where(exports.c.owner == owner).order_by(exports.c.id.desc())
    with reading(engine) as connection:
        return [_export(row) for row in connection.execute(query)]


def take(engine: Engine, holder: str, now: datetime, number: int | None = None) -> Export | None:
    """Take an export that waits, or one whose maker has not been heard of for a while; None when there is none.

    Parameters
    ----------
    holder
        Who takes it: a word that nobody else uses.
    number
        This one; None takes the one that has waited longest.
    """
    columns = exports.c
    free = or_(columns.state == "waiting", and_(columns.state == "running", columns.heard_at < now - SILENT))
    this = free if number is None else and_(free, columns.id == number)
    with reading(engine) as connection:
        found = list(connection.execute(select(columns.id).where(this).order_by(columns.asked_at).limit(5)).scalars())
    for one in found:
        values = {"state": "running", "holder": holder, "begun_at": now, "heard_at": now, "begun_with": columns.done}
        with writing(engine) as connection:
            # Asked again: of two that saw it free, one finds it taken.
            if connection.execute(update(exports).where(columns.id == one, free).values(values)).rowcount:
                break
    else:
        return None
    return find(engine, one, None)


def waiting(engine: Engine, now: datetime) -> bool:
    """Say whether there is an export to take."""
    columns = exports.c
    free = or_(columns.state == "waiting", and_(columns.state == "running", columns.heard_at < now - SILENT))
    with reading(engine) as connection:
        return connection.execute(select(columns.id).where(free).limit(1)).first() is not None


def hear(engine: Engine, export: Export, now: datetime, **values: Any) -> None:
    """Say that an export is being made, and how far it is; raises Lost when it is not ours any more."""
    columns = exports.c
    ours = and_(columns.id == export.id, columns.holder == export.holder)
    with writing(engine) as connection:
        if not connection.execute(update(exports).where(ours).values(heard_at=now, **values)).rowcount:
            raise Lost(f"Export {export.id} was cancelled, or another process makes it.")


def end(engine: Engine, export: Export, now: datetime, message: str = "", **values: Any) -> None:
    """End an export that is ours: done without a message, failed with one; raises Lost."""
    state = "failed" if message else "done"
    hear(engine, export, now, state=state, holder=None, ended_at=now, message=message, **values)


def give_back(engine: Engine, export: Export, now: datetime) -> None:
    """Let somebody else go on with an export; raises Lost."""
    hear(engine, export, now, state="waiting", holder=None)


def again(engine: Engine, export: Export) -> None:
    """Let an export that failed go on behind its last whole part."""
    columns = exports.c
    failed = and_(columns.id == export.id, columns.state == "failed")
    with writing(engine) as connection:
        if not connection.execute(
            update(exports).where(failed).values(state="waiting", message="", ended_at=None)
        ).rowcount:
            raise ExportError(f"Export {export.id} is {export.state}; only one that failed can be resumed.")


def drop(engine: Engine, number: int) -> None:
    """Forget an export; whoever makes it finds it lost. Its files are the caller's to take away."""
    with writing(engine) as connection:
        connection.execute(delete(exports).where(exports.c.id == number))


def expired(engine: Engine, before: datetime) -> list[int]:
    """Give the exports that ended before an instant."""
    with reading(engine) as connection:
        return list(connection.execute(select(exports.c.id).where(exports.c.ended_at < before)).scalars())


def _export(row: Row[Any]) -> Export:
    return Export(**row._mapping)
