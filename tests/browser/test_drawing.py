"""Drawing is pure: rows in, words and figures out."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from cases.clock import Budget, BudgetUnit, Clock, ClockKind, Due, Level
from cases.events import Event, EventKind
from dashboard.pages.wall import on_time_words, so_far
from dashboard.views.case import (
    Drawer,
    by_occurrence,
    first_due,
    level_of,
    masked_contact,
    masked_name,
    masked_phone,
    told,
)
from dashboard.views.names import Book
from dashboard.views.tables import case_rows, department_items, ms, unit_rows

NOW = datetime(2026, 11, 24, 6, 3, 22, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BOOK = Book(
    [("330282107", "观海卫镇", "Guanhaiwei"), ("330282107201", "卫东村委会", None)],
    {"YJS-01": SimpleNamespace(name="餐饮油烟扰民", name_en="Restaurant smoke")},
    {"zhzf": SimpleNamespace(name="慈溪市综合行政执法局", spoken="综合执法局", name_en="Enforcement")},
    {"grid": SimpleNamespace(name="网格员", name_en="Grid worker")},
)


def clock(due_in: timedelta, **more: object) -> Clock:
    """A respond clock of 30 minutes that is due so long after NOW."""
    due = Due(NOW + due_in - 6 * MINUTE, NOW + due_in)
    budget = Budget(30, BudgetUnit.MINUTES)
    return Clock(ClockKind.RESPOND, 1, 1, NOW + due_in - 30 * MINUTE, budget, due=due, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "shown"), [("张三丰", "张*"), ("欧阳娜", "欧*"), ("Smith", "S*"), ("  ", ""), ("", "")]
)
def test_of_a_name_only_the_first_letter_is_shown(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"), [("13812340000", "138****0000"), ("0574-63000000", "057****0000"), ("110", "***"), ("", "")]
)
def test_the_middle_of_a_phone_number_is_hidden(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


@pytest.mark.parametrize("nothing", [None, {}, "text", {"name": None, "phone": None}])
def test_a_case_without_contact_shows_none(nothing: object) -> None:
    assert masked_contact(nothing) == ""


def test_names_follow_the_language_and_unknown_codes_show_themselves() -> None:
    assert BOOK.area("330282107", "zh-CN") == "观海卫镇"
    assert BOOK.area("330282107", "en") == "Guanhaiwei"
    assert BOOK.area("330282107201", "en") == "卫东村委会"
    assert BOOK.area("1", "en") == "1"
    assert BOOK.department("zhzf", "zh-CN") == "综合执法局"
    assert BOOK.place("330282107", "330282107201", None, "zh-CN") == "观海卫镇 · 卫东村委会"
    assert BOOK.place(None, None, None, "zh-CN") == "未落入辖区"


def test_zero_of_zero_is_a_dash_and_every_share_shows_its_n() -> None:
    none = SimpleNamespace(finish_due=0, finished_on_time=0)
    some = SimpleNamespace(finish_due=972, finished_on_time=737)
    assert on_time_words(none, "zh-CN") == {"share": "—", "n": "n=0"}  # type: ignore[arg-type]
    assert on_time_words(some, "zh-CN") == {"share": "75.8%", "n": "n=972"}  # type: ignore[arg-type]


def test_the_share_on_time_looks_no_further_than_now() -> None:
    now = datetime(2026, 11, 24, 19, 1, tzinfo=UTC)
    services = SimpleNamespace(now=lambda: now, region=SimpleNamespace(zone=ZoneInfo("Asia/Shanghai")))
    assert so_far(services) == (datetime(2026, 11, 24, 16, 0, tzinfo=UTC), now)  # type: ignore[arg-type]


def test_the_clock_that_is_due_first_speaks_for_the_case() -> None:
    early, late = clock(2 * MINUTE), clock(9 * MINUTE)
    assert first_due([late, early]) is early
    assert first_due([clock(MINUTE, stopped_at=NOW)]) is None


def test_the_limit_itself_is_still_on_time() -> None:
    assert level_of([clock(timedelta(0))], NOW) == Level.AMBER
    assert level_of([clock(-timedelta(microseconds=1))], NOW) == Level.RED
    assert level_of([clock(20 * MINUTE)], NOW) == Level.GREEN


def event(kind: EventKind, minutes_ago: float, recorded_ago: float, revision: int) -> Event:
    """An event that happened and was recorded so many minutes before NOW."""
    return Event(kind, NOW - minutes_ago * MINUTE, NOW - recorded_ago * MINUTE, "grid", None, {}, revision)


def test_an_event_that_was_entered_afterwards_stands_where_it_happened_and_says_so() -> None:
    received = event(EventKind.RECEIVED, 60, 60, 1)
    accepted = event(EventKind.ACCEPTED, 40, 40, 2)
    late = event(EventKind.COMMENTED, 50, 5, 3)
    assert [one.revision for one in by_occurrence([received, accepted, late])] == [2, 3, 1]
    drawer = Drawer(BOOK, "zh-CN", ZoneInfo("Asia/Shanghai"), NOW)
    state = SimpleNamespace(leg=lambda number: None)
    shown = drawer._event(late, state)  # type: ignore[arg-type]
    assert shown["late"] == "发生于 11-24 13:13:22，11-24 13:58:22 补录"
    assert drawer._event(received, state)["late"] == ""  # type: ignore[arg-type]


def test_departments_are_listed_by_what_is_overdue_and_without_those_that_have_nothing() -> None:
    counts = {
        "a": {"pending": 9, "amber": 0, "overdue": 0},
        "b": {"pending": 1, "amber": 0, "overdue": 1},
        "c": {"pending": 0, "amber": 0, "overdue": 0},
        "d": {"pending": 2, "amber": 2, "overdue": 0},
    }
    assert [item["name"] for item in department_items(counts, BOOK, "zh-CN", 5)] == ["b", "d", "a"]


def test_units_without_cases_are_listed_too() -> None:
    units = [
        SimpleNamespace(code="u1", name="一中队", department="x", domain="court"),
        SimpleNamespace(code="u2", name="二中队", department="zhzf", domain="transport"),
    ]
    rows = unit_rows(units, {"zhzf": {"pending": 3, "amber": 1, "overdue": 1}}, BOOK, "zh-CN")
    assert [(row["code"], row["pending"]) for row in rows] == [("u2", 3), ("u1", 0)]


def test_a_row_says_who_is_responsible_now() -> None:
    case = SimpleNamespace(
        number="CX20261124-00001", due_at=NOW, amber_at=None, due_kind="respond", matter="YJS-01", township="330282107",
        village=None, cell=None, due_department=None, lead="zhzf", status="received",
    )  # fmt: skip
    row = case_rows([case], BOOK, "zh-CN")[0]
    assert row["department"] == "综合执法局"
    assert row["clock"] == "首问响应"
    assert row["due"] == ms(NOW)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"clause": "争议裁定：由甲牵头", "decision": "由甲牵头", "department": "zhzf"}, ["department", "clause"]),
        ({"clause": "争议裁定：由甲牵头", "reason": "争议裁定：由甲牵头"}, ["reason"]),
        ({"reason": "复查", "approved_by": "command"}, ["reason", "approved_by"]),
        ({"reason": "", "text": "已知悉"}, ["text"]),
    ],
)
def test_the_line_of_an_event_tells_nothing_twice(data: dict[str, str], expected: list[str]) -> None:
    assert told(data) == expected
