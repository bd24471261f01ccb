"""The assessment as rows, columns and words, ready for the table and for assets/js/assessment.js."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cases.assessment import (
    COMPOSITE_EN,
    COMPOSITE_ZH,
    COUNTED,
    NONE,
    Assessed,
    Component,
    ComponentKind,
    Count,
    Indicator,
    Missing,
    Scheme,
    behind,
    percent,
    summed,
    written,
)
from cases.matters import Domain
from cases.organisation import Unit
from dashboard.text import LANGUAGES, say
from dashboard.views.names import Book

ENGLISH = LANGUAGES[1]
MONTHS, YEARS = 18, 3
# From which width of the table on a column is shown, in pixels; the rank, the unit and the total always are.
NARROW, MIDDLING, BROAD, WIDE = 640, 1010, 1240, 1620
Counts = Mapping[Count, int]


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes the assessment in one language and zone."""

    book: Book
    language: str
    zone: ZoneInfo
    scheme: Scheme

    def word(self, key: str, **values: Any) -> str:
        """Give the words for a key."""
        return say(f"assessment.{key}", self.language, **values)

    def at(self, instant: datetime | None) -> str:
        """Write an instant."""
        return NONE if instant is None else instant.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def period(self, name: str) -> str:
        """Write a period as people say it."""
        year, _, month = name.partition("-")
        if not month:
            return self.word("year", year=year)
        return self.word("month", year=year, month=month if self.language == ENGLISH else int(month))

    def named(self, one: Indicator) -> str:
        """Name an indicator."""
        return one.en if self.language == ENGLISH else one.zh

    def component(self, one: Component) -> str:
        """Name a component of the total."""
        return one.name_en if self.language == ENGLISH else one.name

    def counted(self, count: Count) -> str:
        """Name a count."""
        return COUNTED[count].en if self.language == ENGLISH else COUNTED[count].zh

    def domain(self, domain: Domain) -> str:
        """Name a domain."""
        return say(f"domain.{domain}", self.language)

    def rater(self, code: str) -> str:
        """Name a rater, ``township:<code>`` or ``department:<code>``."""
        kind, _, name = code.partition(":")
        return self.book.area(name, self.language) if kind == "township" else self.book.department(name, self.language)

    def comma(self, names: Iterable[str]) -> str:
        """Write several names."""
        return ("、" if self.language != ENGLISH else ", ").join(names)

    def lacks(self, one: Missing) -> str:
        """Say why a component has no score."""
        if one.component.kind is ComponentKind.RATING:
            what = self.comma(self.rater(rater) for rater in one.what)
        else:
            known = {indicator.code: self.named(indicator) for indicator in self.scheme.indicators}
            what = self.comma(known[code] for code in one.what)
        return self.word(f"lacks.{one.component.kind}", name=self.component(one.component), what=what)

    def score(self, value: Any) -> str:
        """Write a score, or that it is missing."""
        return self.word("missing") if value is None else written(value)


def columns(pen: Pen) -> list[dict[str, Any]]:
    """Give the columns: rank, unit, the indicators, scores, total, consultations."""
    rates = [one for one in pen.scheme.indicators if one.denominator is not None]
    counts = [one for one in pen.scheme.indicators if one.denominator is None]
    return [
        _column("rank", pen.word("column.rank"), 62, "OneMapRank"),
        _column("name", pen.word("column.unit"), 180, "OneMapUnitCell") | {"flex": 1.4, "minWidth": 150, "width": None},
        _column("domain", pen.word("column.domain"), 104, None, WIDE),
        *(_column(one.code, pen.named(one), 104, "OneMapFigure", MIDDLING if one.points else BROAD) for one in rates),
        *(_column(one.code, pen.named(one), 80, "OneMapFigure", WIDE) for one in counts),
        *(
            _column(f"score_{one.code}", pen.component(one), 104, "OneMapScore", NARROW)
            for one in pen.scheme.components
        ),
        _column("total", pen.word("column.total"), 78, "OneMapScore"),
        _column("consulted", pen.word("column.consulted"), 112, None, WIDE),
    ]


def _column(field: str, name: str, width: int, renderer: str | None, from_px: int = 0) -> dict[str, Any]:
    column: dict[str, Any] = {"field": field, "headerName": name, "width": width, "wrapHeaderText": True}
    if renderer:
        column["cellRenderer"] = renderer
    if renderer in ("OneMapFigure", "OneMapScore"):
        column |= {"headerClass": "ag-right-aligned-header", "sortingOrder": ["desc", "asc", None]}
    if from_px:
        column["context"] = {"from": from_px}
    return column


def rows(lines: Sequence[Assessed], whole: Sequence[Assessed], consulted: Mapping[str, str], pen: Pen) -> list[Any]:
    """Give the rows of `columns`.

    Parameters
    ----------
    lines
        Those to be shown.
    whole
        Those of all units: a domain's own rate is that of all of its units.
    consulted
        By code of the unit: how its consultations stand, in a few words.
    """
    domains = domain_counts(whole)
    return [_row(line, domains[line.unit.domain], consulted.get(line.unit.code, ""), pen) for line in lines]


def domain_counts(whole: Sequence[Assessed]) -> dict[Domain, Counts]:
    """Add up the counts of each domain."""
    return {domain: summed(line for line in whole if line.unit.domain is domain) for domain in Domain}


def _row(line: Assessed, domain: Counts, consulted: str, pen: Pen) -> dict[str, Any]:
    unit = line.unit
    row: dict[str, Any] = {
        "code": unit.code,
        "rank": line.rank,
        "rank_words": str(line.rank) if line.rank else pen.word("unranked"),
        "why": " ".join(pen.lacks(one) for one in line.missing),
        "name": unit.name,
        "where": f"{pen.book.area(unit.township, pen.language)} · {pen.domain(unit.domain)}",
        "domain": pen.domain(unit.domain),
        "consulted": consulted,
        "total": None if line.total is None else float(line.total),
        "words": {"total": pen.score(line.total)},
        "figures": {},
    }
    for component in pen.scheme.components:
        score = line.scores[component.code]
        row[f"score_{component.code}"] = None if score is None else float(score)
        row["words"][f"score_{component.code}"] = pen.score(score)
    for one in pen.scheme.indicators:
        value = one.of(line.counts)
        plain = one.denominator is None
        row[one.code] = line.counts[one.numerator] if plain else None if value is None else float(value)
        row["figures"][one.code] = _figure(one, line, domain, pen)
    return row


def _figure(one: Indicator, line: Assessed, domain: Counts, pen: Pen) -> dict[str, Any]:
    if one.denominator is None:
        return {"words": str(line.counts[one.numerator]), "n": "", "tone": 0, "title": "", "part": "numerator"}
    tone = behind(one, line.counts, domain)
    n = line.counts[one.denominator]
    return {
        "words": percent(one.of(line.counts), 1),
        "n": pen.word("n", n=n),
        "tone": tone,
        "title": pen.word(f"behind.{tone}") if tone else "",
        "part": "numerator" if n else "denominator",
    }


def periods(today: date, pen: Pen) -> list[dict[str, str]]:
    """Give the periods to choose from: this month and those before, this year and those before."""
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(MONTHS)]
    names = [f"{year}-{month + 1:02}" for year, month in months] + [str(today.year - back) for back in range(YEARS)]
    return [{"value": name, "label": pen.period(name)} for name in names]


def unit_panel(line: Assessed, domain: Counts, pen: Pen) -> dict[str, Any]:
    """Draw a unit: who it is, how its total is made, each indicator with its formula, numerator and denominator."""
    unit = line.unit
    ranked = pen.word("rank_of", domain=pen.domain(unit.domain), rank=line.rank) if line.rank else pen.word("unranked")
    return {
        "unit": unit.code,
        "name": unit.name,
        "facts": facts(unit, pen),
        "total": pen.score(line.total),
        "rank": ranked,
        "missing": [pen.lacks(one) for one in line.missing],
        "scores": [_part(one, line, pen) for one in pen.scheme.components],
        "composite": COMPOSITE_EN if pen.language == ENGLISH else COMPOSITE_ZH,
        "indicators": [_indicator(one, line, domain, pen) for one in pen.scheme.indicators],
    }


def facts(unit: Unit, pen: Pen) -> str:
    """Say where a unit stands, whom it serves and whose it is."""
    parts = [
        pen.book.department(unit.department, pen.language),
        pen.word("stands", township=pen.book.area(unit.township, pen.language)),
    ]
    if unit.serves:
        parts.append(pen.word("serves", townships=pen.comma(pen.book.area(one, pen.language) for one in unit.serves)))
    return " · ".join(parts)


def _part(one: Component, line: Assessed, pen: Pen) -> dict[str, str]:
    score = line.scores[one.code]
    points = NONE if score is None else written(score * int(one.weight * 100) / 10_000)
    return {
        "name": pen.component(one),
        "weight": f"{one.weight} %",
        "score": pen.score(score),
        "points": pen.word("points", points=points),
    }


def _indicator(one: Indicator, line: Assessed, domain: Counts, pen: Pen) -> dict[str, Any]:
    def count(which: Count, part: str) -> dict[str, Any]:
        words = COUNTED[which]
        return {
            "part": part,
            "name": pen.counted(which),
            "n": line.counts[which],
            "meaning": words.meaning_en if pen.language == ENGLISH else words.meaning_zh,
        }

    counts = [count(one.numerator, "numerator")]
    if one.denominator is not None:
        counts.append(count(one.denominator, "denominator"))
    return {
        "code": one.code,
        "name": pen.named(one),
        "rate": "" if one.denominator is None else percent(one.of(line.counts)),
        "tone": behind(one, line.counts, domain),
        "domain": "" if one.denominator is None else pen.word("of_domain", rate=percent(one.of(domain))),
        "points": pen.word("counts_points", points=one.points) if one.points else "",
        "counts": counts,
        "source": pen.word("source", source=one.source),
    }


def ratings(said: Sequence[Any], now: Iterable[int], pen: Pen) -> list[dict[str, Any]]:
    """Draw what raters said, the latest first; `now` holds the ids of those that count."""
    current = set(now)
    return [
        {
            "who": pen.rater(one.rater),
            "score": f"{one.score:g}",
            "reason": one.reason,
            "at": pen.at(one.recorded_at),
            "now": one.id in current,
            "word": pen.word("rating.now" if one.id in current else "rating.before"),
        }
        for one in reversed(said)
    ]


def consultations(asked: Sequence[Any], pen: Pen) -> list[dict[str, Any]]:
    """Draw the consultations of a unit, the latest first."""
    return [
        {
            "id": one.id,
            "about": one.about,
            "asked": pen.word(
                "consultation.asked",
                at=pen.at(one.asked_at),
                township=pen.book.area(one.township, pen.language),
                document=one.document,
            ),
            "remarks": one.remarks,
            "township": one.township,
            "open": one.opinion is None,
            "word": pen.word(f"opinion.{one.opinion}") if one.opinion else pen.word("consultation.waiting"),
            "answered": pen.word("consultation.answered", at=pen.at(one.answered_at), document=one.answer_document)
            if one.opinion
            else "",
            "answer": one.answer_remarks,
        }
        for one in reversed(asked)
    ]


def case_rows(parts: Iterable[Any], pen: Pen) -> list[dict[str, Any]]:
    """Draw the cases behind a figure."""
    return [
        {
            "number": one.number,
            "href": f"/case/{one.number}",
            "matter": pen.book.matter(one.matter, pen.language),
            "where": pen.book.area(one.township, pen.language) or say("place.nowhere", pen.language),
            "status": say(f"status.{one.status}", pen.language),
            "leg": pen.word("cases.leg", leg=one.leg),
            "times": pen.word(
                "cases.times",
                since=pen.at(one.since),
                due=pen.at(one.due_at),
                ended=pen.word("cases.ended", at=pen.at(one.ended_at)) if one.ended_at else pen.word("cases.open"),
            ),
        }
        for one in parts
    ]
