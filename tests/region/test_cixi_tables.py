"""The tables of the Cixi pack hold what was published of the reform, and point only at things that exist."""

import csv
import re
import runpy
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from cases.guides import parse_steps
from dashboard.text import WORDS

PACK = Path(__file__).parents[2] / "data" / "regions" / "cixi"
TEN_DOMAINS = {
    "market_regulation",
    "integrated_enforcement",
    "health_supervision",
    "natural_resources",
    "transport",
    "ecology_environment",
    "public_security",
    "procuratorate",
    "court",
    "justice",
}
PLATFORMS = {"public_order", "market", "enforcement", "convenience"}
# The twenty townships by civil-affairs code: six subdistricts and fourteen towns.
TOWNSHIPS = {f"3302820{n:02d}" for n in (1, 2, 3, 4, 5, 6)} | {
    f"330282{n}" for n in (101, 104, 107, 108, 109, 110, 111, 112, 113, 114, 116, 118, 120, 121)
}
# GB/T 47678.5: the minor classes that the lists cite.
STANDARD = {
    "06001": "私搭乱建",
    "06010": "暴露垃圾",
    "06011": "积存垃圾渣土",
    "06012": "道路不洁",
    "06013": "道路破损",
    "06014": "道路遗撒（洒）",
    "06015": "沙（河）滩不洁",
    "06020": "焚烧垃圾、树叶",
    "06023": "堤岸破损",
    "06025": "水域不洁",
    "06026": "河道污染",
    "06027": "油烟污染",
    "06028": "噪声扰民",
    "06029": "露天烧烤",
    "06030": "乱倒乱排污水、废水",
    "06033": "乱丢弃医疗废物",
    "06037": "动物尸体",
    "06038": "擅自饲养家禽家畜",
    "06041": "垃圾未分类",
    "06045": "非法占绿毁绿",
    "06046": "占用河道",
    "07001": "非法小广告",
    "07003": "违规户外广告",
    "08001": "施工扰民",
    "08003": "无证掘路",
    "08004": "工地扬尘",
    "08016": "无证建设",
    "09001": "无照经营游商",
    "09002": "早（夜）市管理问题",
    "09003": "流浪乞讨",
    "09005": "店外经营",
    "09006": "占道经营",
    "09009": "机动车乱停放",
    "09010": "非机动车乱停放",
    "09012": "占用消防通道",
    "09015": "无证餐饮",
    "09017": "违规占用桥下空间",
    "09019": "占用无障碍通道",
    "09020": "农贸市场秩序问题",
    "10002": "架空线缆脱落",
}
ARTICLES = r"第[一二三四五六七八九十百千零]+条"
BASIS = re.compile(rf"《[^《》]+》{ARTICLES}(、{ARTICLES})*(；《[^《》]+》{ARTICLES}(、{ARTICLES})*)*")


def table(name: str) -> list[dict[str, str]]:
    with (PACK / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(cell: str) -> list[str]:
    return [part for part in cell.split(";") if part]


DEPARTMENTS = {row["code"]: row for row in table("departments.csv")}


def test_twelve_one_things_have_seven_leads_and_thirteen_coordinating_departments():
    things = table("one_things.csv")
    assert len(things) == len({row["code"] for row in things}) == 12
    assert len({row["lead"] for row in things}) == 7
    assert len({code for row in things for code in listed(row["coordinating"])}) == 13


def test_restaurant_smoke_is_led_by_enforcement_with_environment_and_market_regulation_beside_it():
    smoke = next(row for row in table("one_things.csv") if row["category"] == "06027")
    assert "餐饮油烟" in smoke["name"]
    assert DEPARTMENTS[smoke["lead"]]["name"] == "慈溪市综合行政执法局"
    beside = {DEPARTMENTS[code]["name"] for code in listed(smoke["coordinating"])}
    assert beside == {"宁波市生态环境局慈溪分局", "慈溪市市场监督管理局"}


def test_building_waste_is_a_one_thing():
    assert any("建筑垃圾" in row["name"] for row in table("one_things.csv"))


def test_every_department_of_a_one_thing_has_its_own_check_and_nobody_is_in_it_twice():
    for row in table("one_things.csv"):
        members = [row["lead"], *listed(row["coordinating"])]
        checks = dict(part.split("=", 1) for part in listed(row["checks"]))
        assert len(members) == len(set(members)), row["code"]
        assert set(checks) == set(members), row["code"]
        assert all(len(text) >= 8 for text in checks.values()), row["code"]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("one_things.csv", ("lead", "coordinating")),
        ("matters.csv", ("department",)),
        ("powers.csv", ("department",)),
        ("units.csv", ("department",)),
    ],
)
def test_every_department_that_a_table_names_exists(name, columns):
    named = {code for row in table(name) for column in columns for code in listed(row[column])}
    assert named
    assert named <= set(DEPARTMENTS)


def test_sixteen_departments_share_the_sixty_nine_matters_of_the_territorial_list():
    rows = table("matters.csv")
    assert len({row["code"] for row in rows}) == 69
    assert len({row["department"] for row in rows}) == 16


def test_a_territorial_matter_says_clause_by_clause_what_department_and_township_have_to_do():
    for row in table("matters.csv"):
        for column in ("department_duty", "township_duty"):
            clauses = listed(row[column])
            assert len(clauses) >= 2, (row["code"], column)
            assert all(len(clause) >= 6 for clause in clauses), (row["code"], column)


def test_a_hundred_and_six_powers_lie_in_the_published_fields_and_beyond():
    rows = table("powers.csv")
    assert len({row["code"] for row in rows}) == 106
    assert {row["field"] for row in rows} > {"town_management", "work_safety", "agriculture", "livelihood"}
    for row in rows:
        assert f"field.{row['field']}" in WORDS, row["field"]


def test_every_power_has_a_whole_guide_with_a_question_in_its_chart():
    for row in table("powers.csv"):
        for column in ("kind", "applicant", "materials", "time_limit", "fee", "result"):
            assert row[column], (row["code"], column)
        steps = parse_steps(row["steps"])
        assert 3 <= len(steps) <= 10, row["code"]
        assert any(step.decision for step in steps), row["code"]
        assert not steps[-1].decision, row["code"]


@pytest.mark.parametrize("name", ["one_things.csv", "matters.csv", "powers.csv", "arrangements.csv"])
def test_sentences_have_chinese_punctuation(name):
    for row in table(name):
        for column in set(row) - {"name_en", "steps", "code", "matters", "basis"}:
            found = re.search(r"[\u4e00-\u9fff]\s*[,:!?()]|[,:!?()]\s*[\u4e00-\u9fff]|\s{2}|[０-９]", row[column])
            assert not found, (row["code"], column, found.group())


def test_restaurant_smoke_and_building_waste_are_worked_out_in_full():
    for row in table("one_things.csv")[:2]:
        checks = dict(part.split("=", 1) for part in listed(row["checks"]))
        assert all(len(text) >= 60 for text in checks.values()), row["code"]


def test_an_arrangement_names_a_place_a_time_or_both_and_where_it_stands():
    for row in table("arrangements.csv"):
        assert row["areas"] or row["valid_from"] or row["valid_to"], row["code"]
        assert set(listed(row["areas"])) <= TOWNSHIPS, row["code"]
        assert row["clause"].endswith("。"), row["code"]
        assert row["source"].startswith("示范"), row["code"]


def test_no_item_cites_a_law_that_the_ecological_code_has_replaced():
    replaced = "大气污染防治法|水污染防治法|固体废物污染环境防治法|噪声污染防治法|环境保护法|土壤污染防治法"
    for name in ("one_things.csv", "matters.csv", "powers.csv"):
        for row in table(name):
            assert not re.search(f"《中华人民共和国({replaced})》", row["basis"]), row["code"]


@pytest.mark.parametrize("name", ["one_things.csv", "matters.csv", "powers.csv"])
def test_every_item_cites_laws_by_article(name):
    for row in table(name):
        assert BASIS.fullmatch(row["basis"]), (row["code"], row["basis"])
        assert row["clause"].endswith("。"), row["code"]
        assert row["platform"] in PLATFORMS, row["code"]


@pytest.mark.parametrize("name", ["one_things.csv", "matters.csv", "powers.csv"])
def test_category_codes_are_those_of_the_standard_and_stand_there_with_its_names(name):
    names = {row["code"]: row["name"] for row in table("categories.csv")}
    for row in table(name):
        if row["category"]:
            assert names[row["category"]] == STANDARD[row["category"]], row["code"]


@pytest.mark.parametrize("name", ["one_things.csv", "matters.csv", "powers.csv"])
def test_an_item_belongs_to_the_domain_of_its_department(name):
    for row in table(name):
        lead = row["lead"] if "lead" in row else row["department"]
        assert row["domain"] == DEPARTMENTS[lead]["domain"], row["code"]


def test_codes_are_unique_over_all_lists():
    codes = [row["code"] for name in ("one_things.csv", "matters.csv", "powers.csv") for row in table(name)]
    assert len(codes) == len(set(codes))


def test_more_than_ninety_units_are_stationed_over_ten_domains():
    units = table("units.csv")
    assert len(units) == len({row["code"] for row in units}) >= 90
    assert {row["domain"] for row in units} == TEN_DOMAINS
    assert all(row["domain"] == DEPARTMENTS[row["department"]]["domain"] for row in units)


def test_each_domain_reaches_each_township_through_exactly_one_unit():
    reach = Counter(
        (row["domain"], township)
        for row in table("units.csv")
        for township in (row["township"], *listed(row["serves"]))
    )
    assert set(reach) == {(domain, township) for domain in TEN_DOMAINS for township in TOWNSHIPS}
    assert set(reach.values()) == {1}


def test_police_justice_market_and_enforcement_have_a_unit_of_their_own_in_every_township():
    for department in ("gaj", "sfj", "scjg", "zhzf"):
        assert {row["township"] for row in table("units.csv") if row["department"] == department} == TOWNSHIPS


def test_units_of_luzhongwan_begin_on_the_day_of_the_split():
    units = [row for row in table("units.csv") if row["township"] == "330282006"]
    assert len(units) == 4
    assert {row["valid_from"] for row in units} == {"2024-11-20"}


def days() -> dict[date, bool]:
    return {date.fromisoformat(row["date"]): row["is_workday"] == "1" for row in table("calendar.csv")}


def test_six_weekend_days_of_2026_are_made_up():
    made_up = [day for day, works in days().items() if works and day.year == 2026]
    assert made_up == [date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))]


def test_known_days_off_of_2026_are_off():
    calendar = days()
    assert [calendar.get(date(2026, *day)) for day in ((2, 16), (2, 23), (10, 7))] == [False, False, False]
    assert date(2026, 2, 15) not in calendar  # a Sunday, off by itself


def test_the_last_day_of_2005_is_a_workday_by_the_notice_for_2006():
    row = next(row for row in table("calendar.csv") if row["date"] == "2005-12-31")
    assert (row["is_workday"], row["kind"]) == ("1", "make_up")
    assert "2006年" in row["notice"]


def test_the_calendar_covers_2004_to_2026_and_holds_only_days_that_differ_from_the_week():
    calendar = days()
    assert {day.year for day in calendar} == set(range(2004, 2027))
    assert list(calendar) == sorted(calendar)
    assert all(works != (day.weekday() < 5) for day, works in calendar.items())
    for row in table("calendar.csv"):
        assert row["kind"] == ("make_up" if row["is_workday"] == "1" else "holiday")
        assert row["notice"].endswith("通知")


def test_the_script_beside_the_pack_writes_the_same_calendar(tmp_path):
    script = runpy.run_path(str(PACK / "calendar_from_notices.py"))
    script["write"](tmp_path / "calendar.csv")
    assert (tmp_path / "calendar.csv").read_bytes() == (PACK / "calendar.csv").read_bytes()
