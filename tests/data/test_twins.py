"""Two desks, one over a memory and one over a database, are told the same, legal or not, and never differ.

`WALKS=1000 pytest ...` walks longer than a test run does.
"""

import os
from dataclasses import replace
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from cases.case import CaseState
from cases.desk import Desk, EventRequest
from cases.errors import CaseError
from cases.events import EventKind
from cases.history import fold
from cases.lifecycle import TRANSITIONS, LegRule, allowed, can_record
from data import views
from data.store import SqlCaseStore
from tests.cases.factories import LITTER, MINUTE, NEEDED, SMOKE, START, a_desk, a_report, china

WALKS = max(10, int(os.environ.get("WALKS", "150")) // 10)
STEPS = 14
DEPARTMENTS = ("zhzf", "sthj", "scjg", "zjj")
RESTAURANT = "91330282MA2AJ0001Y"
SUBJECTS = (None, {"site": "示范工地", "name": "示范工地"}, {"credit_code": RESTAURANT, "name": "示范餐饮店001"})
ASIDE = {"closed", "merged", "commented", "urged", "supervised", "identified", "relocated", "transferred", "returned"}
"""Nearly always possible: taken half as often, or few walks would come to an end."""


def a_step(data: st.DataObject, state: CaseState, others: list[str], at: timedelta) -> EventRequest:
    """Draw something that the case allows, or with one chance in four anything at all, perhaps told late."""
    legal = data.draw(st.integers(0, 3)) > 0
    possible = allowed(state)
    onward = [kind for kind in possible if kind not in ASIDE] if data.draw(st.booleans()) else []
    kind = EventKind(data.draw(st.sampled_from((onward or possible) if legal else list(EventKind))))
    legs = [leg.number for leg in state.legs if not legal or can_record(state, kind, leg.number)]
    more = dict(NEEDED.get(kind, {})) | {"reason": "理由", "approved_by": "commander"}
    if kind in (EventKind.TRANSFERRED, EventKind.SETTLED):
        more["department"] = data.draw(st.sampled_from(DEPARTMENTS))
    if kind is EventKind.MERGED:
        more["into"] = data.draw(st.sampled_from(others))
    if not legal and data.draw(st.booleans()):
        more = {}
    back = timedelta() if legal else data.draw(st.integers(0, 3000)) * MINUTE
    leg = data.draw(st.sampled_from([None, *legs] if not legal or TRANSITIONS[kind].leg is LegRule.NONE else legs))
    actor = data.draw(st.sampled_from(["tester", "tester", "zhzf", "sthj-001"]))
    return EventRequest(kind.value, START + at - back, actor, leg, data=more)


def told(desk: Desk, number: str, request: EventRequest, at: timedelta) -> object:
    """Give the state that follows, or what was said against it."""
    try:
        return desk.record(number, request, START + at)
    except CaseError as error:
        return type(error), str(error), getattr(error, "allowed", None)


def test_a_database_and_a_memory_never_differ(engine: Engine) -> None:
    memory = a_desk()
    database = replace(a_desk(), store=SqlCaseStore(engine))
    ids = count()

    @settings(
        max_examples=WALKS,
        deadline=None,
        phases=(Phase.generate,),  # both go on from what they have, so a walk cannot be told again
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(data=st.data())
    def walk(data: st.DataObject) -> None:
        numbers = []
        for matter in (SMOKE, LITTER):
            report = a_report(matter, str(next(ids)), subject=data.draw(st.sampled_from(SUBJECTS)))
            first, second = (desk.receive(report, START).state for desk in (memory, database))
            assert first == second
            numbers.append(first.number)
        at = timedelta()
        for _ in range(data.draw(st.integers(1, STEPS))):
            at += data.draw(st.integers(1, 2000)) * MINUTE
            number = data.draw(st.sampled_from(numbers))
            state = views.case_page(engine, number).state
            request = a_step(data, state, numbers, at)
            assert told(memory, number, request, at) == told(database, number, request, at), request
        for number in numbers:
            page = views.case_page(engine, number)
            assert list(page.events) == list(memory.store.history(number))
            assert page.state == fold(page.events, china(), number)
        for subject in ("site:示范工地", RESTAURANT):
            assert list(memory.store.visits(subject)) == list(database.store.visits(subject))

    walk()
