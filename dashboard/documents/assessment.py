"""The assessment as an Excel file for the personnel office: table, formulas with sources, consultations, ratings.

Rates are formulas over the numbers beside them, so that whoever checks the file can follow them. Texts are written as
texts whatever they begin with: a name never becomes a formula.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from cases.assessment import COMPOSITE_ZH, COUNTED, NONE, Assessed, Count, Direction, Scheme, rounded
from cases.lists import Lists
from dashboard.text import LANGUAGES, say
from data.formulas import is_formula
from data.judgements import Consultation, Sheet, latest
from data.region import Region

ZH = LANGUAGES[0]
SONG, HEI = "宋体", "黑体"
TITLE = Font(name=HEI, size=16)
HEAD = Font(name=HEI, size=9)
BODY = Font(name=SONG, size=9)
SMALL = Font(name=SONG, size=8)
THIN = Side(style="thin", color="888888")
GRID = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
GROUND = PatternFill("solid", fgColor="EEF2F4")
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
A4 = 9
FIRST_HEAD, WEIGHTS, FIRST_ROW = 4, 6, 7
WORK = (Count.DUE, Count.DONE, Count.ON_TIME, Count.REWORK, Count.OVERDUE, Count.EXTENDED)
RATES = ("disposal", "on_time", "rework", "overdue", "extension")
LIMITS = (
    (Count.RESPOND_DUE, Count.RESPOND_MET, "response"),
    (Count.ARRIVE_DUE, Count.ARRIVE_MET, "arrival"),
)
HANDED = (Count.RETURNED, Count.PASSED_ON)


@dataclass(frozen=True, slots=True)
class Basis:
    """What the file says beside the sheet: names, the lists that it stands on, the weights.

    Attributes
    ----------
    townships
        Names by code.
    """

    region: str
    zone: ZoneInfo
    scheme: Scheme
    townships: Mapping[str, str]
    departments: Mapping[str, str]
    model: bool
    version: str
    source: str

    @classmethod
    def of(cls, region: Region, lists: Lists, at: datetime) -> "Basis":
        """Gather it from a region and its lists as they are at an instant."""
        day = region.local_day(at)
        version = lists.on(day)
        return cls(
            region.names.get("zh") or region.name,
            region.zone,
            region.assessment,
            {area.code: area.name for area in region.townships_on(day)},
            {code: one.name for code, one in region.organisation.departments.items()},
            version.model,
            version.version,
            version.source,
        )

    def rater(self, code: str) -> str:
        """Name a rater, ``township:<code>`` or ``department:<code>``."""
        _, _, name = code.partition(":")
        return self.townships.get(name) or self.departments.get(name) or name

    def at(self, instant: datetime | None) -> str:
        """Write an instant in the region's zone."""
        return "" if instant is None else instant.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    @property
    def parts(self) -> str:
        """Write the weights."""
        return " + ".join(f"{one.name} × {one.weight} %" for one in self.scheme.components)


def word(key: str, **values: Any) -> str:
    """Say something of the file; it is a Chinese one."""
    return say(f"assessment.file.{key}", ZH, **values)


def period_name(name: str) -> str:
    """Write a period as people say it."""
    year, _, month = name.partition("-")
    return say("assessment.month", ZH, year=year, month=int(month)) if month else say("assessment.year", ZH, year=year)


def workbook(sheet: Sheet, lines: Sequence[Assessed], basis: Basis, made_at: datetime) -> bytes:
    """Write the file.

    Parameters
    ----------
    lines
        Those of the sheet that are wanted, in its order.
    """
    book = Workbook()
    book.calculation.fullCalcOnLoad = True
    table = book.active
    assert isinstance(table, Worksheet)  # noqa: S101 - a new workbook has one
    _table(table, sheet, lines, basis, made_at)
    _formulas(book.create_sheet(), basis)
    _consultations(book.create_sheet(), sheet, lines, basis)
    _ratings(book.create_sheet(), sheet, lines, basis)
    book.properties.title = word("title", region=basis.region)
    book.properties.creator = say("product", ZH)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where what stands in the table."""

    scheme: Scheme

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str, float]]]]:
        """Give the heads: title of a group ("" for none) and its columns with key, name and width."""
        names = {one.code: one.zh for one in self.scheme.indicators}
        counts = {count: (_of(count), COUNTED[count].zh, 6.0) for count in Count}
        rates = {code: (f"rate {code}", name, 7.8) for code, name in names.items()}
        limits = [column for due, met, code in LIMITS for column in (counts[due], counts[met], rates[code])]
        return [
            ("", [("number", word("number"), 4.5), ("unit", say("assessment.column.unit", ZH), 22)]),
            ("", [("township", word("stands"), 10)]),
            (word("work"), [counts[count] for count in WORK]),
            (word("rates"), [rates[code] for code in RATES]),
            (word("limits"), limits),
            (word("handed"), [counts[count] for count in HANDED]),
            (word("scoring"), [(f"score {one.code}", one.name, 7.5) for one in self.scheme.components]),
            ("", [("total", say("assessment.column.total", ZH), 7.5), ("rank", say("assessment.column.rank", ZH), 6)]),
            ("", [("consulted", say("assessment.column.consulted", ZH), 11)]),
        ]

    @property
    def letters(self) -> dict[str, str]:
        """Give the letter of each column."""
        keys = [key for _, columns in self.groups for key, _, _ in columns]
        return {key: get_column_letter(place) for place, key in enumerate(keys, 1)}


def _of(count: Count) -> str:
    """Give the key of a count's column; a rate and its numerator often share their name."""
    return f"count {count}"


def _table(page: Worksheet, sheet: Sheet, lines: Sequence[Assessed], basis: Basis, made_at: datetime) -> None:
    page.title = word("table")
    columns = _Columns(basis.scheme)
    letters = columns.letters
    width = len(letters)
    at = {"at": basis.at(made_at), "as_of": basis.at(sheet.as_of), "revision": sheet.revision}
    made_of = "model" if basis.model else "official"
    said = word(made_of, version=basis.version, source=basis.source)
    _line(page, 1, width, word("title", region=basis.region), TITLE, MIDDLE, 28)
    _line(page, 2, width, word("head", period=period_name(sheet.period.name), **at), BODY, MIDDLE, 16)
    _line(page, 3, width, f"{said} {word('note', parts=basis.parts)}", SMALL, LEFT, 24)
    _heads(page, columns, basis)
    row, count = FIRST_ROW, 0
    for domain, group in groupby(lines, key=lambda line: line.unit.domain):
        units = list(group)
        title = word("group", domain=say(f"domain.{domain}", ZH), n=len(units))
        _line(page, row, width, title, HEAD, LEFT, 16, GROUND)
        for line in units:
            row, count = row + 1, count + 1
            _unit(page, row, count, line, sheet.consultations.get(line.unit.code, ()), letters, basis)
        row += 1
    _line(page, row + 1, width, word("signed"), BODY, LEFT, 24)
    _print(page, f"{FIRST_HEAD}:{WEIGHTS}", f"A1:{get_column_letter(width)}{row + 1}")
    page.freeze_panes = f"C{FIRST_ROW}"


def _heads(page: Worksheet, columns: _Columns, basis: Basis) -> None:
    """Write the heads in two rows, merged where a group or a column spans, and the weights below."""
    weights = {f"score {one.code}": one.weight / 100 for one in basis.scheme.components}
    place = 1
    for title, own in columns.groups:
        if title:
            page.merge_cells(
                start_row=FIRST_HEAD, end_row=FIRST_HEAD, start_column=place, end_column=place + len(own) - 1
            )
            _text(page.cell(FIRST_HEAD, place), title, HEAD, MIDDLE)
        for key, name, wide in own:
            top = FIRST_HEAD + 1 if title else FIRST_HEAD
            if not title:
                page.merge_cells(start_row=top, end_row=FIRST_HEAD + 1, start_column=place, end_column=place)
            _text(page.cell(top, place), name, HEAD, MIDDLE)
            for row in (FIRST_HEAD, FIRST_HEAD + 1, WEIGHTS):
                page.cell(row, place).border, page.cell(row, place).fill = GRID, GROUND
            if key in weights:
                _number(page.cell(WEIGHTS, place), weights[key], "0.##%")
            page.column_dimensions[get_column_letter(place)].width = wide
            place += 1
    _text(page.cell(WEIGHTS, 2), word("weight"), HEAD, MIDDLE)
    page.row_dimensions[FIRST_HEAD + 1].height = 36


def _unit(
    page: Worksheet,
    row: int,
    count: int,
    line: Assessed,
    consulted: Sequence[Consultation],
    letters: Mapping[str, str],
    basis: Basis,
) -> None:
    def cell(key: str) -> Any:
        return page[f"{letters[key]}{row}"]

    missing = say("assessment.missing", ZH)
    _number(cell("number"), count, "0")
    _text(cell("unit"), line.unit.name, BODY, LEFT)
    _text(cell("township"), basis.townships.get(line.unit.township, line.unit.township), BODY, MIDDLE)
    for counted in (*WORK, *HANDED, *(count for due, met, _ in LIMITS for count in (due, met))):
        _number(cell(_of(counted)), line.counts[counted], "0")
    for one in basis.scheme.indicators:
        if one.denominator is not None:
            above, below = f"{letters[_of(one.numerator)]}{row}", f"{letters[_of(one.denominator)]}{row}"
            _number(cell(f"rate {one.code}"), f'=IF({below}=0,"{NONE}",{above}/{below})', "0.00%")
    figures = {f"score {code}": score for code, score in line.scores.items()} | {"total": line.total}
    for key, score in figures.items():
        if score is None:
            _text(cell(key), missing, BODY, MIDDLE)
        else:
            _number(cell(key), float(rounded(score)), "0.00")
    if line.rank is None:
        _text(cell("rank"), say("assessment.unranked", ZH), SMALL, MIDDLE)
    else:
        _number(cell("rank"), line.rank, "0")
    _text(cell("consulted"), consulted_words(consulted, ZH), SMALL, MIDDLE)


def consulted_words(consulted: Sequence[Consultation], language: str) -> str:
    """Say in a few words how the consultations of a unit stand; nothing where there is none."""
    waiting = sum(one.opinion is None for one in consulted)
    if waiting:
        return say("assessment.consulted.waiting", language, n=waiting)
    return say(f"assessment.opinion.{consulted[-1].opinion}", language) if consulted else ""


def _formulas(page: Worksheet, basis: Basis) -> None:
    page.title = word("formulas")
    scheme = basis.scheme
    heads = ("indicator", "formula", "direction", "points", "source")
    rows = [
        (
            one.zh,
            one.formula(),
            word("higher" if one.direction is Direction.HIGHER else "lower"),
            one.points or "",
            one.source,
        )
        for one in scheme.indicators
    ]
    rows.append((word("composite"), COMPOSITE_ZH, word("higher"), sum(one.points for one in scheme.indicators), ""))
    rows += [(one.name, "", "", f"{word('weight')} {one.weight} %", "") for one in scheme.components]
    after = _rows(page, 1, heads, rows)
    _rows(page, after + 1, ("counted", "meaning"), [(one.zh, one.meaning_zh) for one in COUNTED.values()])
    _widths(page, (16, 70, 12, 12, 40))
    _print(page, "1:1")


def _consultations(page: Worksheet, sheet: Sheet, lines: Sequence[Assessed], basis: Basis) -> None:
    page.title = word("consultations")
    rows = [
        (
            line.unit.name,
            basis.townships.get(one.township, one.township),
            basis.at(one.asked_at),
            one.about,
            one.document,
            say(f"assessment.opinion.{one.opinion}", ZH) if one.opinion else say("assessment.consultation.waiting", ZH),
            basis.at(one.answered_at),
            one.answer_document,
            "；".join(part for part in (one.remarks, one.answer_remarks) if part),
        )
        for line in lines
        for one in sheet.consultations.get(line.unit.code, ())
    ]
    heads = ("unit", "stands", "asked_at", "about", "document", "opinion", "answered_at", "document", "remarks")
    _rows(page, 1, heads, rows or [(word("none"),)])
    _widths(page, (24, 12, 16, 26, 20, 12, 16, 20, 40))
    _print(page, "1:1")


def _ratings(page: Worksheet, sheet: Sheet, lines: Sequence[Assessed], basis: Basis) -> None:
    page.title = word("ratings")
    rows = []
    for line in lines:
        said = sheet.ratings.get(line.unit.code, ())
        now = {one.id for one in latest(said).values()}
        rows += [
            (
                line.unit.name,
                basis.rater(one.rater),
                one.score,
                one.reason,
                basis.at(one.recorded_at),
                word("yes" if one.id in now else "no"),
            )
            for one in said
        ]
    _rows(page, 1, ("unit", "rater", "score", "reason", "recorded", "counts_now"), rows or [(word("none"),)])
    _widths(page, (24, 14, 10, 60, 18, 12))
    _print(page, "1:1")


def _rows(page: Worksheet, first: int, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a plain table and give the row after it."""
    for place, key in enumerate(heads, 1):
        name = say("assessment.column.unit", ZH) if key == "unit" else word(key)
        cell = page.cell(first, place)
        _text(cell, name, HEAD, MIDDLE)
        cell.fill = GROUND
    row = first
    for row, values in enumerate(rows, first + 1):
        for place, value in enumerate(values, 1):
            if isinstance(value, int | float):
                _number(page.cell(row, place), value, "General")
            else:
                _text(page.cell(row, place), str(value), BODY, LEFT)
    return row + 1


def _line(
    page: Worksheet,
    row: int,
    width: int,
    said: str,
    font: Font,
    alignment: Alignment,
    height: float,
    fill: PatternFill | None = None,
) -> None:
    page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
    _text(page.cell(row, 1), said, font, alignment)
    page.row_dimensions[row].height = height
    if fill is None:
        page.cell(row, 1).border = Border()
    else:
        for place in range(1, width + 1):
            page.cell(row, place).fill, page.cell(row, place).border = fill, GRID


def _text(cell: Any, said: str, font: Font, alignment: Alignment) -> None:
    """Write a text as a text, also one that begins like a formula."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", said)
    cell.data_type = "s"
    if is_formula(said):
        # Whoever edits the cell later would make a formula of it otherwise.
        cell.quotePrefix = True
    cell.font, cell.alignment, cell.border = font, alignment, GRID


def _number(cell: Any, value: object, form: str) -> None:
    cell.value, cell.number_format = value, form
    cell.font, cell.alignment, cell.border = BODY, MIDDLE, GRID


def _widths(page: Worksheet, widths: Iterable[float]) -> None:
    for place, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(place)].width = width


def _print(page: Worksheet, heads: str, area: str | None = None) -> None:
    """Set up A4 landscape, as wide as the page, with the heads and page numbers on every page."""
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = heads
    if area:
        page.print_area = area
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom = 0.5, 0.6
    page.print_options.horizontalCentered = True
    page.oddFooter.center.text = word("pages")
