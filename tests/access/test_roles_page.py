"""`docs/access.md` says what the table of the code says, and the command prints it."""

from pathlib import Path

from typer.testing import CliRunner

from cases.events import EventKind
from dashboard.auth import PAGES, ROUTES, Role
from dashboard.auth.roles import PUBLIC, kinds_of
from dashboard.cli import app
from dashboard.cli.roles import roles_page

PAGE = Path(__file__).parents[2] / "docs" / "access.md"


def rows(section: str) -> dict[str, list[str]]:
    """First cell of each row of a section to the others."""
    lines = PAGE.read_text(encoding="utf8").split(f"## {section}")[1].split("\n## ")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {row[0].split("`")[1]: row[1:] for row in cells}


def test_the_page_in_docs_is_the_one_that_the_command_prints() -> None:
    printed = CliRunner().invoke(app, ["user", "roles"]).output
    assert printed == roles_page()
    assert printed == PAGE.read_text(encoding="utf8"), "run: python -m dashboard user roles > docs/access.md"


def test_every_page_and_route_is_told_with_whoever_gets_in() -> None:
    told = rows("Pages") | rows("Routes")
    wanted = PAGES | {f"{method} {path}": row for (method, path), row in ROUTES.items()}
    assert told.keys() == wanted.keys()
    for name, row in wanted.items():
        cells = dict(zip([*Role, "nobody"], told[name], strict=True))
        opened = {role for role, cell in cells.items() if cell}
        assert opened == ({*Role, "nobody"} if row.roles is PUBLIC else set(row.roles)), name


def test_every_kind_of_event_is_told_with_whoever_records_it() -> None:
    told = rows("Events")
    columns = [role for role in Role if role not in (Role.KIOSK, Role.ADMINISTRATOR)]
    assert set(told) == {kind.value for kind in EventKind}
    for kind in EventKind:
        opened = {role for role, cell in zip(columns, told[kind.value], strict=True) if cell}
        assert opened == {role for role in columns if kind in kinds_of(role)}, kind
