"""What reaches the desk from outside, reports and events, and the limits that it must keep."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.errors import BadEvent, BadReport, CaseError, FutureTime
from cases.events import EventKind
from cases.inspection import read_subject
from cases.ports import Place

LONGEST_DESCRIPTION = 10_000
LONGEST_TEXT = 200
LONGEST_KEY = 64
LONGEST_URL = 2_000
MOST_PHOTOS = 50
LONGEST_PAYLOAD = 50_000
"""Characters of attributes, contact or event data, written as JSON."""
DEEPEST = 20
WIDEST_INTEGER = 2**63
ERASED_BODY = "erased"
"""Stands in place of a fingerprint once what it was taken of has been erased: nothing is compared any more."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Report:
    """A report as a source sends it.

    Attributes
    ----------
    source_id
        The source's own number of the report; with `source` it says whether two reports are the same.
    occurred_at
        Aware: when it happened, which decides the boundary version.
    x, y, crs
        The raw point. Anything may stand here: what cannot be read is kept and flagged.
    received_at
        Aware: when the centre got it, from which the lead has its time; None means at once, at `occurred_at`.
    subject
        The enterprise or site that it is about, as `cases.inspection.read_subject` takes it, or None.
    """

    matter: str
    source: str
    source_id: str
    occurred_at: datetime
    x: object = None
    y: object = None
    crs: str | None = None
    description: str = ""
    contact: Mapping[str, Any] = field(default_factory=dict)
    photos: Sequence[str] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    received_at: datetime | None = None
    subject: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class EventRequest:
    """An event as a client asks for it.

    Attributes
    ----------
    kind
        One of `EventKind`, as text.
    leg, department
        Which part of the case it concerns, by number or by department; neither means the lead or the whole case.
    """

    kind: str
    occurred_at: datetime
    actor: str
    leg: int | None = None
    department: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def check_report(report: Report) -> None:
    """Refuse a report that cannot become a case; the sentence names the field, the value and the limit.

    Raises
    ------
    BadReport, BadSubject
        A missing or overlong text, a time without offset, a value that is no JSON. Never because of the point.
    """
    for name in ("matter", "source", "source_id"):
        check_text(name, getattr(report, name), LONGEST_TEXT, BadReport, required=True)
    check_text("crs", report.crs or "", LONGEST_TEXT, BadReport)
    check_text("description", report.description, LONGEST_DESCRIPTION, BadReport)
    check_instant("occurred_at", report.occurred_at, BadReport)
    if report.received_at is not None:
        check_instant("received_at", report.received_at, BadReport)
        if report.received_at < report.occurred_at:
            raise BadReport(
                f"received_at {report.received_at.isoformat()} is earlier than occurred_at"
                f" {report.occurred_at.isoformat()}; correct one of them."
            )
    check_payload("contact", report.contact, BadReport)
    check_payload("attributes", report.attributes, BadReport)
    if report.subject is not None:
        read_subject(report.subject)
    if isinstance(report.photos, str) or not isinstance(report.photos, Sequence):
        raise BadReport(f"photos is {report.photos!r:.100}; give a list of addresses.")
    if len(report.photos) > MOST_PHOTOS:
        raise BadReport(f"photos holds {len(report.photos)} addresses; the limit is {MOST_PHOTOS}.")
    for photo in report.photos:
        check_text("photos", photo, LONGEST_URL, BadReport, required=True)
        if not photo.startswith(("http://", "https://")):
            raise BadReport(f"photos holds {photo[:100]!r}; give addresses that begin with http:// or https://.")


def check_request(request: EventRequest) -> EventKind:
    """Refuse an event request that is malformed whatever the case; give its kind.

    Raises
    ------
    BadEvent
    """
    try:
        kind = EventKind(request.kind)
    except ValueError:
        kinds = ", ".join(EventKind)
        raise BadEvent(f"There is no event {request.kind!r:.100}; the kinds are: {kinds}.") from None
    check_instant("occurred_at", request.occurred_at, BadEvent)
    check_text("actor", request.actor, LONGEST_TEXT, BadEvent, required=True)
    check_text("department", request.department or "", LONGEST_TEXT, BadEvent)
    check_payload("data", request.data, BadEvent)
    return kind


def body_hash(report: Report) -> str:
    """Give a fingerprint of a report's content that does not depend on the order of keys or on the offset of times."""
    body = {
        "matter": report.matter,
        "source": report.source,
        "source_id": report.source_id,
        "occurred_at": report.occurred_at.astimezone(UTC).isoformat(),
        "received_at": report.received_at and report.received_at.astimezone(UTC).isoformat(),
        "point": [report.x, report.y, report.crs],
        "description": report.description,
        "contact": dict(report.contact),
        "photos": list(report.photos),
        "attributes": dict(report.attributes),
    }
    if report.subject is not None:  # left out otherwise: reports from before there were subjects keep their hash
        body["subject"] = read_subject(report.subject).as_data()
    text = json.dumps(body, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def check_key(key: str) -> None:
    """Refuse an idempotency key that is no short printable word.

    Raises
    ------
    BadEvent
    """
    if not 1 <= len(key) <= LONGEST_KEY or not all("!" <= character <= "~" for character in key):
        raise BadEvent(
            f"The Idempotency-Key is {key!r:.100}; give 1 to {LONGEST_KEY} printable ASCII characters without spaces,"
            " such as a UUID, a new one for each event."
        )


def request_hash(request: EventRequest) -> str:
    """Give a fingerprint of an event request that does not depend on the order of keys or on the offset of times."""
    body = {
        "kind": request.kind,
        "occurred_at": request.occurred_at.astimezone(UTC).isoformat(),
        "actor": request.actor,
        "leg": request.leg,
        "department": request.department,
        "data": dict(request.data),
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def place_as_data(place: Place) -> dict[str, Any]:
    """Write a place as JSON values; a raw coordinate that is none (NaN, an overlong text) is kept as a short text."""
    return {
        "lon": place.lon,
        "lat": place.lat,
        **areas_as_data(place),
        "flags": list(place.flags),
        "nearest": place.nearest,
        "nearest_m": place.nearest_m,
        "raw": {str(name): _storable(value) for name, value in place.raw.items()},
    }


def areas_as_data(place: Place) -> dict[str, Any]:
    """Write the areas that cover a place."""
    codes = {"cell": place.cell, "village": place.village, "township": place.township}
    return codes | {"areas": dict(place.areas)}


def check_text(name: str, text: object, longest: int, error: type[CaseError], *, required: bool = False) -> None:
    """Refuse what is no text, is blank though required, is too long, or cannot be stored as UTF-8 everywhere."""
    if not isinstance(text, str):
        raise error(f"{name} is {text!r:.100}; give a text.")
    if required and not text.strip():
        raise error(f"{name} is empty; give a text.")
    if len(text) > longest:
        raise error(f"{name} has {len(text)} characters ({text[:40]!r}...); the limit is {longest}.")
    if not _is_storable(text):
        raise error(f"{name} holds a NUL or half a character ({text[:40]!r}); remove it.")


def check_instant(name: str, instant: object, error: type[CaseError]) -> None:
    """Refuse a time without offset, and one before 1970, which only a broken clock tells."""
    if not isinstance(instant, datetime):
        raise error(f"{name} is {instant!r:.100}; give a time with its offset, such as 2026-11-24T08:30:00+08:00.")
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise error(f"{name} {instant.isoformat()} has no offset; give one, such as {instant.isoformat()}+08:00.")
    if instant < EARLIEST:
        raise error(f"{name} {instant.isoformat()} lies before 1970; correct it.")


def check_time(instant: datetime | None, now: datetime, skew: timedelta) -> None:
    """Refuse a time that lies further ahead than clocks of devices may.

    Raises
    ------
    FutureTime
    """
    if instant is not None and instant > now + skew:
        raise FutureTime(
            f"{instant.isoformat()} lies more than {skew.total_seconds():.0f} s after"
            f" {now.isoformat()}; correct the time or the clock of the device."
        )


def check_payload(name: str, payload: object, error: type[CaseError]) -> None:
    """Refuse a payload that is no JSON object, nests too deep or is too long."""
    if not isinstance(payload, Mapping):
        raise error(f"{name} is {payload!r:.100}; give an object.")
    _check_json(name, payload, error, DEEPEST)
    length = len(json.dumps(payload, ensure_ascii=False, default=dict))
    if length > LONGEST_PAYLOAD:
        raise error(f"{name} has {length} characters as JSON; the limit is {LONGEST_PAYLOAD}.")


def _check_json(path: str, value: object, error: type[CaseError], deepest: int) -> None:
    if deepest == 0:
        raise error(f"{path[:100]} nests deeper than {DEEPEST} levels; flatten it.")
    if isinstance(value, str):
        check_text(path, value, LONGEST_DESCRIPTION, error)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            check_text(f"a key of {path}", key, LONGEST_TEXT, error)
            _check_json(f"{path}.{key}", inner, error, deepest - 1)
    elif isinstance(value, list | tuple):
        for count, inner in enumerate(value):
            _check_json(f"{path}[{count}]", inner, error, deepest - 1)
    elif not _is_number(value) and value is not None:
        raise error(f"{path} is {value!r:.100}, which is no JSON value; give a text, a number, a list or an object.")


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and -WIDEST_INTEGER <= value < WIDEST_INTEGER


def _is_storable(text: str) -> bool:
    """PostgreSQL stores no NUL, and UTF-8 no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _storable(value: object) -> object:
    if value is None or _is_number(value):
        return value
    text = value if isinstance(value, str) else repr(value)
    return text[:LONGEST_TEXT].replace("\x00", "�").encode("utf8", "replace").decode("utf8")
