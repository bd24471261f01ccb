"""The chain of hashes over the events: whoever changes, removes, inserts or reorders one is found; see ADR 0016."""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from cases.events import Event
from data import tables
from data.chain.form import COLUMNS, GENESIS, SALT, Link, commitments, differing, link, parted

__all__ = ["COLUMNS", "GENESIS", "Link", "differing", "last_hash", "link", "links", "parted"]

_LAST = select(tables.chain.c.hash).order_by(tables.chain.c.revision.desc()).limit(1)


def last_hash(connection: Connection) -> bytes:
    """Give the hash of the last event; to be asked for after the next one's revision is reserved: others wait then."""
    found: bytes = connection.execute(_LAST).scalar_one_or_none() or GENESIS
    return found


def links(before: bytes, number: str, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Give the rows of the chain for events of a case that have their revisions.

    Parameters
    ----------
    before
        Hash of the revision before the first of them.
    """
    rows = []
    for event in events:
        rest, personal = parted(event.kind, event.data)
        salt = secrets.token_bytes(SALT) if personal else None
        made = link(before, number, event, rest, commitments(salt, personal) if salt else {})
        before = made.hash
        rows.append(
            {"revision": event.revision, "number": number, "hash": made.hash, "tags": made.tags, "salt": salt,
             "erased": None}
        )  # fmt: skip
    return rows
