"""[duplicates] of region.toml: what is read, and what is refused with its place and the way out."""

import re
from pathlib import Path

import pytest

from cases.duplicates import DuplicateLimits, Limits
from data import region
from data.region import RegionError
from data.region.duplicates import duplicate_limits
from data.region.faults import Report
from tests.api import pack


def faults(given: object) -> tuple[DuplicateLimits, list[str]]:
    report = Report()
    return duplicate_limits(given, report), [str(fault) for fault in report.errors]


def test_without_the_table_the_usual_limits_hold() -> None:
    assert faults(None) == (DuplicateLimits(Limits(100, 72)), [])


def test_what_a_matter_leaves_out_is_as_for_all() -> None:
    limits, said = faults({"metres": 80, "hours": 48, "by_matter": {"YJS-01": {"metres": 150}, "SD-66": {"metres": 0}}})
    assert said == []
    assert (limits.default, limits.of("YJS-01")) == (Limits(80, 48), Limits(150, 48))
    assert not limits.of("SD-66").is_on


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], r"write \[duplicates\]"),
        ({"metres": -1}, "from 0 to 5,000"),
        ({"metres": "100"}, "from 0 to 5,000"),
        ({"metres": True}, "from 0 to 5,000"),
        ({"metres": float("nan")}, "from 0 to 5,000"),
        ({"metres": 10**9}, "from 0 to 5,000"),
        ({"hours": 0}, "metres = 0 suggests nothing"),
        ({"hours": 10_000}, "from 0 to 8,784"),
        ({"meters": 5}, "there are metres, hours, by_matter"),
        ({"by_matter": 5}, r"write \[duplicates.by_matter.<code>\]"),
        ({"by_matter": {"YJS-01": 150}}, r"write \[duplicates.by_matter.YJS-01\]"),
        ({"by_matter": {"YJS-01": {"minutes": 5}}}, r"\[duplicates.by_matter.YJS-01\]"),
    ],
)
def test_a_strange_limit_is_refused_with_its_name_and_the_way_out(given: object, words: str) -> None:
    limits, said = faults(given)
    assert len(said) == 1
    assert re.search(words, said[0])
    assert limits.default == Limits(100, 72)


def test_a_pack_with_a_strange_limit_is_no_region(tmp_path: Path) -> None:
    folder = pack.write(tmp_path / "small")
    with (folder / "region.toml").open("a", encoding="utf8") as file:
        file.write('[duplicates.by_matter.SD-01]\nmetres = "near"\n')
    with pytest.raises(RegionError, match=r"\[duplicates.by_matter.SD-01\] metres"):
        region.load(folder)


def test_cixi_looks_wider_for_smoke_than_for_litter_and_not_at_all_for_help(cixi: region.Region) -> None:
    limits = cixi.duplicates
    assert (limits.of("YJS-01"), limits.of("SD-01")) == (Limits(150, 168), Limits(50, 24))
    assert not limits.of("SD-66").is_on
    assert set(limits.by_matter) <= {matter.code for matter in cixi.matters}
