"""`simulate`: play a believable county against a running server."""

import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dashboard.simulation.client import NoAnswerError, Reporter
from dashboard.simulation.judging import Judges
from dashboard.simulation.plan import Plan
from dashboard.simulation.player import Player
from dashboard.simulation.world import World, read_world


class WallClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Give the present instant, aware UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def simulate(
    url: Annotated[str, typer.Option(help="Address of the running server.")] = "http://127.0.0.1:8050",
    seed: Annotated[int, typer.Option(min=0, help="The same seed tells the same county again.")] = 1,
    rate: Annotated[float, typer.Option(min=0.1, help="Cases an hour, averaged over a week.")] = 10.0,
    speed: Annotated[float, typer.Option(min=0.01, help="Simulated seconds in a second, once caught up.")] = 1.0,
    days: Annotated[float, typer.Option(min=0, help="How many days of the past are told first.")] = 2.0,
    until_caught_up: Annotated[bool, typer.Option("--until-caught-up", help="Stop once the past is told.")] = False,
    seconds: Annotated[float | None, typer.Option("--for", min=0, help="Stop so many seconds after that.")] = None,
) -> None:
    """Play a believable county through the HTTP interface: reports and everything that follows from them.

    Reports follow the rhythm of day and week and the surroundings; departments and townships are quick or late. What
    was sent before with the same seed and rate is recognised and not sent again.
    """
    console = Console(stderr=True)
    try:
        with httpx.Client(base_url=url, timeout=30.0) as http:
            run(http, console, seed=seed, rate=rate, speed=speed, days=days, caught_up=until_caught_up, seconds=seconds)
    except NoAnswerError as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        console.print("Stopped. The next run with the same seed goes on from here.")


def run(
    http: httpx.Client,
    console: Console,
    *,
    seed: int,
    rate: float,
    speed: float,
    days: float,
    caught_up: bool,
    seconds: float | None,
) -> None:
    """Learn the region, tell the past, then live on."""
    reporter = Reporter(http)
    clock = WallClock()
    world = learn(reporter, seed)
    reporter.names = world.names
    judges = Judges(reporter, world.zone, seed)
    player = Player(Plan(world, seed, rate), reporter, clock, days, speed, judges.day)
    tell_past(player, reporter, console)
    judges.past(clock.now() - timedelta(days=days), clock.now())
    if caught_up:
        return
    console.print(f"Caught up; {rate:g} cases an hour from now on, Ctrl-C stops.")
    player.live(None if seconds is None else clock.now() + timedelta(seconds=seconds))
    console.print(summary(reporter))


def learn(reporter: Reporter, seed: int) -> World:
    """Read the region, its current geometry and who acts in each township from the server."""
    region = reporter.fetch("/api/v1/region")
    layers = {name: reporter.fetch(layer["url"]) for name, layer in region["layers"].items()}
    # Only one-things bring several departments on site, each of which must answer for itself.
    codes = [str(town["properties"]["code"]) for town in layers.get("township", {}).get("features", ())]
    lists = {code: reporter.fetch(f"/api/v1/lists?kind=one_thing&township={code}") for code in codes}
    return read_world(region, layers, seed, lists)


def tell_past(player: Player, reporter: Reporter, console: Console) -> None:
    """Send the backlog behind a progress bar."""
    began = time.monotonic()
    stories = player.backlog()
    steps = sum(step.at <= player.started for story in stories for step in story.steps)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=not console.is_terminal) as bar:
        task = bar.add_task(f"{len(stories)} cases of the last {player.days:g} days", total=steps)
        player.catch_up(stories, lambda sent: bar.advance(task, sent))
    console.print(f"{summary(reporter)} in {time.monotonic() - began:.0f} s")


def summary(reporter: Reporter) -> str:
    """Say what was sent."""
    counts = reporter.counts
    said = f"{counts['reports']} reports and {counts['events']} events sent"
    others = {name: counts[name] for name in ("repeated", "refused", "skipped") if counts[name]}
    return ", ".join([said, *(f"{count} {name}" for name, count in others.items())])
