"""`user roles`: who may do what, as the table of the code has it, for `docs/`."""

from collections.abc import Iterable, Iterator

import typer

from cases.events import EventKind
from dashboard.auth import PAGES, ROLES, ROUTES, Reach, Role, Row
from dashboard.auth.roles import PUBLIC, kinds_of
from dashboard.auth.scope import ONESELF
from dashboard.text import LANGUAGES, say

HEAD = """\
# Who may do what

Written by `python -m dashboard user roles` from `dashboard/auth/roles.py`; tests hold that it is current, that every
page, route, callback and kind of event has its row, and try every role on each, on what is one's own and on what is
not. How one comes in, how sessions end, and what is promised stands in [sign-in.md](sign-in.md).

**own** in a cell: what is one's own. A leader's are the cases in the township; an officer's those with a leg of the
department, unit or township; an adjudicator's those that are or were disputed; a source's those that it reported. Lists
hold these alone, whatever is asked for; what is somebody else's is answered with 403 `forbidden` and a sentence. The
commander has every case.
"""
WHAT = {
    Reach.ALL: "●",
    Reach.CASE: "own",
    Reach.TOWNSHIP: "own",
    Reach.UNIT: "own",
    Reach.INBOX: "own",
}
WHOLE = frozenset({Role.COMMANDER, Role.OPEN, Role.KIOSK})
"""Roles that have what others have of their own alone; a wall's rows hold no personal data."""


def print_roles() -> None:
    """Print the table of roles as Markdown: roles, pages, routes, events."""
    typer.echo(roles_page(), nl=False)


def roles_page() -> str:
    """Give the page."""
    sections = {"Roles": roles(), "Pages": pages(), "Events": events(), "Routes": routes()}
    return "\n".join((HEAD, *(_section(title, lines) for title, lines in sections.items())))


def roles() -> Iterator[str]:
    """Tell of every role how one comes in, its scope, and where it begins."""
    yield from _table(
        ("Role", "Comes in by", "Scope", "Records events as", "Begins at"),
        (
            (
                _named(role),
                person.by,
                " or ".join(f"`{kind}:<code>`" for kind in person.scopes) or "everything",
                person.owner or ("whoever the request names" if role is Role.OPEN else "—"),
                f"`{person.home}`",
            )
            for role, person in ROLES.items()
        ),
    )


def pages() -> Iterator[str]:
    """Tell of every page who opens it."""
    yield from _matrix("Page", ((f"`{name}`", row) for name, row in PAGES.items()))


def routes() -> Iterator[str]:
    """Tell of every route who calls it."""
    yield from _matrix("Route", ((f"`{method} {path}`", row) for (method, path), row in ROUTES.items()))


def events() -> Iterator[str]:
    """Tell of every kind of event who records it."""
    columns = [role for role in Role if role not in (Role.KIOSK, Role.ADMINISTRATOR)]
    yield from _table(
        ("Event", *(str(role) for role in columns)),
        (
            (
                f"`{kind}` {say(f'event.{kind}', LANGUAGES[0])}",
                *(_event(role, kind) for role in columns),
            )
            for kind in EventKind
        ),
    )
    yield ""
    yield "**leg**: on the own leg alone. The owners are those of [lifecycle.md](lifecycle.md); `received` is a report,"
    yield "`POST /api/v1/cases`."


def _event(role: Role, kind: EventKind) -> str:
    if kind not in kinds_of(role):
        return ""
    if role in WHOLE or role is Role.ADJUDICATOR:
        return "●"
    return "leg" if role is Role.OFFICER and kind in ONESELF else "own"


def _matrix(head: str, rows: Iterable[tuple[str, Row]]) -> Iterator[str]:
    yield from _table(
        (head, *(str(role) for role in Role), "nobody"),
        ((name, *(_cell(role, row) for role in Role), "●" if row.roles is PUBLIC else "") for name, row in rows),
    )


def _cell(role: Role, row: Row) -> str:
    if row.roles is PUBLIC:
        return "●"
    if role not in row.roles:
        return ""
    everything = role in WHOLE or (role is Role.ADJUDICATOR and row.reach is Reach.UNIT)
    return "●" if everything else WHAT[row.reach]


def _named(role: Role) -> str:
    return f"`{role}` {say(f'access.role.{role}', LANGUAGES[0])}"


def _section(title: str, lines: Iterable[str]) -> str:
    return "\n".join((f"## {title}", "", *lines, ""))


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(heads)
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
