"""Files that somebody sent and looks at before publishing: kept in the database, so that any process can go on."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from data import tables
from data.engine import reading, writing
from data.publishing.errors import NoSuchDraft, Overtaken
from data.publishing.publishing import sha256_of

PART_BYTES = 1 << 20
KEPT = timedelta(days=30)
"""How long a draft is kept that nobody touches."""
LONGEST_CHECK = timedelta(minutes=30)
"""After so long the process that checked is taken for dead, and somebody else may check again."""

_DRAFTS = tables.boundary_drafts
_PARTS = tables.boundary_draft_parts
_SHOWN = [column for column in _DRAFTS.c if column.name not in {"pages", "region"}]


@dataclass(frozen=True, slots=True)
class Draft:
    """A file on its way.

    Attributes
    ----------
    offers
        What the file holds, layer by layer, and how it is probably meant.
    asked
        How it was last asked to be understood.
    state
        ``uploaded``, ``checking``, ``checked`` or ``failed``.
    seen
        The counter of publications against which it was checked.
    outcome
        Report and moves of a check, or why there was none.
    """

    id: str
    file: str
    sha256: str
    size: int
    actor: str
    uploaded_at: datetime
    offers: Mapping[str, Any]
    asked: Mapping[str, Any] | None
    state: str
    changed_at: datetime
    seen: int | None
    outcome: Mapping[str, Any] | None


def keep(engine: Engine, county: str, path: Path, actor: str, now: datetime, offers: Mapping[str, Any]) -> Draft:
    """Keep a file as a draft; drafts that nobody has touched for a month go."""
    draft = secrets.token_urlsafe(12)
    row = {
        "id": draft,
        "region": county,
        "file": path.name,
        "sha256": sha256_of(path),
        "size": path.stat().st_size,
        "actor": actor,
        "uploaded_at": now,
        "offers": dict(offers),
        "state": "uploaded",
        "changed_at": now,
    }
    with writing(engine) as connection:
        for old in connection.scalars(select(_DRAFTS.c.id).where(_DRAFTS.c.changed_at < now - KEPT)).all():
            _remove(connection, old)
        connection.execute(insert(_DRAFTS), row)
        with path.open("rb") as content:
            for position, part in enumerate(iter(lambda: content.read(PART_BYTES), b"")):
                connection.execute(insert(_PARTS), {"draft": draft, "position": position, "content": part})
    return draft_of(engine, county, draft)


def drafts(engine: Engine, county: str) -> tuple[Draft, ...]:
    """Give every draft of a county, the newest first."""
    with reading(engine) as connection:
        query = select(*_SHOWN).where(_DRAFTS.c.region == county).order_by(_DRAFTS.c.uploaded_at.desc(), _DRAFTS.c.id)
        return tuple(Draft(**row._mapping) for row in connection.execute(query))


def draft_of(engine: Engine, county: str, draft: str) -> Draft:
    """Give one draft; raises NoSuchDraft."""
    with reading(engine) as connection:
        return _found(connection, county, draft)


def page_of(engine: Engine, county: str, draft: str, language: str, layer: str) -> str:
    """Give the report of one layer as a page; raises NoSuchDraft where there is no such draft or no such report."""
    with reading(engine) as connection:
        _found(connection, county, draft)
        pages = connection.execute(select(_DRAFTS.c.pages).where(_DRAFTS.c.id == draft)).scalar_one() or {}
    page = pages.get(language, {}).get(layer)
    if page is None:
        raise NoSuchDraft(f"draft {draft} has no report on {layer!r} in {language!r}; check it first")
    return str(page)


@contextmanager
def unpacked(engine: Engine, draft: Draft) -> Iterator[Path]:
    """Give the file of a draft under its own name, until the block ends."""
    with TemporaryDirectory(prefix="onemap-draft-") as folder:
        path = Path(folder) / draft.file
        query = select(_PARTS.c.content).where(_PARTS.c.draft == draft.id).order_by(_PARTS.c.position)
        with path.open("wb") as file, reading(engine) as connection:
            for (part,) in connection.execution_options(yield_per=4).execute(query):
                file.write(part)
        yield path


def begin(engine: Engine, county: str, draft: str, asked: Mapping[str, Any], now: datetime) -> Draft:
    """Say that a draft is being checked.

    Raises
    ------
    NoSuchDraft, Overtaken
        There is none; or it is being checked already.
    """
    with writing(engine) as connection:
        known = _found(connection, county, draft)
        if known.state == "checking" and known.changed_at > now - LONGEST_CHECK:
            raise Overtaken(f"draft {draft} is being checked already; wait for it")
        _set(connection, draft, now, state="checking", asked=dict(asked), outcome=None, pages=None, seen=None)
    return draft_of(engine, county, draft)


def settle(
    engine: Engine,
    draft: str,
    now: datetime,
    *,
    outcome: Mapping[str, Any],
    seen: int | None = None,
    pages: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Keep what came of a check; without a counter that it has seen, it failed."""
    state = "failed" if seen is None else "checked"
    with writing(engine) as connection:
        _set(connection, draft, now, state=state, outcome=dict(outcome), seen=seen, pages=dict(pages or {}))


def remove(engine: Engine, county: str, draft: str) -> None:
    """Remove a draft and its file; raises NoSuchDraft."""
    with writing(engine) as connection:
        _found(connection, county, draft)
        _remove(connection, draft)


def _found(connection: Connection, county: str, draft: str) -> Draft:
    query = select(*_SHOWN).where(_DRAFTS.c.region == county, _DRAFTS.c.id == draft)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NoSuchDraft(f"there is no draft {draft!r:.60}: it was published or removed; send the file again")
    return Draft(**row._mapping)


def _set(connection: Connection, draft: str, now: datetime, **values: Any) -> None:
    connection.execute(update(_DRAFTS).where(_DRAFTS.c.id == draft).values(changed_at=now, **values))


def _remove(connection: Connection, draft: str) -> None:
    connection.execute(delete(_PARTS).where(_PARTS.c.draft == draft))
    connection.execute(delete(_DRAFTS).where(_DRAFTS.c.id == draft))
