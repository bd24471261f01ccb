"""`docs/lifecycle.md` says what the tables of the code say, and the command prints it."""

import re
from pathlib import Path

from typer.testing import CliRunner

from cases.case import Status
from cases.clock import ClockKind
from cases.events import EventKind
from cases.lifecycle import CONDITIONS, LIMITS, NEW_CONDITIONS, TRANSITIONS, Actor
from cases.recording import FOLLOWING, PRECEDING
from dashboard.cli import app
from dashboard.cli.lifecycle import REQUIRE, ROLES, lifecycle
from data.region import Region

PAGE = Path(__file__).parents[1] / "docs" / "lifecycle.md"


def test_the_page_in_docs_is_the_one_that_the_command_prints(cixi: Region) -> None:
    printed = CliRunner().invoke(app, ["cases", "lifecycle", "--region", "cixi"]).output
    assert printed == lifecycle(cixi)
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


def test_every_clock_says_what_starts_and_stops_it_and_the_time_that_the_region_gives(cixi: Region) -> None:
    rows = PAGE.read_text(encoding="utf8").split("## Clocks")[1].split("##")[0].splitlines()
    told = {row.split("`")[1]: [cell.strip() for cell in row.split("|")] for row in rows if row.startswith("| `")}
    assert set(told) == {kind.value for kind in ClockKind}
    for kind, row in LIMITS.items():
        _, _, _, starts, stops, budget, pausable, _ = told[kind.value]
        assert re.findall(r"`(\w+)`", starts) == [event.value for event in row.starts]
        assert re.findall(r"`(\w+)`", stops) == [event.value for event in row.stops]
        assert budget.startswith(f"{cixi.budgets.of('')[kind].amount} ")
        assert (pausable != "no") == row.pausable


def test_what_the_rules_add_stands_beside_the_event_in_a_sentence() -> None:
    page = PAGE.read_text(encoding="utf8")
    for table in (PRECEDING, FOLLOWING):
        for kind, acting in table.items():
            (row,) = [line for line in page.split("## Clocks")[0].splitlines() if line.startswith(f"| `{kind}` ")]
            for one in acting:
                assert (one.__doc__ or "").splitlines()[0] in row, one


def test_a_region_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["cases", "lifecycle", "--region", str(tmp_path / "nowhere")])
    assert refused.exit_code == 1
    assert "nowhere" in refused.output
