"""A lease has one holder, who may renew it; it is free when its time has passed, by the clock of the database."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from data import leases, tables
from data.engine import writing

LENGTH = timedelta(seconds=30)


def ends(engine: Engine, name: str, ahead: timedelta) -> None:
    """Let a lease end so long after now."""
    with writing(engine) as connection:
        until = leases.database_now(connection) + ahead
        connection.execute(update(tables.leases).where(tables.leases.c.name == name).values(until=until))


def test_one_holder_keeps_it_by_renewing_and_the_others_wait(engine: Engine) -> None:
    assert leases.take(engine, "notices", "first", LENGTH)
    (before,) = leases.standing(engine)
    assert not leases.take(engine, "notices", "second", LENGTH)
    assert leases.take(engine, "daily pack", "second", LENGTH), "another lease is another matter"
    assert leases.take(engine, "notices", "first", LENGTH)
    after = {lease.name: lease for lease in leases.standing(engine)}
    assert {name: lease.holder for name, lease in after.items()} == {"notices": "first", "daily pack": "second"}
    assert after["notices"].until >= before.until


def test_it_is_free_when_its_time_has_passed_and_when_it_is_given_back(engine: Engine) -> None:
    leases.take(engine, "notices", "first", LENGTH)
    ends(engine, "notices", -timedelta(milliseconds=5))
    assert leases.standing(engine) == ()
    assert leases.take(engine, "notices", "second", LENGTH)
    assert not leases.take(engine, "notices", "first", LENGTH), "who comes back finds it taken"
    leases.release(engine, "first")
    assert not leases.take(engine, "notices", "first", LENGTH), "nobody gives back what is another's"
    leases.release(engine, "second")
    assert leases.take(engine, "notices", "first", LENGTH)


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=400)])
def test_a_clock_that_was_set_back_leaves_no_lease_that_nobody_can_take(engine: Engine, ahead: timedelta) -> None:
    leases.take(engine, "notices", "first", LENGTH)
    ends(engine, "notices", ahead)
    assert leases.take(engine, "notices", "second", LENGTH)
    (lease,) = leases.standing(engine)
    assert lease.holder == "second"
