"""The real desk with a memory of its own, to play the Cixi lists against."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from cases.calendar import Calendar
from cases.case import CaseState
from cases.clock import Budget, Budgets, BudgetUnit, ClockKind, Level, level
from cases.desk import Desk, EventRequest, Report
from cases.errors import CaseError, NoSuchCase, Stale
from cases.events import Event
from cases.matters import Domain, Matter, MatterKind, Matters, Platform
from cases.organisation import Department, Organisation
from cases.ports import Place
from dashboard.simulation.story import LEAD, REPORT, Step
from dashboard.simulation.world import World, read_world
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


class Drawer:
    """A case store in memory, for one process."""

    def __init__(self) -> None:
        self.events: dict[str, list[Event]] = {}
        self.states: dict[str, CaseState] = {}
        self.keys: dict[tuple[str, str], tuple[str, str]] = {}
        self.revision = 0

    def numbered(self, source: str, source_id: str) -> tuple[str, str] | None:
        return self.keys.get((source, source_id))

    def history(self, number: str) -> Sequence[Event]:
        if number not in self.events:
            raise NoSuchCase(number)
        return tuple(self.events[number])

    def add(self, prefix: str, day: date, body_hash: str, events: Sequence[Event], state: CaseState) -> CaseState:
        number = f"{prefix}{day:%Y%m%d}-{len(self.events) + 1:05d}"
        self.keys[state.source, state.source_id] = (number, body_hash)
        self.events[number] = []
        return self._keep(number, events, replace(state, number=number))

    def append(self, number: str, seen: int, events: Sequence[Event], state: CaseState) -> CaseState:
        if self.states[number].revision != seen:
            raise Stale(number)
        return self._keep(number, events, state)

    def _keep(self, number: str, events: Sequence[Event], state: CaseState) -> CaseState:
        for event in events:
            self.revision += 1
            self.events[number].append(replace(event, revision=self.revision))
        self.states[number] = replace(state, revision=self.revision)
        return self.states[number]


class Everywhere:
    """A gazetteer for which every point lies in the same township."""

    def place(self, x: object, y: object, crs: str | None, source: str, occurred_at: datetime) -> Place:
        return Place(121.2, 30.1, township="T1", raw={"x": x, "y": y, "crs": crs})


class Office:
    """Takes steps as the server would, and keeps what it refuses."""

    def __init__(self) -> None:
        self.drawer = Drawer()
        minutes, office, days = BudgetUnit.MINUTES, BudgetUnit.OFFICE_MINUTES, BudgetUnit.WORKING_DAYS
        self.desk = Desk(
            self.drawer,
            Everywhere(),
            Organisation([Department(row["code"], row["name"]) for row in rows("departments.csv")]),
            Matters(cixi_matters()),
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
