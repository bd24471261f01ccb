"""The count behind /inspections: fresh where it is quick, and never the whole work of a server where it is not."""

from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard.pages import inspections
from data.views import Quarter

FOURTH = Quarter(2026, 4, ZoneInfo("Asia/Shanghai"))


class Clock:
    """Time that passes only while somebody counts, or when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self.now, self.counts, self.seconds = 1000.0, 0, seconds
        monkeypatch.setattr(inspections, "monotonic", lambda: self.now)
        monkeypatch.setattr(inspections.views, "measure", self.count)

    def count(self, *_: Any) -> int:
        self.now += self.seconds
        self.counts += 1
        return self.counts


def tally() -> inspections.Tally:
    return inspections.Tally(SimpleNamespace(engine=None))  # type: ignore[arg-type]


def test_a_quick_count_is_made_anew_at_every_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, counted = Clock(monkeypatch, 0.02), tally()
    assert [counted.of(FOURTH) for _ in range(3)] == [1, 2, 3]
    assert clock.counts == 3


def test_a_long_count_rests_twenty_times_as_long_for_that_quarter_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, counted = Clock(monkeypatch, 2.0), tally()
    assert [counted.of(FOURTH) for _ in range(3)] == [1, 1, 1]
    clock.now += 39.9
    assert counted.of(FOURTH) == 1
    clock.now += 0.2
    assert counted.of(FOURTH) == 2
    assert counted.of(FOURTH.after(-1)) == 3


def test_only_the_quarters_that_were_asked_for_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, counted = Clock(monkeypatch, 1.0), tally()
    for count in range(40):
        counted.of(FOURTH.after(-count))
    assert clock.counts == 40
    assert counted.of(FOURTH.after(-39)) == 40
    assert len(counted._known) == inspections.CHOICES
