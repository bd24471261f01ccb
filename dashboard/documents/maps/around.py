"""What stands around the map: head and filter, table, scale, and the foot that says where it all comes from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from pyproj import CRS

from dashboard.documents.maps.contents import Row
from dashboard.documents.maps.pen import Pen
from dashboard.text import WORDS
from geo.cartography import scale_bar

CODE_DIGITS = 16
MOST_ROWS, MOST_ROWS_BESIDE_INSET = 26, 12
COLUMNS = ("pending", "amber", "overdue", "received", "closed")
BAR_MM = 62.0
KILOMETRES_FROM = 2000


def head(pen: Pen) -> dict[str, Any]:
    """Write title, moment, n and filter."""
    name = pen.region_name()
    if pen.wanted.township:
        township = pen.book.area(pen.wanted.township, pen.wanted.language)
        name = pen.say("sheet.within", region=name, name=township)
    return {
        "title": pen.say(f"sheet.title.{pen.wanted.measure}", name=name),
        "moment": pen.say("sheet.moment", at=pen.at(pen.wanted.at)),
        "n": pen.say("sheet.shown", n=pen.contents.total.pending),
        "mark": pen.say("sheet.mark"),
        "filter": filter_words(pen),
    }


def filter_words(pen: Pen) -> str:
    """Say which cases are shown."""
    language = pen.wanted.language
    names: Mapping[str, Callable[[Any], str]] = {
        "matter": lambda code: pen.book.matter(code, language),
        "department": lambda code: pen.book.department(code, language),
        "source": lambda code: pen.book.source(code, language),
        "level": lambda level: pen.say(f"level.{int(level)}"),
    }
    said, filters = [], pen.wanted.filters
    for item in fields(filters):
        values, key = getattr(filters, item.name), f"sheet.filter.{item.name}"
        if isinstance(values, tuple) and values and key in WORDS:
            of = names.get(item.name, lambda code: pen.book.area(code, language))
            said.append(f"{pen.say(key)} {'、'.join(of(value) for value in values)}")
    since, until = (pen.at(day) if day else "" for day in (filters.occurred_from, filters.occurred_to))
    if since or until:
        said.append(f"{pen.say('sheet.filter.period')} {since}–{until}")
    return pen.say("sheet.filter", words="；".join(said)) if said else pen.say("sheet.filter.none")


def table(pen: Pen) -> dict[str, Any]:
    """Write the figures by area, the worst first."""
    rows = sorted(pen.contents.rows, key=lambda row: (row.code is None, -row.overdue, -row.amber, -row.pending))
    most = MOST_ROWS if pen.chosen is None else MOST_ROWS_BESIDE_INSET
    shown, rest = rows[:most], rows[most:]
    cells = [[_name(pen, row), *_cells(row)] for row in shown]
    if rest:
        said = pen.say("sheet.table.rest", n=len(rest), pending=sum(row.pending for row in rest))
        cells.append([said, *_cells(_sum(rest))])
    kind = "township" if pen.chosen is None else "village"
    return {
        "heads": [pen.say(f"sheet.table.area.{kind}"), *(pen.say(f"sheet.table.{name}") for name in COLUMNS)],
        "rows": cells,
        "total": [pen.say("sheet.table.total"), *_cells(pen.contents.total)],
        "note": pen.say("sheet.table.note"),
    }


def _name(pen: Pen, row: Row) -> str:
    return pen.book.area(row.code, pen.wanted.language) if row.code else pen.say("sheet.table.elsewhere")


def _cells(row: Row) -> list[str]:
    return [str(getattr(row, name) or "·") for name in COLUMNS]


def _sum(rows: Sequence[Row]) -> Row:
    return Row(None, *(sum(getattr(row, name) for row in rows) for name in COLUMNS))


def scale(pen: Pen) -> dict[str, Any]:
    """Write the scale and its bar."""
    bar = scale_bar(pen.frame, BAR_MM)
    unit, per = ("sheet.kilometres", 1000) if bar.metres >= KILOMETRES_FROM else ("sheet.metres", 1)
    at = [f"{bar.metres * i / bar.parts / per:g}" for i in range(bar.parts + 1)]
    return {
        "words": pen.say("sheet.scale", scale=f"{pen.frame.scale:,}".replace(",", " ")),
        "length": bar.millimetres,
        "parts": bar.parts,
        "at": [*at[:-1], pen.say(unit, n=at[-1])],
    }


def foot(pen: Pen, unlabelled: Sequence[str]) -> list[str]:
    """Say by which projection and boundaries, from which source, and with which reservations."""
    region = pen.region
    elsewhere = next((row.pending for row in pen.contents.rows if row.code is None), 0)
    first = [
        pen.say("sheet.projection", name=CRS(region.metric_crs).name, crs=region.metric_crs),
        pen.say("sheet.boundaries", day=version(pen).isoformat()),
        pen.say("sheet.elsewhere", n=elsewhere) if elsewhere else "",
        pen.say("sheet.unlabelled", names="、".join(unlabelled)) if unlabelled else "",
    ]
    approval = pen.say("map.approval", number=region.approval_number) if region.approval_number else ""
    last = [note(pen), approval, pen.say("sheet.code", code=pen.contents.code[:CODE_DIGITS])]
    source = pen.say("sheet.source", product=pen.say("product"), revision=pen.contents.revision)
    return ["  ·  ".join(filter(None, first)), source, "  ·  ".join(filter(None, last))]


def version(pen: Pen) -> date:
    """Give the first day of the boundaries that the sheet shows."""
    versions = [found for layer in pen.region.layers.values() if (found := layer.version_of(pen.day))]
    return max(versions, default=pen.day)


def note(pen: Pen) -> str:
    """Give the line that stands on every map."""
    return (pen.english and pen.region.attribution_en) or pen.region.attribution
