"""Judgements in the database: what was said stays, an answer is given once, costly counts are kept briefly."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, select

from cases.assessment import DEFAULT
from cases.errors import NotAllowed
from data import tables
from data.engine import reading
from data.judgements import COSTLY_S, KEPT, Consultation, Judgements, latest, score_of
from data.store import SqlCaseStore
from tests.cases.factories import EAST, ORGANISATION, WEST
from tests.data.samples import add

NOW = datetime(2026, 3, 20, 4, tzinfo=UTC)
UNIT = "sthj-001"


@pytest.fixture
def judgements(engine: Engine) -> Judgements:
    return Judgements(engine, ORGANISATION, DEFAULT, ZoneInfo("Asia/Shanghai"))


def ask(judgements: Judgements) -> Consultation:
    return judgements.ask(UNIT, EAST, "所长任职", "〔2026〕1号", "", "sthj", NOW)


def test_every_rating_stays_and_the_last_of_each_rater_counts(judgements: Judgements) -> None:
    for township, score in ((WEST, 80.1), (EAST, 70), (WEST, 87.35)):
        judgements.rate(UNIT, "2026-03", f"township:{township}", score, "理由", f"township:{township}", NOW)
    said = judgements.sheet("2026-03", NOW).ratings[UNIT]
    assert [one.score for one in said] == [80.1, 70, 87.35]
    now = latest(said)
    assert [score_of(now[f"township:{code}"]) for code in (WEST, EAST)] == [Fraction(8735, 100), 70]
    line = next(one for one in judgements.sheet("2026-03", NOW).lines if one.unit.code == UNIT)
    assert line.scores["township"] == Fraction(15735, 200), "exactly the mean of what was given"


def test_of_two_who_answer_at_once_one_is_told_so(judgements: Judgements) -> None:
    asked, ready = ask(judgements), Barrier(2)

    def answer(opinion: str) -> str:
        ready.wait()
        try:
            judgements.answer(asked.id, opinion, "〔2026〕2号", "意见", EAST, NOW)
        except NotAllowed as refusal:
            return str(refusal)
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(answer, ("agreed", "objected")))
    assert sorted(map(bool, said)) == [False, True]
    assert "was answered on 2026-03-20" in "".join(said)
    with reading(judgements.engine) as connection:
        rows = connection.execute(select(func.count()).select_from(tables.consultations)).scalar_one()
    assert rows == 2, "the question and one answer"


def test_costly_counts_are_given_again_for_a_minute_and_say_as_of_when(judgements: Judgements) -> None:
    add(SqlCaseStore(judgements.engine), "1")
    first = judgements.sheet("2026-03", NOW)
    assert (first.revision, first.as_of) == (1, NOW)
    later = NOW + timedelta(seconds=20)
    assert judgements.sheet("2026-03", later).as_of == later, "what costs nothing is always made anew"
    kept = judgements._kept["2026-03"]
    judgements._kept["2026-03"] = replace(kept, cost_s=COSTLY_S + 1)
    add(SqlCaseStore(judgements.engine), "2")
    again = judgements.sheet("2026-03", later + timedelta(seconds=59))
    assert (again.revision, again.as_of) == (1, later)
    assert judgements.sheet("2026-03", later + KEPT).revision == 2
