"""Who may do what: one table of roles, pages and routes. Source: the roles of the design, 7.

What a role may record of a case is not written twice: it follows from the owners of `cases.lifecycle.TRANSITIONS`.
Tests hold that every page, route and callback of the product has its row, and that every role is tried on each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cases.events import EventKind
from cases.lifecycle import TRANSITIONS, Actor


class Role(StrEnum):
    """Who somebody is to the product."""

    KIOSK = "kiosk"
    LEADER = "leader"
    OFFICER = "officer"
    COMMANDER = "commander"
    ADJUDICATOR = "adjudicator"
    REPORTER = "reporter"
    ADMINISTRATOR = "administrator"
    OPEN = "open"


class Reach(StrEnum):
    """How much of something a role reaches."""

    ALL = "all"
    """It is of nobody in particular: counts, names, lists, one's own account."""
    CASE = "case"
    """Cases that are one's own; see `dashboard.auth.scope.owns`. A list holds these alone."""
    TOWNSHIP = "township"
    """The own township."""
    UNIT = "unit"
    """Units that one leads, or that serve the own township."""
    INBOX = "inbox"
    """The own inbox."""


@dataclass(frozen=True, slots=True)
class Person:
    """What a role is.

    Attributes
    ----------
    owner
        As whom it records events; None: it records none.
    scopes
        Kinds of scope, one of which its holder has; empty: everything that the role has.
    home
        Where its holder begins; ``{code}`` is that of the scope.
    by
        How its holder comes in.
    """

    owner: Actor | None
    scopes: tuple[str, ...]
    home: str
    by: str


@dataclass(frozen=True, slots=True)
class Row:
    """Who reaches a page or route, and how much of it."""

    roles: frozenset[Role]
    reach: Reach = Reach.ALL


ROLES: Mapping[Role, Person] = {
    Role.KIOSK: Person(None, (), "/wall", "kiosk token"),
    Role.LEADER: Person(Actor.LEADER, ("township",), "/township/{code}", "account"),
    # The township's own legs are done by officers of the township.
    Role.OFFICER: Person(Actor.OFFICER, ("department", "unit", "township"), "/", "account"),
    Role.COMMANDER: Person(Actor.COMMANDER, (), "/", "account"),
    Role.ADJUDICATOR: Person(Actor.ADJUDICATOR, (), "/disputes", "account"),
    Role.REPORTER: Person(Actor.REPORTER, ("source",), "/api/docs", "API key"),
    Role.ADMINISTRATOR: Person(None, (), "/users", "account"),
    # Nobody has signed in because there is no account yet: whoever sits at this machine.
    Role.OPEN: Person(None, (), "/", "this machine, while there is no account"),
}
BY_ACCOUNT = tuple(role for role, person in ROLES.items() if person.by == "account")
"""Roles that an account may have."""


def _roles(*roles: Role) -> frozenset[Role]:
    return frozenset({*roles, Role.OPEN})


EVERYBODY = frozenset(Role)
PUBLIC: frozenset[Role] = frozenset()
"""Of a row: whoever reaches the server, signed in or not."""
SIGNED_IN = _roles(Role.LEADER, Role.OFFICER, Role.COMMANDER, Role.ADJUDICATOR, Role.ADMINISTRATOR)
AT_WORK = _roles(Role.LEADER, Role.OFFICER, Role.COMMANDER, Role.ADJUDICATOR)
WATCHING = AT_WORK | {Role.KIOSK}
ON_CASES = _roles(Role.LEADER, Role.OFFICER, Role.COMMANDER)
READING_LISTS = SIGNED_IN | {Role.REPORTER}
COMMAND = _roles(Role.COMMANDER)
ADMINISTRATION = _roles(Role.ADMINISTRATOR)

PAGES: Mapping[str, Row] = {
    # Rows of the wall and of the cockpit hold no personal data.
    "cockpit": Row(WATCHING, Reach.CASE),
    "wall": Row(WATCHING),
    "township": Row(_roles(Role.LEADER, Role.COMMANDER), Reach.TOWNSHIP),
    "case": Row(AT_WORK, Reach.CASE),
    "cases": Row(AT_WORK, Reach.CASE),
    # Shows the legs of the own body, whatever the address says.
    "officer": Row(_roles(Role.OFFICER, Role.COMMANDER)),
    "lists": Row(SIGNED_IN),
    "item": Row(SIGNED_IN),
    "disputes": Row(AT_WORK, Reach.CASE),
    "duplicates": Row(COMMAND),
    "inspections": Row(AT_WORK),
    "inbox": Row(AT_WORK, Reach.INBOX),
    # Counts by cell and names of matters; no case is opened from it but through its own page.
    "history": Row(AT_WORK),
    "boundaries": Row(ADMINISTRATION),
    "assessment": Row(AT_WORK, Reach.UNIT),
    "users": Row(ADMINISTRATION),
    "audit": Row(ADMINISTRATION),
    "not_found": Row(EVERYBODY),
}
"""Module of `dashboard.pages` to who opens it."""

V1 = "/api/v1"
ROUTES: Mapping[tuple[str, str], Row] = {
    # --- the way in ---
    ("GET", "/login"): Row(PUBLIC),
    ("GET", "/oidc/start"): Row(PUBLIC),
    ("GET", "/oidc/callback"): Row(PUBLIC),
    ("POST", f"{V1}/session"): Row(PUBLIC),
    ("GET", f"{V1}/session"): Row(EVERYBODY),
    ("POST", f"{V1}/session/password"): Row(SIGNED_IN),
    ("POST", f"{V1}/session/end"): Row(SIGNED_IN),
    ("POST", f"{V1}/session/end-all"): Row(SIGNED_IN),
    # --- administration ---
    ("GET", f"{V1}/users"): Row(ADMINISTRATION),
    ("POST", f"{V1}/users"): Row(ADMINISTRATION),
    ("POST", f"{V1}/users/{{name}}"): Row(ADMINISTRATION),
    ("POST", f"{V1}/users/{{name}}/reset"): Row(ADMINISTRATION),
    ("GET", f"{V1}/tokens"): Row(ADMINISTRATION),
    ("POST", f"{V1}/tokens"): Row(ADMINISTRATION),
    ("POST", f"{V1}/tokens/{{number}}/revoke"): Row(ADMINISTRATION),
    ("GET", f"{V1}/audit"): Row(ADMINISTRATION),
    # --- cases ---
    ("POST", f"{V1}/cases"): Row(_roles(Role.REPORTER), Reach.CASE),
    ("GET", f"{V1}/cases"): Row(AT_WORK | {Role.REPORTER}, Reach.CASE),
    ("GET", f"{V1}/cases/{{number}}"): Row(AT_WORK | {Role.REPORTER}, Reach.CASE),
    ("POST", f"{V1}/cases/{{number}}/events"): Row(AT_WORK | {Role.REPORTER}, Reach.CASE),
    ("POST", f"{V1}/cases/{{number}}/contact"): Row(ON_CASES, Reach.CASE),
    ("POST", f"{V1}/cases/{{number}}/erasure"): Row(COMMAND, Reach.CASE),
    ("GET", f"{V1}/cases/{{number}}/result"): Row(AT_WORK | {Role.REPORTER}, Reach.CASE),
    ("GET", f"{V1}/cases/{{number}}/result.html"): Row(AT_WORK | {Role.REPORTER}, Reach.CASE),
    ("GET", f"{V1}/cases/{{number}}/result.pdf"): Row(AT_WORK | {Role.REPORTER}, Reach.CASE),
    ("GET", f"{V1}/answers"): Row(COMMAND | {Role.REPORTER}, Reach.CASE),
    ("GET", f"{V1}/cases/{{number}}/duplicates"): Row(COMMAND),
    ("GET", f"{V1}/duplicates"): Row(COMMAND),
    ("GET", f"{V1}/case-table"): Row(AT_WORK, Reach.CASE),
    ("GET", f"{V1}/case-table.csv"): Row(AT_WORK, Reach.CASE),
    ("GET", f"{V1}/case-table.xlsx"): Row(AT_WORK, Reach.CASE),
    # --- kept views: an owner's are reached as an inbox is ---
    ("GET", f"{V1}/views"): Row(AT_WORK, Reach.INBOX),
    ("POST", f"{V1}/views"): Row(AT_WORK, Reach.INBOX),
    ("PATCH", f"{V1}/views/{{asked}}"): Row(AT_WORK, Reach.INBOX),
    ("DELETE", f"{V1}/views/{{asked}}"): Row(AT_WORK, Reach.INBOX),
    # --- counts, names, lists ---
    ("GET", f"{V1}/stream"): Row(WATCHING | {Role.ADMINISTRATOR}),
    ("GET", f"{V1}/board"): Row(WATCHING),
    ("GET", f"{V1}/region"): Row(EVERYBODY),
    ("GET", "/geo/{digest}/{name}"): Row(EVERYBODY),
    ("GET", f"{V1}/lists"): Row(READING_LISTS),
    ("GET", f"{V1}/lists/{{code}}"): Row(READING_LISTS),
    ("GET", f"{V1}/routes"): Row(READING_LISTS),
    ("GET", f"{V1}/disputes"): Row(AT_WORK, Reach.CASE),
    ("GET", f"{V1}/disputes/counts"): Row(AT_WORK),
    ("GET", f"{V1}/disputes/rulings"): Row(AT_WORK),
    ("GET", f"{V1}/inbox"): Row(AT_WORK | {Role.REPORTER}, Reach.INBOX),
    ("POST", f"{V1}/inbox/{{notice}}/read"): Row(AT_WORK | {Role.REPORTER}, Reach.INBOX),
    ("GET", f"{V1}/subjects"): Row(AT_WORK),
    ("GET", f"{V1}/subjects/{{subject}}"): Row(AT_WORK),
    ("GET", f"{V1}/inspections"): Row(AT_WORK),
    ("GET", f"{V1}/assessment"): Row(AT_WORK),
    ("GET", f"{V1}/assessment.xlsx"): Row(AT_WORK),
    ("GET", f"{V1}/assessment/cases"): Row(AT_WORK, Reach.UNIT),
    ("POST", f"{V1}/assessment/ratings"): Row(_roles(Role.LEADER), Reach.TOWNSHIP),
    ("POST", f"{V1}/assessment/consultations"): Row(_roles(Role.COMMANDER, Role.ADJUDICATOR)),
    ("POST", f"{V1}/assessment/consultations/{{asked}}/answer"): Row(_roles(Role.LEADER), Reach.TOWNSHIP),
    ("GET", f"{V1}/figures"): Row(AT_WORK),
    ("GET", f"{V1}/history"): Row(AT_WORK),
    ("GET", f"{V1}/history/moment"): Row(AT_WORK),
    ("GET", f"{V1}/history/density"): Row(AT_WORK),
    ("GET", f"{V1}/history/hotspots"): Row(AT_WORK),
    ("GET", f"{V1}/history/expected"): Row(AT_WORK),
    # --- on paper, and for programs of maps ---
    # Pictures count everything, as the cockpit does; what programs read lists one's own cases.
    ("GET", f"{V1}/snapshot.{{form}}"): Row(AT_WORK, Reach.CASE),
    ("GET", f"{V1}/packs"): Row(AT_WORK),
    ("GET", f"{V1}/packs/{{day}}"): Row(AT_WORK),
    # One's own exports, of one's own cases.
    ("GET", f"{V1}/exports"): Row(AT_WORK, Reach.CASE),
    ("POST", f"{V1}/exports"): Row(AT_WORK, Reach.CASE),
    ("GET", f"{V1}/exports/{{asked}}"): Row(AT_WORK, Reach.CASE),
    ("DELETE", f"{V1}/exports/{{asked}}"): Row(AT_WORK, Reach.CASE),
    ("POST", f"{V1}/exports/{{asked}}/resume"): Row(AT_WORK, Reach.CASE),
    ("GET", f"{V1}/exports/{{asked}}/files/{{file}}"): Row(AT_WORK, Reach.CASE),
    ("GET", "/ogc"): Row(READING_LISTS),
    ("GET", "/ogc/conformance"): Row(READING_LISTS),
    ("GET", "/ogc/collections"): Row(READING_LISTS),
    ("GET", "/ogc/collections/{name}"): Row(READING_LISTS),
    ("GET", "/ogc/collections/{name}/items"): Row(READING_LISTS, Reach.CASE),
    ("GET", "/ogc/collections/{name}/items/{feature}"): Row(READING_LISTS, Reach.CASE),
    # --- boundaries ---
    ("GET", f"{V1}/boundaries"): Row(ADMINISTRATION),
    ("GET", f"{V1}/boundaries/publications/{{publication}}"): Row(ADMINISTRATION),
    ("POST", f"{V1}/boundaries/publications/{{publication}}/withdrawal"): Row(ADMINISTRATION),
    ("POST", f"{V1}/boundaries/drafts"): Row(ADMINISTRATION),
    ("GET", f"{V1}/boundaries/drafts/{{draft}}"): Row(ADMINISTRATION),
    ("DELETE", f"{V1}/boundaries/drafts/{{draft}}"): Row(ADMINISTRATION),
    ("POST", f"{V1}/boundaries/drafts/{{draft}}/check"): Row(ADMINISTRATION),
    ("GET", f"{V1}/boundaries/drafts/{{draft}}/report.html"): Row(ADMINISTRATION),
    ("POST", f"{V1}/boundaries/drafts/{{draft}}/publication"): Row(ADMINISTRATION),
    # --- the product itself ---
    # Who holds a printed copy checks it by its code: the page names document, issuer and time, and nobody.
    ("GET", "/result/{number}"): Row(PUBLIC),
    # What a phone needs to keep the page as an application, and to say that there is no network.
    ("GET", "/manifest.webmanifest"): Row(PUBLIC),
    ("GET", "/sw.js"): Row(PUBLIC),
    ("GET", "/offline"): Row(PUBLIC),
    ("GET", "/healthz"): Row(PUBLIC),
    ("GET", "/readyz"): Row(PUBLIC),
    # And programs that hold the key of the setting, see the gate.
    ("GET", "/metrics"): Row(ADMINISTRATION),
    ("GET", "/api/docs"): Row(EVERYBODY),
    ("GET", "/api/openapi.json"): Row(EVERYBODY),
    # Our own scripts and styles: the same for everybody, and needed by the page on which one signs in.
    ("GET", "/assets/{path}"): Row(PUBLIC),
    ("GET", "/api/static/{path}"): Row(PUBLIC),
    ("GET", "/_dash-component-suites/{package_name}/{fingerprinted_path}"): Row(PUBLIC),
    ("GET", "/_favicon.ico"): Row(PUBLIC),
    ("GET", "/_dash-layout"): Row(EVERYBODY),
    ("GET", "/_dash-dependencies"): Row(EVERYBODY),
    # Dash's tool for those who write pages: nobody's here.
    ("GET", "/_reload-hash"): Row(_roles()),
    # Which page's callback it is, the gate asks besides.
    ("POST", "/_dash-update-component"): Row(EVERYBODY),
}
"""Method and path to who may call it."""


def kinds_of(role: Role) -> tuple[EventKind, ...]:
    """Give the kinds of event that a role may record; what a case is opened by is a route of its own."""
    if role is Role.OPEN:
        return tuple(kind for kind, row in TRANSITIONS.items() if row.owners != {Actor.RULES} and not row.opens)
    owner = ROLES[role].owner
    return tuple(kind for kind, row in TRANSITIONS.items() if owner in row.owners and not row.opens)
