"""The catalogue of words is whole, and whatever is looked up in it is there."""

import re
from pathlib import Path

import pytest

from cases.case import LegRole, LegStatus, Status
from cases.clock import ClockKind
from cases.events import EventKind
from cases.matters import Domain, MatterKind, Platform
from dashboard.text import SCRIPT_PREFIXES, WORDS, for_scripts, say
from data.region import Region

ROOT = Path(__file__).parent.parent.parent
PYTHON = sorted((ROOT / "dashboard").rglob("*.py"))
SCRIPTS = sorted((ROOT / "assets").rglob("*.js"))
FAMILIES = {
    "status": Status,
    "leg": LegStatus,
    "role": LegRole,
    "clock": ClockKind,
    "event": EventKind,
    "platform": Platform,
    "domain": Domain,
    "list": MatterKind,
}


@pytest.mark.parametrize("key", WORDS)
def test_every_word_is_there_in_both_languages(key: str) -> None:
    chinese, english = WORDS[key]
    assert chinese.strip()
    assert english.strip() or key == "figure.unit"
    assert set(re.findall(r"\{\w+\}", chinese)) == set(re.findall(r"\{\w+\}", english))


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.name)
def test_every_word_that_python_says_exists(path: Path) -> None:
    said = re.findall(r'\bsay\(\s*"([\w.]+)"', path.read_text(encoding="utf8"))
    assert [key for key in said if key not in WORDS] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_word_that_a_script_says_exists_and_travels_to_the_browser(path: Path) -> None:
    source = path.read_text(encoding="utf8")
    said = re.findall(r'\bt\("([\w.]+)"', source) + re.findall(r'\bempty\("([\w.]+)"', source)
    assert [key for key in said if key not in WORDS or not key.startswith(SCRIPT_PREFIXES)] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_word_of_the_trade_has_a_name_on_the_screen(family: str) -> None:
    assert [str(member) for member in FAMILIES[family] if f"{family}.{member}" not in WORDS] == []


def test_words_are_filled_in() -> None:
    assert say("connection.as_of", "en", time="14:03:22") == "data as of 14:03:22"
    assert say("connection.as_of", "zh-CN", time="14:03:22") == "数据截至 14:03:22"


def test_scripts_get_words_of_one_language() -> None:
    assert for_scripts("en")["level.3"] == "overdue"
    assert for_scripts("zh-CN")["level.3"] == "超时"


def test_every_field_of_the_power_list_has_a_name_on_the_screen(cixi: Region) -> None:
    fields = {matter.field for matter in cixi.matters if matter.field}
    assert len(fields) > 1
    assert [field for field in fields if f"field.{field}" not in WORDS] == []
