"""Townships rate the units by how late they were, once in the month and once when it is over."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest

from dashboard.simulation.client import Reporter
from dashboard.simulation.judging import Judges, lateness, score_of
from tests.simulation.county import NOON

ZONE = ZoneInfo("Asia/Shanghai")


def counts(met: int, due: int) -> dict:
    nothing = {"numerator": 0, "denominator": 0, "rate": None}
    return {"on_time": {"numerator": met, "denominator": due}, "response": nothing, "arrival": nothing}


class Sheet:
    """Units of which every fourth had nothing to do; keeps what it is told."""

    def __init__(self) -> None:
        self.ratings: dict[tuple[str, str], list[dict]] = defaultdict(list)
        self.consultations: dict[str, list[dict]] = defaultdict(list)
        self.answers: list[dict] = []

    def unit(self, number: int, period: str) -> dict:
        code = f"u{number:03}"
        return {
            "unit": code,
            "department": "zhzf",
            "township": "T1",
            "serves": ["T2"] if number % 10 == 0 else [],
            "indicators": counts(0, 0) if number % 4 == 0 else counts(10 * (number % 3), 20),
            "ratings": self.ratings[code, period],
            "consultations": self.consultations[code],
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            period = request.url.params["period"]
            return httpx.Response(200, json={"units": [self.unit(n, period) for n in range(200)]})
        body = json.loads(request.content)
        if request.url.path.endswith("ratings"):
            self.ratings[body["unit"], body["period"]].append(body)
        elif request.url.path.endswith("consultations"):
            self.consultations[body["unit"]].append(body)
            return httpx.Response(201, json={"id": len(self.consultations)})
        else:
            self.answers.append(body)
        return httpx.Response(201, json=body)


@pytest.fixture
def sheet() -> Sheet:
    return Sheet()


@pytest.fixture
def judges(sheet) -> Judges:
    http = httpx.Client(base_url="http://county.test", transport=httpx.MockTransport(sheet.answer))
    return Judges(Reporter(http), ZONE, seed=1)


def test_most_units_that_had_work_are_rated_and_the_others_are_not(judges, sheet):
    judges.past(NOON, NOON)
    rated = {int(unit[1:]) for (unit, _), said in sheet.ratings.items() if said}
    assert {n for n in range(200) if n % 4} - rated  # some are without, though they had work
    assert 0.8 * 150 < len(rated) < 150
    assert all(n % 4 for n in rated)


def test_every_township_that_a_unit_serves_rates_it_by_itself(judges, sheet):
    judges.past(NOON, NOON)
    raters = {said["rater"] for (unit, _), many in sheet.ratings.items() if int(unit[1:]) % 10 == 0 for said in many}
    assert raters == {"township:T1", "township:T2"}


def test_who_was_late_is_rated_lower(judges, sheet):
    judges.past(NOON, NOON)
    scores = {0: [], 1: [], 2: []}
    for (unit, _), many in sheet.ratings.items():
        scores[int(unit[1:]) % 3] += [said["score"] for said in many]
    assert np.mean(scores[0]) < np.mean(scores[1]) < np.mean(scores[2])  # on time: never, half, always


def test_a_second_run_says_nothing_twice(judges, sheet):
    judges.past(NOON, NOON)
    before = [len(many) for many in sheet.ratings.values()], len(sheet.answers)
    judges.past(NOON, NOON)
    assert ([len(many) for many in sheet.ratings.values()], len(sheet.answers)) == before
    assert all(len(many) <= 1 for many in sheet.consultations.values())


def test_a_few_units_are_consulted_about_and_most_answered(judges, sheet):
    judges.past(NOON, NOON)
    asked = sum(map(len, sheet.consultations.values()))
    assert 2 <= asked <= 25
    assert 0 < len(sheet.answers) <= asked


def test_the_month_that_is_over_is_rated_on_the_first_day_of_the_next(judges, sheet):
    judges.day(datetime(2026, 11, 30, 16, 1, tzinfo=UTC))  # 1 December in the county
    assert {period for (_, period), many in sheet.ratings.items() if many} == {"2026-11"}
    judges.day(datetime(2026, 12, 1, 16, 1, tzinfo=UTC))
    assert {period for (_, period), many in sheet.ratings.items() if many} == {"2026-11"}


def test_months_that_are_over_come_before_the_one_that_runs(judges, sheet):
    judges.past(datetime(2026, 9, 30, 12, tzinfo=UTC), NOON)
    said = {period: many[0]["reason"][:4] for (_, period), many in sheet.ratings.items() if many}
    assert said == {"2026-09": "月度评价", "2026-10": "月度评价", "2026-11": "月中评价"}


@pytest.mark.parametrize(("met", "due", "late"), [(27, 27, 0), (0, 27, 0.9), (0, 1, 0.25), (9, 17, 0.4)])
def test_lateness_is_the_part_that_was_missed_with_three_cases_to_the_good(met, due, late):
    assert lateness({"indicators": counts(met, due)}) == pytest.approx(late)


def test_a_unit_without_work_is_neither_late_nor_in_time():
    assert lateness({"indicators": counts(0, 0)}) is None


def test_scores_are_halves_between_forty_and_ninety_nine():
    draw = np.random.default_rng(1)
    for late in np.linspace(0, 1, 50):
        score = score_of(float(late), draw)
        assert 40 <= score <= 99
        assert (score * 2).is_integer()
