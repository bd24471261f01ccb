"""Why a case went to whom it went, as the case page says it."""

from dataclasses import replace
from datetime import date

import pytest

from cases.arrangements import Arrangement, ArrangementKind
from cases.lists import Lists, ListVersion
from cases.matters import Matter, MatterKind, Matters, Platform
from cases.organisation import COMMAND
from dashboard.views.names import Book
from dashboard.views.why import explanation
from tests.data.samples import a_leg, a_state

DAY = date(2026, 3, 4)
SMOKE = Matter(
    "YJS-01", "餐饮油烟扰民", MatterKind.ONE_THING, Platform.ENFORCEMENT, clause="条文", basis="《甲法》第一条"
)
NEW_AREA = Arrangement(
    code="AR-02",
    kind=ArrangementKind.RUN_BY,
    areas=("330282006",),
    matters=(),
    from_department="sthj",
    to_department="qwxq",
    valid_from=date(2024, 11, 20),
    valid_to=None,
    clause="由新区管委会承担",
    source="示范",
)
LISTS = Lists([ListVersion("1", date(2026, 1, 1), "公告", Matters([SMOKE]), (NEW_AREA,), model=True)])
BOOK = Book([], {"YJS-01": SMOKE}, {}, {})


def rows(**changes: object) -> dict[str, object]:
    """What the page says beside its labels."""
    state = a_state(**({"list_version": "1"} | changes))
    return dict(explanation(state, LISTS, DAY, BOOK, "zh-CN")["rows"])


def test_an_arrangement_is_told_once_with_its_words() -> None:
    by = replace(a_leg(), arrangements=("AR-02",))
    told = rows(legs=(by, replace(by, number=2)))
    assert [words for label, words in told.items() if "AR-02" in label] == ["由新区管委会承担"]


def test_an_arrangement_that_is_no_longer_kept_is_told_by_its_code() -> None:
    assert "AR-09" in rows(legs=(replace(a_leg(), arrangements=("AR-09",)),)).values()


def test_a_case_without_arrangements_tells_of_none() -> None:
    assert not [label for label in rows() if "AR-" in label]


def test_a_case_of_the_command_room_says_that_no_list_names_a_department() -> None:
    triaged = explanation(a_state(legs=(a_leg(department=COMMAND),)), LISTS, DAY, BOOK, "zh-CN")["triage"]
    assert "没有清单" in triaged
    assert explanation(a_state(), LISTS, DAY, BOOK, "zh-CN")["triage"] == ""


@pytest.mark.parametrize(
    ("version", "words"), [("1", ["1 版", "示范清单", "公告"]), ("0", ["0 版", "已不在库中", "1 版"])]
)
def test_the_version_that_routed_the_case_is_named_also_when_it_is_gone(version: str, words: list[str]) -> None:
    said = " ".join(str(value) for value in rows(list_version=version).values())
    assert [word for word in words if word not in said] == []
