"""What is suggested as the same, measured again case by case on the ellipsoid, on both databases."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pyproj import Geod
from sqlalchemy import Engine

from cases.case import CaseState, Span, Status
from cases.duplicates import DuplicateLimits, Limits
from cases.errors import NoSuchCase
from cases.events import EventKind
from data import views
from data.store import SqlCaseStore
from tests.data.samples import MINUTE, NOON, a_leg, add, an_event

GEOD = Geod(ellps="WGS84")
CRS = "EPSG:4549"
HOUR = timedelta(hours=1)
LON, LAT = 121.4057, 30.1702
LIMITS = DuplicateLimits(Limits(100, 72), {"YJS-01": Limits(150, 168), "SD-66": Limits(0, 72)})


def off(metres: float, azimuth: float = 90.0) -> dict[str, float]:
    """A place so many metres away, on the ellipsoid."""
    lon, lat, _ = GEOD.fwd(LON, LAT, azimuth, metres)
    return {"lon": lon, "lat": lat}


class County:
    """Stores cases in words."""

    def __init__(self, engine: Engine) -> None:
        self.store = SqlCaseStore(engine)
        self.engine = engine
        self.count = 0

    def case(self, metres: float = 0.0, hours: float = 0.0, azimuth: float = 90.0, **changes: Any) -> CaseState:
        self.count += 1
        at = NOON + hours * HOUR
        plain = {"matter": "YJS-01", "legs": (a_leg(),), **off(metres, azimuth)}
        return add(self.store, str(self.count), at, **(plain | changes))

    def end(self, state: CaseState, at: datetime, into: str | None = None) -> CaseState:
        status = Status.MERGED if into else Status.CLOSED
        changes = {"status": status, "merged_into": into, "spans": (Span(state.received_at, at),), "clocks": ()}
        kind = EventKind.MERGED if into else EventKind.CLOSED
        ended = replace_state(state, **changes)
        return self.store.append(state.number, state.revision, [an_event(kind, at, into=into)], ended)

    def not_the_same(self, state: CaseState, other: CaseState) -> None:
        told = an_event(EventKind.COMMENTED, text="不是同一件", not_duplicate_of=other.number)
        self.store.append(state.number, state.revision, [told], state)

    def suggested(self, state: CaseState, limits: DuplicateLimits = LIMITS) -> list[str]:
        found = views.suggestions(self.engine, state.number, limits, CRS)
        assert found.total == len(found.found)
        return [one.likely.number for one in found.found]

    def listed(self, **options: Any) -> list[tuple[str, str]]:
        found = views.open_suggestions(self.engine, LIMITS, CRS, **options)
        return [(row.case.number, row.other.number) for row in found.rows]


def replace_state(state: CaseState, **changes: Any) -> CaseState:
    values = {name: getattr(state, name) for name in CaseState.__slots__}
    return CaseState(**(values | changes))


@pytest.fixture
def county(engine: Engine) -> County:
    return County(engine)


def test_what_lies_within_the_metres_of_the_matter_is_suggested_nearest_first(county: County) -> None:
    own = county.case()
    near, far = county.case(30), county.case(149.9, azimuth=200)
    county.case(150.3, azimuth=20)
    assert county.suggested(own) == [near.number, far.number]
    assert set(county.suggested(far)) == {own.number}


def test_the_distance_is_that_of_the_ellipsoid_and_the_time_goes_both_ways(county: County) -> None:
    own = county.case()
    county.case(87.3, 30, azimuth=37)
    county.case(20, -160)
    (later, earlier) = views.suggestions(county.engine, own.number, LIMITS, CRS).found
    assert later.likely.distance_m == pytest.approx(87.3, abs=0.1)
    assert (later.likely.direction, later.likely.hours) == ("later", 30)
    assert earlier.likely.distance_m == pytest.approx(20, abs=0.1)
    assert (earlier.likely.direction, earlier.likely.hours) == ("earlier", 160)


@pytest.mark.parametrize(("hours", "expected"), [(168, 1), (-168, 1), (168.001, 0), (-168.001, 0)])
def test_the_time_window_holds_its_own_edges(county: County, hours: float, expected: int) -> None:
    own = county.case()
    county.case(10, hours)
    assert len(county.suggested(own)) == expected


def test_another_matter_is_never_suggested_nor_one_that_is_switched_off(county: County) -> None:
    own, other = county.case(), county.case(matter="SD-01")
    visited = county.case(matter="SD-66")
    county.case(matter="SD-66")
    assert county.suggested(own) == county.suggested(other) == county.suggested(visited) == []
    assert views.suggestions(county.engine, visited.number, LIMITS, CRS).limits == Limits(0, 72)


def test_a_case_without_a_place_has_none_and_is_none(county: County) -> None:
    own = county.case()
    nowhere = county.case(lon=None, lat=None, cell=None, village=None, township=None)
    assert county.suggested(nowhere) == county.suggested(own) == county.listed() == []


def test_merged_and_long_closed_cases_are_not_suggested_recent_ones_are(county: County) -> None:
    own = county.case()
    county.end(county.case(10), NOON + HOUR, into=own.number)
    recent = county.end(county.case(20), NOON + 168 * HOUR)
    county.end(county.case(30), NOON + 168 * HOUR + MINUTE)
    assert county.suggested(own) == [recent.number]
    assert county.listed() == [(own.number, recent.number)]


def test_a_merged_case_is_offered_nothing(county: County) -> None:
    own = county.case()
    gone = county.end(county.case(10), NOON + HOUR, into=own.number)
    county.case(20)
    assert county.suggested(gone) == []


@pytest.mark.parametrize("told_on_the_first", [True, False])
def test_who_says_that_two_are_not_the_same_is_believed_for_both(county: County, told_on_the_first: bool) -> None:
    own, other, third = county.case(), county.case(10), county.case(60)
    county.not_the_same(*((own, other) if told_on_the_first else (other, own)))
    assert county.suggested(own) == [third.number]
    assert county.suggested(other) == [third.number]
    assert (third.number, own.number) in county.listed() or (third.number, other.number) in county.listed()


def test_two_open_cases_are_listed_once_under_the_one_that_was_received_later(county: County) -> None:
    early, late = county.case(), county.case(10, 1)
    assert county.listed() == [(late.number, early.number)]
    third = county.case(12, 2)
    found = views.open_suggestions(county.engine, LIMITS, CRS)
    assert {row.case.number: row.suggestions for row in found.rows} == {late.number: 1, third.number: 2}
    assert found.total == 2
    assert len(views.open_suggestions(county.engine, LIMITS, CRS, limit=1).rows) == 1


def test_the_list_of_a_township_holds_what_either_case_has_there(county: County) -> None:
    county.case()
    over_the_line = county.case(10, 1, township="330282003")
    assert county.listed(township=("330282003",)) == county.listed(township=("330282002",)) != []
    assert county.listed(township=("330282009",)) == []
    assert county.listed()[0][0] == over_the_line.number


def test_texts_and_telephones_tell_apart_what_place_and_time_do_not(county: County) -> None:
    def report(words: str, phone: str = "") -> dict[str, Any]:
        return {"description": words, "contact": {"name": "", "phone": phone}, "photos": []}

    own = county.case(report=report("楼下饭店油烟直排", "13812340000"))
    other_words = county.case(10, report=report("道路积水很深"))
    same_words = county.case(10, report=report("楼下饭店油烟直排窗户"))
    same_phone = county.case(10, report=report("", "138-1234-0000"))
    assert county.suggested(own) == [same_phone.number, same_words.number, other_words.number]


def test_the_reports_of_a_case_are_gathered_along_the_whole_chain(county: County) -> None:
    stays, between, first = county.case(), county.case(5, 1), county.case(6, 2)
    assert views.report_counts(county.engine, [stays.number]) == {stays.number: 1}
    county.end(first, NOON + 3 * HOUR, into=between.number)
    county.end(between, NOON + 4 * HOUR, into=stays.number)
    told = views.reports_of(county.engine, stays.number)
    assert [one.number for one in told] == [stays.number, between.number, first.number]
    assert views.report_counts(county.engine, [stays.number, between.number, first.number]) == {
        stays.number: 3,
        between.number: 2,
        first.number: 1,
    }
    assert views.reports_of(county.engine, "CX19000101-00001") == ()
    newcomer = county.case(1, 5)
    (one,) = views.suggestions(county.engine, newcomer.number, LIMITS, CRS).found
    assert len(one.reports) == 3


def test_an_unknown_case_is_an_error_and_an_empty_county_has_no_work(county: County) -> None:
    with pytest.raises(NoSuchCase, match="CX1"):
        views.suggestions(county.engine, "CX1", LIMITS, CRS)
    assert views.open_suggestions(county.engine, LIMITS, CRS) == views.WorkList(0, ())


def test_many_cases_in_one_place_are_all_counted_and_the_likeliest_shown(county: County) -> None:
    own = county.case()
    for count in range(60):
        county.case(1 + count, 1)
    found = views.suggestions(county.engine, own.number, LIMITS, CRS)
    assert found.total == 60
    assert [round(one.likely.distance_m) for one in found.found] == list(range(1, 21))


def apart_m(one: CaseState, other: CaseState) -> float:
    return float(GEOD.inv(one.lon, one.lat, other.lon, other.lat)[2])


def judge(states: list[CaseState]) -> Callable[[CaseState, CaseState], bool]:
    """Measure two cases on the ellipsoid; the sample below keeps clear of the limits."""

    def same(one: CaseState, other: CaseState) -> bool:
        limits = LIMITS.of(one.matter)
        apart = abs(one.occurred_at - other.occurred_at)
        return one.matter == other.matter and apart_m(one, other) <= limits.metres and apart <= limits.window

    return same


def test_case_by_case_and_as_a_list_the_same_is_suggested_as_by_measuring_each_pair(county: County) -> None:
    chance = random.Random(5)
    states = [
        county.case(chance.uniform(0, 400), chance.uniform(-300, 300), chance.uniform(0, 360), matter=matter)
        for matter in chance.choices(["YJS-01", "SD-01", "SD-66"], k=90)
    ]
    same = judge(states)
    pairs = {(a.number, b.number) for a in states for b in states if a != b and same(a, b) and a.matter != "SD-66"}
    close = [
        (a.number, b.number)
        for a in states
        for b in states
        if a != b and a.matter == b.matter and abs(apart_m(a, b) - LIMITS.of(a.matter).metres) < 0.05
    ]
    assert not close, "116 km from its meridian the projection stretches 150 m by 25 mm: the sample keeps clear of that"
    found = {
        (state.number, one.likely.number)
        for state in states
        for one in views.suggestions(county.engine, state.number, LIMITS, CRS).found
    }
    assert found == pairs
    assert pairs
    by_number = {state.number: state for state in states}
    expected = {
        number
        for number, other in pairs
        if (by_number[number].received_at, number) > (by_number[other].received_at, other)
    }
    assert {row.case.number for row in views.open_suggestions(county.engine, LIMITS, CRS).rows} == expected
