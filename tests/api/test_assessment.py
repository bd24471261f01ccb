"""The assessment over HTTP: figures that open, ratings that stay, consultations answered once, a file to be filed."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from cases.assessment import COUNTED, DEFAULT, Count, assess, period
from cases.matters import Domain
from cases.organisation import Unit
from dashboard.documents.assessment import FIRST_ROW, Basis, workbook
from data.judgements import Consultation, Sheet
from tests.api.conftest import NOW, Caller, Watch, report

UNIT = "zhzf-001"
HERE, SERVED, ELSEWHERE = "330200001", "330200002", "330200009"
SHEET = "/api/v1/assessment"


def unit_of(client: Caller, query: str = "") -> dict[str, Any]:
    return next(one for one in client.get(f"{SHEET}{query}").json()["units"] if one["unit"] == UNIT)


def tell(client: Caller, number: str, kind: str, at: str, **more: Any) -> None:
    body = {"kind": kind, "occurred_at": at, "actor": "zhzf", **more}
    answer = client.post(f"/api/v1/cases/{number}/events", json=body)
    assert answer.status_code == 201, answer.text


@pytest.fixture
def worked(both_clients: Caller, watch: Watch) -> tuple[Caller, list[str]]:
    """Three cases of one unit: finished in time, accepted too late, and returned."""
    numbers = [both_clients.post("/api/v1/cases", json=report(str(n))).json()["number"] for n in range(3)]
    watch.pass_by(hours=2)
    tell(both_clients, numbers[0], "accepted", "2026-11-24T12:05:00+08:00")
    tell(both_clients, numbers[0], "finished", "2026-11-24T12:30:00+08:00")
    tell(both_clients, numbers[1], "accepted", "2026-11-24T13:30:00+08:00")
    tell(both_clients, numbers[2], "returned", "2026-11-24T12:10:00+08:00", data={"reason": "不属职责"})
    return both_clients, numbers


def rating(**different: Any) -> dict[str, Any]:
    plain = {"unit": UNIT, "period": "2026-11", "rater": f"township:{HERE}", "score": 92.5, "reason": "响应及时"}
    return plain | {"actor": plain["rater"]} | different


def asked(**different: Any) -> dict[str, Any]:
    plain = {
        "unit": UNIT,
        "township": HERE,
        "about": "中队负责人任职",
        "document": "小执发〔2026〕8号",
        "actor": "zhzf",
    }
    return plain | different


def test_the_sheet_counts_what_happened_and_each_figure_opens_its_cases(worked: tuple[Caller, list[str]]) -> None:
    client, numbers = worked
    line = unit_of(client, "?period=2026-11")
    # Finished: 1 due, done, in time. The second is in work and not due; the third was handed back before it was due.
    assert {name: n for name, n in line["counts"].items() if n} == {
        "due": 1,
        "done": 1,
        "on_time": 1,
        "respond_due": 3,
        "respond_met": 2,
        "returned": 1,
    }
    assert line["indicators"]["disposal"] == {"numerator": 1, "denominator": 1, "rate": 1.0}
    assert line["indicators"]["arrival"] == {"numerator": 0, "denominator": 0, "rate": None}, "0/0 is no rate"
    assert line["scores"]["department"] == 100.0
    assert (line["total"], line["rank"]) == (None, None)
    assert line["missing"] == [{"component": "township", "what": [f"township:{HERE}", f"township:{SERVED}"]}]
    opened = client.get(f"{SHEET}/cases?period=2026-11&unit={UNIT}&indicator=response&part=numerator").json()
    assert [case["number"] for case in opened["cases"]] == [numbers[0], numbers[2]]
    first = client.get(f"{SHEET}/cases?unit={UNIT}&indicator=response&part=denominator&limit=2").json()
    rest = client.get(
        f"{SHEET}/cases?unit={UNIT}&indicator=response&part=denominator&limit=2&cursor={first['next']}"
    ).json()
    assert [case["number"] for case in first["cases"] + rest["cases"]] == numbers
    assert rest["next"] is None


def test_a_late_event_and_a_merge_recount(worked: tuple[Caller, list[str]]) -> None:
    client, numbers = worked
    tell(client, numbers[1], "returned", "2026-11-24T13:35:00+08:00", data={"reason": "改派"})
    assert unit_of(client)["counts"]["returned"] == 2
    tell(client, numbers[1], "commented", "2026-11-24T12:12:00+08:00", data={"text": "补录"})
    tell(client, numbers[2], "merged", "2026-11-24T13:40:00+08:00", data={"into": numbers[0]})
    counts = unit_of(client)["counts"]
    assert (counts["returned"], counts["respond_due"], counts["passed_on"]) == (1, 2, 0), "the duplicate counts once"
    tell(client, numbers[0], "reopened", "2026-11-24T12:40:00+08:00")
    counts = unit_of(client)["counts"]
    assert (counts["rework"], counts["rework_times"], counts["done"]) == (1, 1, 1)


def test_a_total_needs_every_township_and_a_correction_keeps_what_was_said(worked: tuple[Caller, list[str]]) -> None:
    client, _ = worked
    assert client.post(f"{SHEET}/ratings", json=rating(score=80)).status_code == 201
    half = unit_of(client)
    assert half["total"] is None, "one of two townships is missing: nothing is rescaled"
    assert half["missing"][0]["what"] == [f"township:{SERVED}"]
    assert client.post(f"{SHEET}/ratings", json=rating(rater=f"township:{SERVED}", score=90.5)).status_code == 201
    assert client.post(f"{SHEET}/ratings", json=rating(score=85, reason="复核后更正")).status_code == 201
    line = unit_of(client)
    # (85 + 90.5) / 2 = 87.75; 0.6 × 87.75 + 0.4 × 100 = 92.65
    assert line["scores"] == {"township": 87.75, "department": 100.0}
    assert (line["total"], line["rank"]) == (92.65, 1)
    assert [(one["score"], one["reason"]) for one in line["ratings"]] == [
        (80.0, "响应及时"),
        (90.5, "响应及时"),
        (85.0, "复核后更正"),
    ]
    assert unit_of(client, "?period=2026")["ratings"] == [], "a year is rated for itself"


@pytest.mark.parametrize(
    ("different", "status", "said"),
    [
        ({"score": 101}, 422, "101"),
        ({"score": -1}, 422, "-1"),
        ({"score": 88.125}, 422, "two decimals"),
        ({"score": "gut"}, 422, "number"),
        ({"unit": "zhzf-999"}, 422, "zhzf-999"),
        ({"rater": f"township:{ELSEWHERE}"}, 409, f"township:{SERVED}"),
        ({"rater": "department:zhzf"}, 409, "does not rate"),
        ({"period": "2026-13"}, 422, "2026-13"),
        ({"period": "2026-12"}, 422, "has not begun"),
        ({"reason": "  "}, 422, "reason"),
        ({"reason": "好" * 2001}, 422, "2001"),
        ({"reason": "a\0b"}, 422, "NUL"),
        ({"score": 1e400}, 422, "score"),
    ],
)
def test_a_rating_that_cannot_be_is_refused_with_a_sentence_and_nothing_is_written(
    both_clients: Caller, different: dict[str, Any], status: int, said: str
) -> None:
    answer = both_clients.post(f"{SHEET}/ratings", json_any=rating(**different))
    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]
    assert unit_of(both_clients)["ratings"] == []


def test_a_consultation_is_answered_once(both_clients: Caller) -> None:
    question = both_clients.post(f"{SHEET}/consultations", json=asked()).json()
    assert (question["opinion"], question["township"]) == (None, HERE)
    answer = {"opinion": "conditional", "document": "东镇函〔2026〕3号", "remarks": "建议兼顾夜间值守", "actor": HERE}
    path = f"{SHEET}/consultations/{question['id']}/answer"
    empty = both_clients.post(path, json=answer | {"remarks": ""})
    assert empty.status_code == 422, "a condition has words"
    assert both_clients.post(path, json=answer).status_code == 201
    again = both_clients.post(path, json=answer | {"opinion": "agreed"})
    assert again.status_code == 409
    assert "was answered on" in again.json()["detail"]
    (kept,) = unit_of(both_clients)["consultations"]
    assert (kept["opinion"], kept["answer_document"], kept["answer_remarks"]) == (
        "conditional",
        "东镇函〔2026〕3号",
        "建议兼顾夜间值守",
    )


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("consultations", asked(township=ELSEWHERE), 409, HERE),
        ("consultations", asked(unit="nobody"), 422, "nobody"),
        ("consultations", asked(document=""), 422, "document"),
        ("consultations/77/answer", {"opinion": "agreed", "document": "x", "actor": "x"}, 404, "77"),
        (f"consultations/{10**30}/answer", {"opinion": "agreed", "document": "x", "actor": "x"}, 422, "asked"),
        ("consultations/77/answer", {"opinion": "perhaps", "document": "x", "actor": "x"}, 422, "opinion"),
    ],
)
def test_a_consultation_that_cannot_be_is_refused(
    both_clients: Caller, path: str, body: dict[str, Any], status: int, said: str
) -> None:
    answer = both_clients.post(f"{SHEET}/{path}", json=body)
    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]
    assert unit_of(both_clients)["consultations"] == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?period=2026-13", "2026-13"),
        ("?period=2026-1", "2026-1"),
        ("?period=2027", "has not begun"),
        ("?township=1", "no township"),
        ("?domain=sports", "domain"),
        ("?perod=2026", "perod"),
        (f"/cases?unit={UNIT}&indicator=beauty", "beauty"),
        (f"/cases?unit={UNIT}&indicator=returned&part=denominator", "no denominator"),
        ("/cases?unit=zhzf-9&indicator=disposal", "zhzf-9"),
        (f"/cases?unit={UNIT}&indicator=disposal&cursor=x", "no cursor"),
        (f"/cases?unit={UNIT}&indicator=disposal&cursor=CX~1~{10**30}", "no cursor"),
        (f"/cases?unit={UNIT}&indicator=disposal&limit=100000", "100000"),
        (".xlsx?period=x", "'x'"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(client: Caller, query: str, said: str) -> None:
    answer = client.get(f"{SHEET}{query}")
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_filters_leave_lines_out_and_ranks_as_they_are(client: Caller) -> None:
    assert [one["unit"] for one in client.get(f"{SHEET}?township={SERVED}").json()["units"]] == [UNIT]
    assert client.get(f"{SHEET}?domain=court").json()["units"] == []


def test_the_file_opens_clean_with_numbers_formulas_and_print_setup(worked: tuple[Caller, list[str]]) -> None:
    client, _ = worked
    client.post(f"{SHEET}/consultations", json=asked())
    client.post(f"{SHEET}/ratings", json=rating())
    answer = client.get(f"{SHEET}.xlsx?period=2026-11")
    assert answer.status_code == 200
    assert "assessment-2026-11.xlsx" in answer.headers["content-disposition"]
    book = load_workbook(BytesIO(answer.content))
    table, formulas, consultations, ratings = book.worksheets
    said = "\n".join(str(cell.value) for row in table.iter_rows(max_row=3) for cell in row if cell.value)
    assert "小县派驻机构考核表" in said
    assert "2026年11月" in said
    assert "不折算" in said
    heads = {cell.value: cell.column_letter for row in table["4:5"] for cell in row if cell.value}
    row = FIRST_ROW + 1
    assert table[f"B{row}"].value == "东镇执法中队"
    assert table[f"{heads['应处置数']}{row}"].value == 1
    for one in DEFAULT.indicators:
        above = heads[COUNTED[one.numerator].zh]
        if one.denominator is not None:
            below = heads[COUNTED[one.denominator].zh]
            formula = table[f"{heads[one.zh]}{row}"]
            assert formula.value == f'=IF({below}{row}=0,"—",{above}{row}/{below}{row})', one.code
            assert formula.number_format == "0.00%"
    counts = unit_of(client)["counts"]
    shown = {
        count: table[f"{heads[COUNTED[Count(count)].zh]}{row}"].value for count in counts if count != "rework_times"
    }
    assert shown == {count: n for count, n in counts.items() if count != "rework_times"}
    assert table.print_area == f"'考核表'!$A$1:${heads['书面征求意见']}${table.max_row}"
    assert table[f"{heads['镇街评价']}{row}"].value == "缺"
    assert table[f"{heads['总分']}{row}"].value == "缺"
    assert table[f"{heads['部门考核']}{row}"].value == 100
    assert [table[f"{heads[name]}6"].value for name in ("镇街评价", "部门考核")] == [0.6, 0.4]
    assert table.page_setup.orientation == "landscape"
    assert (table.page_setup.paperSize, table.page_setup.fitToWidth, table.page_setup.fitToHeight) == (9, 1, 0)
    assert table.print_title_rows == "$4:$6"
    assert "&P" in table.oddFooter.center.text
    assert table.merged_cells.ranges
    assert {table[f"B{row}"].font.name, table["A1"].font.name} == {"宋体", "黑体"}
    last = [cell.value for row in table.iter_rows() for cell in row if cell.value][-1]
    assert all(word in last for word in ("填表人", "审核人", "日期"))
    meanings = {row[0].value for row in formulas.iter_rows()}
    assert {words.zh for words in COUNTED.values()} <= meanings
    assert "金牛" in str([cell.value for row in formulas.iter_rows() for cell in row])
    assert consultations["E2"].value == "小执发〔2026〕8号"
    assert consultations["F2"].value == "待答复"
    assert ratings["C2"].value == 92.5


def test_a_name_never_becomes_a_formula() -> None:
    evil = '=HYPERLINK("http://x.test","点我")'
    unit = Unit(UNIT, evil, "zhzf", HERE, Domain.COURT)
    lines = assess([unit], {UNIT: {Count.DUE: 0}}, {}, DEFAULT)
    question = Consultation(1, UNIT, HERE, "+1", "@SUM(1)", "-2\x07", NOW, "zhzf")
    sheet = Sheet(period("2026-11"), lines, {}, {UNIT: [question]}, 7, NOW)
    basis = Basis("小县", NOW.tzinfo, DEFAULT, {HERE: evil}, {}, True, "1", "=1+1")  # type: ignore[arg-type]
    book = load_workbook(BytesIO(workbook(sheet, lines, basis, NOW)))
    for page in book.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert str(cell.value).startswith("=IF("), cell.value
    assert book.worksheets[0][f"B{FIRST_ROW + 1}"].value == evil
    assert book.worksheets[0][f"B{FIRST_ROW + 1}"].data_type == "s"
    assert book.worksheets[2]["I2"].value == "-2"


def test_a_unit_stands_on_the_sheets_of_the_years_in_which_it_exists(client: Caller) -> None:
    # The unit of the pack exists from 2013-06-01 on.
    assert client.get(f"{SHEET}?period=2012").json()["units"] == []
    assert client.get(f"{SHEET}?period=2013-05").json()["units"] == []
    assert [one["unit"] for one in client.get(f"{SHEET}?period=2013-06").json()["units"]] == [UNIT]
