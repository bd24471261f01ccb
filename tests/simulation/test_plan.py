"""The plan is believable, in order, and the same for the same seed."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from dashboard.simulation import rhythm
from dashboard.simulation.plan import HOUR, Plan, hours
from dashboard.simulation.profiles import PROFILES, Setting, profile_of
from dashboard.simulation.story import LEAD, REPORT
from dashboard.simulation.world import read_world
from geo import crs
from tests.simulation.county import NOON, REGION, layers, world

ZONE = ZoneInfo("Asia/Shanghai")


def told(seed: int = 1, rate: float = 40.0, days: float = 7.0):
    plan = Plan(world(seed), seed, rate)
    return [story for hour in hours(NOON - timedelta(days=days), NOON) for story in plan.hour(hour)]


STORIES = told()


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-24 09:00", 60, "2026-11-24 10:00"),
        ("2026-11-24 11:30", 60, "2026-11-24 14:30"),  # over lunch
        ("2026-11-27 17:00", 60, "2026-11-30 09:00"),  # Friday evening to Monday morning
        ("2026-11-28 12:00", 1, "2026-11-30 08:31"),  # Saturday
        ("2026-11-24 22:00", 420, "2026-11-25 17:30"),  # a whole office day, started at night
    ],
)
def test_office_time_passes_only_while_offices_are_open(start, minutes, end):
    begin = datetime.fromisoformat(start).replace(tzinfo=ZONE)
    assert rhythm.after_office_time(begin, timedelta(minutes=minutes)) == datetime.fromisoformat(end).replace(
        tzinfo=ZONE
    )


@pytest.mark.parametrize("matter", [*PROFILES, "an unknown matter"])
def test_a_matters_rhythm_averages_to_one_over_the_week(matter):
    profile = profile_of(matter)
    monday = datetime(2026, 11, 23, tzinfo=ZONE)
    shares = [rhythm.hourly_share(profile.hours, profile.week, monday + n * HOUR) for n in range(168)]
    assert np.mean(shares) == pytest.approx(1.0)


def test_the_chosen_rate_is_met_over_a_week():
    expected = 40 * 24 * 7
    count = sum(step.kind == REPORT for story in STORIES for step in story.steps)
    assert count == pytest.approx(expected, abs=5 * expected**0.5)


def test_the_same_seed_and_rate_tell_the_same_stories():
    assert told(days=1) == told(days=1)


def test_another_seed_tells_other_stories():
    assert told(seed=2, days=1) != told(seed=1, days=1)


def test_a_story_begins_with_its_report_and_goes_on_in_the_order_of_time():
    for story in STORIES:
        assert story.steps[0].kind == REPORT
        assert all(earlier.at <= later.at for earlier, later in pairwise(story.steps))


def test_nobody_arrives_before_the_lead_accepts_and_nobody_finds_before_arriving_unless_it_need_not_come():
    stayed_away = 0
    for story in STORIES:
        first = {}
        for step in story.steps:
            first.setdefault((step.case, step.kind, step.department), step.at)
            if step.kind == "found":
                arrived = first.get((step.case, "arrived", step.department))
                stayed_away += arrived is None
                assert arrived < step.at if arrived else "不再上门" in step.body["finding"]
            if step.kind == "arrived":
                assert first[step.case, "accepted", LEAD] < step.at
    assert stayed_away > 0


def test_everything_that_can_happen_to_a_case_happens_to_some():
    kinds = {step.kind for story in STORIES for step in story.steps}
    assert kinds == {
        *(
            "report",
            "accepted",
            "arrived",
            "found",
            "finished",
            "verified",
            "closed",
            "reopened",
            "returned",
            "transferred",
        ),
        *("extended", "suspended", "resumed", "merged", "urged", "supervised", "commented", "disputed", "settled"),
        *("stated", "replied", "answered", "identified"),
    }


def reports(matter: str):
    return [story.steps[0] for story in STORIES if story.steps[0].body["matter"] == matter]


def test_smoke_is_reported_around_meals_and_litter_in_office_hours():
    def share(matter: str, wanted: set[int]) -> float:
        found = [step.at.astimezone(ZONE).hour for step in reports(matter)]
        return sum(hour in wanted for hour in found) / len(found)

    meals = {11, 12, 17, 18, 19, 20}
    assert share("YJS-01", meals) > 0.6 > share("SD-01", meals)


def test_smoke_stands_in_dense_cells_and_straw_fires_in_wide_ones():
    def median_longitude(matter: str) -> float:
        points = [
            step.body["point"] for step in reports(matter) if step.body["source"] != "hotline" and "point" in step.body
        ]
        return float(np.median([max(point["x"], point["y"]) for point in points]))

    assert median_longitude("YJS-01") < median_longitude("SD-14")  # cells widen towards the east


def test_points_lie_inside_the_county_once_their_crs_is_undone():
    county = shapely.union_all(world().shapes).buffer(1e-5)
    outside = Counter()
    for story in STORIES:
        point = story.steps[0].body.get("point")
        if point is None:
            outside["none"] += 1
            continue
        lon, lat = crs.to_wgs84(np.array([point["x"]]), np.array([point["y"]]), point["crs"])
        inside = county.contains(shapely.Point(lon[0], lat[0])) if point["x"] > 90 else None
        outside["swapped" if inside is None else inside] += 1
    assert outside[False] == 0
    assert 0 < outside["none"] < 0.02 * len(STORIES)
    assert 0 < outside["swapped"] < 0.02 * len(STORIES)


def test_a_few_places_are_reported_again_and_again():
    spots = Counter(
        (round(step.body["point"]["x"], 2), round(step.body["point"]["y"], 2))
        for step in reports("YJS-11")
        if "point" in step.body
    )
    worst = spots.most_common(1)[0][1]
    assert worst > 5 * np.median(list(spots.values()))


def test_departments_differ_in_pace_and_stay_as_they_are():
    manners = Plan(world(), 1, 1).manners
    paces = [manners.pace(code, "T1") for code in ("zhzf", "scjg", "sthj", "zjj", "gaj", "slj", "jtys", "zrzy")]
    assert max(paces) > 1.2 * min(paces)
    assert paces == [
        Plan(world(), 1, 1).manners.pace(code, "T1")
        for code in ("zhzf", "scjg", "sthj", "zjj", "gaj", "slj", "jtys", "zrzy")
    ]


def test_the_backlog_starts_with_what_is_open_and_new_and_then_follows_time():
    stories = Plan(world(), 1, 4).backlog(NOON - timedelta(days=5), NOON)
    early = [story.ends_at > NOON or story.steps[0].at > NOON - timedelta(hours=12) for story in stories]
    assert early == sorted(early, reverse=True)
    first = [story.steps[0].at for story, is_early in zip(stories, early, strict=True) if is_early]
    later = [story.steps[0].at for story, is_early in zip(stories, early, strict=True) if not is_early]
    assert first == sorted(first, reverse=True)
    assert later == sorted(later)
    assert len(later) > 100


def test_an_area_setting_has_odds_for_every_cell():
    odds = world().odds
    assert set(odds) == set(Setting)
    assert all(len(chances) == 100 and (np.diff(chances) > 0).all() for chances in odds.values())


def test_the_body_that_runs_an_area_comes_there_in_the_place_of_the_department_that_the_list_names():
    legs = [
        {"role": "lead", "department": "zhzf"},
        {"role": "coordinating", "department": "qwxq"},
        {"role": "coordinating", "department": "scjg"},
    ]
    lists = {"T2": {"items": [{"code": "YJS-01", "legs": legs}]}}
    plan = Plan(read_world(REGION, layers(), 1, lists), 1, 60)
    start, came = datetime(2026, 11, 24, 4, tzinfo=UTC), {"T1": set(), "T2": set()}
    smoke = plan.world.matters[0]
    for index in range(200):
        story = plan.story(0, index, start, smoke, profile_of(smoke.code))
        township = "T1" if any(step.department == "sthj" for step in story.steps) else "T2"
        came[township] |= {step.department for step in story.steps if step.kind == "arrived"}
    assert came == {"T1": {"sthj", "scjg", LEAD}, "T2": {"qwxq", "scjg", LEAD}}


def test_the_township_leads_in_its_own_powers_which_are_seldom_reported():
    row = {"code": "QL-046", "name": "临时救助", "kind": "power", "lead": "mzj", "coordinating": []}
    (power,) = read_world({**REGION, "matters": [row]}, layers(), 1).matters
    assert (power.lead, power.name) == ("township", "临时救助")
    assert profile_of(power.code, reported=power.reported).weight < profile_of("SD-69").weight


def test_a_matter_for_which_nobody_has_words_is_reported_by_its_name():
    row = {"code": "SD-69", "name": "工业噪声扰民", "kind": "territorial", "lead": "sthj", "coordinating": []}
    plan = Plan(read_world({**REGION, "matters": [row]}, layers(), 1), 1, 60)
    told_in_an_hour = plan.hour(datetime(2026, 11, 24, 4, tzinfo=UTC))
    said = {step.body["description"] for one in told_in_an_hour for step in one.steps if step.kind == REPORT}
    assert said
    assert all(words.endswith("：工业噪声扰民") for words in said)
