"""kill -9 in the middle: who was answered finds what was answered, who was not repeats, and nothing is half."""

from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import Engine, select

from data import tables
from data.engine import reading
from tests.faults.conftest import a_report, post
from tests.faults.process import AFTER_COMMIT, BEFORE_COMMIT, Death, Process

DEATHS = {
    "in the transaction": Death("INSERT INTO cases"),
    "before the commit": Death("INSERT INTO events", BEFORE_COMMIT),
    "after the commit": Death("INSERT INTO events", AFTER_COMMIT),
}


def test_a_report_that_got_no_answer_is_repeated_and_one_that_got_it_is_found(
    start: Callable[..., Process], sound: Callable[[], Engine]
) -> None:
    survivor = start("survivor")
    kept = {f"kept {n}": post(survivor.url, a_report(f"kept {n}")).json()["number"] for n in range(3)}
    dying = {why: start(f"dying {n}", ready=False, death=death) for n, (why, death) in enumerate(DEATHS.items())}
    bodies = {why: a_report(why) for why in dying}
    for why, process in dying.items():
        process.ready()
        with pytest.raises(httpx.TransportError):
            post(process.url, bodies[why])
        assert process.ended() == -9, why
    sound()
    again = {why: post(survivor.url, body) for why, body in bodies.items()}
    assert {why: answer.status_code for why, answer in again.items()} == {
        "in the transaction": 201,
        "before the commit": 201,
        "after the commit": 200,
    }
    for source_id, number in kept.items():
        found = httpx.get(f"{survivor.url}/api/v1/cases/{number}").json()
        assert (found["number"], found["source_id"]) == (number, source_id)
    engine = sound()
    with reading(engine) as connection:
        assert sorted(connection.execute(select(tables.cases.c.source_id)).scalars()) == sorted([*kept, *bodies])
