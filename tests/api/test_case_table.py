"""The case table over HTTP: its stretches, what it says of strange filters, its files, which no spreadsheet runs."""

import csv
import io
from typing import Any

import openpyxl
import pytest

from dashboard.documents.case_table import COLUMNS
from data.formulas import defused
from data.views import MOST_LISTED
from tests.api.conftest import Caller, Watch, report

TABLE = "/api/v1/case-table"


def filled(client: Caller, watch: Watch, number: int = 7) -> list[str]:
    """Report so many cases, a minute apart, and close the first; give their numbers."""
    numbers = []
    for n in range(number):
        numbers.append(
            client.post("/api/v1/cases", json=report(str(n), matter="YJS-01" if n % 2 else "SD-01")).json()["number"]
        )
        watch.pass_by(minutes=1)
    closing = {
        "kind": "closed",
        "occurred_at": "2026-11-24T11:59:00+08:00",
        "actor": "command",
        "data": {"reason": "误报"},
    }
    assert client.post(f"/api/v1/cases/{numbers[0]}/events", json=closing).status_code == 201
    return numbers


def shown(client: Caller, **query: Any) -> dict[str, Any]:
    answer = client.get(TABLE, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_stretches_join_without_a_gap_or_a_repeat(both_clients: Caller, watch: Watch) -> None:
    numbers = filled(both_clients, watch)
    whole = shown(both_clients, state="all", limit=100)
    assert sorted(row["number"] for row in whole["rows"]) == numbers
    assert (whole["total"], whole["listed"]) == (7, 7)
    parts = [shown(both_clients, state="all", start=start, limit=3)["rows"] for start in (0, 3, 6, 9)]
    assert [row["number"] for part in parts for row in part] == [row["number"] for row in whole["rows"]]


def test_pending_ended_and_all_cases_are_told_apart(both_clients: Caller, watch: Watch) -> None:
    numbers = filled(both_clients, watch)
    assert [row["number"] for row in shown(both_clients, state="ended")["rows"]] == numbers[:1]
    pending = shown(both_clients)
    assert {row["number"] for row in pending["rows"]} == set(numbers[1:])
    dues = [row["due"] for row in pending["rows"]]
    assert dues == sorted(dues), "least time left first"


def test_every_filter_of_the_address_holds_back_what_it_says(both_clients: Caller, watch: Watch) -> None:
    filled(both_clients, watch)
    town = shown(both_clients, state="all")["rows"][0]
    assert town["township"] == "township 330200001"
    expected = {
        ("area", "330200001"): 7,
        ("area", "330200001001001"): 7,
        ("matter", "YJS-01"): 3,
        ("source", "grid"): 7,
        ("source", "hotline"): 0,
        ("department", "sthj"): 3,
        ("from", "2026-11-24"): 7,
        ("from", "2026-11-25"): 0,
        ("to", "2026-11-23"): 0,
        ("level", "red"): 0,
        ("level", "green,amber"): 6,
    }
    for (key, value), total in expected.items():
        found = shown(both_clients, state="all", **{key: value})
        assert found["total"] == total, (key, value)
        assert any(one["key"] in (key, "period") for one in found["chosen"])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"area": "999"}, "没有编码为“999”的区域"),
        ({"matter": "nope"}, "“nope”不是已知的事项"),
        ({"department": "部" * 60}, "不是已知的部门"),
        ({"from": "2026-11-25", "to": "2026-11-20"}, "起止日期颠倒，已按 2026-11-20 至 2026-11-25"),
        ({"from": "2030-01-01"}, "2030-01-01 尚未到来"),
        ({"from": "gestern"}, "“gestern”不是日期"),
    ],
)
def test_a_strange_filter_is_answered_and_named(
    client: Caller, watch: Watch, query: dict[str, str], words: str
) -> None:
    filled(client, watch, 2)
    assert any(words in note for note in shown(client, state="all", **query)["notes"])


@pytest.mark.parametrize(
    "query", [{"start": MOST_LISTED}, {"limit": 100_000}, {"start": -1}, {"nonsense": "1"}, {"state": "x"}]
)
def test_a_stretch_that_cannot_be_is_refused(client: Caller, query: dict[str, Any]) -> None:
    answer = client.get(TABLE, params=query)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_csv_holds_all_cases_with_filter_time_and_boundaries(both_clients: Caller, watch: Watch) -> None:
    numbers = filled(both_clients, watch)
    answer = both_clients.get(f"{TABLE}.csv", params={"state": "all", "matter": "YJS-01"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert ".csv" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf"), "Excel knows UTF-8 by its mark alone"
    first, heads, *rows = rows_of(answer.content.decode("utf8"))
    assert "数据截至 2026-11-24 12:" in first[0]
    assert "事项：" in first[0]
    assert "区划版本" in first[0]
    assert len(heads) == len(COLUMNS)
    assert sorted(row[0] for row in rows) == numbers[1::2]
    english = both_clients.get(f"{TABLE}.csv", headers={"Cookie": "onemap_lang=en"})
    assert rows_of(english.content.decode("utf8"))[1][0] == "Case"


def test_no_text_of_a_file_is_a_formula_and_numbers_stay_numbers(client: Caller, watch: Watch) -> None:
    filled(client, watch, 1)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{TABLE}.xlsx", params={"state": "all"}).content))
    about, heads, first = list(book.active.iter_rows())
    assert "数据截至" in about[0].value
    by_name = dict(zip(COLUMNS, first, strict=True))
    assert by_name["status"].value == "已结案"
    assert isinstance(by_name["lon"].value, float)
    assert [cell.data_type for cell in heads] == ["s"] * len(COLUMNS)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_defused(text: str) -> None:
    assert defused(text) == f"'{text}"
    assert defused("道路破损") == "道路破损"
