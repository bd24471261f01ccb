"""Sheets of every kind become cases through the desk, and no row is lost or counted twice."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from cases.case import Status
from cases.desk import Desk
from cases.events import EventKind
from cases.lists import Lists, ListVersion
from dashboard.cli import app
from data.bulk import BulkError, Outcome, import_rows, importing, open_sheet, read_mapping, write_report
from tests.cases.fakes import MemoryStore

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HEADER = ["编号", "事项", "发生时间", "办结时间", "经度", "纬度", "内容", "来源科室"]
GUANHAIWEI = ("121.4057", "30.1702")  # 观海卫镇, in degrees
MAPPING = """
source = "hotline"
crs = "EPSG:4326"
[columns]
source_id = "编号"
matter = "事项"
occurred_at = "发生时间"
closed_at = "办结时间"
x = "经度"
y = "纬度"
description = "内容"
[attributes]
desk = "来源科室"
[matters]
"油烟" = "YJS-01"
"""


def row(number: str = "1", **changed: str) -> list[str]:
    cells = {
        "编号": number, "事项": "油烟", "发生时间": "2026-11-20 18:05:00", "办结时间": "",
        "经度": GUANHAIWEI[0], "纬度": GUANHAIWEI[1], "内容": "楼下饭店油烟，很呛", "来源科室": "受理一科",
    }  # fmt: skip
    return list((cells | changed).values())


class Hall:
    """A desk over the Cixi region with a memory of its own, and a folder for files."""

    def __init__(self, region, folder: Path) -> None:
        self.folder = folder
        self.region = region
        self.store = MemoryStore()
        lists = Lists([ListVersion(region.matters.version, date.min, "", region.matters)])
        self.desk = Desk(
            store=self.store, gazetteer=region, organisation=region.organisation, lists=lambda: lists,
            sources=region.sources.keys(), calendar=region.calendar, budgets=region.budgets,
            prefix=region.number_prefix, future_skew=region.future_skew,
        )  # fmt: skip

    def mapping(self, text: str = MAPPING) -> Path:
        path = self.folder / "mapping.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def csv(
        self, rows: list[list[str]], encoding: str = "utf-8", header: list[str] = HEADER, delimiter: str = ","
    ) -> Path:
        path = self.folder / "cases.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([header, *rows])
        return path

    def take(self, path: Path, mapping: str = MAPPING):
        plan = read_mapping(self.mapping(mapping))
        sheet = open_sheet(path, plan.sheet, plan.header_row)
        return list(import_rows(sheet, plan, self.desk, self.region.zone, lambda: NOW))

    def take_rows(self, *rows: list[str], mapping: str = MAPPING):
        return self.take(self.csv(list(rows)), mapping)

    def state(self, result):
        return self.store.states[result.number]


@pytest.fixture
def hall(cixi, tmp_path) -> Hall:
    return Hall(cixi, tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_usual_encoding_of_chinese_is_told_from_the_file(hall, encoding):
    (result,) = hall.take(hall.csv([row()], encoding))
    state = hall.state(result)
    assert result.outcome is Outcome.ACCEPTED
    assert state.report["description"] == "楼下饭店油烟，很呛"
    assert state.report["attributes"] == {"desk": "受理一科"}
    assert state.township == "330282107"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_told_from_the_header(hall, delimiter):
    (result,) = hall.take(hall.csv([row()], delimiter=delimiter))
    assert result.outcome is Outcome.ACCEPTED


def test_full_width_digits_are_read_as_digits(hall):
    wide = row("１２３", 发生时间="２０２６－１１－２０　１８：０５", 经度="１２１．４０５７", 纬度="３０．１７０２")
    (result,) = hall.take_rows(wide)
    state = hall.state(result)
    assert state.source_id == "123"
    assert state.occurred_at == datetime(2026, 11, 20, 10, 5, tzinfo=UTC)
    assert (state.lon, state.lat) == (121.4057, 30.1702)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-11-20 18:05:00", (2026, 11, 20, 10, 5)),
        ("2026-11-20T18:05:00+09:00", (2026, 11, 20, 9, 5)),
        ("2026-11-20T10:05:00Z", (2026, 11, 20, 10, 5)),
        ("2026/11/20 18:05", (2026, 11, 20, 10, 5)),
        ("2026/1/2 8:05", (2026, 1, 2, 0, 5)),
        ("2026年11月20日 18:05", (2026, 11, 20, 10, 5)),
        ("2026-11-20", (2026, 11, 19, 16, 0)),
    ],
)
def test_times_as_people_write_them_are_read_in_the_regions_zone(hall, written, utc):
    (result,) = hall.take_rows(row(发生时间=written))
    assert hall.state(result).occurred_at == datetime(*utc, tzinfo=UTC)


def test_a_mapping_may_name_its_own_zone_and_formats(hall):
    mapping = 'zone = "America/New_York"\ntimes = ["%m/%d/%Y %I:%M:%S %p"]\n' + MAPPING
    (result,) = hall.take_rows(row(发生时间="07/04/2026 06:05:00 PM"), mapping=mapping)
    assert hall.state(result).occurred_at == datetime(2026, 7, 4, 22, 5, tzinfo=UTC)


@pytest.mark.parametrize("matter", ["YJS-01", "ＹＪＳ－０１", "餐饮油烟扰民", "Restaurant smoke", "油烟"])
def test_a_matter_is_known_by_code_by_name_or_by_the_mappings_word(hall, matter):
    (result,) = hall.take_rows(row(事项=matter))
    assert hall.state(result).matter == "YJS-01"


def test_a_shifted_crs_is_undone(hall):
    # facts: GCJ-02 of 观海卫 (30.1702, 121.4057) is 30.167941, 121.410260
    shifted = row(经度="121.410260", 纬度="30.167941")
    (result,) = hall.take_rows(shifted, mapping=MAPPING.replace("EPSG:4326", "GCJ-02"))
    state = hall.state(result)
    assert (state.lon, state.lat) == (pytest.approx(121.4057, abs=2e-6), pytest.approx(30.1702, abs=2e-6))


def workbook(folder: Path, rows: list[list], title: str = "Sheet", before: list[list] | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for cells in [*(before or []), HEADER, *rows]:
        sheet.append(cells)
    path = folder / "cases.xlsx"
    book.save(path)
    return path


def test_excel_numbers_and_date_cells_are_read_as_what_they_mean(hall):
    cells = [45278137.0, "油烟", datetime(2026, 11, 20, 18, 5), None, 121.4057, 30.1702, "文字", None]
    (result,) = hall.take(workbook(hall.folder, [cells]))
    state = hall.state(result)
    assert state.source_id == "45278137"
    assert state.occurred_at == datetime(2026, 11, 20, 10, 5, tzinfo=UTC)
    assert state.township == "330282107"


def test_an_excel_sheet_is_found_by_name_below_its_title_rows(hall):
    path = workbook(hall.folder, [row()], "十一月", before=[["慈溪市投诉举报统计表"], ["单位：件", "慈溪"]])
    mapping = 'sheet = "十一月"\nheader_row = 3\n' + MAPPING
    (result,) = hall.take(path, mapping)
    assert (result.outcome, result.row.number) == (Outcome.ACCEPTED, 4)
    with pytest.raises(BulkError, match="no sheet '十二月'; it has: 十一月"):
        hall.take(path, mapping.replace("十一月", "十二月"))


def test_blank_rows_at_the_end_are_left_out_and_one_between_is_named(hall):
    blank = [""] * len(HEADER)
    results = hall.take_rows(row("1"), blank, row("2"), blank, blank)
    assert [result.outcome for result in results] == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.ACCEPTED]
    assert results[1].reason == "the row is empty"


@pytest.mark.parametrize(
    ("changed", "flag"),
    [
        ({"经度": "", "纬度": ""}, "unlocated"),
        ({"经度": "not known"}, "unlocated"),
        ({"经度": "0", "纬度": "0"}, "unlocated"),
        ({"经度": "NaN", "纬度": "nan"}, "unlocated"),
        ({"经度": GUANHAIWEI[1], "纬度": GUANHAIWEI[0]}, "swapped"),
        ({"经度": "120.15", "纬度": "30.28"}, "outside"),
    ],
)
def test_a_bad_point_never_loses_the_row(hall, changed, flag):
    (result,) = hall.take_rows(row(**changed))
    assert result.outcome is Outcome.ACCEPTED
    assert flag in result.flags


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"事项": "飞碟"}, "飞碟"),
        ({"发生时间": ""}, "'发生时间' is empty"),
        ({"发生时间": "yesterday"}, "'yesterday'"),
        ({"发生时间": "2026-12-24 08:00"}, "2026-12-24"),
        ({"编号": ""}, "source_id is empty"),
        ({"内容": "长" * 10_001}, "10001"),
        ({"内容": "half\x00text"}, "NUL"),
    ],
)
def test_a_row_that_cannot_be_a_case_is_refused_with_its_reason_and_the_rest_goes_on(hall, changed, said):
    bad, good = hall.take_rows(row("1", **changed), row("2"))
    assert bad.outcome is Outcome.REFUSED
    assert said in bad.reason
    assert good.outcome is Outcome.ACCEPTED


def test_a_row_with_too_many_cells_is_refused_and_the_next_one_is_read(hall):
    long, good = hall.take_rows([*row("1"), "more"], row("2"))
    assert long.outcome is Outcome.REFUSED
    assert "9 cells and the header 8" in long.reason
    assert good.outcome is Outcome.ACCEPTED


def test_importing_again_changes_nothing(hall):
    rows = [row("1"), row("2", 办结时间="2026-11-21 09:00:00"), row("3", 事项="飞碟")]
    first = hall.take_rows(*rows)
    events = dict(hall.store.events)
    second = hall.take_rows(*rows)
    assert [result.outcome for result in second] == [Outcome.REPEATED, Outcome.REPEATED, Outcome.REFUSED]
    assert [result.number for result in second] == [result.number for result in first]
    assert hall.store.events == events


def test_another_content_under_a_known_number_is_refused_and_names_the_case(hall):
    (first,) = hall.take_rows(row())
    (second,) = hall.take_rows(row(内容="另一件事"))
    assert second.outcome is Outcome.REFUSED
    assert first.number in second.reason


def test_a_closing_date_closes_the_case_at_its_source(hall):
    (result,) = hall.take_rows(row(办结时间="2026-11-21 09:00:00"))
    state = hall.state(result)
    closed = hall.store.events[result.number][-1]
    assert state.status is Status.CLOSED
    assert (closed.kind, closed.data["reason"]) == (EventKind.CLOSED, "closed at source")
    assert closed.occurred_at == datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def test_a_case_that_was_open_in_the_last_file_is_closed_by_the_next(hall):
    hall.take_rows(row())
    (result,) = hall.take_rows(row(办结时间="2026-11-21 09:00:00"))
    assert result.outcome is Outcome.REPEATED
    assert hall.state(result).status is Status.CLOSED


def test_closed_before_opened_is_named_and_the_case_kept_open(hall):
    (result,) = hall.take_rows(row(办结时间="2026-11-19 09:00:00"))
    assert result.outcome is Outcome.ACCEPTED
    assert "before it was opened" in result.reason
    assert hall.state(result).is_pending


def test_a_case_without_a_closing_date_runs_on(hall):
    (result,) = hall.take_rows(row())
    assert hall.state(result).status is Status.RECEIVED


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (MAPPING.replace('crs = "EPSG:4326"', ""), "declares no crs"),
        (MAPPING.replace("EPSG:4326", "EPSG:99"), "EPSG:99"),
        (MAPPING.replace('"hotline"', '"fax"'), "no source 'fax'"),
        (MAPPING.replace('"编号"', '"号码"'), "no column '号码'"),
        (MAPPING.replace("description =", "descriptoin ="), "unknown field 'descriptoin'"),
        (MAPPING.replace('occurred_at = "发生时间"', ""), "no column to 'occurred_at'"),
        ('zone = "Asia/Cixi"\n' + MAPPING, "no time zone 'Asia/Cixi'"),
        ("colums = 1\n" + MAPPING, "unknown key 'colums'"),
        ('[constants]\nmatter = "YJS-01"\n' + MAPPING.replace('source = "hotline"\ncrs = "EPSG:4326"\n', ""), "source"),
        ("source = ", "no TOML"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_before_the_first_row(hall, mapping, said):
    with pytest.raises(BulkError, match=said):
        hall.take_rows(row(), mapping=mapping)
    assert not hall.store.events


def test_a_column_that_stands_twice_is_refused(hall):
    path = hall.csv([[*row(), "x"]], header=[*HEADER, "编号"])
    with pytest.raises(BulkError, match="2 columns '编号'"):
        hall.take(path)


def test_files_that_are_no_sheets_are_refused_by_name(hall):
    (hall.folder / "empty.csv").write_bytes(b"")
    (hall.folder / "old.xls").write_bytes(b"\xd0\xcf")
    (hall.folder / "false.xlsx").write_bytes(b"PK no zip")
    for name, said in (
        ("empty.csv", "no row"),
        ("old.xls", "save it as"),
        ("false.xlsx", "no Excel"),
        ("none.csv", "no file"),
    ):
        with pytest.raises(BulkError, match=said):
            open_sheet(hall.folder / name)


def read_report(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_report_holds_every_row_once_with_its_own_columns(hall):
    rows = [row("1"), row("2", 事项="飞碟"), row("1"), row("3", 经度="", 纬度="")]
    plan = read_mapping(hall.mapping())
    sheet = open_sheet(hall.csv(rows))
    counts = write_report(
        hall.folder / "report.csv", sheet.header, import_rows(sheet, plan, hall.desk, hall.region.zone, lambda: NOW)
    )
    report = read_report(hall.folder / "report.csv")
    assert counts == {Outcome.ACCEPTED: 2, Outcome.REFUSED: 1, Outcome.REPEATED: 1}
    assert [line["row"] for line in report] == ["2", "3", "4", "5"]
    assert [line["outcome"] for line in report] == ["accepted", "refused", "repeated", "accepted"]
    assert [[line[name] for name in HEADER] for line in report] == rows
    assert report[0]["number"] == report[2]["number"] != ""
    assert "township=330282107" in report[0]["areas"]
    assert "飞碟" in report[1]["reason"]


cell = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(cell, min_size=1, max_size=9), max_size=6), last=cell.filter(lambda text: text.strip()))
def test_whatever_stands_in_a_file_each_row_has_one_outcome(hall, rows, last):
    table = [*rows, [last]]  # the last row is not blank
    results = hall.take(hall.csv(table))
    numbers = [result.row.number for result in results]
    assert len(numbers) == len(set(numbers)) == len(table)


def test_the_command_imports_shows_counts_and_writes_the_report(hall, sqlite_url):
    path, mapping, report = hall.csv([row("1"), row("2", 事项="飞碟")]), hall.mapping(), hall.folder / "report.csv"
    words = [
        "cases",
        "import",
        str(path),
        "--mapping",
        str(mapping),
        "--report",
        str(report),
        "--database-url",
        sqlite_url,
    ]
    first = CliRunner().invoke(app, words)
    assert first.exit_code == 0, first.output
    assert "2 rows: 1 accepted, 0 repeated, 1 refused" in first.output
    second = CliRunner().invoke(app, words)
    assert "2 rows: 0 accepted, 1 repeated, 1 refused" in second.output
    assert len(read_report(report)) == 2


def test_the_command_says_in_one_sentence_what_is_wrong(hall, sqlite_url):
    path, mapping = hall.csv([row()]), hall.mapping()
    words = ["cases", "import", str(path), "--mapping", str(mapping), "--database-url", sqlite_url]
    for report, said in ((path, "would overwrite"), (hall.folder / "no" / "report.csv", "no folder")):
        result = CliRunner().invoke(app, [*words, "--report", str(report)])
        assert result.exit_code == 1
        assert said in result.output
        assert "Traceback" not in result.output
    assert path.read_text(encoding="utf-8").startswith("编号")


@pytest.mark.parametrize("at_once", [1, 2, 3, 500])
def test_how_many_rows_are_written_together_changes_nothing(hall, monkeypatch, at_once):
    monkeypatch.setattr(importing, "AT_ONCE", at_once)
    closed = row("1", 办结时间="2026-11-21 09:00:00")
    rows = [closed, row("2", 事项="没有"), closed, row("3", 办结时间="2026-11-01 09:00:00"), row("3", 内容="别的")]
    results = hall.take_rows(*rows)
    assert [result.outcome for result in results] == ["accepted", "refused", "repeated", "accepted", "refused"]
    assert [bool(result.reason) for result in results] == [False, True, False, True, True]
    assert "kept, but not closed" in results[3].reason
    assert results[0].number == results[2].number
    assert hall.state(results[0]).status is Status.CLOSED
    assert hall.store.kinds(results[0].number) == [EventKind.RECEIVED, EventKind.CLOSED]
    assert [result.row.cells[0] for result in results] == ["1", "2", "1", "3", "3"]
