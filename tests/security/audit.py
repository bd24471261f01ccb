"""Compares the pinned versions with a list of advisories, without a network: ``python -m tests.security.audit LIST``.

LIST is what ``pip-audit -f json`` wrote on a machine with a network, or advisories in the OSV form: a JSON file with
one, several, or the zip of all of an ecosystem. Ends with 1 when a pin is affected, with 2 when LIST cannot be read.
"""

import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

PINS = Path(__file__).parent.parent.parent / "constraints.txt"
ECOSYSTEM = "PyPI"


class NoList(Exception):
    """The list cannot be read; the message says why."""


@dataclass(frozen=True, order=True)
class Finding:
    """A pin that an advisory speaks of."""

    name: str
    version: str
    advisory: str
    fixed: str

    def __str__(self) -> str:
        way = f"fixed in {self.fixed}" if self.fixed else "no fixed version is named"
        return f"{self.name}=={self.version}: {self.advisory}, {way}"


def plain(name: str) -> str:
    """A name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path: Path = PINS) -> dict[str, str]:
    """Name to pinned version."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf8").splitlines())
    split = (re.sub(r"\[.*?\]", "", line).split("==") for line in lines if "==" in line)
    return {plain(name): version.strip() for name, version in split}


def findings(pinned: Mapping[str, str], told: Iterable[Any]) -> list[Finding]:
    """What the advisories say of the pins."""
    found: set[Finding] = set()
    for one in told:
        found.update(of_pip_audit(pinned, one) if "vulns" in one and "name" in one else of_osv(pinned, one))
    return sorted(found)


def of_pip_audit(pinned: Mapping[str, str], one: Mapping[str, Any]) -> Iterator[Finding]:
    """A dependency as pip-audit writes it; another version than the pinned one says nothing."""
    name = plain(str(one["name"]))
    if name in pinned and str(one.get("version", pinned[name])) == pinned[name]:
        for vulnerability in one["vulns"]:
            fixed = ", ".join(vulnerability.get("fix_versions") or ())
            yield Finding(name, pinned[name], str(vulnerability["id"]), fixed)


def of_osv(pinned: Mapping[str, str], one: Mapping[str, Any]) -> Iterator[Finding]:
    """An advisory of OSV (ossf.github.io/osv-schema), unless it was withdrawn."""
    if one.get("withdrawn"):
        return
    for affected in one.get("affected") or ():
        package = affected.get("package") or {}
        name = plain(str(package.get("name", "")))
        if package.get("ecosystem") == ECOSYSTEM and name in pinned and is_affected(pinned[name], affected):
            yield Finding(name, pinned[name], str(one.get("id")), fixed_in(affected))


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Whether a version is listed, or lies between an introduction and the end of it."""
    if version in (affected.get("versions") or ()):
        return True
    return any(
        within(Version(version), one["events"])
        for one in affected.get("ranges") or ()
        if one.get("type") == "ECOSYSTEM"
    )


def within(version: Version, events: Iterable[Mapping[str, str]]) -> bool:
    """Follow the events of a range up to a version."""
    is_in = False
    for event in sorted(events, key=lambda one: parsed(next(iter(one.values())))):
        (kind, at), *_ = event.items()
        if kind == "introduced" and parsed(at) <= version:
            is_in = True
        elif (kind == "fixed" and parsed(at) <= version) or (kind == "last_affected" and parsed(at) < version):
            is_in = False
    return is_in


def parsed(version: str) -> Version:
    """A version; what is none counts as the first."""
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0")


def fixed_in(affected: Mapping[str, Any]) -> str:
    """The versions in which it is said to be fixed."""
    ranges = [one["events"] for one in affected.get("ranges") or () if one.get("type") == "ECOSYSTEM"]
    events = (event for one in ranges for event in one)
    return ", ".join(dict.fromkeys(event["fixed"] for event in events if "fixed" in event))


def read(path: Path) -> list[Any]:
    """Read a list of any of its forms; raises NoList."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                return [json.loads(packed.read(name)) for name in packed.namelist() if name.endswith(".json")]
        told = json.loads(path.read_text(encoding="utf8"))
    except (OSError, ValueError) as problem:
        raise NoList(f"{path} cannot be read: {problem}") from problem
    if isinstance(told, dict):
        told = told.get("dependencies", told["vulns"] if "vulns" in told and "name" not in told else [told])
    known = ("vulns", "affected", "skip_reason")
    if not isinstance(told, list) or not all(isinstance(one, dict) and one.keys() & set(known) for one in told):
        raise NoList(f"{path} is neither a list of pip-audit nor one of OSV")
    return [one for one in told if "skip_reason" not in one]


def main(arguments: list[str]) -> int:
    """Say what was found."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    pinned = pins()
    try:
        told = read(Path(arguments[0]))
    except NoList as problem:
        print(problem)
        return 2
    found = findings(pinned, told)
    for one in found:
        print(one)
    print(f"{len(pinned)} pinned packages, {len(told)} rows of the list, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
