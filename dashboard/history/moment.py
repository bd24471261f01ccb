"""One moment of the past as the map shows it: counts by gid, figures, the cases that were worst off."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cases.clock import Level
from dashboard.board import NOWHERE, Counts, flat
from dashboard.history.grounds import ELSEWHERE, Gids, Version
from dashboard.history.machine import Machine
from data import views
from data.views import ALL, Basis, CaseFilter, Known, Standing

MOST_CASES = 12
TICK = timedelta(microseconds=1)


def moment(
    machine: Machine,
    at: datetime,
    known: Known = Known.TODAY,
    basis: Basis = Basis.SHOWN,
    only: CaseFilter = ALL,
) -> dict[str, Any]:
    """Tell a moment.

    Returns
    -------
    dict
        ``cells`` and ``townships`` as the live stream writes them: gid, level, pending, amber, overdue, one after the
        other. Counted by cell, ``outside`` are those in no area and ``elsewhere`` those in an area that the map of
        the day no longer has.
    """
    region, grounds = machine.region, machine.grounds
    version = grounds.current if basis is Basis.CURRENT else grounds.on(region.local_day(at))
    standing = views.standing_at(machine.engine, at, known, region.calendar, only)
    places = grounds.places(standing, version, basis)
    level = np.fromiter((int(one.level) for one in standing), np.int64, len(standing))
    cells = counted(places.cells, level, (None, *version.ground.cells))
    townships = counted(places.townships, level, (None, *version.ground.townships))
    return {
        "at": at,
        "known": known,
        "basis": basis,
        "version": version_out(version),
        "cells": flat(cells, np.flatnonzero(cells.pending[1:]) + 1),
        "townships": flat(townships, range(1, len(townships.keys))),
        "outside": int((places.cells == NOWHERE).sum()),
        "elsewhere": int((places.cells == ELSEWHERE).sum()),
        "figures": {**sums(level), **today(machine, at, only)},
        "cases": [case_out(one) for one in worst(standing)],
    }


def counted(gids: Gids, level: NDArray[np.int64], keys: tuple[str | None, ...]) -> Counts:
    """Count by gid; index 0 holds those outside, and those that stand elsewhere stand nowhere on this map."""
    here = np.where(gids == ELSEWHERE, NOWHERE, gids)
    pending, amber, overdue = (
        np.bincount(here[chosen], minlength=len(keys))
        for chosen in (level > 0, level == Level.AMBER, level == Level.RED)
    )
    return Counts(keys, pending, amber, overdue)


def sums(level: NDArray[np.int64]) -> dict[str, int]:
    """Count the county."""
    amber, overdue = (int((level == one).sum()) for one in (Level.AMBER, Level.RED))
    return {"pending": len(level), "amber": amber, "overdue": overdue}


def today(machine: Machine, at: datetime, only: CaseFilter) -> dict[str, int]:
    """Count what the day had brought up to the moment, by what is known today."""
    zone = machine.region.zone
    start = datetime.combine(at.astimezone(zone).date(), time.min, tzinfo=zone)
    one = views.density(machine.engine, start, 1, max(at - start + TICK, TICK), only)
    return {"received_today": one.received[0], "closed_today": one.closed[0]}


def worst(standing: Sequence[Standing]) -> list[Standing]:
    """Choose the cases that were longest overdue, then those due first."""
    running = [one for one in standing if one.due_at is not None]
    return sorted(running, key=lambda one: (one.due_at, one.number))[:MOST_CASES]


def case_out(one: Standing) -> dict[str, Any]:
    """Write a case of the moment; nothing personal."""
    return {
        "number": one.number,
        "matter": one.matter,
        "township": one.township,
        "cell": one.cell,
        "level": int(one.level),
        "due_at": one.due_at,
    }


def version_out(version: Version) -> dict[str, Any]:
    """Say which boundaries, and where their geometry is."""
    layers = version.geometry.layers
    return {
        "since": version.since,
        "finest": version.geometry.finest,
        "layers": {name: layer.url for name, layer in layers.items()},
    }
