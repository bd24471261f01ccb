"""The documents keep up with the code."""

import re
from pathlib import Path

from dashboard.cli import app
from dashboard.settings import Settings

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


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `ONEMAP_(\w+)` \| (.+?) \|", (ROOT / "docs/settings.md").read_text(encoding="utf8"), re.M)
    documented = {name.lower(): default.strip("`") for name, default in rows}
    fields = {name: str(field.default) or "empty" for name, field in Settings.model_fields.items()}
    assert documented == fields


def test_every_command_is_named_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf8")
    for command in app.registered_commands:
        assert (command.name or command.callback.__name__) in readme
    for group in app.registered_groups:
        assert (group.name or group.typer_instance.info.name) in readme


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / name).read_text(encoding="utf8")):
            assert (ROOT / target).exists(), f"{name} links {target}"
