"""The pins against a list of advisories; ruff's security rules; what docs/security.md names is there."""

import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.security.audit import Finding, NoList, findings, pins, read

ROOT = Path(__file__).parent.parent.parent
PINNED = {"urllib3": "2.0.0", "pillow": "10.0.1", "jinja2": "3.1.6"}


def osv(name: str, *events: dict[str, str], versions: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    package = {"ecosystem": "PyPI", "name": name}
    return {"id": "PYSEC-1", "affected": [{"package": package, "ranges": ranges, "versions": list(versions)}], **more}


FROM_0, TO_2_0_7, AGAIN = {"introduced": "0"}, {"fixed": "2.0.7"}, {"introduced": "3.0"}
HIT = Finding("urllib3", "2.0.0", "PYSEC-1", "2.0.7")


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (osv("urllib3", FROM_0, TO_2_0_7), [HIT]),
        (osv("URLLIB3", TO_2_0_7, FROM_0), [HIT]),
        (osv("urllib3", FROM_0, {"fixed": "2.0.7"}, {"introduced": "1.0"}), [HIT]),
        (osv("urllib3", FROM_0, {"fixed": "2.0.0"}), []),
        (osv("urllib3", {"introduced": "2.0.1"}, TO_2_0_7), []),
        (osv("urllib3", FROM_0, {"last_affected": "2.0.0"}), [Finding("urllib3", "2.0.0", "PYSEC-1", "")]),
        (osv("urllib3", FROM_0, {"last_affected": "1.26.18"}), []),
        (osv("urllib3", versions=("1.9", "2.0.0")), [Finding("urllib3", "2.0.0", "PYSEC-1", "")]),
        (osv("urllib3", AGAIN), []),
        (osv("urllib3", FROM_0, TO_2_0_7, withdrawn="2026-01-01T00:00:00Z"), []),
        (osv("requests", FROM_0), []),
        ({"name": "Pillow", "version": "10.0.1", "vulns": [{"id": "CVE-1", "fix_versions": ["10.2.0"]}]},
         [Finding("pillow", "10.0.1", "CVE-1", "10.2.0")]),
        ({"name": "pillow", "version": "9.0", "vulns": [{"id": "CVE-1", "fix_versions": []}]}, []),
        ({"name": "pillow", "version": "10.0.1", "vulns": []}, []),
    ],
)  # fmt: skip
def test_an_advisory_speaks_of_the_versions_of_which_it_speaks(one: dict[str, Any], expected: list[Finding]) -> None:
    assert findings(PINNED, [one]) == expected


def run(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.security.audit", str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_command_names_pin_advisory_and_fixed_version_and_ends_with_1(tmp_path: Path) -> None:
    version = pins()["jinja2"]
    told = {"dependencies": [{"name": "jinja2", "version": version, "vulns": [{"id": "X-1", "fix_versions": ["99"]}]}]}
    (tmp_path / "list.json").write_text(json.dumps(told))
    done = run(tmp_path / "list.json")
    assert done.returncode == 1
    assert f"jinja2=={version}: X-1, fixed in 99" in done.stdout


def test_without_a_finding_it_ends_with_0_and_without_a_list_with_2(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(json.dumps([osv("jinja2", {"introduced": "0"}, {"fixed": "0.1"})]))
    assert run(tmp_path / "list.json").returncode == 0
    for content in ("[", "1", '[{"a": 1}]'):
        (tmp_path / "list.json").write_text(content)
        assert run(tmp_path / "list.json").returncode == 2
    assert run(tmp_path / "none.json").returncode == 2


def test_lists_of_every_form_are_read(tmp_path: Path) -> None:
    one = osv("jinja2", {"introduced": "0"})
    audit = {"dependencies": [{"name": "a", "vulns": []}]}
    forms = {"one": one, "many": [one], "vulns": {"vulns": [one]}, "audit": audit}
    for name, told in forms.items():
        (tmp_path / name).write_text(json.dumps(told))
        assert len(read(tmp_path / name)) == 1, name
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("PYSEC-1.json", json.dumps(one))
    assert read(tmp_path / "all.zip") == [one]
    (tmp_path / "skipped").write_text(json.dumps([{"name": "onemap", "skip_reason": "not found"}]))
    assert read(tmp_path / "skipped") == []
    (tmp_path / "bad").write_text("{}")
    with pytest.raises(NoList):
        read(tmp_path / "bad")


def test_everything_that_is_installed_for_the_product_is_pinned_and_so_audited() -> None:
    wanted = re.findall(r"^([\w-]+)(?:\[.*\])?==", (ROOT / "requirements.txt").read_text(), re.M)
    assert len(wanted) > 30
    assert [name for name in wanted if name.lower().replace("_", "-") not in pins()] == []


# --- ruff's rules -----------------------------------------------------------------------------------------------------


def test_the_security_rules_of_ruff_hold_for_everything_but_the_tests() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert not [one for one in lint["ignore"] if re.fullmatch(r"S\d*", one)]
    spared = {path for path, rules in lint["per-file-ignores"].items() if "S" in rules}
    assert [path for path in spared if not path.startswith("tests/")] == []


def test_every_exception_to_them_says_why() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{number}"
        for floor in ("cases", "geo", "data", "dashboard")
        for path in (ROOT / floor).rglob("*.py")
        if "migrations/versions" not in path.as_posix()
        for number, line in enumerate(path.read_text(encoding="utf8").splitlines(), 1)
        if re.search(r"noqa: ?S\d+", line) and not re.search(r"noqa: ?S\d+(, ?\w+)* ?[-(] ?\w", line)
    ]
    assert silent == []


# --- docs/security.md -------------------------------------------------------------------------------------------------

PAGE = ROOT / "docs" / "security.md"


def test_every_test_that_the_page_names_is_there() -> None:
    text = PAGE.read_text(encoding="utf8")
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", text))
    assert len(named) > 40
    files = {path for path, _ in named} | set(re.findall(r"`(tests/[\w/]+\.py)`", text))
    known = {path: functions(ROOT / path) for path in files if (ROOT / path).is_file()}
    assert files - known.keys() == set()
    assert [f"{path}::{name}" for path, name in sorted(named) if name not in known[path]] == []


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_file_of_these_tests_is_named_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf8")
    files = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "security").glob("test_*.py"))
    assert [one for one in files if one not in text] == []


def test_the_page_names_every_setting_of_the_doors() -> None:
    text = PAGE.read_text(encoding="utf8")
    for name in ("RATE_KEY", "RATE_ADDRESS", "RATE_PROCESSES", "WEBHOOK_NETWORKS", "BODY_LIMIT_BYTES", "PUBLIC_URL"):
        assert f"ONEMAP_{name}" in text, name
