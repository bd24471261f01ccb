"""Shares of limits kept: fresh in a small county, and counted once in ten minutes in a large one."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.clock import ClockKind
from dashboard.pages import township
from dashboard.pages.township import KEPT, MANY, Shares
from data.views import NONE_KEPT, Kept
from tests.cases.factories import START

MONTH = START.replace(day=1)


@pytest.mark.parametrize(("ended", "asked"), [(MANY, 4), (MANY + 1, 2)])
def test_a_count_of_many_limits_is_kept_for_some_minutes(
    monkeypatch: pytest.MonkeyPatch, ended: int, asked: int
) -> None:
    calls: list[datetime] = []

    def counted(_engine: Any, _start: datetime, _end: datetime, now: datetime) -> dict[str | None, Any]:
        calls.append(now)
        return {"330282107": {**NONE_KEPT, ClockKind.RESPOND: Kept(1, ended)}}

    monkeypatch.setattr(township.views, "kept_limits", counted)
    shares = Shares(None)  # type: ignore[arg-type]
    for now in (START, START + timedelta(minutes=1), START + KEPT - timedelta(seconds=1), START + KEPT):
        assert shares.of(MONTH, now, now)["330282107"][ClockKind.RESPOND] == Kept(1, ended)
    assert len(calls) == asked
