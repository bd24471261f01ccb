"""The director's cut: which one place needs eyes in this minute, and why. docs/wall.md says the rules in words.

Pure: the same county at the same instant gives the same answer in every process, so that two walls fly together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dashboard.text import say
from dashboard.views.names import Book

JUST_NOW = timedelta(minutes=1)
"""A limit that passed within this is a breach that nobody has seen yet; the wall asks once a minute."""
CLUSTER = timedelta(minutes=60)
CLUSTER_CASES = 4
CLUSTER_FRESH = timedelta(minutes=10)
STANDING_MINUTES = 5
"""What has been so for long is shown in every fifth minute only."""
WORST_CASES = 3
WORST_RATIO = 1.5
PRIOR_CASES = 20
"""Pseudo-cases of the county's own share that every township starts with, as in assets/js/measures.js."""


class Seen(Protocol):
    """What is asked of a pending case: the columns of `data.views.CaseRow`."""

    number: str
    matter: str
    township: str | None
    village: str | None
    cell: str | None
    received_at: datetime
    due_at: datetime | None
    due_kind: str | None
    due_department: str | None


@dataclass(frozen=True, slots=True)
class Attention:
    """One place that needs eyes.

    Attributes
    ----------
    kind
        ``breach``, ``cluster`` or ``worst``.
    area
        Code of the area to fly to.
    township
        The township that it lies in.
    n
        How many cases are meant; `of` how many are pending in a township, where that matters.
    case
        The case that speaks for them, of a breach.
    """

    kind: str
    area: str
    township: str
    n: int
    of: int = 0
    case: Seen | None = None


def choose(now: datetime, cases: Iterable[Seen], townships: Mapping[str, Mapping[str, int]]) -> Attention | None:
    """Choose what the map flies to in this minute; None when nothing is wrong, and then nothing moves.

    Parameters
    ----------
    cases
        Pending cases; those whose limit passed in the last minute and those received in the last hour are enough.
    townships
        Code to {pending, overdue}.
    """
    known = [case for case in cases if case.township]
    minute = int(now.timestamp() // 60)
    standing = worst(townships) if minute % STANDING_MINUTES == 0 else None
    return breach(now, known, townships) or cluster(now, known) or standing


def breach(now: datetime, cases: Iterable[Seen], townships: Mapping[str, Mapping[str, int]]) -> Attention | None:
    """Find limits that passed within the last minute: the township with most of them, then with most overdue."""
    broken = [case for case in cases if case.due_at is not None and now - JUST_NOW < case.due_at <= now]
    if not broken:
        return None
    in_township = Counter(case.township or "" for case in broken)

    def rank(case: Seen) -> tuple[int, int, datetime, str]:
        code = case.township or ""
        return -in_township[code], -townships.get(code, {}).get("overdue", 0), case.due_at or now, case.number

    first = min(broken, key=rank)
    code = first.township or ""
    area = first.cell or first.village or code
    return Attention("breach", area if in_township[code] == 1 else code, code, in_township[code], case=first)


def cluster(now: datetime, cases: Iterable[Seen]) -> Attention | None:
    """Find a village in which many cases came within an hour, the last of them just now."""
    recent = [case for case in cases if case.village and now - CLUSTER < case.received_at <= now]
    counts = Counter(case.village or "" for case in recent)
    fresh = {case.village for case in recent if case.received_at > now - CLUSTER_FRESH}
    found = [(n, code) for code, n in counts.items() if n >= CLUSTER_CASES and code in fresh]
    if not found:
        return None
    n, code = min(found, key=lambda one: (-one[0], one[1]))
    township = next(case.township or "" for case in recent if case.village == code)
    return Attention("cluster", code, township, n)


def worst(townships: Mapping[str, Mapping[str, int]]) -> Attention | None:
    """Find the township whose share of overdue cases, shrunk towards the county's, stands out from the county's."""
    pending = sum(n["pending"] for n in townships.values())
    overdue = sum(n["overdue"] for n in townships.values())
    if not overdue:
        return None
    county = overdue / pending

    def shrunk(n: Mapping[str, int]) -> float:
        return (n["overdue"] + PRIOR_CASES * county) / (n["pending"] + PRIOR_CASES)

    code, n = min(townships.items(), key=lambda one: (-shrunk(one[1]), one[0]))
    if n["overdue"] < WORST_CASES or shrunk(n) < WORST_RATIO * county:
        return None
    return Attention("worst", code, code, n["overdue"], n["pending"])


def sentence(found: Attention, book: Book, language: str) -> dict[str, str]:
    """Say where and why, in one sentence of two parts: the place, and what is wrong there."""
    place = book.area(found.township, language)
    if found.area != found.township:
        place = f"{place} · {book.area(found.area, language)}"
    case = found.case
    if case is not None and found.n == 1:
        who = book.department(case.due_department, language) if case.due_department else ""
        clock = say(f"clock.{case.due_kind}", language) if case.due_kind else ""
        what = " · ".join(part for part in (book.matter(case.matter, language), who, clock) if part)
        return {"where": place, "why": say("wall.cut.breach", language, what=what)}
    if found.kind == "worst":
        return {"where": place, "why": say("wall.cut.worst", language, n=found.n, of=found.of)}
    key = "wall.cut.cluster" if found.kind == "cluster" else "wall.cut.breaches"
    return {"where": place, "why": say(key, language, n=found.n)}
