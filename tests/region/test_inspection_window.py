"""[inspection] of region.toml: how long a visit is recent, and what is refused."""

from datetime import timedelta

import pytest

from data import region
from data.region.faults import Report
from data.region.inspection import inspection_window
from data.region.section import Section


def read(**values: object) -> tuple[timedelta, list[str]]:
    report = Report()
    return inspection_window(Section("[inspection]", values, report)), [str(fault) for fault in report.errors]


def test_without_the_table_a_visit_is_recent_for_ninety_days() -> None:
    assert read() == (timedelta(days=90), [])
    assert read(window_days=30) == (timedelta(days=30), [])


@pytest.mark.parametrize("days", [0, -1, 1001, 30.5, "90", True, None])
def test_a_window_that_is_no_number_of_days_is_refused(days: object) -> None:
    window, (said,) = read(window_days=days)
    assert window == timedelta(days=90)
    assert "window_days" in said
    assert "from 1 to 1,000" in said


def test_a_key_that_says_nothing_is_refused() -> None:
    _, (said,) = read(days=90)
    assert "there is window_days" in said


def test_the_pack_of_cixi_says_ninety_days(cixi: region.Region) -> None:
    assert cixi.inspection_window == timedelta(days=90)
