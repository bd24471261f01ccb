"""[assessment] of region.toml: weights are data, and what does not add up is refused by name."""

import tomllib
from decimal import Decimal
from typing import Any

import pytest

from cases.assessment import DEFAULT, Count
from data.region import Region
from data.region.assessment import read_scheme
from data.region.faults import Report

PLAIN = """
rework_by = "done"
[[components]]
code = "township"
name = "镇街评价"
weight = 55
kind = "rating"
by = "township"
[[components]]
code = "department"
name = "部门考核"
name_en = "Department"
weight = 45
kind = "indicators"
by = "department"
"""


def faults(given: Any) -> str:
    report = Report()
    assert read_scheme(given, report) == DEFAULT, "what is refused leaves the default"
    assert report.errors
    return "\n".join(str(fault) for fault in report.errors)


def test_cixi_weighs_as_its_reform_says(cixi: Region) -> None:
    assert [(one.code, one.weight, one.by) for one in cixi.assessment.components] == [
        ("township", 60, "township"),
        ("department", 40, "department"),
    ]
    assert cixi.assessment.rework_by is Count.DUE


def test_a_region_may_weigh_otherwise() -> None:
    report = Report()
    scheme = read_scheme(tomllib.loads(PLAIN), report)
    assert not report.errors
    assert [one.weight for one in scheme.components] == [Decimal(55), Decimal(45)]
    assert scheme.components[0].name_en == "镇街评价"
    assert scheme.rework_by is Count.DONE
    assert read_scheme(None, report) == DEFAULT


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("weight = 55", "weight = 50", "add up to 95 %"),
        ("weight = 55", 'weight = "55"', "number of percent"),
        ("weight = 55", "weight = -5", "number of percent"),
        ("weight = 55", "weight = nan", "number of percent"),
        ("weight = 55", "weight = true", "number of percent"),
        ('kind = "rating"', 'kind = "guess"', "rating, indicators"),
        ('by = "township"', 'by = "county"', "township, department"),
        ('name = "镇街评价"', 'name = " "', "not an empty one"),
        ('code = "township"', 'code = "department"', "code of its own"),
        ('rework_by = "done"', 'rework_by = "returned"', "due, done"),
        ('rework_by = "done"', 'rework_on = "done"', "rework_on"),
    ],
)
def test_what_cannot_be_is_refused_with_its_value_and_the_way_out(old: str, new: str, said: str) -> None:
    changed = PLAIN.replace(old, new, 1)
    assert changed != PLAIN
    report = Report()
    read_scheme(tomllib.loads(changed), report)
    assert said in "\n".join(str(fault) for fault in report.errors)
    assert "assessment" in str(report.errors[0])


def test_other_shapes_are_refused() -> None:
    assert "write [assessment]" in faults(5)
    assert "[[assessment.components]]" in faults({"components": {"township": 60}})
