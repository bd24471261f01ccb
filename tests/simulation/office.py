"""The real desk with a memory of its own, to play the Cixi lists against."""

import csv
from collections import Counter
from datetime import UTC, date, datetime, time
from math import hypot
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from cases.calendar import Calendar
from cases.clock import Budget, Budgets, BudgetUnit, ClockKind, Level, level
from cases.desk import Desk, EventRequest, Report
from cases.errors import CaseError
from cases.lists import Lists, ListVersion
from cases.matters import Domain, Matter, MatterKind, Matters, Platform
from cases.organisation import Department, Organisation
from cases.ports import Place
from dashboard.simulation.casting import cast
from dashboard.simulation.story import LEAD, REPORT, Step
from dashboard.simulation.world import World, read_world
from geo import crs
from tests.cases.fakes import MemoryStore
from tests.simulation import county

PACK = Path(__file__).parents[2] / "data" / "regions" / "cixi"


def rows(name: str) -> list[dict[str, str]]:
    with (PACK / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cixi_matters() -> list[Matter]:
    def matter(row: dict[str, str], kind: MatterKind, lead: str, coordinating: tuple[str, ...]) -> Matter:
        return Matter(
            row["code"], row["name"], kind, Platform(row["platform"]), Domain(row["domain"]), lead=lead,
            coordinating=coordinating, clause=row["clause"], basis=row["basis"],
        )  # fmt: skip

    return [
        *(
            matter(r, MatterKind.ONE_THING, r["lead"], tuple(r["coordinating"].split(";")))
            for r in rows("one_things.csv")
        ),
        *(matter(r, MatterKind.TERRITORIAL, r["department"], ()) for r in rows("matters.csv")),
    ]


def cixi_world(seed: int) -> World:
    """The Cixi lists over the small test county."""
    matters = [
        {
            "code": m.code,
            "name": m.name,
            "lead": m.lead,
            "coordinating": m.coordinating,
            "clause": m.clause,
            "basis": m.basis,
        }
        for m in cixi_matters()
    ]
    return read_world({**county.REGION, "matters": matters}, county.layers(), seed)


class Everywhere:
    """A gazetteer for which every point lies in the same township."""

    def place(self, x: object, y: object, system: str | None, source: str, occurred_at: datetime) -> Place:
        raw = {"x": x, "y": y, "crs": system}
        if x is None:
            return Place(flags=("unlocated",), raw=raw)
        lon, lat = sorted((x, y), reverse=True)  # a careless source may have swapped them
        (lon,), (lat,) = crs.to_wgs84(np.array([lon]), np.array([lat]), system)
        return Place(float(lon), float(lat), township="T1", raw=raw)

    def metres(self, lon: float, lat: float, other_lon: float, other_lat: float) -> float:
        return hypot((other_lon - lon) * 96_320, (other_lat - lat) * 111_320)


class Office:
    """Takes steps as the server would, and keeps what it refuses."""

    def __init__(self) -> None:
        self.drawer = MemoryStore()
        lists = Lists([ListVersion("1", date.min, "", Matters(cixi_matters()))])
        minutes, office, days = BudgetUnit.MINUTES, BudgetUnit.OFFICE_MINUTES, BudgetUnit.WORKING_DAYS
        self.desk = Desk(
            self.drawer,
            Everywhere(),
            Organisation([Department(row["code"], row["name"]) for row in rows("departments.csv")]),
            lambda: lists,
            [source["code"] for source in county.SOURCES],
            Calendar(
                ZoneInfo("Asia/Shanghai"), [(time(8, 30), time(12, 0)), (time(14, 0), time(17, 30))], covered=[2026]
            ),
            Budgets(
                {
                    ClockKind.RESPOND: Budget(30, minutes),
                    ClockKind.ARRIVE: Budget(60, minutes),
                    ClockKind.FINISH: Budget(5, days),
                    ClockKind.VERIFY: Budget(120, office),
                }
            ),
            "CX",
        )
        self.numbers: dict[str, str] = {}
        self.refused: list[tuple[Step, CaseError]] = []

    def send(self, step: Step, at: datetime) -> None:
        try:
            self._send(step, at)
        except CaseError as error:
            self.refused.append((step, error))

    def _send(self, step: Step, at: datetime) -> None:
        if step.kind == REPORT:
            body = step.body
            point = body.get("point", {"x": None, "y": None, "crs": None})
            received = self.desk.receive(
                Report(body["matter"], body["source"], body["source_id"], at, **point, subject=body.get("subject")), at
            )
            self.numbers[step.case] = received.state.number
            return
        played = cast(step, self.numbers)
        department = None if played.department in ("", LEAD) else played.department
        request = EventRequest(played.kind, at, played.actor, None, department, played.body)
        self.desk.record(self.numbers[step.case], request, at)

    def levels(self, at: datetime) -> Counter[Level]:
        """Count the pending cases at an instant by their worst clock."""
        found: Counter[Level] = Counter()
        for state in self.drawer.states.values():
            if any(s.opened_at <= at and (s.closed_at is None or at < s.closed_at) for s in state.spans):
                found[max((level(clock, at.astimezone(UTC)) for clock in state.clocks), default=Level.NONE)] += 1
        return found
