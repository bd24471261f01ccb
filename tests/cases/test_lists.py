"""Versions of the lists: which one holds, what is wrong with one, what changes between two, and finding items."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.arrangements import Arrangement, ArrangementKind
from cases.errors import BadList, UnknownMatter, UnknownVersion
from cases.guides import Guide, Step
from cases.lists import Change, Lists, ListVersion, check, difference, search
from cases.matters import Domain, Matter, MatterKind, Matters, Platform
from cases.organisation import TOWNSHIP
from tests.cases.factories import LITTER, MATTERS, ORGANISATION, SMOKE, STRANGE, WEST

FIRST, SECOND = date(2024, 11, 20), date(2026, 1, 1)


def version(
    name: str, day: date, matters: Matters = MATTERS, arrangements: tuple[Arrangement, ...] = ()
) -> ListVersion:
    return ListVersion(name, day, "示范清单", matters, arrangements)


# -- Versions ----------------------------------------------------------------------------------------------------------


def test_a_version_holds_from_its_first_day_until_the_next_one_does() -> None:
    lists = Lists([version("second", SECOND), version("first", FIRST)])
    asked = (date.min, FIRST, SECOND - timedelta(days=1), SECOND, date.max)
    assert [lists.on(day).version for day in asked] == ["first", "first", "first", "second", "second"]
    assert [lists.effective_to(name) for name in ("first", "second")] == [SECOND, None]
    assert lists.version("first").effective_from == FIRST
    assert [one.version for one in lists.versions] == ["first", "second"]
    assert "second" in lists
    assert "third" not in lists
    with pytest.raises(UnknownVersion, match=r"'third'.*second, first"):
        lists.version("third")


@given(st.lists(st.dates(), min_size=1, max_size=8, unique=True), st.dates())
def test_on_every_day_the_latest_version_that_has_begun_holds(days: list[date], day: date) -> None:
    lists = Lists([version(begin.isoformat(), begin) for begin in days])
    begun = [begin for begin in days if begin <= day]
    assert lists.on(day).effective_from == (max(begun) if begun else min(days))
    name = lists.on(day).version
    ends = lists.effective_to(name)
    assert ends is None or day < ends
    assert ends in {*days, None}


def test_versions_that_overlap_or_share_a_name_are_refused() -> None:
    with pytest.raises(BadList, match=r"first and again overlap.*2024-11-20 \(effective_from\)"):
        Lists([version("first", FIRST), version("again", FIRST)])
    with pytest.raises(BadList, match=r"called 'first' \(version\)"):
        Lists([version("first", FIRST), version("first", SECOND)])
    with pytest.raises(BadList, match="at least one version"):
        Lists([])


def test_a_matter_that_the_lists_have_dropped_is_known_and_one_that_they_will_hold_is_not_yet() -> None:
    without = Matters([matter for matter in MATTERS if matter.code != SMOKE])
    dropped = Lists([version("first", FIRST), version("second", SECOND, without)])
    assert dropped.matter(SMOKE, SECOND) == MATTERS.matter(SMOKE)
    added = Lists([version("first", FIRST, without), version("second", SECOND)])
    assert added.matter(SMOKE, SECOND).code == SMOKE
    with pytest.raises(UnknownMatter, match=r"enters the lists on 2026-01-01 \(version second\)"):
        added.matter(SMOKE, SECOND - timedelta(days=1))
    with pytest.raises(UnknownMatter, match=r"'SD-1'.*SD-01"):
        added.matter("SD-1", SECOND)


def test_a_matter_is_given_as_the_version_of_the_day_has_it() -> None:
    renamed = Matters([replace(matter, name="新名") if matter.code == SMOKE else matter for matter in MATTERS])
    lists = Lists([version("first", FIRST), version("second", SECOND, renamed)])
    names = [lists.matter(SMOKE, day).name for day in (FIRST, SECOND)]
    assert names == ["餐饮油烟扰民", "新名"]


# -- Faults ------------------------------------------------------------------------------------------------------------

GOOD = Matter(
    "SD-20",
    "河道垃圾",
    MatterKind.TERRITORIAL,
    Platform.ENFORCEMENT,
    Domain.ECOLOGY_ENVIRONMENT,
    lead="sthj",
    coordinating=("zhzf",),
    checks={"zhzf": "查看倾倒点"},
    clause="属地管理清单第20项。",
    basis="《水污染防治法》第八十五条；《城市市容和环境卫生管理条例》第十四条、第三十六条第二款",
)
ARRANGED = Arrangement(
    "AR-01", ArrangementKind.RUN_BY, (WEST,), ("SD-20",), "sthj", "zjj", FIRST, SECOND, "由住建局负责。", "通知"
)


def faults(matter: Matter = GOOD, *arrangements: Arrangement) -> list[tuple[str, str, str, str]]:
    found = check(version("t", FIRST, Matters([matter]), arrangements), ORGANISATION)
    assert all(fault.code in str(fault) and fault.field in str(fault) for fault in found)
    return [(fault.rule, fault.code, fault.field, fault.value) for fault in found]


def test_a_list_without_faults_has_none() -> None:
    assert faults() == []
    assert faults(GOOD, ARRANGED) == []
    assert faults(replace(GOOD, kind=MatterKind.POWER), replace(ARRANGED, from_department=TOWNSHIP)) == []


@pytest.mark.parametrize(
    ("changes", "rule", "field", "value"),
    [
        ({"lead": None}, "no_lead", "lead", ""),
        ({"lead": "zhzf;sthj", "coordinating": (), "checks": {}}, "two_leads", "lead", "zhzf;sthj"),
        ({"lead": "zhzf、sthj", "coordinating": (), "checks": {}}, "two_leads", "lead", "zhzf、sthj"),
        ({"lead": "police"}, "unknown_department", "lead", "police"),
        ({"coordinating": ("zhzf", "police")}, "unknown_department", "coordinating", "police"),
        ({"coordinating": ("zhzf", "sthj")}, "two_roles", "coordinating", "sthj"),
        ({"coordinating": ("zhzf", "zhzf")}, "two_roles", "coordinating", "zhzf"),
        ({"checks": {"scjg": "查看证照"}}, "unknown_department", "checks", "scjg"),
        ({"clause": " "}, "missing_clause", "clause", ""),
        ({"name": ""}, "missing_name", "name", ""),
        ({"basis": ""}, "missing_basis", "basis", ""),
        ({"basis": "水污染防治法第八十五条"}, "bad_basis", "basis", "水污染防治法第八十五条"),
        ({"basis": "《水污染防治法》"}, "bad_basis", "basis", "《水污染防治法》"),
        ({"basis": "《水污染防治法》第85条；《条例》"}, "bad_basis", "basis", "《条例》"),
        ({"basis": "《水污染防治法》第八十五条、"}, "bad_basis", "basis", "《水污染防治法》第八十五条、"),
    ],
)
def test_each_fault_of_an_item_is_named_with_its_field_and_value(changes, rule, field, value) -> None:
    assert faults(replace(GOOD, **changes)) == [(rule, "SD-20", field, value)]


@pytest.mark.parametrize(
    "basis",
    [
        "《水污染防治法》（2017年修正）第八十五条第一款第三项",
        "《关于〈河道保洁〉的通知》（慈政发〔2024〕5号）",
        "《物业管理条例》第五条之一至第八条;《民法典》第一千二百五十四条",
        "NYC Administrative Code §24-163",
    ],
)
def test_a_basis_may_cite_laws_documents_and_other_countries_codes(basis: str) -> None:
    assert faults(replace(GOOD, basis=basis)) == []


@pytest.mark.parametrize(
    ("changes", "rule", "field", "value"),
    [
        ({"to_department": ""}, "to_nobody", "to_department", ""),
        ({"to_department": "command"}, "to_nobody", "to_department", "command"),
        ({"to_department": "police"}, "unknown_department", "to_department", "police"),
        ({"from_department": "police"}, "unknown_department", "from_department", "police"),
        ({"to_department": "sthj"}, "to_itself", "to_department", "sthj"),
        ({"valid_to": FIRST}, "reversed_span", "valid_to", "2024-11-20"),
        ({"clause": ""}, "missing_clause", "clause", ""),
        ({"matters": ("SD-20", "SD-21")}, "unknown_matter", "matters", "SD-21"),
        ({"matters": ("domain:sea",)}, "unknown_domain", "matters", "domain:sea"),
    ],
)
def test_each_fault_of_an_arrangement_is_named_with_its_field_and_value(changes, rule, field, value) -> None:
    assert faults(GOOD, replace(ARRANGED, **changes)) == [(rule, "AR-01", field, value)]


def test_two_arrangements_for_one_part_of_a_matter_are_a_fault_where_they_meet() -> None:
    second = replace(ARRANGED, code="AR-02", to_department="scjg")
    assert faults(GOOD, second, ARRANGED) == [("two_arrangements", "AR-02", "from_department", "sthj")]
    assert faults(GOOD, ARRANGED, replace(second, areas=(), matters=(), valid_from=date.min, valid_to=None))
    assert faults(GOOD, ARRANGED, replace(second, from_department="", matters=("domain:ecology_environment",)))
    apart = (
        {"areas": ("330282107",)},
        {"matters": ("domain:court",)},
        {"from_department": "zhzf"},
        {"valid_from": SECOND, "valid_to": None},
        {"valid_from": date.min, "valid_to": FIRST},
    )
    for change in apart:
        assert faults(GOOD, ARRANGED, replace(second, **change)) == []


def test_an_arrangement_that_stands_there_twice_is_a_fault() -> None:
    rules = {rule for rule, *_ in faults(GOOD, ARRANGED, replace(ARRANGED, valid_from=SECOND, valid_to=None))}
    assert rules == {"duplicate_code"}


# -- Differences -------------------------------------------------------------------------------------------------------


def test_a_difference_names_items_that_come_and_go_and_fields_that_change() -> None:
    guide = Guide("行政许可", "村民", ("身份证",), (Step("申请", "申请人", "当日"),), "5个工作日", "不收费", "批准书")
    power = Matter("QL-1", "审批", MatterKind.POWER, Platform.CONVENIENCE, lead="zjj", guide=guide)
    old = Matters([MATTERS.matter(SMOKE), MATTERS.matter(LITTER), power])
    new = Matters(
        [
            replace(MATTERS.matter(SMOKE), lead="scjg", department_duty=("甲", "乙")),
            replace(power, guide=replace(guide, fee="10元", materials=("身份证", "户口簿"))),
            MATTERS.matter(STRANGE),
        ]
    )
    found = difference(old, new)
    assert [matter.code for matter in found.added] == [STRANGE]
    assert [matter.code for matter in found.removed] == [LITTER]
    assert found.changed == (
        Change(SMOKE, "lead", "zhzf", "scjg"),
        Change(SMOKE, "department_duty", (), ("甲", "乙")),
        Change("QL-1", "guide.materials", ("身份证",), ("身份证", "户口簿")),
        Change("QL-1", "guide.fee", "不收费", "10元"),
    )
    assert found
    assert not difference(old, Matters(old, "another name"))


TEXTS = st.text("河道垃圾油烟", max_size=3)
GUIDES = st.builds(
    Guide,
    kind=TEXTS,
    materials=st.lists(TEXTS, max_size=2).map(tuple),
    steps=st.lists(st.builds(Step, TEXTS, TEXTS, TEXTS), max_size=2).map(tuple),
    fee=TEXTS,
)
ITEMS = st.builds(
    Matter,
    code=st.sampled_from([f"M{number}" for number in range(6)]),
    name=TEXTS,
    kind=st.sampled_from(MatterKind),
    platform=st.sampled_from(Platform),
    lead=st.none() | TEXTS,
    coordinating=st.lists(TEXTS, max_size=2).map(tuple),
    checks=st.dictionaries(TEXTS, TEXTS, max_size=2),
    department_duty=st.lists(TEXTS, max_size=2).map(tuple),
    clause=TEXTS,
    guide=st.none() | GUIDES,
)
ANY_LIST = st.lists(ITEMS, max_size=6, unique_by=lambda one: one.code).map(Matters)


@given(ANY_LIST, ANY_LIST)
def test_a_difference_applied_to_the_old_lists_gives_the_new_ones(old: Matters, new: Matters) -> None:
    found = difference(old, new)
    made = found.applied(old, "new")
    assert {matter.code: matter for matter in made} == {matter.code: matter for matter in new}
    assert made.version == "new"
    assert bool(found) == ({one.code: one for one in old} != {one.code: one for one in new})
    back = difference(new, old)
    assert {one.code for one in found.added} == {one.code for one in back.removed}
    assert {(one.code, one.field, str(one.before)) for one in found.changed} == {
        (one.code, one.field, str(one.after)) for one in back.changed
    }


def test_every_field_of_an_item_is_compared() -> None:
    other = Matter(
        GOOD.code, "别名", MatterKind.POWER, Platform.MARKET, Domain.COURT, "Other", "06010", "zjj", ("scjg",),
        {"scjg": "查"}, ("甲",), ("乙",), "《法》第一条", "第一项。", "town_management", Guide(),
    )  # fmt: skip
    changed = {change.field for change in difference(Matters([GOOD]), Matters([other])).changed}
    assert changed == {field.name for field in fields(Matter)} - {"code"}


# -- Search ------------------------------------------------------------------------------------------------------------

SHOP = [
    Matter(
        "YJS-01", "餐饮油烟扰民", MatterKind.ONE_THING, Platform.ENFORCEMENT, Domain.INTEGRATED_ENFORCEMENT,
        "Restaurant smoke", "06027", "zhzf", ("sthj",), {"sthj": "检测排口浓度"}, clause="综合执法局牵头。",
        basis="《大气污染防治法》第八十一条",
    ),
    Matter(
        "SD-01", "露天烧烤", MatterKind.TERRITORIAL, Platform.ENFORCEMENT, Domain.INTEGRATED_ENFORCEMENT, "Barbecue",
        lead="zhzf", department_duty=("查处露天烧烤油烟",), township_duty=("每日巡查",), clause="属地第1项。",
    ),
    Matter(
        "SD-02", "异味", MatterKind.TERRITORIAL, Platform.MARKET, Domain.ECOLOGY_ENVIRONMENT, "Odour", lead="sthj",
        clause="油烟以外的异味由生态环境分局牵头。",
    ),
    Matter(
        "QL-001", "烟花爆竹零售许可", MatterKind.POWER, Platform.CONVENIENCE, lead="yjgl", clause="镇街审批。",
        guide=Guide("行政许可", "经营者", ("营业执照",), (Step("现场核查", "执法中心", "3日"),), result="许可证"),
    ),
]  # fmt: skip


def found(words: str = "", **filters: object) -> list[str]:
    return [matter.code for matter in search(Matters(SHOP), words, **filters)]


def test_an_item_is_found_by_its_name_before_its_clause_and_by_its_clause_before_the_rest() -> None:
    assert found("油烟") == ["YJS-01", "SD-02", "SD-01"]
    assert found("") == ["YJS-01", "SD-01", "SD-02", "QL-001"]


def test_every_word_must_occur_wherever_it_stands() -> None:
    assert found("油烟 牵头") == ["YJS-01", "SD-02"]
    assert found("油烟　扰民　浓度") == ["YJS-01"]
    assert found("油烟 烟花") == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("06027", "YJS-01"),
        ("０６０２７", "YJS-01"),
        ("SMOKE", "YJS-01"),
        ("ql－００１", "QL-001"),
        ("大气污染", "YJS-01"),
        ("巡查", "SD-01"),
        ("营业执照", "QL-001"),
        ("现场核查 执法中心", "QL-001"),
        ("许可证", "QL-001"),
    ],
)
def test_codes_laws_duties_and_guides_are_searched_whatever_the_width_and_case(words: str, code: str) -> None:
    assert found(words) == [code]


def test_a_search_keeps_to_department_field_list_and_platform() -> None:
    assert found(department="sthj") == ["YJS-01", "SD-02"]
    assert found(department=TOWNSHIP) == ["QL-001"]
    assert found("油烟", domain="integrated_enforcement") == ["YJS-01", "SD-01"]
    assert found(kind=MatterKind.TERRITORIAL, platform="market") == ["SD-02"]
    assert found(kind="no such list") == []


@given(ANY_LIST, st.data())
def test_every_item_is_found_by_each_of_its_own_words(matters: Matters, data: st.DataObject) -> None:
    for matter in matters:
        guide = matter.guide or Guide()
        texts = [
            matter.code, matter.name, matter.clause, *matter.department_duty, *matter.checks.values(), guide.fee,
            *guide.materials, *(step.name for step in guide.steps),
        ]  # fmt: skip
        text = data.draw(st.sampled_from([text for text in texts if text]))
        start = data.draw(st.integers(0, len(text) - 1))
        results = search(matters, text[start : data.draw(st.integers(start + 1, len(text)))])
        assert matter in results
    assert {one.code for one in search(matters, "油")} <= {one.code for one in search(matters, "")}
