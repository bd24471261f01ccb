"""What beside the lists changes who acts: in its areas, for its matters, on its days, and nowhere else."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.arrangements import Arrangement, ArrangementKind
from cases.case import LegRole
from cases.lists import ListVersion, check
from cases.matters import Domain, Matter, MatterKind, Matters, Platform
from cases.organisation import TOWNSHIP, Department, Organisation, Unit
from cases.routing import route
from tests.cases.factories import EAST, LITTER, MATTERS, ORGANISATION, SMOKE, WEST

SPLIT = date(2024, 11, 20)
BEFORE = SPLIT - timedelta(days=1)
NEW_AREA = Department("qwxq", "新区管理委员会", "新区管委会")
ORGANISED = Organisation(
    [*(one for one in ORGANISATION.departments.values() if one.code not in ("command", TOWNSHIP)), NEW_AREA],
    ORGANISATION.units,
)
RUN_BY = Arrangement(
    "AR-01", ArrangementKind.RUN_BY, (WEST,), (), "sthj", "qwxq", SPLIT, None, "西片生态环境由新区管委会负责。"
)
MOVES = Arrangement(
    "AR-02", ArrangementKind.CHANGES_HANDS, (), (LITTER,), "zhzf", "zjj", SPLIT, date(2026, 7, 1), "垃圾归住建。"
)


def version(*arrangements: Arrangement, matters: Matters = MATTERS) -> ListVersion:
    return ListVersion("t", date.min, "", matters, arrangements)


def test_an_area_that_another_body_runs_has_that_body_in_place_of_the_department_that_the_list_names() -> None:
    way = route(SMOKE, WEST, SPLIT, version(RUN_BY), ORGANISED)
    assert [(leg.department, leg.unit) for leg in way.legs] == [
        ("zhzf", "zhzf-002"),
        ("qwxq", None),
        ("scjg", "scjg-001"),
    ]
    assert way.arrangements == ("AR-01",)
    assert [leg.arrangements for leg in way.legs] == [(), ("AR-01",), ()]
    assert way.legs[1].clause == "一件事清单第1项 西片生态环境由新区管委会负责。"
    assert way.legs[1].sentence == (
        "“餐饮油烟扰民”列入一件事清单，清单写明生态环境分局协同到场；按照“西片生态环境由新区管委会负责”，"
        "本区域改由新区管委会承担，由其直接承办；检查内容：检测排口油烟浓度。"
    )


def test_an_arrangement_begins_and_ends_on_its_days() -> None:
    leads = {
        day: route(LITTER, WEST, day, version(MOVES), ORGANISED).legs[0].department
        for day in (BEFORE, SPLIT, date(2026, 6, 30), date(2026, 7, 1))
    }
    assert list(leads.values()) == ["zhzf", "zjj", "zjj", "zhzf"]
    (lead,) = route(LITTER, EAST, SPLIT, version(MOVES), ORGANISED).legs
    assert lead.sentence == (
        "“暴露垃圾”列入属地管理清单，清单写明综合执法局是主管部门；按照“垃圾归住建”，当日由住建局承担，"
        "住建局在该镇街没有派驻机构，由部门本级承办，镇街按清单履行属地职责。"
    )


def test_an_arrangement_for_an_area_leaves_other_areas_and_unknown_places_alone() -> None:
    for township in (EAST, None):
        assert route(SMOKE, township, SPLIT, version(RUN_BY), ORGANISED).arrangements == ()
    by_village = Arrangement("AR-03", ArrangementKind.RUN_BY, ("330282107001",), (), "sthj", "qwxq", SPLIT)
    inside = route(SMOKE, EAST, SPLIT, version(by_village), ORGANISED, areas=("330282107001", "330282107001001"))
    assert inside.arrangements == ("AR-03",)
    assert route(SMOKE, EAST, SPLIT, version(by_village), ORGANISED, areas=("330282107002",)).arrangements == ()


def test_an_arrangement_may_name_a_whole_field() -> None:
    field = Arrangement(
        "AR-04",
        ArrangementKind.RUN_BY,
        (),
        ("domain:ecology_environment",),
        "sthj",
        "qwxq",
        SPLIT,
        None,
        "由新区负责。",
    )
    straw = Matter(
        "SD-14", "秸秆", MatterKind.TERRITORIAL, Platform.ENFORCEMENT, Domain.ECOLOGY_ENVIRONMENT, lead="sthj"
    )
    lists = version(field, matters=Matters([*MATTERS, straw]))
    assert route("SD-14", WEST, SPLIT, lists, ORGANISED).legs[0].department == "qwxq"
    assert route(SMOKE, WEST, SPLIT, lists, ORGANISED).arrangements == ()


def test_of_two_arrangements_for_one_leg_the_lowest_code_answers() -> None:
    other = Arrangement("AR-00", ArrangementKind.RUN_BY, (), (), "sthj", "zjj", SPLIT)
    way = route(SMOKE, WEST, SPLIT, version(RUN_BY, other), ORGANISED)
    assert (way.legs[1].department, way.arrangements) == ("zjj", ("AR-00",))


def test_two_parts_that_come_into_one_hand_are_one_leg_that_says_both() -> None:
    also = Arrangement("AR-05", ArrangementKind.RUN_BY, (WEST,), (), "scjg", "qwxq", SPLIT, None, "市场也归新区。")
    lead, only = route(SMOKE, WEST, SPLIT, version(RUN_BY, also), ORGANISED).legs
    assert (lead.department, only.department, only.role) == ("zhzf", "qwxq", LegRole.COORDINATING)
    assert only.arrangements == ("AR-01", "AR-05")
    assert "生态环境分局协同到场" in only.sentence
    assert "同时，清单写明市场监管局协同到场；按照“市场也归新区”" in only.sentence
    assert only.clause == "一件事清单第1项 西片生态环境由新区管委会负责。 市场也归新区。"


def test_the_lead_takes_over_the_part_of_a_coordinating_department_without_being_called_twice() -> None:
    to_lead = Arrangement("AR-06", ArrangementKind.CHANGES_HANDS, (), (), "sthj", "zhzf", SPLIT, None, "并入执法。")
    way = route(SMOKE, WEST, SPLIT, version(to_lead), ORGANISED)
    assert [leg.department for leg in way.legs] == ["zhzf", "scjg"]
    assert "同时，清单写明生态环境分局协同到场；按照“并入执法”，当日由综合执法局承担" in way.legs[0].sentence
    assert way.arrangements == ("AR-06",)


def test_an_arrangement_to_nobody_changes_nothing() -> None:
    for nobody in ("", "nobody", "command"):
        lists = version(Arrangement("AR-07", ArrangementKind.RUN_BY, (), (), "sthj", nobody, SPLIT))
        assert route(SMOKE, WEST, SPLIT, lists, ORGANISED).arrangements == ()


def test_a_body_that_runs_everything_replaces_every_department_and_not_the_township_itself() -> None:
    power = Matter("QL-001", "违建查处", MatterKind.POWER, Platform.ENFORCEMENT, lead="zjj", clause="镇街查处。")
    all_of_it = Arrangement("AR-08", ArrangementKind.RUN_BY, (WEST,), (), "", "qwxq", SPLIT, None, "全部归新区。")
    lists = version(all_of_it, matters=Matters([*MATTERS, power]))
    assert [leg.department for leg in route(SMOKE, WEST, SPLIT, lists, ORGANISED).legs] == ["qwxq"]
    way = route("QL-001", WEST, SPLIT, lists, ORGANISED)
    assert [leg.department for leg in way.legs] == [TOWNSHIP]
    assert (way.guide, way.arrangements) == ("qwxq", ("AR-08",))
    assert way.legs[0].sentence == (
        "“违建查处”列入镇街权力清单，由镇街行使，住建局业务指导；按照“全部归新区”，现由新区管委会业务指导。"
    )


def test_a_power_may_be_taken_from_the_township() -> None:
    power = Matter("QL-001", "违建查处", MatterKind.POWER, Platform.ENFORCEMENT, lead="zjj", clause="镇街查处。")
    taken = Arrangement("AR-09", ArrangementKind.RUN_BY, (WEST,), (), TOWNSHIP, "zhzf", SPLIT, None, "由执法局行使。")
    lists = version(taken, matters=Matters([power]))
    (lead,) = route("QL-001", WEST, SPLIT, lists, ORGANISED).legs
    assert (lead.department, lead.unit) == ("zhzf", "zhzf-002")
    assert lead.sentence.endswith(
        "；按照“由执法局行使”，改由综合执法局行使，由派驻该镇街的宗汉街道综合行政执法中队承办。"
    )
    (lead,) = route("QL-001", EAST, SPLIT, lists, ORGANISED).legs
    assert lead.department == TOWNSHIP


# -- Any lists, any place, any day -------------------------------------------------------------------------------------

TOWNSHIPS = ("T1", "T2", "T3")
CODES = ("a", "b", "c")
MATTER_CODES = ("M0", "M1", "M2")
DAYS = st.dates(date(2024, 11, 1), date(2024, 12, 10))
BEGINS = st.just(date.min) | DAYS
DEPARTMENTS = st.sampled_from(CODES)
MOSTLY = st.sampled_from((*CODES * 4, "nobody", "command", TOWNSHIP))
UNITS = st.builds(
    Unit,
    code=st.sampled_from([f"U{number}" for number in range(99)]),
    name=st.just("所"),
    department=DEPARTMENTS,
    township=st.sampled_from(TOWNSHIPS),
    serves=st.lists(st.sampled_from(TOWNSHIPS), max_size=2, unique=True).map(tuple),
    valid_from=BEGINS,
    valid_to=st.none() | st.just(date(2026, 1, 1)),
)


def item(code: str) -> st.SearchStrategy[Matter]:
    return st.builds(
        Matter,
        code=st.just(code),
        name=st.just("事"),
        kind=st.sampled_from(MatterKind),
        platform=st.just(Platform.MARKET),
        domain=st.sampled_from([Domain.COURT, Domain.OTHER]),
        lead=st.sampled_from((*CODES * 4, "nobody", "command", TOWNSHIP, None)),
        coordinating=st.lists(MOSTLY, max_size=4).map(tuple),
        clause=st.just("按清单。"),
    )


ARRANGED = st.builds(
    Arrangement,
    code=st.sampled_from([f"AR-{number}" for number in range(9)]),
    kind=st.sampled_from(ArrangementKind),
    areas=st.just(()) | st.lists(st.sampled_from((*TOWNSHIPS, "V1")), max_size=3).map(tuple),
    matters=st.just(()) | st.lists(st.sampled_from((*MATTER_CODES, "domain:court")), max_size=2).map(tuple),
    from_department=st.sampled_from((*CODES * 4, "nobody", TOWNSHIP, "")),
    to_department=st.sampled_from((*CODES * 4, "nobody", "command", TOWNSHIP, "")),
    valid_from=BEGINS,
    valid_to=st.none() | DAYS,
    clause=st.just("另行安排。"),
)
VERSIONS = st.builds(
    ListVersion,
    version=st.just("t"),
    effective_from=st.just(date.min),
    source=st.just(""),
    matters=st.tuples(*map(item, MATTER_CODES)).map(Matters),
    arrangements=st.lists(ARRANGED, min_size=1, max_size=4, unique_by=lambda one: one.code).map(tuple),
)
QUESTIONS = {
    "code": st.sampled_from((*MATTER_CODES * 4, "M9", "", "长" * 70)),
    "township": st.sampled_from((*TOWNSHIPS * 3, "T9", "", None)),
    "day": DAYS,
    "lists": VERSIONS,
    "units": st.lists(UNITS, min_size=3, max_size=8, unique_by=lambda unit: unit.code),
    "areas": st.sampled_from(((), ("V1",), ("V2", "C1"))),
}


def organised(units: list[Unit]) -> Organisation:
    return Organisation([Department(code, f"{code}局") for code in CODES], units)


@given(**QUESTIONS)
def test_every_question_has_one_answer_with_one_lead(code, township, day, lists, units, areas) -> None:
    way = route(code, township, day, lists, organised(units), areas=areas)
    assert way == route(code, township, day, lists, organised(units[::-1]), areas=list(areas))
    assert [leg.role for leg in way.legs] == [LegRole.LEAD] + [LegRole.COORDINATING] * (len(way.legs) - 1)
    assert len({leg.department for leg in way.legs}) == len(way.legs)
    assert all(leg.sentence.endswith("。") and "。。" not in leg.sentence for leg in way.legs)
    assert way.triage == (way.legs[0].department == "command")


@given(**QUESTIONS)
def test_no_unit_of_another_township_acts_unless_it_is_said_to_serve(code, township, day, lists, units, areas) -> None:
    organisation = organised(units)
    known = {unit.code: unit for unit in units}
    for leg in route(code, township, day, lists, organisation, areas=areas).legs:
        own = [unit for unit in units if unit.department == leg.department and unit.valid_on(day)]
        if leg.unit is None:
            assert not [unit for unit in own if township == unit.township or township in unit.serves]
        else:
            acting = known[leg.unit]
            assert acting in own
            assert acting.township == township or township in acting.serves
            assert acting.township == township or not [unit for unit in own if unit.township == township]


@given(**QUESTIONS)
def test_an_arrangement_that_is_used_holds_there_and_then_and_without_any_the_list_answers(
    code, township, day, lists, units, areas
) -> None:
    organisation = organised(units)
    way = route(code, township, day, lists, organisation, areas=areas)
    arrangements = {one.code: one for one in lists.arrangements}
    for used in way.arrangements:
        one = arrangements[used]
        matter = lists.matters.matter(code)
        assert one.valid_from <= day
        assert one.valid_to is None or day < one.valid_to
        assert not one.areas or {township, *areas} & set(one.areas)
        assert not one.matters or {code, f"domain:{matter.domain}"} & set(one.matters)
    if not way.arrangements:
        bare = ListVersion(lists.version, lists.effective_from, lists.source, lists.matters)
        assert way == route(code, township, day, bare, organisation, areas=areas)


@given(VERSIONS, st.sampled_from((*TOWNSHIPS, "T9", None)), st.sampled_from(CODES), DAYS)
def test_lists_that_pass_the_check_never_let_two_arrangements_answer_for_one_part(lists, township, named, day) -> None:
    both = {fault.code for fault in check(lists, organised([])) if fault.rule == "two_arrangements"}
    for matter in lists.matters:
        if named == matter.lead or named in matter.coordinating:
            applying = [one.code for one in lists.arrangements if one.applies(matter, township, named, day)]
            assert set(sorted(applying)[1:]) <= both


@pytest.mark.parametrize("kind", MatterKind)
def test_a_code_that_the_lists_do_not_hold_goes_to_the_command_room(kind) -> None:
    gone = Matter("SD-99", "马路市场", kind, Platform.MARKET, lead="zhzf")
    for asked, name in ((gone, "马路市场"), ("SD-99", "SD-99")):
        way = route(asked, WEST, SPLIT, version(), ORGANISED)
        assert way.triage
        assert way.legs[0].sentence == (
            f"当日执行的三张清单（t版）均未列入“{name}”，由属地镇街综合信息指挥室先行研判并指定承办部门。"
        )
