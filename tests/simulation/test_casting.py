"""A step is sent with the departments that really act and the numbers that cases were given."""

import json

import httpx

from dashboard.simulation.casting import Casting, cast
from dashboard.simulation.client import Reporter
from dashboard.simulation.story import LEAD, REPORT, Step
from tests.simulation.county import NOON

NAMES = {"zhzf": "综合执法局", "zjj": "住建局", "gaj": "公安局"}
SWAP = Casting.swap("zhzf", "zjj", NAMES)


def test_two_departments_change_parts_in_codes_and_in_words():
    ruling = {"change": "由住建局牵头，综合执法局配合", "township": True}
    step = Step(NOON, "k", "settled", LEAD, "adjudicator", {"department": "zjj", "ruling": ruling, "wanted": "gaj"})
    played = cast(step, {}, SWAP)
    assert played.body == {
        "department": "zhzf",
        "ruling": {"change": "由综合执法局牵头，住建局配合", "township": True},
        "wanted": "gaj",
    }
    assert (played.department, played.actor) == (LEAD, "adjudicator")


def test_names_that_nobody_knows_stay_as_they_are():
    step = Step(NOON, "k", "accepted", LEAD, "a", {"text": "a und b"})
    played = cast(step, {}, Casting.swap("a", "b", {}))
    assert (played.actor, played.body["text"]) == ("b", "a und b")


def test_keys_of_other_cases_become_their_numbers():
    step = Step(NOON, "k", "commented", "", "command", {"not_duplicate_of": "j", "text": "j"})
    assert cast(step, {"j": "CX1"}).body == {"not_duplicate_of": "CX1", "text": "j"}


def test_whom_the_answer_to_a_report_names_plays_the_lead():
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(201, json={"number": "CX20261124-00001", "legs": [{"department": "zjj"}]})

    http = httpx.Client(base_url="http://county.test", transport=httpx.MockTransport(answer))
    reporter = Reporter(http, names=NAMES)
    reporter.send(Step(NOON, "k", REPORT, "zhzf", body={"matter": "SD-01"}), NOON)
    reporter.send(Step(NOON, "k", "returned", LEAD, "zhzf", {"reason": "由住建局负责"}), NOON)
    assert sent[1]["actor"] == "zjj"
    assert sent[1]["data"] == {"reason": "由综合执法局负责"}
