"""A list is read from whatever an office saved, and what is wrong with it is named with its row and column."""

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.guides import write_steps
from cases.lists import Lists
from cases.organisation import Department
from data import region
from data.bulk import BulkError
from data.lists import draft
from data.lists.drafting import Standing
from data.lists.reading import Names
from data.region.faults import Report
from data.region.items import LIST_COLUMNS, LIST_FILES
from data.region.lists import read_list_rows
from tests.data.lists import HEADER, LITTER, NOISE, changed, csv_file, wanted, workbook
from tests.region.packs import write_pack


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return region.load(write_pack(tmp_path_factory.mktemp("pack")))


@pytest.fixture(scope="module")
def standing(toy):
    """Only the pack's own version is published."""
    own = toy.list_version
    return Standing(0, Lists([own]), {own.version: read_list_rows(toy.folder, Report())})


@pytest.fixture
def drafted(toy, standing):
    return lambda file, name="territorial", **head: draft(wanted(file, name, **head), toy, standing)


def told(made):
    return [str(fault) for fault in made.report]


def errors(made):
    return [str(fault) for fault in made.report.errors]


def one_error(made, *words):
    assert len(made.report.errors) == 1, errors(made)
    fault = made.report.errors[0]
    for word in words:
        assert word in str(fault), str(fault)
    return fault


def test_a_file_that_says_what_is_published_changes_nothing(drafted, tmp_path):
    made = drafted(csv_file(tmp_path, [LITTER]))
    assert told(made) == []
    assert not made.changes
    assert not made.arrangements


def test_an_item_that_comes_one_that_changes_and_one_that_goes_are_told_apart(drafted, tmp_path):
    came = drafted(csv_file(tmp_path, [changed(LITTER, township_duty="清理;登记"), NOISE]))
    assert [matter.code for matter in came.changes.added] == ["SD-02"]
    assert [(one.code, one.field, one.before, one.after) for one in came.changes.changed] == [
        ("SD-01", "township_duty", ("清理",), ("清理", "登记"))
    ]
    powers = drafted(
        csv_file(
            tmp_path,
            [("QL-002", "调解", "x", "convenience", "sthj", "《人民调解法》第八条", "第2条")],
            header=("code", "name", "name_en", "platform", "department", "basis", "clause"),
        ),
        "power",
    )
    assert [matter.code for matter in powers.changes.removed] == ["QL-001"]
    assert errors(powers) == []


def test_the_other_lists_stay_as_they_are(drafted, toy, tmp_path):
    made = drafted(csv_file(tmp_path, [LITTER, NOISE]))
    for code in ("YJS-01", "QL-001"):
        assert made.version.matters.matter(code) == toy.matters.matter(code)
    assert made.version.arrangements == toy.list_version.arrangements
    assert (made.version.model, made.base) == (True, "7")


def test_lists_that_replace_a_model_are_a_model_until_somebody_says_otherwise(drafted, tmp_path):
    assert drafted(csv_file(tmp_path, [LITTER]), model=False).version.model is False


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_encoding_that_offices_save_in_is_read(drafted, tmp_path, encoding):
    made = drafted(csv_file(tmp_path, [LITTER, NOISE], encoding=encoding))
    assert told(made) == []
    noise = made.version.matters.matter("SD-02")
    assert (noise.name, noise.township_duty) == ("噪声扰民", ("劝导；登记",))


def test_bytes_that_no_encoding_explains_are_named(drafted, tmp_path):
    path = csv_file(tmp_path, [LITTER, NOISE], encoding="gbk")
    path.write_bytes(path.read_bytes().replace("噪声".encode("gbk"), b"\xff\xff"))
    one_error(drafted(path), "list.csv, row 3, column name", "cannot be read")


def test_full_width_digits_are_digits_and_chinese_punctuation_stays(drafted, tmp_path):
    row = changed(
        NOISE, code="ＳＤ－０２", category="０６０２８", department_duty="１小时内到场；检测", clause="第２项（新）。"
    )
    made = drafted(csv_file(tmp_path, [LITTER, row]))
    assert told(made) == []
    noise = made.version.matters.matter("SD-02")
    assert (noise.category, noise.department_duty, noise.clause) == ("06028", ("1小时内到场；检测",), "第2项（新）。")


def test_merged_cells_say_in_every_row_what_they_say_once(drafted, tmp_path):
    second, third = changed(NOISE, department=""), changed(NOISE, code="SD-03", name="油烟", department="")
    path = workbook(
        tmp_path,
        [("玩具县属地管理清单",), ("2026年12月",), HEADER, LITTER, changed(NOISE, code="SD-04"), second, third],
        "A1:K1", "A2:K2", "G5:G7",
    )  # fmt: skip
    made = drafted(path)
    assert told(made) == []
    assert [made.version.matters.matter(f"SD-0{n}").lead for n in (2, 3, 4)] == ["sthj"] * 3


def test_without_the_merge_the_same_sheet_lacks_its_departments(drafted, tmp_path):
    path = workbook(tmp_path, [HEADER, LITTER, changed(NOISE, department="")])
    one_error(drafted(path), "list.xlsx, row 3, column department", "names nobody")


def test_a_header_in_two_storeys_is_read_by_its_lower_one(drafted, tmp_path):
    upper = ["编码", "名称", "平台", "主管部门", "职责", "", "法律依据", "条文"]
    lower = ["", "", "", "", "部门职责", "镇街职责", "", ""]
    row = ("SD-01", "暴露垃圾", "综合执法", "玩具县综合行政执法局", "查处", "清理", "《城乡规划法》第六十五条", "第1项")
    path = workbook(
        tmp_path, [upper, lower, row], "E1:F1", *(f"{column}1:{column}2" for column in "ABCDGH")
    )  # fmt: skip
    made = drafted(path)
    assert told(made) == []
    assert [change.field for change in made.changes.changed] == ["name_en"]


def test_names_and_words_of_an_office_are_read_as_codes(drafted, tmp_path):
    path = workbook(
        tmp_path,
        [
            ["编码", "事项名称", "所属平台", "牵头\n部门", "配合部门", "实施依据", "检查内容", "清单条文", "序号"],
            ["YJS-01", "餐饮油烟", "综合执法", "综合执法局", "生态环境局玩具分局、市场监管局",
             "《城乡规划法》第六十五条", "综合执法局=查选址\n生态环境分局＝测油烟", "第1项", 1],
        ],
    )  # fmt: skip
    made = drafted(path, "one_thing")
    assert errors(made) == []
    assert [fault.kind for fault in made.report] == ["unknown_column"]
    smoke = made.version.matters.matter("YJS-01")
    assert (smoke.lead, smoke.coordinating) == ("zhzf", ("sthj", "scjg"))
    assert smoke.checks == {"zhzf": "查选址", "sthj": "测油烟"}


def test_a_list_that_repeats_its_header_on_every_page_is_one_list(drafted, tmp_path):
    made = drafted(csv_file(tmp_path, [LITTER, ("",) * 11, HEADER, NOISE, ("",) * 11]))
    assert told(made) == []
    assert len(made.version.matters) == 4


def test_arrangements_are_read_with_places_words_and_dates_of_an_office(drafted, tmp_path):
    path = workbook(
        tmp_path,
        [
            ["编码", "类型", "区域", "适用事项", "原部门", "承接部门", "生效日期", "失效日期", "条文", "依据文件"],
            ["AR-01", "委托管理", "township 2", "SD-01", "综合执法局", "生态环境分局", datetime(2024, 11, 20),
             "2027年1月1日", "新区的暴露垃圾由生态环境分局管理。", "协议"],
        ],
    )  # fmt: skip
    made = drafted(path, "arrangements")
    assert told(made) == []
    assert [(change.field, change.before, change.after) for change in made.arrangements.changed] == [
        ("valid_to", None, date(2027, 1, 1))
    ]


def test_the_steps_of_a_guide_may_stand_on_lines_of_their_own(drafted, toy, tmp_path):
    guide = toy.matters.matter("QL-001").guide
    header = ["code", "name", "platform", "department", "basis", "clause", "steps"]
    steps = write_steps(guide.steps).replace(";", "\n")
    path = workbook(
        tmp_path, [header, ["QL-001", "违建查处", "enforcement", "zhzf", "《城乡规划法》第六十五条", "第1条", steps]]
    )
    made = drafted(path, "power")
    assert made.version.matters.matter("QL-001").guide.steps == guide.steps
    assert "guide.fee" in {change.field for change in made.changes.changed}


BAD_ROWS = {
    "unknown department": ({"department": "消防局"}, ["row 3, column department", "'消防局'", "no department"]),
    "two leads": ({"department": "zhzf、sthj"}, ["row 3, column department", "'zhzf、sthj'", "more than one"]),
    "two leads by name": ({"department": "综合执法局；生态环境分局"}, ["row 3, column department", "more than one"]),
    "missing basis": ({"basis": ""}, ["row 3, column basis", "empty"]),
    "bad basis": ({"basis": "治安管理处罚法第88条"}, ["row 3, column basis", "'治安管理处罚法第88条'", "《law》"]),
    "no clause": ({"clause": ""}, ["row 3, column clause", "read aloud"]),
    "no name": ({"name": ""}, ["row 3, column name", "empty"]),
    "no code": ({"code": ""}, ["row 3, column code", "empty"]),
    "code twice": ({"code": "SD-01"}, ["row 3, column code", "'SD-01'", "row 2"]),
    "unknown platform": ({"platform": "police"}, ["row 3, column platform", "'police'", "public_order"]),
    "category": ({"category": "6028"}, ["row 3, column category", "'6028'", "five digits"]),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_what_is_wrong_with_a_row_is_named_with_its_row_and_column(drafted, tmp_path, name):
    cells, words = BAD_ROWS[name]
    made = drafted(csv_file(tmp_path, [LITTER, changed(NOISE, **cells)]))
    assert any(all(word in fault for word in ("list.csv", *words)) for fault in errors(made)), errors(made)


def test_a_row_with_more_cells_than_the_header_is_named(drafted, tmp_path):
    one_error(drafted(csv_file(tmp_path, [LITTER, (*NOISE, "more")])), "list.csv, row 3", "12 cells")


def test_an_arrangement_for_a_matter_that_no_list_knows_is_named(drafted, tmp_path):
    header = ("code", "kind", "areas", "matters", "to_department", "clause")
    file = csv_file(tmp_path, [("AR-01", "run_by", "2", "SD-01;SD-77", "sthj", "由分局管理。")], header=header)
    one_error(drafted(file, "arrangements"), "list.csv, row 2, column matters", "'SD-77'", "no item")


def test_an_arrangement_in_a_place_that_the_map_does_not_have_is_named(drafted, tmp_path):
    header = ("code", "kind", "areas", "matters", "to_department", "clause")
    file = csv_file(tmp_path, [("AR-01", "run_by", "陆中湾街道", "SD-01", "sthj", "由分局管理。")], header=header)
    one_error(drafted(file, "arrangements"), "list.csv, row 2, column areas", "'陆中湾街道'")


def test_a_list_that_drops_an_item_on_which_an_arrangement_stands_is_refused_with_both_places(drafted, tmp_path):
    made = drafted(csv_file(tmp_path, [NOISE]))
    one_error(made, "arrangements.csv of version 7, row 2, column matters", "'SD-01'")


def test_two_versions_may_not_begin_on_one_day(drafted, tmp_path):
    made = drafted(csv_file(tmp_path, [LITTER]), effective_from=date(2024, 1, 1))
    one_error(made, "column effective_from", "2024-01-01", "7", "overlap")


def test_a_version_is_published_once(drafted, tmp_path):
    one_error(drafted(csv_file(tmp_path, [LITTER]), version="7"), "column version", "'7'", "another name")


def test_a_version_needs_a_name_and_a_document(drafted, tmp_path):
    made = drafted(csv_file(tmp_path, [LITTER]), version=" ", source="")
    assert [fault.kind for fault in made.report.errors] == ["no_version", "no_source"]


def test_a_version_that_ends_when_an_older_one_begins_is_a_warning(drafted, tmp_path):
    made = drafted(csv_file(tmp_path, [LITTER]), effective_from=date(2020, 1, 1))
    assert errors(made) == []
    assert [fault.kind for fault in made.report] == ["earlier_version"]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (("甲", "乙", "丙"), "no_header"),
        (tuple(column for column in HEADER if column != "basis"), "missing_column"),
        (tuple("code" if column == "name_en" else column for column in HEADER), "double_column"),
    ],
)
def test_a_file_whose_columns_are_not_those_of_the_list_is_refused(drafted, tmp_path, header, kind):
    made = drafted(csv_file(tmp_path, [LITTER[: len(header)]], header=header))
    assert kind in {fault.kind for fault in made.report.errors}


def test_a_list_without_rows_is_not_published(drafted, tmp_path):
    one_error(drafted(csv_file(tmp_path, [])), "list.csv", "no row")


def test_a_name_that_two_departments_have_means_neither(toy, tmp_path):
    two = {"a": Department("a", "第一分局", "分局"), "b": Department("b", "第二分局", "分局")}
    names = Names(two, toy.layers["township"])
    assert names.coded("territorial", "department", "分局") == "分局"
    assert names.coded("territorial", "department", "第二分局") == "b"


CELLS = st.text("SD-01暴露垃圾zhf综合执法局《》第六十五条;；,@?!<=０１\n 　", max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=1, max_size=12), max_size=4), st.sampled_from(list(LIST_FILES)))
def test_whatever_stands_in_a_file_it_becomes_a_version_or_faults_with_their_place(drafted, tmp_path, rows, name):
    made = drafted(csv_file(tmp_path, rows, header=LIST_COLUMNS[name]), name)
    assert made.report.errors or len(made.version.matters)
    for fault in made.report.errors:
        assert fault.file
        assert fault.row or fault.kind == "no_rows", str(fault)


def test_a_file_that_is_not_there_is_told(drafted, tmp_path):
    with pytest.raises(BulkError, match=r"nowhere\.csv"):
        drafted(tmp_path / "nowhere.csv")
