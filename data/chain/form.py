"""The form of an event that is hashed. Version 1; it never changes, or no chain that exists would hold any more.

Each column is written as JSON: keys sorted by code point, no spaces, UTF-8, numbers as Python's `repr` has them (the
shortest decimal that reads back as the same double), instants as microseconds since 1970-01-01T00:00Z. The digest of an
event is the SHA-256 of

    hash before · revision (8 bytes, big-endian) · SHA-256 of each column in the order of `COLUMNS`

`data` stands there without its personal parts; `personal` is an object that says of each of them, by its path,
the commitment SHA-256(SHA-256(salt · path) · value). With value and salt gone, nobody can find the value by trying;
the commitment alone is enough to compute the digest.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from cases.events import Event, EventKind
from data.tables.columns import EPOCH, MICROSECOND

GENESIS = sha256(b"OneMap chain of events, version 1").digest()
"""What stands before the first event."""
COLUMNS = ("number", "kind", "occurred_at", "recorded_at", "actor", "leg", "data", "personal")
TAG = 4
"""Bytes of a column's digest that are kept; enough to name what was changed, the hash proves it."""
SALT = 16

REPORTED: Mapping[str, Any] = {"contact": {}, "description": "", "photos": [], "attributes": {}}
"""Personal parts of a report, with what stands there once they are erased."""
WORDS = ("text", "reason", "view", "finding")
"""Free texts of the other kinds of event, which may name people."""
ERASED = "已删除"
"""What stands in place of an erased text: such a text must not be empty."""
CONTACT = "report.contact"


# Made once: `json.dumps` makes one for each call, which takes as long as writing a column.
_FORM = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class Link:
    """What the chain keeps of an event."""

    hash: bytes
    tags: bytes


def canonical(value: object) -> bytes:
    """Write a JSON value in the one form that is hashed."""
    return _FORM.encode(value).encode()


def parted(kind: str, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part the data of an event into what is no personal data, and the personal parts by path."""
    rest = dict(data)
    if kind == EventKind.RECEIVED:
        report = rest.get("report")
        if not isinstance(report, Mapping):
            return rest, {}
        rest["report"] = {name: value for name, value in report.items() if name not in REPORTED}
        return rest, {f"report.{name}": report[name] for name in REPORTED if name in report}
    personal = {name: rest.pop(name) for name in WORDS if isinstance(rest.get(name), str)}
    return rest, personal


def commitment(salt: bytes, value: object) -> str:
    """Commit to a value under the salt of its path."""
    return sha256(salt + canonical(value)).hexdigest()


def salt_of(salt: bytes, path: str) -> bytes:
    """Derive the salt of one part, so that each can be erased without the others."""
    return sha256(salt + path.encode()).digest()


def commitments(salt: bytes, personal: Mapping[str, Any]) -> dict[str, str]:
    """Commit to all personal parts under the salt of the event."""
    return {path: commitment(salt_of(salt, path), value) for path, value in personal.items()}


def link(before: bytes, number: str, event: Event, rest: Mapping[str, Any], sealed: Mapping[str, str]) -> Link:
    """Hash an event, with its revision, into the chain.

    Parameters
    ----------
    before
        Hash of the revision before, `GENESIS` for the first.
    rest, sealed
        Its data without the personal parts (`parted`), and the commitments to these.
    """
    values = (
        number,
        str(event.kind),
        _microseconds(event.occurred_at),
        _microseconds(event.recorded_at),
        event.actor,
        event.leg,
        rest,
        sealed,
    )
    digests = [sha256(canonical(value)).digest() for value in values]
    whole = sha256(b"".join((before, event.revision.to_bytes(8, "big", signed=True), *digests))).digest()
    return Link(whole, b"".join(digest[:TAG] for digest in digests))


def differing(tags: bytes, others: bytes) -> list[str]:
    """Name the columns whose tags are not the same."""
    return [
        name for at, name in enumerate(COLUMNS) if tags[at * TAG : (at + 1) * TAG] != others[at * TAG : (at + 1) * TAG]
    ]


def _microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // MICROSECOND


def mark(path: str) -> Any:
    """Give what stands in place of an erased part."""
    place, _, name = path.partition(".")
    return REPORTED[name] if place == "report" else ERASED
