"""The case table as a file: CSV or Excel. Each says what was chosen, as of when, and by which boundaries.

Texts are written as texts whatever they begin with: a place or a source that begins like a formula never becomes one
(CSV injection, OWASP). Numbers stay numbers, minus signs of coordinates among them.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from cases.clock import Level
from dashboard.text import WORDS, say
from dashboard.views.names import Book
from data.formulas import defused, is_formula
from data.views import CaseRow

COLUMNS = [
    "number",
    "matter",
    "matter_code",
    "platform",
    "domain",
    "status",
    "level",
    "township",
    "village",
    "cell",
    "lead",
    "unit",
    "source",
    "occurred",
    "received",
    "due",
    "clock",
    "responsible",
    "lon",
    "lat",
    "flags",
    "merged_into",
]
WIDTHS = {"number": 20, "matter": 24, "cell": 22, "unit": 26, "occurred": 20, "received": 20, "due": 20}
CHUNK = 500
Value = str | float | None


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself.

    Attributes
    ----------
    region, chosen, boundaries
        Name of the region; the filters in words; the day of the boundary version whose names are used.
    now, zone
        As of when (aware), and the zone in which its times are written.
    """

    region: str
    chosen: str
    boundaries: str
    now: datetime
    zone: ZoneInfo
    language: str

    def line(self) -> str:
        """Give the line at the head of the file."""
        return say(
            "cases.file.about",
            self.language,
            region=self.region,
            chosen=self.chosen or say("cases.file.all", self.language),
            at=f"{self.now.astimezone(self.zone):%Y-%m-%d %H:%M:%S}",
            day=self.boundaries,
        )


def heads(language: str) -> list[str]:
    """Give the names of the columns."""
    return [say(f"cases.file.{name}", language) for name in COLUMNS]


def values(row: CaseRow, book: Book, about: About) -> list[Value]:
    """Write one case, in the order of `COLUMNS`; no personal data, which a row never has."""
    language, level = about.language, row.level(about.now)
    time = lambda at: "" if at is None else f"{at.astimezone(about.zone):%Y-%m-%d %H:%M:%S}"  # noqa: E731
    flags = [say(f"flag.{one}" if f"flag.{one}" in WORDS else "flag.other", language) for one in row.flags]
    return [
        row.number,
        book.matter(row.matter, language),
        row.matter,
        say(f"platform.{row.platform}", language) if f"platform.{row.platform}" in WORDS else row.platform,
        say(f"domain.{row.domain}", language) if f"domain.{row.domain}" in WORDS else row.domain,
        say(f"status.{row.status}", language),
        "" if level is Level.NONE else say(f"level.{int(level)}", language),
        *(book.area(code, language) for code in (row.township, row.village, row.cell)),
        book.department(row.lead, language),
        book.unit(row.lead_unit),
        book.source(row.source, language),
        *(time(at) for at in (row.occurred_at, row.received_at, row.due_at)),
        say(f"clock.{row.due_kind}", language) if row.due_kind else "",
        book.department(row.due_department, language),
        row.lon,
        row.lat,
        "、".join(dict.fromkeys(flags)),
        row.merged_into or "",
    ]


def as_csv(rows: Iterable[CaseRow], book: Book, about: About) -> Iterator[str]:
    """Write CSV in pieces, with the mark by which Excel knows UTF-8; the first line says what the file is."""
    yield "\ufeff"
    yield _lines([[f"# {about.line()}"], heads(about.language)])
    waiting: list[Sequence[Value]] = []
    for row in rows:
        waiting.append([defused(one) if isinstance(one, str) else one for one in values(row, book, about)])
        if len(waiting) == CHUNK:
            yield _lines(waiting)
            waiting = []
    yield _lines(waiting)


def as_workbook(rows: Iterable[CaseRow], book: Book, about: About) -> bytes:
    """Write an Excel workbook, row by row, so that it never stands in memory as cells."""
    made = Workbook(write_only=True)
    page = made.create_sheet(say("cases.title", about.language))
    page.freeze_panes = "B3"
    for place, name in enumerate(COLUMNS, 1):
        page.column_dimensions[get_column_letter(place)].width = WIDTHS.get(name, 14)
    page.append([_cell(page, about.line())])
    page.append([_cell(page, name, bold=True) for name in heads(about.language)])
    for row in rows:
        page.append([_cell(page, one) if isinstance(one, str) else one for one in values(row, book, about)])
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def _cell(page: object, said: str, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, ILLEGAL_CHARACTERS_RE.sub("", said))
    cell.data_type = "s"
    # Whoever edits the cell later would make a formula of it otherwise.
    cell.quotePrefix = is_formula(said)
    if bold:
        cell.font = Font(bold=True)
    return cell


def _lines(rows: Iterable[Sequence[Value]]) -> str:
    held = io.StringIO()
    csv.writer(held, lineterminator="\r\n").writerows(rows)
    return held.getvalue()
