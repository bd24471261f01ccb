"""`cases lifecycle`: what may happen to a case and who may do it, as the tables of the code have it, for `docs/`."""

import sys
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer
from rich.console import Console

from cases.case import Status
from cases.clock import Budgets, ClockKind
from cases.events import EventKind
from cases.lifecycle import CONDITIONS, LIMITS, NEW_CONDITIONS, TRANSITIONS, Actor, LegRule
from cases.recording import FOLLOWING, PRECEDING
from dashboard.settings import Settings, SettingsError
from dashboard.text import LANGUAGES, say
from data.region import Region, RegionError, load

HEAD = """\
# The life of a case

Written by `python -m dashboard cases lifecycle` from `cases/lifecycle/`; a test holds that it is current.
What each event does to legs, clocks and spans stands in `cases/history/`, what the rules add to it in
`cases/recording/`.
"""
ROLES = {
    Actor.REPORTER: "reporter 上报人",
    Actor.OFFICER: "officer 部门、派驻机构",
    Actor.LEADER: "township leader 镇街领导",
    Actor.COMMANDER: "commander 指挥中心",
    Actor.ADJUDICATOR: "adjudicator 编办",
    Actor.RULES: "by the rules 自动",
}
LEGS = {
    LegRule.NONE: "the case",
    LegRule.LEAD: "the lead",
    LegRule.COORDINATING: "a coordinating department",
    LegRule.EITHER: "any leg",
}
REQUIRE = "Require that "
"""How the sentence of each condition begins."""
ALSO = {
    EventKind.CLOSED: "Before it is verified, with `reason`.",
    EventKind.TRANSFERRED: "Not to who leads already, nor to the adjudicator.",
    EventKind.RELOCATED: "Sent with `point`, of which the rules make the place.",
    EventKind.MERGED: "Not into itself, nor in a ring; of another matter with `reason`.",
    EventKind.URGED: "Nobody its own leg.",
    EventKind.SUPERVISED: "Nobody its own leg.",
    EventKind.ARRIVED: (
        "Its `point` lies in the region, or within 300 m. Once more within the window of a visit, with `reason` and"
        " `approved_by`."
    ),
}
"""What depends on who does it, or on what it says."""


THEN = {EventKind.MERGED: "Note it by a comment on the case that stays."}
"""What the desk records on another case."""


def print_lifecycle(
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
) -> None:
    """Print the life cycle of a case as Markdown: diagram, events, clocks with the region's budgets, permissions."""
    try:
        settings = Settings() if region is None else Settings(region=region)
        place = load(settings.region_folder())
    except (SettingsError, RegionError) as error:
        Console(stderr=True, highlight=False).print(str(error), soft_wrap=True)
        sys.exit(1)
    typer.echo(lifecycle(place), nl=False)


def lifecycle(region: Region) -> str:
    """Give the page, with the budgets of a region."""
    sections = {"Statuses": diagram(), "Events": events(), "Clocks": clocks(region), "Who may": permissions()}
    return "\n".join((HEAD, *(_section(title, lines) for title, lines in sections.items())))


def diagram() -> Iterator[str]:
    """Draw the statuses, and the events that lead from one to another, as a Mermaid diagram."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f'    state "{status} {say(f"status.{status}", "zh-CN")}" as {status}' for status in Status)
    yield "    [*] --> received: received"
    arrows: dict[tuple[Status, Status], list[str]] = {}
    for kind, row in TRANSITIONS.items():
        for now, then in row.next.items():
            if now is not then:
                arrows.setdefault((now, then), []).append(kind.value)
    yield from (f"    {now} --> {then}: {', '.join(kinds)}" for (now, then), kinds in sorted(arrows.items()))
    yield "    merged --> [*]"
    yield "```"
    yield ""
    yield "A case is pending until it is closed or merged. Reopened before a lead ever accepted, it is asked for again."


def events() -> Iterator[str]:
    """Tell every kind of event, its statuses, owners, leg and data."""
    yield from _table(
        ("Event", "In", "Leads to", "Whose", "Needs", "May hold", "Only when", "By the rules"),
        (
            (
                f"`{kind}` {_names(kind)}",
                ", ".join(row.next) or "—",
                ", ".join(sorted({then for now, then in row.next.items() if now is not then})) or "—",
                LEGS[row.leg],
                ", ".join(f"`{name}`" for name in row.required) or "—",
                ", ".join(f"`{name}`" for name in row.optional) or "—",
                _bound(kind),
                _rules(kind),
            )
            for kind, row in TRANSITIONS.items()
        ),
    )
    yield ""
    yield "What a row needs is asked of new events; what is stored was accepted by the rules of its day."


def clocks(region: Region) -> Iterator[str]:
    """Tell of every clock when it starts and stops, and how much time it gives."""
    budgets = region.budgets
    yield from _table(
        ("Clock", "Whose", "Starts at", "Stops at", f"Budget in {region.names.get('en') or region.name}", "Pausable"),
        (
            (
                f"`{kind}` {say(f'clock.{kind}', 'zh-CN')}",
                row.owner,
                ", ".join(f"`{event}`" for event in row.starts),
                ", ".join(f"`{event}`" for event in row.stops),
                _budget(budgets, kind),
                "by `extended`, `suspended`, `resumed`" if row.pausable else "no",
            )
            for kind, row in LIMITS.items()
        ),
    )
    yield ""
    yield "An event starts or stops a clock where the case calls for it: the finish clock with the last finding, not"
    yield "with the first; that of another leg never. A dispute pauses nothing."
    yield "`python -m dashboard cases lifecycle --region` prints the budgets of another region."


def permissions() -> Iterator[str]:
    """Tell for every role which events it may own."""
    yield from _table(
        ("Event", *ROLES.values()),
        ((f"`{kind}`", *("●" if actor in row.owners else "" for actor in ROLES)) for kind, row in TRANSITIONS.items()),
    )


def _bound(kind: EventKind) -> str:
    required = [table[kind].__doc__ or "" for table in (CONDITIONS, NEW_CONDITIONS) if kind in table]
    sentences = [sentence.removeprefix(REQUIRE) for sentence in required]
    return " ".join([*(one[0].upper() + one[1:] for one in sentences), ALSO.get(kind, "")]).strip() or "—"


def _names(kind: EventKind) -> str:
    chinese, english = (say(f"event.{kind}", language) for language in LANGUAGES)
    return chinese if english == kind else f"{chinese}, {english}"


def _rules(kind: EventKind) -> str:
    acting = (*PRECEDING.get(kind, ()), *FOLLOWING.get(kind, ()))
    sentences = [(one.__doc__ or "").splitlines()[0] for one in acting]
    return " ".join([*sentences, THEN.get(kind, "")]).strip() or "—"


def _budget(budgets: Budgets, kind: ClockKind) -> str:
    usual = budgets.of("")[kind]
    others = {one: own[kind] for one, own in budgets.by_matter.items() if kind in own}
    words = [f"{usual.amount} {usual.unit.replace('_', ' ')}"]
    words += [f"{code}: {own.amount} {own.unit.replace('_', ' ')}" for code, own in sorted(others.items())]
    return "; ".join(words)


def _section(title: str, lines: Iterable[str]) -> str:
    return "\n".join((f"## {title}", "", *lines, ""))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(head)
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
