"""[assessment] of region.toml: how the total of a stationed unit is weighed."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from cases.assessment import DEFAULT, REWORK_BY, By, Component, ComponentKind, Count, Scheme
from cases.errors import BadWeights
from data.region.faults import Report

FILE = "region.toml"
KEYS = ("rework_by", "components")
TITLE = "[assessment]"
ENTRY = "[[assessment.components]]"


def read_scheme(given: object, report: Report) -> Scheme:
    """Read how units are assessed; without a word about it, by the reform's 60 % and 40 %.

    What is wrong is noted and answered with that default, so that everything else can still be checked.
    """
    if given is None:
        return DEFAULT
    if not isinstance(given, Mapping):
        _error(report, TITLE, given, "must be a table: write [assessment]")
        return DEFAULT
    for key in given.keys() - set(KEYS):
        _error(report, TITLE, key, f"is not known here; the keys are {', '.join(KEYS)}")
    rework_by = given.get("rework_by", Count.DUE)
    if rework_by not in REWORK_BY:
        _error(report, f"{TITLE} rework_by", rework_by, f"is not one of {', '.join(REWORK_BY)}")
        rework_by = Count.DUE
    if "components" not in given:
        return Scheme(DEFAULT.components, Count(rework_by))
    components = _components(given["components"], report)
    if components is None:
        return DEFAULT
    try:
        return Scheme(components, Count(rework_by))
    except BadWeights as problem:
        _error(report, f"{ENTRY} weight", None, f"is refused. {problem}")
        return DEFAULT


def _components(given: object, report: Report) -> tuple[Component, ...] | None:
    """Read the components; None when one of them cannot be read, for then their sum says nothing."""
    if not isinstance(given, list) or not all(isinstance(entry, Mapping) for entry in given):
        _error(report, ENTRY, given, f"must be tables: write {ENTRY} above each")
        return None
    found = [_component(number, entry, report) for number, entry in enumerate(given, 1)]
    return None if None in found else tuple(one for one in found if one is not None)


def _component(number: int, entry: Mapping[str, Any], report: Report) -> Component | None:
    where, sound = f"{ENTRY} {number}", True
    texts = {name: entry.get(name) for name in ("code", "name")}
    for name, value in texts.items():
        if not isinstance(value, str) or not value.strip():
            _error(report, f"{where} {name}", value, "must be a text in quotes, and not an empty one")
            sound = False
    for name, words in (("kind", ComponentKind), ("by", By)):
        if entry.get(name) not in set(words):
            _error(report, f"{where} {name}", entry.get(name), f"is not one of {', '.join(words)}")
            sound = False
    weight = _weight(entry.get("weight"))
    if weight is None:
        _error(report, f"{where} weight", entry.get("weight"), "must be a number of percent above 0, such as 60")
        sound = False
    if not sound or weight is None:
        return None
    code, name = str(texts["code"]).strip(), str(texts["name"]).strip()
    name_en = str(entry.get("name_en") or name)
    return Component(code, name, name_en, weight, ComponentKind(entry["kind"]), By(entry["by"]))


def _weight(given: object) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    try:
        # By its digits: 33.3 is 33.3 and not the nearest binary fraction.
        weight = Decimal(str(given))
    except InvalidOperation:
        return None
    return weight if weight.is_finite() and weight > 0 else None


def _error(report: Report, column: str, value: object, sentence: str) -> None:
    report.error("bad_setting", FILE, sentence, column=column, value=value)
