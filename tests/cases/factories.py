"""Cases for tests, made the way real ones are: by walking them through the desk.

``case_at(Status.ON_SITE)`` gives a case in that status; ``Walk().do("accepted").do("arrived", leg=2).state`` takes
other ways. The county of these tests has two townships (see `FlatGazetteer`), four departments and three matters.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Self
from zoneinfo import ZoneInfo

import chinese_calendar

from cases.calendar import Calendar, SpecialDay
from cases.case import CaseState, Status
from cases.clock import Budget, Budgets, BudgetUnit, ClockKind
from cases.desk import Desk, EventRequest, Report
from cases.lists import Lists, ListVersion
from cases.matters import Domain, Matter, MatterKind, Matters, Platform
from cases.organisation import Department, Organisation, Unit
from tests.cases.fakes import FlatGazetteer, MemoryStore

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEST, EAST = "330282002", "330282107"
START = datetime(2026, 3, 4, 9, 0, tzinfo=SHANGHAI).astimezone(UTC)
"""A Wednesday, in office hours."""
MINUTE = timedelta(minutes=1)
LATER = timedelta(days=90)
"""Added to the time of an event to give the time at which it is recorded, where that does not matter."""

SMOKE, LITTER, STRANGE = "YJS-01", "SD-01", "QL-900"

BUDGETS = Budgets(
    {
        ClockKind.RESPOND: Budget(30, BudgetUnit.MINUTES),
        ClockKind.ARRIVE: Budget(60, BudgetUnit.MINUTES),
        ClockKind.FINISH: Budget(5, BudgetUnit.WORKING_DAYS),
        ClockKind.VERIFY: Budget(120, BudgetUnit.OFFICE_MINUTES),
    },
    {LITTER: {ClockKind.FINISH: Budget(1, BudgetUnit.WORKING_DAYS)}},
)

ORGANISATION = Organisation(
    [
        Department("zhzf", "慈溪市综合行政执法局", "综合执法局", "Enforcement", Domain.INTEGRATED_ENFORCEMENT),
        Department("sthj", "宁波市生态环境局慈溪分局", "生态环境分局", "Ecology", Domain.ECOLOGY_ENVIRONMENT),
        Department("scjg", "慈溪市市场监督管理局", "市场监管局", "Market", Domain.MARKET_REGULATION),
        Department("zjj", "慈溪市住房和城乡建设局", "住建局", "Housing", Domain.OTHER),
    ],
    [
        Unit("zhzf-002", "宗汉街道综合行政执法中队", "zhzf", WEST, Domain.INTEGRATED_ENFORCEMENT),
        Unit("zhzf-007", "观海卫镇综合行政执法中队", "zhzf", EAST, Domain.INTEGRATED_ENFORCEMENT),
        Unit("sthj-001", "宗汉生态环境所", "sthj", WEST, Domain.ECOLOGY_ENVIRONMENT, serves=(EAST,)),
        Unit("scjg-001", "宗汉市场监管所", "scjg", WEST, Domain.MARKET_REGULATION, valid_to=date(2026, 6, 1)),
    ],
)

MATTERS = Matters(
    [
        Matter(
            SMOKE,
            "餐饮油烟扰民",
            MatterKind.ONE_THING,
            Platform.ENFORCEMENT,
            Domain.INTEGRATED_ENFORCEMENT,
            lead="zhzf",
            coordinating=("sthj", "scjg"),
            checks={"sthj": "检测排口油烟浓度"},
            clause="一件事清单第1项",
        ),
        Matter(
            LITTER,
            "暴露垃圾",
            MatterKind.TERRITORIAL,
            Platform.ENFORCEMENT,
            Domain.INTEGRATED_ENFORCEMENT,
            lead="zhzf",
            clause="属地管理清单第1项",
        ),
        Matter(STRANGE, "其他", MatterKind.POWER, Platform.CONVENIENCE, clause="镇街权力清单"),
    ],
    version="2026-07",
)
VERSION = ListVersion("2026-07", date(2025, 1, 1), "示范清单", MATTERS, model=True)
LISTS = Lists([VERSION])


@cache
def china(first_year: int = 2025, last_year: int = 2026, **options: Any) -> Calendar:
    """The working days of China in the years given, with Cixi's office hours."""
    special, day = [], date(first_year, 1, 1)
    while day.year <= last_year:
        works = chinese_calendar.is_workday(day)
        if works != (day.weekday() < 5):
            special.append(SpecialDay(day, works, "make_up" if works else "holiday"))
        day += timedelta(days=1)
    hours = [(time(8, 30), time(12, 0)), (time(14, 0), time(17, 30))]
    return Calendar(SHANGHAI, hours, special, range(first_year, last_year + 1), **options)


def a_desk(store: MemoryStore | None = None, lists: Callable[[], Lists] = lambda: LISTS) -> Desk:
    """A desk over an empty memory (or the one given) and the flat county."""
    return Desk(
        store=store or MemoryStore(),
        gazetteer=FlatGazetteer(),
        organisation=ORGANISATION,
        lists=lists,
        sources=("grid", "hotline"),
        calendar=china(),
        budgets=BUDGETS,
        prefix="CX",
    )


def a_report(matter: str = SMOKE, source_id: str = "1", at: datetime = START, **changes: Any) -> Report:
    """A report from the western township."""
    fields = {"source": "grid", "x": 121.2, "y": 30.19, "crs": "EPSG:4490", "description": "油烟很大"} | changes
    return Report(matter=matter, source_id=source_id, occurred_at=at, **fields)


NEEDED: dict[str, dict[str, Any]] = {
    "found": {"finding": "净化器未清洗"},
    "returned": {"reason": "不属本部门职责"},
    "transferred": {"department": "zjj", "reason": "属住建职责"},
    "extended": {"amount": 3, "reason": "需要检测", "approved_by": "commander"},
    "suspended": {"reason": "等待司法鉴定", "approved_by": "commander"},
    "merged": {"reason": "同一件事"},
    "relocated": {"point": {"x": 121.4, "y": 30.17, "crs": "EPSG:4490"}},
    "commented": {"text": "已知悉"},
    "supervised": {"text": "请于今日内反馈进展"},
    "replied": {"text": "已安排复测"},
    "disputed": {"clause": "属地管理清单第1项"},
    "stated": {"text": "清单已明确由牵头部门负责"},
    "settled": {"department": "zhzf", "decision": "维持首问部门牵头"},
    "identified": {"subject": {"site": "示范工地", "name": "示范工地"}},
    "answered": {"channel": "phone"},
}
"""Data with which an event of that kind is complete."""


class Walk:
    """A case that goes step by step through the desk; every step is ten minutes after the one before."""

    def __init__(
        self, matter: str = SMOKE, desk: Desk | None = None, source_id: str = "1", at: datetime = START, **report: Any
    ) -> None:
        self.desk = desk or a_desk()
        self.at = at
        self.state: CaseState = self.desk.receive(a_report(matter, source_id, at, **report), at).state

    def do(
        self,
        kind: str,
        leg: int | None = None,
        minutes: float = 10,
        *,
        late: bool = False,
        actor: str = "tester",
        **data: Any,
    ) -> Self:
        """Record an event so many minutes after the one before; `late`: the clock of the walk then goes back again."""
        at = self.at + minutes * MINUTE
        request = EventRequest(kind, at, actor, leg, data=NEEDED.get(kind, {}) | data)
        self.state = self.desk.record(self.state.number, request, max(at, self.at) + LATER)
        self.at = self.at if late else at
        return self

    def findings(self) -> Self:
        """Let every department of the case arrive and record its finding."""
        for leg in (self.state.lead, *self.state.coordinating):
            self.do("arrived", leg.number).do("found", leg.number)
        return self

    @property
    def events(self) -> list[Any]:
        """All events as they were stored."""
        return list(self.desk.store.history(self.state.number))


def case_at(status: Status, matter: str = SMOKE) -> CaseState:
    """A case in a status, reached on the ordinary way."""
    return walk_to(status, matter).state


def walk_to(status: Status, matter: str = SMOKE) -> Walk:
    """A walk that has reached a status on the ordinary way."""
    walk = Walk(matter)
    if status is Status.MERGED:
        other = Walk(matter, walk.desk, source_id="2")
        return walk.do("merged", into=other.state.number)
    steps = {
        Status.ACCEPTED: lambda: walk.do("accepted"),
        Status.ON_SITE: lambda: walk.do("arrived"),
        Status.FINISHED: lambda: (walk.findings() if walk.state.coordinating else walk).do("finished"),
        Status.VERIFIED: lambda: walk.do("verified"),
        Status.CLOSED: lambda: walk.do("closed"),
    }
    for reached, step in steps.items():
        if walk.state.status is status:
            break
        if reached is Status.ON_SITE and status is not Status.ON_SITE:
            continue
        step()
    return walk
