"""Rules of escalation in region.toml: read as they stand, and each fault named with the way out."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from cases.clock import ClockKind, Level
from cases.supervision import EscalationRule, Role
from data.region import Region, RegionError, load
from data.region_check import check
from data.region_new import LayerSource, NewRegion, make
from tests.region.packs import REGION, collection, layers, write_pack

RULE = """
[[escalations]]
code = "late"
clock = "finish"
level = "red"
after_minutes = 30
to = ["owner", "command"]
repeat_minutes = 60
most = 3
"""


def faults(tmp_path: Path, rules: str) -> list[str]:
    """What is wrong with a pack with these rules, as people read it."""
    return [str(fault) for fault in check(write_pack(tmp_path / "toy", region=REGION + rules)).errors]


def test_rules_are_those_of_the_file(tmp_path: Path) -> None:
    short = RULE + '\n[[escalations]]\ncode = "soon"\nlevel = "amber"\nto = ["owner"]\n'
    region = load(write_pack(tmp_path / "toy", region=REGION + short))
    hour, half = timedelta(hours=1), timedelta(minutes=30)
    assert region.escalations == (
        EscalationRule("late", ClockKind.FINISH, Level.RED, (Role.OWNER, Role.COMMAND), half, hour, 3),
        EscalationRule("soon", None, Level.AMBER, (Role.OWNER,)),
    )


def test_a_pack_without_rules_tells_nobody(tmp_path: Path) -> None:
    assert load(write_pack(tmp_path / "toy")).escalations == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            ('"finish"', '"lunch"'),
            "'lunch' is no clock; the clocks are respond, arrive, finish",
        ),
        (('"red"', '"green"'), "'green' is no level that tells anybody; write amber or red"),
        (
            ('["owner", "command"]', '["owner", "mayor"]'),
            "'mayor' is nobody who can be told; there are owner",
        ),
        (('["owner", "command"]', '["owner", "owner"]'), "'owner' is named twice; once is enough"),
        (('["owner", "command"]', "[]"), "must name who is told"),
        (('["owner", "command"]', '"owner"'), "must name who is told"),
        (("after_minutes = 30", "after_minutes = -1"), "'-1' must be a whole number of minutes"),
        (("after_minutes = 30", "after_minutes = 1.5"), "'1.5' must be a whole number of minutes"),
        (("most = 3", "most = 0"), "'0' must be a whole number from 1 to 100"),
        (("most = 3", ""), "is missing: a notice that repeats must end some time"),
        (("repeat_minutes = 60", ""), "'3' needs repeat_minutes"),
        (("most = 3", "most = 3\nmosst = 4"), "is not known here; the keys are code, clock"),
        (('code = "late"', ""), "must be a text in quotes"),
    ],
)
def test_every_fault_is_named_with_its_rule_and_the_way_out(
    tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    found = faults(tmp_path, RULE.replace(*change))
    assert len(found) == 1, found
    assert "[[escalations]] 1" in found[0]
    assert sentence in found[0]


def test_a_code_that_is_given_twice_is_named(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, RULE + RULE)
    assert "[[escalations]] 2 code" in found
    assert "'late' is given twice" in found


def test_what_is_no_table_of_rules_is_refused(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "toy", region=REGION.replace("[region]", 'escalations = "late"\n[region]'))
    with pytest.raises(RegionError, match=r"write \[\[escalations\]\] above each"):
        load(folder)


def test_cixi_tells_somebody_of_every_clock_that_is_overdue(cixi: Region) -> None:
    red = {rule.clock for rule in cixi.escalations if rule.level is Level.RED}
    assert red == set(ClockKind)
    # Nobody is told for ever.
    assert max(rule.most for rule in cixi.escalations) <= 5


def test_a_new_region_begins_with_rules_that_are_sound(tmp_path: Path) -> None:
    path = tmp_path / "townships.geojson"
    path.write_text(json.dumps(collection(layers()["townships"][1:])), encoding="utf8")
    made = make(NewRegion("toy", tmp_path / "pack", [LayerSource("township", path, code_field="code")]))
    assert made is not None
    rules = load(tmp_path / "pack").escalations
    assert {rule.level for rule in rules} == {Level.AMBER, Level.RED}
