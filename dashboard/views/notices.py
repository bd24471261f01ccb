"""Notices as words: what happened, to which case, whose turn it is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.text import say
from dashboard.views.names import Book
from dashboard.views.tables import ms

QUOTED = ("text", "reason", "clause", "view", "decision", "result")
CLOCK_KINDS = ("due_soon", "overdue")


def headline(notice: Any, language: str) -> str:
    """Say in a few words what a notice is about: 首问响应 超时."""
    clock = notice.data.get("clock")
    name = say(f"clock.{clock}", language) if clock else ""
    return say(f"inbox.kind.{notice.kind}", language, clock=name)


def sentence(notice: Any, book: Book, language: str) -> str:
    """Say all of a notice in one line, for those who get nothing but a line."""
    place = book.place(notice.township, notice.village, notice.cell, language)
    parts = headline(notice, language), book.matter(notice.matter, language), place, notice.number
    return " · ".join(part for part in parts if part)


def recipient(code: str, book: Book, language: str) -> str:
    """Name an inbox."""
    family, _, own = code.partition(":")
    names = {
        "unit": lambda: book.unit(own),
        "department": lambda: book.department(own, language),
        "township": lambda: book.area(own, language),
        "source": lambda: book.source(own, language),
    }
    return names[family]() if own and family in names else say(f"inbox.of.{family}", language)


def rows(notices: Iterable[Any], book: Book, zone: ZoneInfo, language: str) -> list[dict[str, Any]]:
    """Draw notices for assets/js/inbox.js, in the order in which they come."""
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "level": one.level,
            "title": headline(one, language),
            "matter": book.matter(one.matter, language),
            "place": book.place(one.township, one.village, one.cell, language),
            "number": one.number,
            "href": f"/case/{one.number}",
            "at": ms(one.made_at),
            "facts": facts(one, book, zone, language),
            "quote": " · ".join(str(one.data[name]) for name in QUOTED if one.data.get(name)),
            "read": read_words(one, book, zone, language),
            "failure": say("inbox.not_sent", language, reason=one.failure) if one.given_up else "",
        }
        for one in notices
    ]


def facts(notice: Any, book: Book, zone: ZoneInfo, language: str) -> list[str]:
    """Say whose turn it is, until when, and which reminder this is; or who asks."""
    data = notice.data
    acting = book.unit(data.get("unit")) or book.department(data.get("department"), language)
    if notice.kind in CLOCK_KINDS:
        due = data.get("due_at")
        found = [
            say("inbox.owner", language, name=acting) if acting else "",
            say("inbox.due", language, time=local(datetime.fromisoformat(due), zone)) if due else "",
            say("inbox.occurrence", language, n=data["occurrence"]) if data.get("occurrence", 1) > 1 else "",
            say("case.provisional", language) if data.get("provisional") else "",
        ]
    else:
        by = book.actor(str(data.get("by", "")), language) or book.area(data.get("by"), language)
        wanted = data.get("wanted") or data.get("department") if notice.kind in ("disputed", "settled") else None
        found = [
            say("inbox.by", language, name=by) if by else "",
            say("inbox.owner", language, name=acting) if acting not in ("", by) and notice.kind != "settled" else "",
            say(f"inbox.{notice.kind}.department", language, name=book.department(wanted, language)) if wanted else "",
            say("inbox.result_of", language, number=data["result_of"]) if data.get("result_of") else "",
        ]
    return [word for word in found if word]


def read_words(notice: Any, book: Book, zone: ZoneInfo, language: str) -> str:
    """Say who has read a notice, and when; nothing while it is unread."""
    if notice.read_at is None:
        return ""
    who = notice.read_by or ""
    name = recipient(who, book, language) if ":" in who else book.actor(who, language) or who
    return say("inbox.read", language, name=name, time=local(notice.read_at, zone))


def local(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant as people of the region read it."""
    return instant.astimezone(zone).strftime("%m-%d %H:%M")
