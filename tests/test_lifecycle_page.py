"""`docs/lifecycle.md` says what the tables of the code say, and the command prints it."""

import re
from pathlib import Path

from typer.testing import CliRunner

from cases.case import Status
from cases.events import EventKind
from cases.lifecycle import CONDITIONS, NEW_CONDITIONS, TRANSITIONS, Actor
from dashboard.cli import app
from dashboard.cli.lifecycle import REQUIRE, ROLES, lifecycle

PAGE = Path(__file__).parents[1] / "docs" / "lifecycle.md"


def test_the_page_in_docs_is_the_one_that_the_command_prints() -> None:
    printed = CliRunner().invoke(app, ["cases", "lifecycle"]).output
    assert printed == lifecycle()
    assert printed == PAGE.read_text(encoding="utf8"), "run: python -m dashboard cases lifecycle > docs/lifecycle.md"


def test_every_way_from_one_status_to_another_is_drawn() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+): (.+)$", PAGE.read_text(encoding="utf8"), re.MULTILINE))
    ways = {(now, then, kind) for now, then, kinds in drawn for kind in kinds.split(", ")}
    for kind, row in TRANSITIONS.items():
        for now, then in row.next.items():
            assert now == then or (now.value, then.value, kind.value) in ways
    assert {now for now, _, _ in ways} | {then for _, then, _ in ways} == {status.value for status in Status}


def test_every_role_stands_in_the_permission_table_with_what_it_may() -> None:
    assert set(ROLES) == set(Actor)
    rows = PAGE.read_text(encoding="utf8").split("## Who may")[1].splitlines()
    told = {
        (row.split("`")[1], role)
        for row in rows
        if row.startswith("| `")
        for role, cell in zip(ROLES, row.split("|")[2:], strict=False)
        if cell.strip() == "●"
    }
    assert told == {(kind.value, owner) for kind in EventKind for owner in TRANSITIONS[kind].owners}


def test_every_condition_says_in_a_sentence_what_it_requires() -> None:
    for condition in (*CONDITIONS.values(), *NEW_CONDITIONS.values()):
        assert (condition.__doc__ or "").startswith(REQUIRE), condition
