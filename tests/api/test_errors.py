"""Every error has its answer."""

import importlib
import json
import pkgutil
import re
from pathlib import Path

import pytest

import cases
import geo
from cases.errors import CaseError, NotAllowed, SourceConflict
from dashboard.api.errors import STATUS, answer, trade_error
from geo.errors import GeoError


def everything_below(root: type[Exception]) -> set[type[Exception]]:
    """The class and all classes below it."""
    return {root}.union(*(everything_below(cls) for cls in root.__subclasses__()))


def errors_of(package: object, root: type[Exception]) -> set[type[Exception]]:
    """The same, once every module of the package has been imported."""
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):  # type: ignore[attr-defined]
        importlib.import_module(module.name)
    return {cls for cls in everything_below(root) if cls.__module__.startswith(package.__name__ + ".")}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("package", "root"), [(cases, CaseError), (geo, GeoError)])
def test_every_error_of_the_trade_and_the_map_has_a_status(package: object, root: type[Exception]) -> None:
    missing = errors_of(package, root) - STATUS.keys()
    assert not missing, f"dashboard.api.errors.STATUS has no row for {sorted(cls.__name__ for cls in missing)}"


def test_names_are_the_snake_case_of_the_classes_and_no_two_are_equal() -> None:
    names = [name for _, name in STATUS.values()]
    assert len(set(names)) == len(names)
    for cls, (_, name) in STATUS.items():
        assert name.replace("_", "") == cls.__name__.lower()


def test_every_answer_to_bad_input_is_documented() -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "api.md").read_text(encoding="utf8")
    for status, name in STATUS.values():
        if status < 500:
            assert re.search(rf"^\| {status} \|.*`{name}`", text, re.M), f"docs/api.md does not name {status} {name}"


def test_an_answer_repeats_what_the_error_knows() -> None:
    refusal = trade_error(None, NotAllowed("It is closed.", ("reopened", "commented")))  # type: ignore[arg-type]
    assert (refusal.status_code, json.loads(refusal.body)) == (
        409,
        {"error": "not_allowed", "detail": "It is closed.", "allowed": ["reopened", "commented"]},
    )
    conflict = trade_error(None, SourceConflict("Came before.", "CX1"))  # type: ignore[arg-type]
    assert json.loads(conflict.body)["number"] == "CX1"


def test_an_answer_can_quote_half_a_character() -> None:
    assert json.loads(answer(422, "bad", "got \ud800").body)["detail"] == "got ?"
