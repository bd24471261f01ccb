"""The documents keep up with the code."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def requirements(name: str) -> dict[str, str]:
    """Package to its requirement line, without extras."""
    lines = (ROOT / name).read_text(encoding="utf8").splitlines()
    return {re.split(r"[\[=]", line)[0]: line for line in lines if line and not line.startswith(("#", "-"))}


def test_every_dependency_is_pinned_and_says_why_it_is_there() -> None:
    explained = re.findall(r"^\| ([\w-]+) \| .+ \| .+ \|$", (ROOT / "docs/dependencies.md").read_text("utf8"), re.M)
    wanted = requirements("requirements.txt") | requirements("requirements-dev.txt")
    assert set(wanted) == set(explained) - {"package"}
    assert [line for line in wanted.values() if "==" not in line] == []


def test_what_the_dependencies_pull_in_is_pinned_to_the_same_versions() -> None:
    pinned = {name.lower().replace("_", "-"): line for name, line in requirements("constraints.txt").items()}
    for name, line in (requirements("requirements.txt") | requirements("requirements-dev.txt")).items():
        assert line.split("==")[1] == pinned[name.lower()].split("==")[1], name


def test_decisions_are_short_enough_to_be_read() -> None:
    for path in (ROOT / "docs/adr").glob("*.md"):
        assert len(path.read_text(encoding="utf8").splitlines()) <= 40, path.name
