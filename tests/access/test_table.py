"""The table of roles is whole: nothing of the product is without a row, and no row is about nothing."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from cases.events import EventKind
from cases.lifecycle import TRANSITIONS, Actor
from dashboard import shell
from dashboard.auth import PAGES, ROLES, ROUTES, Role
from dashboard.auth.record import What
from dashboard.auth.roles import BY_ACCOUNT, kinds_of
from dashboard.pages import not_found
from dashboard.text import WORDS
from tests.access.conftest import Door

# What is no door of ours: the gate shuts it whoever asks, or it answers that there is nothing.
SHUT = {"/_dash-ws-callback", "/{path:path}", "/api", "/api/{path:path}"}


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Every (method, path) that the application answers to, folders of files with a place for their path."""
    found = set()
    for context in iter_route_contexts(app.routes):
        path = getattr(context, "path", None)
        is_folder = isinstance(context.original_route, Mount)
        for method in sorted(getattr(context, "methods", None) or {"GET"}):
            if path is not None and path not in SHUT and method not in ("HEAD", "OPTIONS"):
                found.add((method, f"{path}/{{path}}" if is_folder else re.sub(r":path}", "}", path)))
    return found


def test_every_route_has_its_row_and_every_row_its_route(access_app: FastAPI) -> None:
    routes = {route for route in routes_of(access_app) if route != ("GET", "/")}
    assert routes - ROUTES.keys() == set(), "give each a row in dashboard.auth.roles.ROUTES"
    assert ROUTES.keys() - routes == set()


def test_every_page_has_its_row_and_every_row_its_page() -> None:
    pages = {shell.name_of(page) for page in (*shell.PAGES, not_found)}
    assert pages == set(PAGES)


def test_every_callback_belongs_to_a_page(access_app: FastAPI) -> None:
    known = pages_of(access_app).callbacks
    dash_app = access_app.state.dash
    # What Dash itself registers to change pages is let through by the page's address.
    own = {output for output, row in dash_app.callback_map.items() if row.get("callback") and "_pages" not in output}
    assert own - known.keys() == set()
    assert all(set(pages) <= set(PAGES) and pages for pages in known.values())


def pages_of(app: FastAPI) -> Any:
    return app.state.pages


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_of_event_has_somebody_who_records_it(kind: EventKind) -> None:
    owners = TRANSITIONS[kind].owners - {Actor.RULES}
    roles = {role for role in Role if kind in kinds_of(role)} - {Role.OPEN}
    if TRANSITIONS[kind].opens:
        assert roles == set(), "a case begins by a report, which has a route of its own"
    else:
        assert {ROLES[role].owner for role in roles} == owners


def test_every_role_is_described_and_named() -> None:
    assert set(ROLES) == set(Role)
    for role, person in ROLES.items():
        assert f"access.role.{role}" in WORDS
        assert person.home.format(code="1").startswith("/")
    assert {ROLES[role].owner for role in Role} - {None} == set(Actor) - {Actor.RULES}
    assert all(ROLES[role].by == "account" for role in BY_ACCOUNT)


def test_every_kind_of_audit_row_has_a_name_on_the_screen() -> None:
    assert [what for what in What if f"audit.what.{what}" not in WORDS] == []


def test_a_route_without_a_row_is_shut(access_app: FastAPI, door: Door) -> None:
    # The application is running already, as if somebody had added a route and forgotten the table.
    @access_app.get("/api/v1/secret")
    def secret() -> dict[str, str]:
        return {"number": "42"}

    access_app.router.routes.insert(0, access_app.router.routes.pop())
    for name in ("nobody", "kiosk", "commander", "administrator"):
        answer = door.be(name).get("/api/v1/secret")
        assert answer.status_code in (401, 403), name
        assert "42" not in answer.text
