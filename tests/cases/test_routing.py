"""Who is in charge, by which clause, in words that can be read aloud."""

from dataclasses import replace
from datetime import date

import pytest

from cases.arrangements import Arrangement
from cases.case import LegRole
from cases.errors import BadList, UnknownDepartment, UnknownMatter
from cases.lists import ListVersion
from cases.matters import Matter, MatterKind, Matters, Platform
from cases.organisation import COMMAND, TOWNSHIP, Department, Organisation, Unit
from cases.routing import asked_to_lead, route
from tests.cases.factories import EAST, LITTER, MATTERS, ORGANISATION, SMOKE, STRANGE, VERSION, WEST

DAY = date(2026, 3, 4)
NOWHERE = "330282999"


def holding(*matters: Matter, arrangements: tuple[Arrangement, ...] = ()) -> ListVersion:
    """A version of the lists with these matters alone."""
    return ListVersion("t", date.min, "", Matters(matters), arrangements)


def test_a_one_thing_names_its_lead_first_and_then_each_department_that_comes_on_site() -> None:
    way = route(MATTERS.matter(SMOKE), WEST, DAY, VERSION, ORGANISATION)
    assert [(leg.role, leg.department, leg.unit) for leg in way.legs] == [
        (LegRole.LEAD, "zhzf", "zhzf-002"),
        (LegRole.COORDINATING, "sthj", "sthj-001"),
        (LegRole.COORDINATING, "scjg", "scjg-001"),
    ]
    assert way.list_version == "2026-07"
    assert not way.triage
    assert {leg.clause for leg in way.legs} == {"一件事清单第1项"}


def test_each_leg_says_aloud_why_it_is_there_and_who_acts() -> None:
    lead, first, second = route(MATTERS.matter(SMOKE), EAST, DAY, VERSION, ORGANISATION).legs
    assert lead.sentence == (
        "“餐饮油烟扰民”列入一件事清单，综合执法局首问受理并牵头，由派驻该镇街的观海卫镇综合行政执法中队承办。"
    )
    assert first.sentence == (
        "“餐饮油烟扰民”列入一件事清单，生态环境分局协同到场，由服务该镇街的宗汉生态环境所承办；检查内容：检测排口油烟浓度。"
    )
    assert second.sentence == (
        "“餐饮油烟扰民”列入一件事清单，市场监管局协同到场，市场监管局在该镇街没有派驻机构，由部门本级承办。"
    )


def test_a_territorial_matter_names_the_duty_of_the_township() -> None:
    (lead,) = route(MATTERS.matter(LITTER), WEST, DAY, VERSION, ORGANISATION).legs
    assert "列入属地管理清单，综合执法局是主管部门" in lead.sentence
    assert "镇街按清单履行属地职责" in lead.sentence


def test_a_power_of_the_township_names_the_department_that_guides() -> None:
    power = Matter("QL-001", "违建查处", MatterKind.POWER, Platform.ENFORCEMENT, lead="zhzf", clause="第1项")
    (lead,) = route(power, WEST, DAY, holding(power), ORGANISATION).legs
    assert (lead.department, lead.unit) == (TOWNSHIP, None)
    assert lead.sentence == "“违建查处”列入镇街权力清单，由镇街行使，综合执法局业务指导。"


@pytest.mark.parametrize("lead", [None, "nobody", COMMAND])
def test_what_no_list_gives_to_a_department_goes_to_the_command_room(lead) -> None:
    strange = replace(MATTERS.matter(STRANGE), lead=lead, coordinating=("sthj",))
    way = route(strange, WEST, DAY, holding(strange), ORGANISATION)
    assert way.triage
    assert [(leg.role, leg.department, leg.unit) for leg in way.legs] == [(LegRole.LEAD, COMMAND, None)]
    assert "综合信息指挥室先行研判" in way.legs[0].sentence


def test_a_place_that_is_not_known_stays_with_the_departments_themselves() -> None:
    way = route(MATTERS.matter(SMOKE), None, DAY, VERSION, ORGANISATION)
    assert [leg.unit for leg in way.legs] == [None, None, None]
    assert all("位置尚未核实，先由部门本级承办" in leg.sentence for leg in way.legs)


@pytest.mark.parametrize("township", [None, WEST, EAST, NOWHERE, ""])
@pytest.mark.parametrize("matter", MATTERS, ids=lambda matter: matter.code)
def test_every_matter_has_exactly_one_lead_at_every_place(matter, township) -> None:
    legs = route(matter, township, DAY, VERSION, ORGANISATION).legs
    assert [leg.role for leg in legs].count(LegRole.LEAD) == 1
    assert legs[0].role is LegRole.LEAD
    assert len({leg.department for leg in legs}) == len(legs)
    assert all(leg.sentence.endswith("。") for leg in legs)


def test_a_unit_acts_only_while_it_exists() -> None:
    before = route(MATTERS.matter(SMOKE), WEST, date(2026, 5, 31), VERSION, ORGANISATION)
    after = route(MATTERS.matter(SMOKE), WEST, date(2026, 6, 1), VERSION, ORGANISATION)
    assert (before.legs[2].unit, after.legs[2].unit) == ("scjg-001", None)


def test_a_unit_in_the_township_goes_before_one_that_only_serves_it_and_the_lowest_code_answers() -> None:
    units = [
        Unit("a-1", "甲一", "a", WEST, serves=(EAST,)),
        Unit("a-3", "甲三", "a", EAST),
        Unit("a-2", "甲二", "a", EAST),
    ]
    organisation = Organisation([Department("a", "甲局")], units)
    found = organisation.unit_for("a", EAST, DAY)
    assert found is not None
    assert found.code == "a-2"
    assert [unit.code for unit in organisation.units_in(EAST, DAY)] == ["a-2", "a-3"]


def test_the_lead_is_not_called_a_second_time_as_a_coordinating_department() -> None:
    doubled = replace(MATTERS.matter(SMOKE), coordinating=("zhzf", "sthj", "sthj"))
    assert [leg.department for leg in route(doubled, WEST, DAY, holding(doubled), ORGANISATION).legs] == [
        "zhzf",
        "sthj",
    ]


def test_a_transfer_says_to_whom_and_why() -> None:
    leg = asked_to_lead("zjj", WEST, DAY, ORGANISATION, "属工地管理")
    assert (leg.role, leg.department, leg.unit) == (LegRole.LEAD, "zjj", None)
    assert "移交住建局牵头办理" in leg.sentence
    assert "属工地管理" in leg.sentence
    with pytest.raises(UnknownDepartment, match=r"'zjx'.*zjj"):
        asked_to_lead("zjx", WEST, DAY, ORGANISATION, "属工地管理")


def test_an_unknown_matter_is_refused_with_the_nearest_codes() -> None:
    with pytest.raises(UnknownMatter, match=r"'YJS-1'.*YJS-01"):
        MATTERS.matter("YJS-1")
    with pytest.raises(UnknownMatter, match="3 codes"):
        MATTERS.matter("")


def test_the_one_things_go_before_the_territorial_list_and_that_before_the_power_list() -> None:
    items = [
        Matter("X", kind.value, kind, Platform.MARKET)
        for kind in (MatterKind.POWER, MatterKind.ONE_THING, MatterKind.TERRITORIAL)
    ]
    assert Matters(items).matter("X").kind is MatterKind.ONE_THING
    assert Matters([items[0], items[2]]).matter("X").kind is MatterKind.TERRITORIAL
    assert [matter.code for matter in MATTERS.of_kind(MatterKind.TERRITORIAL)] == [LITTER]
    assert SMOKE in MATTERS
    assert len(MATTERS) == 3


def test_lists_that_contradict_themselves_are_refused() -> None:
    twice = [Matter("X", name, MatterKind.POWER, Platform.MARKET) for name in ("甲", "乙")]
    with pytest.raises(BadList, match="X twice"):
        Matters(twice)
    with pytest.raises(BadList, match="department a"):
        Organisation([Department("a", "甲局"), Department("a", "乙局")])
    with pytest.raises(UnknownDepartment, match="'b'"):
        Organisation([Department("a", "甲局")], [Unit("b-1", "乙所", "b", WEST)])
    with pytest.raises(BadList, match="a-1 exists twice"):
        Organisation([Department("a", "甲局")], [Unit("a-1", "甲所", "a", WEST), Unit("a-1", "甲所", "a", EAST)])


def test_a_unit_may_move_when_its_first_row_ends() -> None:
    moved = date(2024, 11, 20)
    rows = [
        Unit("a-1", "甲所", "a", WEST, valid_to=moved),
        Unit("a-1", "甲所", "a", EAST, valid_from=moved),
    ]
    organisation = Organisation([Department("a", "甲局")], rows)
    places = [organisation.unit("a-1", day) for day in (date(2024, 11, 19), moved)]
    assert [unit and unit.township for unit in places] == [WEST, EAST]
    assert organisation.unit("a-2", moved) is None
