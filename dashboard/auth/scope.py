"""Whose a case is, and what may be done to it: pure rules over the case and who asks."""

from collections.abc import Mapping
from typing import Any

from cases.case import CaseState, Leg
from cases.events import EventKind
from cases.lifecycle import TRANSITIONS, LegRule
from cases.organisation import TOWNSHIP, Unit
from dashboard.auth.errors import Forbidden
from dashboard.auth.identity import Identity
from dashboard.auth.roles import Role, kinds_of
from data.views import Party

ONESELF = frozenset(
    {
        EventKind.ACCEPTED,
        EventKind.ARRIVED,
        EventKind.FOUND,
        EventKind.FINISHED,
        EventKind.RETURNED,
        EventKind.REPLIED,
    }
)
"""What an officer does to the own leg alone; the command room may do it for anybody who cannot."""

APPROVED = "approved_by"


def owns_leg(who: Identity, state: CaseState, leg: Leg) -> bool:
    """Say whether a leg is one's own: of the unit, of the department, or of the township that acts itself."""
    if who.kind == "unit":
        return leg.unit == who.code
    if who.kind == "department":
        return leg.department == who.code
    return who.kind == "township" and leg.department == TOWNSHIP and state.township == who.code


def owns(who: Identity, state: CaseState) -> bool:
    """Say whether a case is one's own.

    A leader's: in the township. An officer's: with a leg of the unit, department or township. An adjudicator's:
    disputed now or once. A source's: reported by it. The command room's: every one.
    """
    if who.sees_all:
        return True
    mine = {
        Role.LEADER: state.township == who.code,
        Role.OFFICER: any(owns_leg(who, state, leg) for leg in state.legs),
        Role.ADJUDICATOR: bool(state.disputes),
        Role.REPORTER: state.source == who.code,
    }
    return who.role is not None and mine.get(who.role, False)


def party(who: Identity) -> Party | None:
    """Say which cases a list may hold, for the database; None: all of them.

    A wall holds rows of every case, which have no personal data in them.
    """
    if who.sees_all or who.role is Role.KIOSK:
        return None
    kinds = {Role.LEADER: "township", Role.OFFICER: who.kind, Role.ADJUDICATOR: "disputes", Role.REPORTER: "source"}
    kind = kinds.get(who.role, "nothing") if who.role else "nothing"
    return Party("own_township" if who.role is Role.OFFICER and kind == "township" else kind, who.code)


def check_case(who: Identity, state: CaseState) -> None:
    """Refuse a case that is somebody else's."""
    if not owns(who, state):
        raise Forbidden(f"{state.number} is not yours: {WHOSE.get(who.role, 'it is not opened by this role')}.")


WHOSE: Mapping[Role | None, str] = {
    Role.LEADER: "it lies in another township",
    Role.OFFICER: "you have no part in it",
    Role.ADJUDICATOR: "nobody disputes it",
    Role.REPORTER: "another source reported it",
}


def may_record(who: Identity, state: CaseState, kind: EventKind, leg: int | None = None) -> str:
    """Say why an event is not theirs to record; empty when it is. Whether the case allows it is not asked here."""
    if who.role is None or kind not in kinds_of(who.role):
        return f"{who.role or 'nobody'} does not record {kind}; docs/access.md says who does"
    if not owns(who, state):
        return WHOSE.get(who.role, "it is not yours")
    if who.role is Role.OFFICER and kind in ONESELF:
        meant = state.lead if leg is None or TRANSITIONS[kind].leg is LegRule.LEAD else state.leg(leg)
        if meant is not None and not owns_leg(who, state, meant):
            return f"leg {meant.number} is that of {meant.unit or meant.department}, not yours"
    return ""


def check_event(who: Identity, state: CaseState, kind: EventKind, leg: int | None) -> None:
    """Refuse an event that is somebody else's to record."""
    refusal = may_record(who, state, kind, leg)
    if refusal:
        raise Forbidden(f"{state.number}: {refusal}.")


def approved(who: Identity, data: Mapping[str, Any]) -> dict[str, Any]:
    """Give an event's data with the approver that is true: whoever may approve does so by recording it.

    Nobody approves in somebody else's name, so an officer's event says nothing about an approver.
    """
    if who.role is Role.OPEN or APPROVED not in data:
        return dict(data)
    if who.role is Role.COMMANDER:
        return {**data, APPROVED: who.actor}
    raise Forbidden(f"data.{APPROVED}: the command room approves, by recording it itself; ask it to.")


def check_source(who: Identity, source: str) -> None:
    """Refuse a report in the name of another source than the key's."""
    if who.role is Role.REPORTER and source != who.code:
        raise Forbidden(f"This key reports for {who.code}, not for {source[:64]!r}.")


def is_own_township(who: Identity, code: str) -> bool:
    """Say whether a township is not another one than their own."""
    return who.role is not None and (who.kind != "township" or code == who.code)


def check_township(who: Identity, code: str) -> None:
    """Refuse another township to whoever has one."""
    if not is_own_township(who, code):
        raise Forbidden(f"{code[:64]} is not your township; yours is {who.code}.")


def check_unit(who: Identity, unit: Unit | None, code: str) -> None:
    """Refuse the cases behind a unit's figures to whoever neither leads it nor is served by it."""
    if who.sees_all or who.role is Role.ADJUDICATOR:
        return
    if unit is not None:
        mine = {"township": who.code in (unit.township, *unit.serves), "department": unit.department == who.code}
        if mine.get(who.kind, unit.code == who.code):
            return
    raise Forbidden(f"{code[:64]} is not a unit of yours; its figures are, its cases are not.")


def check_inbox(who: Identity, recipient: str) -> None:
    """Refuse somebody else's inbox; the command room reads every one."""
    if not who.sees_all and recipient != inbox_of(who):
        raise Forbidden(f"{recipient[:80]} is not your inbox; yours is {inbox_of(who) or 'none'}.")


def inbox_of(who: Identity) -> str:
    """Give one's own inbox."""
    return who.scope or (who.actor or "")
