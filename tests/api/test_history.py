"""The time machine over HTTP: moments are what the wall showed, maps those of the day, nothing knows the future."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.clock import Level
from cases.history import fold, level_of
from dashboard.history.machine import Recent
from dashboard.server import create_app
from dashboard.settings import Settings
from data import views
from data.engine import open_engine
from data.region import Region
from data.store import SqlCaseStore
from tests.api import pack
from tests.api.conftest import NOW, Caller, Watch, called, report
from tests.history.months import told

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOMENT = "/api/v1/history/moment"


def iso(at: datetime) -> str:
    return at.isoformat().replace("+", "%2B")


def spread(flat: list[int]) -> dict[int, tuple[int, ...]]:
    """Give gid to level, pending, amber, overdue, of areas with pending cases."""
    rows = [tuple(flat[k : k + 5]) for k in range(0, len(flat), 5)]
    return {row[0]: row[1:] for row in rows if row[2]}


# ---- a simulated month ---------------------------------------------------------------------------------------------


@pytest.fixture
def month(database_url: str, watch: Watch) -> Iterator[tuple[Caller, dict[datetime, dict[str, Any]], str]]:
    """A month of the embedded county, told as time goes by, and what its board said at random moments of it."""
    watch.now = NOW
    app = create_app(Settings(database_url=database_url, poll_ms=50), now=watch)
    chance, shown = random.Random(5), {}
    with called(app) as caller:
        for at in told(caller, watch, NOW, days=30, rate=0.2):
            if chance.random() < 0.02:
                watch.now = at + timedelta(microseconds=1)
                shown[watch.now] = caller.board(views.latest_revision(app.state.services.engine))
        yield caller, shown, database_url


def test_every_moment_of_a_month_is_what_the_wall_showed_and_what_the_events_say(
    month: tuple[Caller, dict[datetime, dict[str, Any]], str], cixi: Region
) -> None:
    caller, shown, url = month
    engine = open_engine(url)
    store = SqlCaseStore(engine)
    numbers = [row["number"] for row in all_cases(caller)]
    events = {number: store.history(number) for number in numbers}
    engine.dispose()
    assert len(shown) >= 15
    assert len(numbers) > 100
    different = 0
    for at, wall in shown.items():
        then = caller.get(f"{MOMENT}?at={iso(at)}&known=then").json()
        figures = {name: wall["figures"][name] for name in ("pending", "amber", "overdue")}
        assert {name: then["figures"][name] for name in figures} == figures, at
        named = codes_of(caller, then)
        assert {named["grid"][gid]: row for gid, row in spread(then["cells"]).items()} == on_wall(wall, "grid"), at
        assert {named["township"][gid]: row for gid, row in spread(then["townships"]).items()} == on_wall(
            wall, "township"
        )
        today = caller.get(f"{MOMENT}?at={iso(at)}").json()
        states = [fold(known, cixi.calendar, number) for number, known in events.items()]
        levels = Counter(level for state in states if (level := level_of(state, at)))
        expected = {"pending": levels.total(), "amber": levels[Level.AMBER], "overdue": levels[Level.RED]}
        assert {name: today["figures"][name] for name in expected} == expected, at
        different += then["cells"] != today["cells"]
    assert different, "some things must be written down late, or the two would be one"


def all_cases(caller: Caller) -> list[dict[str, Any]]:
    found, cursor = [], ""
    while True:
        page = caller.get(f"/api/v1/cases?limit=200{cursor}").json()
        found += page["cases"]
        if not page["next"]:
            return found
        cursor = f"&cursor={page['next']}"


def codes_of(caller: Caller, told: dict[str, Any]) -> dict[str, dict[int, str]]:
    """Read gid to code from the geometry that the answer names."""
    return {
        name: {f["properties"]["gid"]: f["properties"]["code"] for f in caller.get(url).json()["features"]}
        for name, url in told["version"]["layers"].items()
    }


def on_wall(wall: dict[str, Any], layer: str) -> dict[str, tuple[int, ...]]:
    names = ("level", "pending", "amber", "overdue")
    return {code: tuple(row[name] for name in names) for code, row in wall["layers"][layer].items() if row["pending"]}


# ---- boundaries that change ----------------------------------------------------------------------------------------


@pytest.fixture
def changed(tmp_path: Path, sqlite_url: str, watch: Watch) -> Iterator[Caller]:
    """The small region, whose first cell was two until the first of November."""
    folder = pack.write(tmp_path / "small")
    halve_first_cell(folder / "grid.geojson")
    with called(create_app(Settings(region=str(folder), database_url=sqlite_url, poll_ms=50), now=watch)) as caller:
        yield caller


def halve_first_cell(path: Path) -> None:
    """Let the first cell be valid from November on, and two halves of it before."""
    collection = json.loads(path.read_text())
    whole = collection["features"][0]
    (west, south), (east, north) = (
        [pick(point[k] for point in whole["geometry"]["coordinates"][0]) for k in (0, 1)] for pick in (min, max)
    )
    middle = (west + east) / 2
    for n, (left, right) in enumerate([(west, middle), (middle, east)]):
        ring = [[left, south], [right, south], [right, north], [left, north], [left, south]]
        properties = {**whole["properties"], "code": whole["properties"]["code"] + f"-{n}", "valid_to": "2026-11-01"}
        collection["features"].append(
            {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        )
    whole["properties"]["valid_from"] = "2026-11-01"
    path.write_text(json.dumps(collection))


def test_a_moment_before_a_change_of_boundaries_stands_on_the_map_of_its_day(changed: Caller, watch: Watch) -> None:
    old_at = datetime(2026, 10, 30, 2, tzinfo=UTC)
    watch.now = old_at
    changed.post("/api/v1/cases", json=report("old", occurred_at=old_at.isoformat()))
    watch.now = NOW
    old = changed.get(f"{MOMENT}?at={iso(old_at + HOUR)}").json()
    new = changed.get(f"{MOMENT}?at={iso(NOW)}").json()
    now_current = changed.get(f"{MOMENT}?at={iso(NOW)}&basis=current").json()
    old_current = changed.get(f"{MOMENT}?at={iso(old_at + HOUR)}&basis=current").json()
    assert old["version"]["since"] < new["version"]["since"] == "2026-11-01"
    assert old["version"]["layers"]["grid"] != new["version"]["layers"]["grid"]
    (gid,) = spread(old["cells"])
    assert codes_of(changed, old)["grid"][gid].endswith(("-0", "-1")), "the cell of the day on which it occurred"
    # Later its cell is gone: it still counts, for its township and in all, and is said to stand elsewhere.
    assert (spread(new["cells"]), new["elsewhere"], new["figures"]["pending"]) == ({}, 1, 1)
    assert len(spread(new["townships"])) == 1
    for told_ in (now_current, old_current):
        assert told_["version"] == new["version"]
        (gid,) = spread(told_["cells"])
        assert not codes_of(changed, told_)["grid"][gid].endswith(("-0", "-1")), "by the boundaries of today"
        assert told_["elsewhere"] == 0


def test_a_process_serves_the_geometry_that_another_one_has_named(
    tmp_path: Path, sqlite_url: str, watch: Watch, changed: Caller
) -> None:
    old = changed.get(f"{MOMENT}?at={iso(datetime(2026, 10, 30, 2, tzinfo=UTC))}").json()
    settings = Settings(region=str(tmp_path / "small"), database_url=sqlite_url)
    with called(create_app(settings, now=watch)) as other:
        answer = other.get(old["version"]["layers"]["grid"])
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert other.get("/geo/0123456789abcdef/grid.geojson").status_code == 404


# ---- density, hot spots, what to expect ----------------------------------------------------------------------------


def send(caller: Caller, watch: Watch, source_id: str, at: datetime, place: int = 0, **more: Any) -> str:
    watch.now = max(watch.now, at)
    lon, lat = pack.centre(place)
    body = report(source_id, occurred_at=at.isoformat(), point={"x": lon, "y": lat, "crs": "EPSG:4490"}, **more)
    answer = caller.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


def test_the_density_says_what_came_and_when_people_work(both_clients: Caller, watch: Watch) -> None:
    for n in range(5):
        send(both_clients, watch, str(n), NOW - n * HOUR)
    start = NOW - 30 * HOUR  # Monday, 06:00 in the region
    found = both_clients.get(f"/api/v1/history/density?from={iso(start)}&steps=32").json()
    assert found["received"] == [0] * 26 + [1] * 5 + [0]
    assert found["closed"] == [0] * 32
    assert [(day["day"], day["works"], len(day["office"])) for day in found["days"]] == [
        ("2026-11-23", True, 2),
        ("2026-11-24", True, 2),
    ]


def test_a_place_where_reports_gather_is_named_with_its_figures(client: Caller, watch: Watch) -> None:
    watch.now = NOW - 3 * DAY
    for n in range(40):
        send(client, watch, str(n), NOW - 2 * DAY + n * timedelta(minutes=5), place=0)
    watch.now = NOW
    found = client.get("/api/v1/history/hotspots?days=7").json()
    assert (found["n"], found["placed"], found["alpha"]) == (40, 40, 0.05)
    assert found["earlier"] == 0, "there is no earlier period to compare with"
    for spot in found["spots"]:
        assert 0 <= spot["q"] <= found["alpha"] or spot["course"] == "fading"
        assert spot["matters"][0]["matter"] == "SD-01"


def test_an_expectation_of_the_past_is_not_changed_by_what_came_later(client: Caller, watch: Watch) -> None:
    chance = random.Random(3)
    watch.now = NOW - 21 * DAY
    for n in range(150):
        at = NOW - 21 * DAY + n * timedelta(hours=3)
        numbers = [send(client, watch, str(n), at, place=chance.choice([0, 0, 3]))]
    origin = NOW - 2 * DAY
    url = f"/api/v1/history/expected?hours=12&at={iso(origin)}"
    watch.now = NOW
    before = client.get(url).json()
    for n in range(30):
        numbers.append(send(client, watch, f"later {n}", origin + n * timedelta(minutes=20), place=5))
    client.post(f"/api/v1/cases/{numbers[0]}/events", json=merged_into(numbers[1]))
    watch.now = NOW + 7 * HOUR
    after = client.get(fresh(url)).json()
    assert before["n"] == after["n"] > 100
    for name, level in before["levels"].items():
        said = [{key: row[key] for key in ("code", "mean", "low", "high", "seen")} for row in level["rows"]]
        again = [
            {key: row[key] for key in ("code", "mean", "low", "high", "seen")} for row in after["levels"][name]["rows"]
        ]
        assert said == again
        assert level["score"] == after["levels"][name]["score"]
    assert before["over"]
    assert after["levels"]["township"]["happened"] > before["levels"]["township"]["happened"]


def fresh(url: str) -> str:
    """The same question in other words: the filter lets everything pass, the kept answer is of another key."""
    return url + "".join(f"&platform={name}" for name in ("governance", "market", "enforcement", "convenience"))


def merged_into(number: str) -> dict[str, Any]:
    return {"kind": "merged", "occurred_at": NOW.isoformat(), "actor": "zhzx", "data": {"into": number}}


def test_without_a_week_of_history_nothing_is_expected(client: Caller, watch: Watch) -> None:
    assert client.get("/api/v1/history/expected").json()["levels"] == {}
    send(client, watch, "1", NOW)
    found = client.get("/api/v1/history/expected?hours=6").json()
    assert (found["levels"], found["weeks"]) == ({}, 0)


# ---- bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["moment?", "hotspots?", "expected?"])
def test_a_moment_that_has_not_come_is_refused_with_the_way_out(client: Caller, path: str) -> None:
    answer = client.get(f"/api/v1/history/{path}at={iso(NOW + HOUR)}")
    assert (answer.status_code, answer.json()["error"]) == (422, "future_time")
    assert "Leave `at` out for now." in answer.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "moment?at=yesterday",
        "moment?at=2026-11-24T08:00:00",
        "moment?known=never",
        "moment?basis=x",
        "moment?town=1",
        "density",
        "density?from=2026-11-24T08:00:00Z&steps=0",
        "hotspots?days=3",
        "expected?hours=5",
    ],
)
def test_what_is_no_question_is_refused(client: Caller, query: str) -> None:
    answer = client.get(f"/api/v1/history/{query}")
    assert (answer.status_code, answer.json()["error"]) == (422, "invalid")


def test_an_empty_history_answers_with_nothing_and_no_error(both_clients: Caller) -> None:
    reach = both_clients.get("/api/v1/history").json()
    assert (reach["first_received"], reach["first_recorded"]) == (None, None)
    for known in ("today", "then"):
        told_ = both_clients.get(f"{MOMENT}?at=2001-01-01T00:00:00Z&known={known}").json()
        assert (told_["cells"], told_["figures"]["pending"], told_["cases"]) == ([], 0, [])
    assert both_clients.get("/api/v1/history/hotspots").json()["spots"] == []
    nothing = both_clients.get(f"{MOMENT}?matter=no-such-matter").json()
    assert nothing["figures"]["pending"] == 0


def test_what_was_computed_is_kept_for_some_minutes_and_for_the_last_questions() -> None:
    seconds, asked = [0.0], []
    recent = Recent(size=2, seconds=300, clock=lambda: seconds[0])

    def get(key: str) -> object:
        return recent.get(key, lambda: asked.append(key) or len(asked))

    assert [get("a"), get("a"), get("b"), get("a")] == [1, 1, 2, 1]
    seconds[0] = 301
    assert get("a") == 3
    get("c")
    get("d")
    assert get("a") == 6, "the oldest answer made room"
