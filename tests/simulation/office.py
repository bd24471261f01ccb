"""The real desk with a memory of its own, to play the Cixi lists against."""

import csv
from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from cases.calendar import Calendar
from cases.clock import Budget, Budgets, BudgetUnit, ClockKind, Level, level
from cases.desk import Desk, EventRequest, Report
from cases.errors import CaseError
from cases.lists import Lists, ListVersion
from cases.matters import Domain, Matter, MatterKind, Matters, Platform
from cases.organisation import Department, Organisation
from cases.ports import Place
from dashboard.simulation.story import LEAD, REPORT, Step
from dashboard.simulation.world import World, read_world
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
            coordinating=coordinating, clause=row["clause"],
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
    matters = [{"code": m.code, "lead": m.lead, "coordinating": m.coordinating} for m in cixi_matters()]
    return read_world({**county.REGION, "matters": matters}, county.layers(), seed)


class Everywhere:
    """A gazetteer for which every point lies in the same township."""

    def place(self, x: object, y: object, crs: str | None, source: str, occurred_at: datetime) -> Place:
        return Place(121.2, 30.1, township="T1", raw={"x": x, "y": y, "crs": crs})


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
            received = self.desk.receive(Report(body["matter"], body["source"], body["source_id"], at), at)
            self.numbers[step.case] = received.state.number
            return
        data = dict(step.body)
        if "into" in data:
            data["into"] = self.numbers[data["into"]]
        department = None if step.department in ("", LEAD) else step.department
        request = EventRequest(step.kind, at, step.actor, None, department, data)
        self.desk.record(self.numbers[step.case], request, at)

    def levels(self, at: datetime) -> Counter[Level]:
        """Count the pending cases at an instant by their worst clock."""
        found: Counter[Level] = Counter()
        for state in self.drawer.states.values():
            if any(s.opened_at <= at and (s.closed_at is None or at < s.closed_at) for s in state.spans):
                found[max((level(clock, at.astimezone(UTC)) for clock in state.clocks), default=Level.NONE)] += 1
        return found
