"""Events are facts with two times."""

from datetime import UTC, datetime, timedelta

import pytest

from cases.errors import BadEvent
from cases.events import Event, EventKind

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(("minutes", "late"), [(-2, False), (0, False), (10, False), (10.1, True), (600, True)])
def test_an_event_is_late_when_it_is_recorded_more_than_ten_minutes_after_the_fact(minutes, late) -> None:
    assert Event(EventKind.ARRIVED, NOON, NOON + timedelta(minutes=minutes), "zhzf").late is late


def test_a_time_without_offset_is_refused() -> None:
    naive = datetime(2026, 3, 4, 12, 0)
    with pytest.raises(BadEvent, match=r"occurred_at 2026-03-04T12:00:00 has no offset"):
        Event(EventKind.ARRIVED, naive, NOON, "zhzf")
    with pytest.raises(BadEvent, match="recorded_at"):
        Event(EventKind.ARRIVED, NOON, naive, "zhzf")
