"""What people do by hand on the page of a case: who may do it, and that nothing that is being written is lost."""

from collections.abc import Iterator

import httpx
import pytest

from cases.events import EventKind
from cases.lifecycle import TRANSITIONS, Actor
from dashboard.text import WORDS
from dashboard.views.acts import OF_CASE, OF_LEG, SHAPES, actors, acts_of, acts_on
from dashboard.views.names import Book
from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious
from tests.cases.factories import EAST, ORGANISATION, Walk

PLACE = (121.4057, 30.1702)
GUANHAIWEI = "330282107"
BOOK = Book([(EAST, "观海卫镇", None)], {}, ORGANISATION.departments, {})
ZH = "zh-CN"


def kinds(acts: list[dict[str, object]]) -> list[object]:
    return [act["kind"] for act in acts]


def test_every_act_has_its_words_and_every_field_of_the_table_its_place() -> None:
    for kind in (*OF_LEG, *OF_CASE):
        assert f"act.{kind}" in WORDS
        for name in TRANSITIONS[kind].required:
            assert name == "amount" or f"act.field.{name}" in WORDS
        assert set(SHAPES) & set(TRANSITIONS[kind].required) <= {"amount", "approved_by"}


def test_nothing_is_offered_that_the_rules_refuse() -> None:
    received = Walk().state
    assert kinds(acts_of(received, BOOK, ZH)) == ["commented"], "no clock runs yet that could be extended"
    assert kinds(acts_on(received, received.legs[1], BOOK, ZH)) == ["urged", "supervised"], "nobody owes a reply"
    supervised = Walk().do("accepted").do("supervised", leg=2, actor=EAST).state
    assert kinds(acts_on(supervised, supervised.legs[1], BOOK, ZH)) == ["urged", "supervised", "replied"]
    closed = Walk().do("closed", reason="误报").state
    assert kinds(acts_of(closed, BOOK, ZH)) == ["commented"]
    assert acts_on(closed, closed.legs[0], BOOK, ZH) == []


def test_nobody_urges_itself_and_only_who_owes_it_replies() -> None:
    state = Walk().do("accepted").do("supervised", leg=2, actor=EAST).state
    environment = state.legs[1]
    urging = actors(state, EventKind.URGED, environment)
    assert urging[0] == state.township, "the township comes first"
    assert {"zhzf", "scjg", "command"} <= set(urging)
    assert not {environment.department, environment.unit} & set(urging)
    assert actors(state, EventKind.REPLIED, environment)[:2] == [environment.unit, environment.department]
    assert actors(state, EventKind.SUSPENDED, None) == ["command"]


@pytest.mark.parametrize("kind", [kind for kind in (*OF_LEG, *OF_CASE) if kind is not EventKind.REPLIED])
def test_only_who_owns_an_event_by_the_table_is_offered_as_its_actor(kind: EventKind) -> None:
    state = Walk().do("accepted").state
    found, owners = actors(state, kind, state.legs[1]), TRANSITIONS[kind].owners
    assert (state.township in found) == (Actor.LEADER in owners)
    assert ("command" in found) == (Actor.COMMANDER in owners)
    assert (state.source in found) == (Actor.REPORTER in owners)


# ---- in a browser ---------------------------------------------------------------------------------------------------

LEG = ".leg[data-key='{}']"
MARKS = "[...document.querySelectorAll(\".leg[data-key='{}'] .leg-mark\")].map(mark => mark.innerText)"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for these tests alone."""
    own = Server(tmp_path_factory.mktemp("acts"))
    own.start()
    yield own
    own.kill()


def smoke(county: Server, source_id: str) -> str:
    number = str(county.report(source_id, *PLACE)["number"])
    county.event(number, "accepted", "zhzf-107", leg="lead")
    return number


def deed(leg: int | None, kind: str) -> str:
    return f"{LEG.format(leg) if leg else '.case-acts'} .deed[data-kind={kind}]"


@pytest.mark.browser
def test_a_township_supervises_a_department_which_replies_on_the_same_page(county: Server, desk: Watched) -> None:
    number = smoke(county, "a-1")
    desk.open(f"{county.url}/case/{number}")
    desk.page.click(f"{deed(2, 'urged')} summary")
    desk.page.click(f"{deed(2, 'urged')} .form-send")
    desk.until(MARKS.format(2), lambda marks: marks == ["催办 1 次"])
    desk.page.click(f"{deed(2, 'supervised')} summary")
    desk.page.click(f"{deed(2, 'supervised')} .form-send")
    note = f"{deed(2, 'supervised')} .form-note"
    desk.page.wait_for_selector(f"{note}[data-state=refused]")
    assert "data.text" in desk.page.inner_text(note), "the sentence of the server stands beside the form"
    desk.page.fill(f"{deed(2, 'supervised')} [name=text]", "已超时，请立即到场")
    desk.page.click(f"{deed(2, 'supervised')} .form-send")
    desk.page.wait_for_selector(f"{deed(2, 'replied')} summary")
    assert any("督办待反馈" in mark for mark in desk.page.evaluate(MARKS.format(2)))
    assert desk.page.locator(".deed[data-kind=replied]").count() == 1, "only who owes a reply may give one"
    desk.page.click(f"{deed(2, 'replied')} summary")
    desk.page.fill(f"{deed(2, 'replied')} [name=text]", "途中处置另一警情，十分钟后到")
    desk.page.click(f"{deed(2, 'replied')} .form-send")
    desk.until(MARKS.format(2), lambda marks: "督办已反馈" in marks)
    leg = httpx.get(f"{county.url}/api/v1/cases/{number}").json()["legs"][1]
    assert (leg["urged"], leg["owes_reply"]) == (1, False)
    events = httpx.get(f"{county.url}/api/v1/cases/{number}").json()["events"]
    actors_by_kind = {event["kind"]: event["actor"] for event in events}
    assert (actors_by_kind["supervised"], actors_by_kind["replied"]) == (GUANHAIWEI, "sthj-107")
    assert [text for text in serious(desk.complaints) if "422" not in text] == []
    assert desk.foreign(county) == []


@pytest.mark.browser
def test_what_is_being_written_outlives_what_others_do_even_when_its_time_has_passed(
    county: Server, desk: Watched
) -> None:
    number = smoke(county, "a-2")
    county.event(number, "supervised", GUANHAIWEI, leg=3, data={"text": "请到场"})
    desk.open(f"{county.url}/case/{number}")
    desk.page.click(f"{deed(3, 'replied')} summary")
    desk.page.click(f"{deed(3, 'replied')} [name=text]")
    desk.page.keyboard.type("已在")
    county.event(number, "urged", GUANHAIWEI, leg=3)
    desk.until(MARKS.format(3), lambda marks: "催办 1 次" in marks)
    desk.page.keyboard.type("路上")
    assert desk.page.input_value(f"{deed(3, 'replied')} [name=text]") == "已在路上"
    # A colleague replies first: what stands in the form stays, and the server says why it is too late.
    county.event(number, "replied", "scjg", leg=3, data={"text": "五分钟后到"})
    desk.until(MARKS.format(3), lambda marks: "督办已反馈" in marks)
    assert desk.page.input_value(f"{deed(3, 'replied')} [name=text]") == "已在路上"
    desk.page.click(f"{deed(3, 'replied')} .form-send")
    desk.page.wait_for_selector(f"{deed(3, 'replied')} .form-note[data-state=refused]")
    assert "has replied already" in desk.page.inner_text(f"{deed(3, 'replied')} .form-note")
    assert desk.page.input_value(f"{deed(3, 'replied')} [name=text]") == "已在路上"


@pytest.mark.browser
def test_a_finish_clock_is_suspended_with_reason_and_approver_and_resumed(county: Server, desk: Watched) -> None:
    number = smoke(county, "a-3")
    desk.open(f"{county.url}/case/{number}")
    desk.page.wait_for_selector(deed(None, "commented"))
    assert desk.page.locator(deed(None, "suspended")).count() == 0, "no finish clock runs before the last finding"
    for leg in (1, 2, 3):
        county.event(number, "found", "tester", leg=leg, data={"finding": f"意见{leg}", "basis": "GB 18483-2001"})
    desk.page.click(f"{deed(None, 'suspended')} summary")
    desk.page.fill(f"{deed(None, 'suspended')} [name=reason]", "等待检测报告")
    desk.page.fill(f"{deed(None, 'suspended')} [name=approved_by]", "分管副镇长")
    desk.page.click(f"{deed(None, 'suspended')} .form-send")
    desk.page.wait_for_selector(deed(None, "resumed"))
    assert "已挂起" in desk.page.inner_text(".clocks")
    assert desk.page.locator(deed(None, "suspended")).count() == 0
    desk.page.click(f"{deed(None, 'resumed')} summary")
    desk.page.click(f"{deed(None, 'resumed')} .form-send")
    desk.page.wait_for_selector(deed(None, "extended"))
    desk.page.click(f"{deed(None, 'extended')} summary")
    for name, words in (("amount", "两天"), ("reason", "检测排期"), ("approved_by", "分管副镇长")):
        desk.page.fill(f"{deed(None, 'extended')} [name={name}]", words)
    desk.page.click(f"{deed(None, 'extended')} .form-send")
    desk.page.wait_for_selector(f"{deed(None, 'extended')} .form-note[data-state=refused]")
    desk.page.fill(f"{deed(None, 'extended')} [name=amount]", "2")
    desk.page.click(f"{deed(None, 'extended')} .form-send")
    desk.page.wait_for_selector(f"{deed(None, 'extended')} .form-note[data-state=sent]")
    case = httpx.get(f"{county.url}/api/v1/cases/{number}").json()
    finish = next(clock for clock in case["clocks"] if clock["kind"] == "finish")
    assert finish["budget"] == {"amount": 7, "unit": "working_days"}
    assert len(finish["pauses"]) == 1


@pytest.mark.browser
def test_a_phone_shows_how_far_a_check_in_was_with_its_basis_and_fits(county: Server, phone: Watched) -> None:
    number = smoke(county, "a-4")
    for leg, north in ((2, 40), (3, 420)):
        point = {"x": PLACE[0], "y": PLACE[1] + north / 110_852, "crs": "EPSG:4490"}
        county.event(number, "arrived", "tester", leg=leg, data={"point": point})
    county.event(number, "found", "tester", leg=2, data={"finding": "超标", "basis": "GB 18483-2001 表2"})
    phone.open(f"{county.url}/case/{number}")
    phone.until(MARKS.format(2), lambda marks: marks == ["距案发点 40 米"])
    assert phone.page.evaluate(MARKS.format(3)) == ["距案发点 420 米", "超出300米"]
    assert "依据：GB 18483-2001 表2" in phone.page.inner_text(LEG.format(2))
    phone.page.tap(f"{deed(3, 'supervised')} summary")
    phone.page.wait_for_selector(f"{deed(3, 'supervised')} [name=text]:visible")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(phone.complaints) == []
