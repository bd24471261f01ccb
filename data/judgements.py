"""What people judge of stationed units: the townships' ratings, and the consultations on appointments.

Both are only appended. A correction is a new row; what was said before stays visible. With the counts of
`data.views.assessment` they make the sheet of a period.
"""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Row, insert, select
from sqlalchemy.exc import IntegrityError

from cases.assessment import Assessed, Count, Period, Scheme, assess, period, units_in
from cases.errors import BadJudgement, BadPeriod, NoSuchConsultation, NotAllowed, UnknownUnit
from cases.organisation import Organisation, Unit
from data import tables
from data.engine import reading, writing
from data.views.assessment import PartPage, Stretch, parts_behind, unit_counts

OPINIONS = ("agreed", "objected", "conditional")
LONGEST_TEXT, LONGEST_NAME = 2000, 200
MOST_SCORE, DECIMALS = 100, 100
COSTLY_S = 1.0
KEPT = timedelta(seconds=60)
"""Counts that took long to make are given again for so long; those that took no time are always made anew."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What a rater said once about a unit in a period."""

    id: int
    unit: str
    period: str
    rater: str
    score: float
    reason: str
    actor: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Consultation:
    """A question to a township about an appointment, and its answer if there is one.

    Attributes
    ----------
    document
        Number of the letter that asked.
    answer_document
        Number of the letter that answered; empty while there is none.
    opinion
        One of `OPINIONS`; None until it is answered.
    """

    id: int
    unit: str
    township: str
    about: str
    document: str
    remarks: str
    asked_at: datetime
    asked_by: str
    opinion: str | None = None
    answer_document: str = ""
    answer_remarks: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The assessment of a period.

    Attributes
    ----------
    lines
        By domain, then by rank.
    ratings
        By code of the unit: everything that was said in the period, the latest last.
    consultations
        By code of the unit, the latest last.
    revision, as_of
        The last event that the counts know, and the instant at which they were made.
    """

    period: Period
    lines: tuple[Assessed, ...]
    ratings: Mapping[str, Sequence[Rating]]
    consultations: Mapping[str, Sequence[Consultation]]
    revision: int
    as_of: datetime

    def only(self, domain: str | None = None, township: str | None = None) -> tuple[Assessed, ...]:
        """Give the lines of a domain, and of the units that stand in a township or serve it; None: of all."""
        return tuple(
            line
            for line in self.lines
            if domain in (None, "", line.unit.domain)
            and (not township or township in (line.unit.township, *line.unit.serves))
        )


@dataclass(frozen=True, slots=True)
class _Counts:
    by_unit: Mapping[str, Mapping[Count, int]]
    revision: int
    as_of: datetime
    cost_s: float


@dataclass(frozen=True)
class Judgements:
    """Reads and writes what is judged; threads share it."""

    engine: Engine
    organisation: Organisation
    scheme: Scheme
    zone: ZoneInfo
    _kept: dict[str, _Counts] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def sheet(self, name: str, now: datetime) -> Sheet:
        """Assess every unit in a period, as it is known at this moment.

        Raises
        ------
        BadPeriod
            It is no period, or has not begun.
        """
        during = self.begun(name, now)
        counts = self._counts(during, now)
        with reading(self.engine) as connection:
            ratings = _ratings(connection, during.name)
            consultations = _consultations(connection)
        latest = {unit: {one.rater: score_of(one) for one in said} for unit, said in ratings.items()}
        lines = assess(units_in(self.organisation, during), counts.by_unit, latest, self.scheme)
        return Sheet(during, lines, ratings, consultations, counts.revision, counts.as_of)

    def cases(
        self, name: str, unit: str, count: Count, now: datetime, cursor: str | None = None, limit: int = 100
    ) -> PartPage:
        """Give the cases behind one count of a unit, a page at a time; raises BadPeriod, UnknownUnit, BadQuery."""
        during = self.begun(name, now)
        self.unit(unit, during)
        with reading(self.engine) as connection:
            return parts_behind(connection, self._stretch(during, now), unit, count, cursor, limit)

    def rate(self, unit: str, name: str, rater: str, score: float, reason: str, actor: str, now: datetime) -> Rating:
        """Record a rating; an earlier one of the same rater, unit and period stays as history.

        Raises
        ------
        BadPeriod, UnknownUnit, BadJudgement
        NotAllowed
            The rater has nothing to say about this unit.
        """
        during = self.begun(name, now)
        one = self.unit(unit, during)
        asked = self.scheme.raters(one)
        if rater not in asked:
            ways = ", ".join(asked) or "nobody: the region weighs no rating"
            raise NotAllowed(f"{rater[:80]!r} does not rate {one.code} ({one.name}); these do: {ways}.")
        if not 0 <= score <= MOST_SCORE or _hundredths(score).denominator != 1:
            raise BadJudgement(f"The score is {score!r}; give 0 to {MOST_SCORE}, with at most two decimals.")
        values: dict[str, Any] = {
            "unit": one.code,
            "period": during.name,
            "rater": rater,
            "score": float(score),
            "reason": _text("reason", reason, LONGEST_TEXT),
            "actor": _text("actor", actor, LONGEST_NAME),
            "recorded_at": now,
        }
        with writing(self.engine) as connection:
            added = connection.execute(
                insert(tables.ratings).values(values).returning(tables.ratings.c.id)
            ).scalar_one()
        return Rating(added, **values)

    def ask(
        self, unit: str, township: str, about: str, document: str, remarks: str, actor: str, now: datetime
    ) -> Consultation:
        """Record that a township was consulted in writing about an appointment at a unit.

        Raises
        ------
        UnknownUnit, BadJudgement
        NotAllowed
            The unit neither stands in the township nor serves it.
        """
        one = self.unit(unit, self._this_year(now))
        served = (one.township, *one.serves)
        if township not in served:
            raise NotAllowed(
                f"{one.code} ({one.name}) neither stands in {township[:40]!r} nor serves it; consult"
                f" {', '.join(served)}."
            )
        values = {
            "unit": one.code,
            "township": township,
            "step": "asked",
            "about": _text("about", about, LONGEST_NAME),
            "document": _text("document", document, LONGEST_NAME),
            "remarks": _text("remarks", remarks, LONGEST_TEXT, required=False),
            "at": now,
            "actor": _text("actor", actor, LONGEST_NAME),
            "recorded_at": now,
        }
        with writing(self.engine) as connection:
            added = _insert_consultation(connection, values)
        return self.consultation(added)

    def answer(self, asked: int, opinion: str, document: str, remarks: str, actor: str, now: datetime) -> Consultation:
        """Record what the township answered, once.

        Raises
        ------
        NoSuchConsultation, BadJudgement
        NotAllowed
            It is answered already.
        """
        before = self.consultation(asked)
        if opinion not in OPINIONS:
            raise BadJudgement(f"The opinion is {opinion[:40]!r}; give one of {', '.join(OPINIONS)}.")
        if before.opinion is not None:
            raise _answered(before)
        values = {
            "unit": before.unit,
            "township": before.township,
            "step": "answered",
            "asked": asked,
            "about": before.about,
            "document": _text("document", document, LONGEST_NAME),
            "opinion": opinion,
            "remarks": _text("remarks", remarks, LONGEST_TEXT, required=opinion != OPINIONS[0]),
            "at": now,
            "actor": _text("actor", actor, LONGEST_NAME),
            "recorded_at": now,
        }
        try:
            with writing(self.engine) as connection:
                _insert_consultation(connection, values)
        except IntegrityError:
            # Somebody answered between our reading and our writing.
            raise _answered(self.consultation(asked)) from None
        return self.consultation(asked)

    def consultation(self, asked: int) -> Consultation:
        """Give a question with its answer; raises NoSuchConsultation."""
        with reading(self.engine) as connection:
            found = [one for said in _consultations(connection, asked).values() for one in said]
        if not found:
            raise NoSuchConsultation(f"There is no consultation {asked}; the page of the unit lists those there are.")
        return found[0]

    def begun(self, name: str, now: datetime) -> Period:
        """Read a period; raises BadPeriod for one that has not begun."""
        during = period(name)
        if during.instants(self.zone)[0] > now:
            raise BadPeriod(f"{during.name} has not begun; today is {now.astimezone(self.zone).date()}.")
        return during

    def unit(self, code: str, during: Period) -> Unit:
        """Give a unit as it was last in a period; raises UnknownUnit."""
        units = {one.code: one for one in units_in(self.organisation, during)}
        if code not in units:
            known = ", ".join(sorted(units)[:8]) or "none"
            raise UnknownUnit(f"No unit {code[:64]!r} is stationed in {during.name}; known are, among others: {known}.")
        return units[code]

    def _this_year(self, now: datetime) -> Period:
        return period(str(now.astimezone(self.zone).year))

    def _stretch(self, during: Period, now: datetime) -> Stretch:
        start, end = during.instants(self.zone)
        return Stretch(start, min(end, now))

    def _counts(self, during: Period, now: datetime) -> _Counts:
        """Count, or give again what was costly to count a moment ago: it says as of when it is."""
        with self._lock:
            kept = self._kept.get(during.name)
        if kept and kept.cost_s > COSTLY_S and timedelta(0) <= now - kept.as_of < KEPT:
            return kept
        begin = time.monotonic()
        with reading(self.engine) as connection:
            revision = connection.execute(
                select(tables.counters.c.value).where(tables.counters.c.name == tables.REVISION)
            ).scalar_one()
            by_unit = unit_counts(connection, self._stretch(during, now))
        made = _Counts(by_unit, revision, now, time.monotonic() - begin)
        with self._lock:
            self._kept[during.name] = made
        return made


def score_of(rating: Rating) -> Fraction:
    """Give the exact score that was given: 87.3 is 873/10, not the nearest binary fraction."""
    return _hundredths(rating.score) / DECIMALS


def _hundredths(score: float) -> Fraction:
    return Fraction(str(float(score))) * DECIMALS


def _text(name: str, value: str, longest: int, *, required: bool = True) -> str:
    said = value.strip()
    if required and not said:
        raise BadJudgement(f"{name} is empty; say it.")
    if len(said) > longest:
        raise BadJudgement(f"{name} has {len(said)} characters; at most {longest} are kept.")
    return said


def _answered(before: Consultation) -> NotAllowed:
    return NotAllowed(
        f"Consultation {before.id} was answered on {before.answered_at:%Y-%m-%d}: {before.opinion}. An answer stays;"
        " ask again if things have changed."
    )


def _insert_consultation(connection: Connection, values: Mapping[str, object]) -> int:
    table = tables.consultations
    added: int = connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    return added


def _ratings(connection: Connection, name: str) -> dict[str, list[Rating]]:
    table = tables.ratings
    found: dict[str, list[Rating]] = {}
    for row in connection.execute(select(table).where(table.c.period == name).order_by(table.c.id)):
        found.setdefault(row.unit, []).append(
            Rating(row.id, row.unit, row.period, row.rater, row.score, row.reason, row.actor, row.recorded_at)
        )
    return found


def _consultations(connection: Connection, asked: int | None = None) -> dict[str, list[Consultation]]:
    table = tables.consultations
    query = select(table).order_by(table.c.id)
    if asked is not None:
        query = query.where((table.c.id == asked) & (table.c.step == "asked") | (table.c.asked == asked))
    rows = connection.execute(query).all()
    answers = {row.asked: row for row in rows if row.asked is not None}
    found: dict[str, list[Consultation]] = {}
    for row in rows:
        if row.step == "asked":
            found.setdefault(row.unit, []).append(_consultation(row, answers.get(row.id)))
    return found


def _consultation(row: Row[tuple[object, ...]], answer: Row[tuple[object, ...]] | None) -> Consultation:
    asked = (row.id, row.unit, row.township, row.about, row.document, row.remarks, row.at, row.actor)
    if answer is None:
        return Consultation(*asked)
    return Consultation(*asked, answer.opinion, answer.document, answer.remarks, answer.at, answer.actor)


def latest(ratings: Iterable[Rating]) -> dict[str, Rating]:
    """Give what counts now of each rater: the last that it said."""
    return {one.rater: one for one in ratings}
