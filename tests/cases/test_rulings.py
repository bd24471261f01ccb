"""What a settled dispute changes for the next case: there, in that part, until the next version, and nowhere else."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.arrangements import Arrangement, ArrangementKind
from cases.case import LegRole
from cases.dispute import Ruling
from cases.lists import Lists, ListVersion
from cases.matters import Matter, MatterKind, Platform
from cases.organisation import COMMAND, TOWNSHIP
from cases.routing import route
from tests.cases.factories import EAST, LITTER, MATTERS, ORGANISATION, SMOKE, STRANGE, VERSION, WEST

DAY = date(2026, 3, 4)
CASE = "CX20260302-00007"
LEAD, COORDINATING = LegRole.LEAD, LegRole.COORDINATING
POWER = Matter("QL-001", "违建查处", MatterKind.POWER, Platform.ENFORCEMENT, lead="zhzf", clause="权力清单第1项。")


def ruling(
    frm: str = "zhzf",
    to: str = "zjj",
    *,
    matter: str = LITTER,
    township: str | None = WEST,
    role: LegRole = LEAD,
    day: date = DAY,
    number: str = CASE,
    ordinal: int = 1,
) -> Ruling:
    return Ruling(matter, township, role, frm, to, "第1项改为住建局主管。", number, ordinal, day)


def way(*rulings: Ruling, matter: Matter | str = LITTER, township: str | None = WEST, day: date = DAY):
    return route(matter, township, day, replace(VERSION, rulings=rulings), ORGANISATION)


def leads(*rulings: Ruling, **where: object) -> str:
    return way(*rulings, **where).legs[0].department


def test_the_next_case_goes_to_whom_the_adjudicator_named_with_clause_and_sentence() -> None:
    found = way(ruling())
    (leg,) = found.legs
    assert (leg.role, leg.department, leg.unit) == (LEAD, "zjj", None)
    assert leg.arrangements == found.arrangements == (f"ruling:{CASE}-1",)
    assert leg.clause == ("属地管理清单第1项 CX20260302-00007号案件职责争议2026年3月4日的裁定：第1项改为住建局主管。")
    assert leg.sentence == (
        "“暴露垃圾”列入属地管理清单，清单写明综合执法局是主管部门；按照CX20260302-00007号案件职责争议2026年3月4日的裁定，"
        "本镇街改由住建局承担，住建局在该镇街没有派驻机构，由部门本级承办，镇街按清单履行属地职责。"
    )


def test_a_second_dispute_of_a_case_is_named_as_such() -> None:
    assert "00007号案件第2次职责争议" in way(ruling(ordinal=2)).legs[0].sentence


def test_a_ruling_of_a_township_holds_there_and_one_without_holds_everywhere() -> None:
    assert [leads(ruling(), township=where) for where in (WEST, EAST, None)] == ["zjj", "zhzf", "zhzf"]
    everywhere = ruling(township=None)
    assert [leads(everywhere, township=where) for where in (WEST, EAST, None)] == ["zjj"] * 3
    assert "本镇街" not in way(everywhere).legs[0].sentence


def test_a_ruling_answers_only_its_matter_its_part_and_its_department() -> None:
    for other in (ruling(matter=SMOKE), ruling(role=COORDINATING), ruling("sthj"), ruling(day=DAY + timedelta(days=1))):
        assert way(other) == way()


def test_a_case_of_the_day_of_the_decision_follows_it_and_one_of_the_day_before_does_not() -> None:
    assert leads(ruling(), day=DAY) == "zjj"
    assert leads(ruling(), day=DAY - timedelta(days=1)) == "zhzf"


def test_the_later_of_two_rulings_decides() -> None:
    first, second = ruling(), ruling(to="scjg", day=DAY + timedelta(days=1), number="CX20260305-00001")
    later = DAY + timedelta(days=2)
    assert leads(first, second, day=later) == "scjg"
    assert leads(first, second, day=DAY) == "zjj"
    assert way(first, second, day=later).arrangements == (second.code,)


def test_a_ruling_on_a_case_that_an_earlier_ruling_had_routed_takes_its_place() -> None:
    again = ruling("zjj", "scjg", number="CX20260305-00001")
    found = way(ruling(), again)
    assert found.legs[0].department == "scjg"
    assert found.arrangements == (again.code,)


def test_a_ruling_that_gives_it_back_leaves_it_where_the_list_has_it() -> None:
    assert way(ruling(), ruling("zjj", "zhzf")) == way()


def test_no_department_is_replaced_twice_in_a_row() -> None:
    # The earlier ruling was about a part of the housing office's own; it does not reach what came to it afterwards.
    earlier, later = ruling("zjj", "scjg"), ruling()
    assert leads(earlier, later) == "zjj"


def test_a_coordinating_part_moves_without_the_lead_and_nobody_comes_twice() -> None:
    moved = way(ruling("sthj", "zjj", matter=SMOKE, role=COORDINATING), matter=SMOKE)
    assert [leg.department for leg in moved.legs] == ["zhzf", "zjj", "scjg"]
    assert "检查内容：检测排口油烟浓度" in moved.legs[1].sentence
    to_lead = way(ruling("sthj", "zhzf", matter=SMOKE, role=COORDINATING), matter=SMOKE)
    assert [leg.department for leg in to_lead.legs] == ["zhzf", "scjg"]
    assert "同时，清单写明生态环境分局协同到场；按照CX20260302-00007号案件" in to_lead.legs[0].sentence
    assert to_lead.legs[0].arrangements == (f"ruling:{CASE}-1",)


def test_a_ruling_has_the_last_word_after_an_arrangement() -> None:
    beside = Arrangement(
        "AR-01", ArrangementKind.CHANGES_HANDS, (), (LITTER,), "zhzf", "sthj", DAY, None, "垃圾归环境。"
    )
    lists = replace(VERSION, arrangements=(beside,), rulings=(ruling("sthj", "zjj"),))
    (leg,) = route(LITTER, WEST, DAY, lists, ORGANISATION).legs
    assert (leg.department, leg.arrangements) == ("zjj", ("AR-01", f"ruling:{CASE}-1"))
    assert "按照“垃圾归环境”，当日由生态环境分局承担；按照CX20260302-00007号案件" in leg.sentence
    assert leg.clause.startswith("属地管理清单第1项 垃圾归环境。 CX20260302-00007号案件")


def test_what_no_list_gave_to_anybody_goes_to_whom_it_was_ruled_to_belong() -> None:
    for matter in (STRANGE, "SD-99"):
        assert way(matter=matter).triage
        found = way(ruling(COMMAND, "zjj", matter=matter), matter=matter)
        assert not found.triage
        assert found.legs[0].department == "zjj"
        assert "的裁定，本镇街改由住建局牵头办理" in found.legs[0].sentence


def test_a_power_that_the_township_exercises_can_be_ruled_to_be_the_departments() -> None:
    lists = ListVersion("t", date.min, "", type(MATTERS)([POWER]), rulings=(ruling(TOWNSHIP, "zhzf", matter="QL-001"),))
    found = route(POWER, WEST, DAY, lists, ORGANISATION)
    assert (found.legs[0].department, found.legs[0].unit, found.guide) == ("zhzf", "zhzf-002", "zhzf")
    assert found.legs[0].sentence.endswith(
        "的裁定，本镇街改由综合执法局行使，由派驻该镇街的宗汉街道综合行政执法中队承办。"
    )


def test_a_ruling_for_a_department_that_is_gone_changes_nothing() -> None:
    assert way(ruling(to="nobody")) == way()


def test_a_ruling_ends_with_the_version_in_which_it_was_made() -> None:
    later = replace(VERSION, version="2026-08", effective_from=DAY + timedelta(days=30))
    lists = Lists([VERSION, later]).ruled([ruling()])
    for days, department in ((0, "zjj"), (29, "zjj"), (30, "zhzf"), (400, "zhzf")):
        day = DAY + timedelta(days=days)
        assert route(LITTER, WEST, day, lists.on(day), ORGANISATION).legs[0].department == department
    assert [len(one.rulings) for one in lists.versions] == [1, 0]


def test_lists_without_rulings_are_the_same_lists() -> None:
    assert Lists([VERSION]).ruled([]).versions[0] is VERSION


# -- Whatever is ruled ------------------------------------------------------------------------------------------------

DEPARTMENTS = [*ORGANISATION.departments, "nobody"]
DAYS = st.dates(DAY - timedelta(days=40), DAY + timedelta(days=40))
RULINGS = st.lists(
    st.builds(
        ruling,
        st.sampled_from(DEPARTMENTS),
        st.sampled_from(DEPARTMENTS),
        matter=st.sampled_from([SMOKE, LITTER, STRANGE]),
        township=st.sampled_from([WEST, EAST, None]),
        role=st.sampled_from(LegRole),
        day=DAYS,
    ),
    max_size=8,
).map(lambda some: sorted(some, key=lambda one: one.settled_on))
PLACES = st.sampled_from([WEST, EAST, None])


@given(RULINGS, st.sampled_from([SMOKE, LITTER, STRANGE, "SD-99"]), PLACES, DAYS)
def test_there_is_exactly_one_lead_and_nobody_comes_twice(rulings, matter, township, day) -> None:
    found = way(*rulings, matter=matter, township=township, day=day)
    assert [leg.role for leg in found.legs].index(LEAD) == 0
    assert sum(leg.role is LEAD for leg in found.legs) == 1
    acting = [leg.department for leg in found.legs]
    assert len(set(acting)) == len(acting)
    assert set(acting) <= set(ORGANISATION.departments)
    assert found.triage == (acting == [COMMAND] and not found.arrangements)


@given(RULINGS, st.sampled_from([SMOKE, LITTER, STRANGE]), DAYS)
def test_the_ruling_of_one_township_never_changes_anothers(rulings, matter, day) -> None:
    elsewhere = [one for one in rulings if one.township != EAST]
    for place in (WEST, None):
        assert way(*rulings, matter=matter, township=place, day=day) == way(
            *elsewhere, matter=matter, township=place, day=day
        )


@given(RULINGS, PLACES, DAYS, st.lists(DAYS, min_size=1, max_size=4, unique=True).map(sorted))
def test_a_ruling_answers_while_the_version_of_the_day_began_on_or_before_its_own(rulings, place, day, starts) -> None:
    versions = [replace(VERSION, version=str(start), effective_from=start) for start in [date(2020, 1, 1), *starts]]
    lists = Lists(versions).ruled(rulings)
    found = route(LITTER, place, day, lists.on(day), ORGANISATION)
    # The rule as it is written, recounted over all rulings: those of this version's time until that day.
    began = max(start for start in [date(2020, 1, 1), *starts] if start <= day)
    meant = [one for one in rulings if began <= one.settled_on <= day]
    assert found.legs == way(*meant, township=place, day=day).legs
    if not meant:
        assert found.arrangements == ()


@given(st.lists(st.sampled_from(["zhzf", "sthj", "scjg", "zjj"]), min_size=2, max_size=8))
def test_of_decisions_that_follow_each_other_the_last_one_holds(holders) -> None:
    chain = [ruling(before, after) for before, after in pairwise(["zhzf", *holders])]
    assert leads(*chain) == holders[-1]


@pytest.mark.parametrize("township", [WEST, EAST])
def test_every_matter_has_its_lead_when_everything_was_ruled_upon(township: str) -> None:
    everything = [ruling(frm, "zjj", matter=matter.code, township=None) for matter in MATTERS for frm in DEPARTMENTS]
    for matter in MATTERS:
        assert leads(*everything, matter=matter, township=township) == "zjj"
