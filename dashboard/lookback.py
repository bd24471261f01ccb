"""What the wall looks back on, kept for a quarter of an hour: any number of walls cost one reading.

A process's memory only; another process reads the same for itself.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from dashboard.board import milliseconds
from dashboard.services import Services
from data import views
from data.views import Flow, Rates

ONE_DAY = timedelta(days=1)
WEEKS = timedelta(days=28)
DAYS = 10
"""As many days of the same kind as an ordinary day is made of, at most; all within `WEEKS`."""
FEWEST = 3
"""Of fewer days no ordinary day is made."""
HOURS = 24
TREND_DAYS = 30
PERIOD = timedelta(days=30)


class Lookback:
    """Reads of the past for the wall; blocking, so call it in a thread."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[int, Any]] = {}

    def _once(self, name: str, now: datetime, read: Callable[[], Any]) -> Any:
        with self._lock:
            quarter = views.quarter_hour(now)
            if self._kept.get(name, (None, None))[0] != quarter:
                self._kept[name] = (quarter, read())
            return self._kept[name][1]

    def day(self, now: datetime) -> dict[str, Any]:
        """Say how an ordinary day stood at this time of day, and what the last hours and days brought.

        An ordinary day is one of the same kind as today, working or not by the region's calendar: the median of the
        last `DAYS` such days within four weeks, each at this time of the day. Days before the first case count not.
        """
        return self._ordinary(now) | self._once("trend", now, lambda: self._trend(now))

    def _ordinary(self, now: datetime) -> dict[str, Any]:
        engine = self._services.engine
        local = now.astimezone(self._services.region.zone)
        days, works = self._once(f"days {local.date()}", now, lambda: self._days_like(local.date()))
        stretches = [(self._at(day, time.min), self._at(day, local.time())) for day in days]
        # How many cases stand open changes slowly: it is read for the beginning of the quarter of an hour.
        earlier = local.replace(minute=local.minute // 15 * 15, second=0, microsecond=0).time()
        standing = self._once("standing", now, lambda: views.standing(engine, [self._at(day, earlier) for day in days]))
        figures = [
            {
                "received_today": flow.received,
                "closed_today": flow.closed,
                "pending": count.pending,
                "amber": count.amber,
                "overdue": count.red,
            }
            for flow, count in zip(views.flows(engine, stretches), standing, strict=True)
        ]
        return {"n": len(days), "works": works, "figures": views.ordinary(figures)}

    def _days_like(self, today: date) -> tuple[list[date], bool]:
        calendar = self._services.region.calendar
        works = calendar.is_workday(today).works
        first = views.first_received(self._services.engine)
        if first is None:
            return [], works
        began = first.astimezone(self._services.region.zone).date()
        before = [today - n * ONE_DAY for n in range(1, WEEKS.days + 1)]
        days = [day for day in before if day > began and calendar.is_workday(day).works == works][:DAYS]
        return (days if len(days) >= FEWEST else []), works

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at.replace(tzinfo=None), tzinfo=self._services.region.zone)

    def _trend(self, now: datetime) -> dict[str, Any]:
        zone = self._services.region.zone
        local = now.astimezone(zone)
        days = [local.date() - n * ONE_DAY for n in range(TREND_DAYS - 1, -1, -1)]
        hour = local.replace(minute=0, second=0, microsecond=0)
        hours = [hour - timedelta(hours=n) for n in range(HOURS - 1, -1, -1)]
        like, _ = self._days_like(local.date())
        since = min([days[0], *like])
        quarters = views.flow_by_quarter(self._services.engine, self._at(since, time.min), now)
        ends = [*(self._at(day, time.min) for day in days[1:]), now]
        return {
            "hours": series(quarters, hours, [*hours[1:], now])
            | {"ordinary": [self._usual(quarters, like, at.time()) for at in hours]},
            "days": series(quarters, [self._at(day, time.min) for day in days], ends),
        }

    def _usual(self, quarters: Mapping[int, Flow], days: Sequence[date], hour: time) -> float | None:
        starts = [self._at(day, hour) for day in days]
        counts = [{"received": total(quarters, at, at + timedelta(hours=1)).received} for at in starts]
        return views.ordinary(counts).get("received")

    def areas(self, now: datetime) -> dict[str, Any]:
        """Give the rates of the last 30 days for the county and, flat, for the areas of the map by gid."""
        answer: dict[str, Any] = self._once("areas", now, lambda: self._areas(now))
        return answer

    def _areas(self, now: datetime) -> dict[str, Any]:
        ground = self._services.geometry.ground
        layers = (ground.finest, "township") if ground.finest != "township" else ("township",)
        county, found = views.rates_by_area(self._services.engine, now - PERIOD, now, layers)
        return {
            "days": PERIOD.days,
            "county": rates_out(county),
            "cells": flat(ground.cells, found[0]),
            "townships": flat(ground.townships, found[-1]),
        }


def total(quarters: Mapping[int, Flow], start: datetime, end: datetime) -> Flow:
    """Add up the quarters of an hour from `start` up to `end`; a last one that is not over counts whole."""
    last = views.quarter_hour(end - timedelta(microseconds=1))
    wanted = range(views.quarter_hour(start), last + 1)
    return sum((quarters[quarter] for quarter in wanted if quarter in quarters), Flow())


def series(quarters: Mapping[int, Flow], starts: Sequence[datetime], ends: Sequence[datetime]) -> dict[str, Any]:
    """Write counts by stretch, with the milliseconds at which each begins."""
    flows = [total(quarters, start, end) for start, end in zip(starts, ends, strict=True)]
    return {
        "at": [milliseconds(start) for start in starts],
        "received": [flow.received for flow in flows],
        "closed": [flow.closed for flow in flows],
    }


def rates_out(rates: Rates) -> list[float]:
    """Write [due, on time, responses, median seconds], 0 for no median."""
    return [rates.finish_due, rates.on_time, rates.responses, round(rates.response_s or 0)]


def flat(codes: Sequence[str], found: Mapping[str | None, Rates]) -> list[float]:
    """Write [gid, due, on time, responses, median seconds, gid, …] of the areas with something to say."""
    return [value for gid, code in enumerate(codes, 1) if code in found for value in (gid, *rates_out(found[code]))]
