"""An officer on a phone: accepts and arrives with one tap each, and a lost network loses no step."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from cases.events import EventKind
from cases.lifecycle import TRANSITIONS, Actor, can_record
from dashboard.text import WORDS
from dashboard.views.names import Book
from dashboard.views.officer import QUICK, STEPS, leg_items
from data.views import LegWork
from tests.browser.chrome import Chrome
from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious, watched
from tests.cases.factories import EAST, ORGANISATION, Walk

PLACE = (121.4057, 30.1702)
UNIT = "zhzf-107"
BOOK = Book([(EAST, "观海卫镇", None)], {}, ORGANISATION.departments, {})


def test_every_step_is_an_officers_and_has_its_words() -> None:
    for kind in STEPS:
        assert Actor.OFFICER in TRANSITIONS[kind].owners
        assert {f"steps.{kind}", f"steps.{kind}.done"} <= set(WORDS)
        for name in TRANSITIONS[kind].required:
            assert f"steps.field.{name}" in WORDS, f"{kind} cannot ask for {name}"
    assert {f"steps.quick.{name}" for names in QUICK.values() for name in names} <= set(WORDS)


@pytest.mark.parametrize("way", [(), ("accepted",), ("accepted", "arrived"), ("disputed",), ("returned",)])
def test_the_steps_are_those_that_the_rules_allow_just_then(way: tuple[str, ...]) -> None:
    walk = Walk()
    for kind in way:
        walk.do(kind)
    state = walk.state
    rows = [LegWork(state.number, leg.number, None, None, None) for leg in state.legs]
    for item, leg in zip(leg_items(rows, {state.number: state}, BOOK, "zh-CN"), state.legs, strict=True):
        offered = [step["kind"] for step in item["steps"]]
        assert offered == [kind for kind in STEPS if can_record(state, EventKind(kind), leg.number)]


# ---- in a browser ---------------------------------------------------------------------------------------------------

browser_test = pytest.mark.browser


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    own = Server(tmp_path_factory.mktemp("officer"))
    own.start()
    yield own
    own.kill()


def leg_of(county: Server, number: str, leg: int = 1) -> dict:
    found: dict = httpx.get(f"{county.url}/api/v1/cases/{number}").json()["legs"][leg - 1]
    return found


def step(number: str, kind: str, leg: int = 1) -> str:
    return f".card[data-number='{number}'][data-leg='{leg}'] [data-kind={kind}]"


def mine(county: Server, phone: Watched, of: str = f"unit:{UNIT}") -> None:
    phone.open(f"{county.url}/mine?of={of}")
    phone.page.wait_for_selector(".mine .card, .mine .empty")


@browser_test
def test_an_officer_accepts_and_arrives_with_one_tap_each(county: Server, browser: Chrome) -> None:
    number = str(county.report("o-1", *PLACE)["number"])
    options = {"permissions": ["geolocation"], "geolocation": {"longitude": PLACE[0], "latitude": PLACE[1] + 0.0004}}
    for phone in watched(browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, **options):
        mine(county, phone)
        phone.page.tap(step(number, "accepted"))
        phone.page.wait_for_selector(step(number, "arrived"), timeout=20_000)
        accepted = leg_of(county, number)
        assert accepted["status"] == "accepted"
        phone.page.tap(step(number, "arrived"))
        phone.page.wait_for_selector(step(number, "arrived"), state="detached", timeout=30_000)
        arrived = leg_of(county, number)
        assert arrived["status"] == "arrived"
        # 0.0004° of latitude are 44 m: the position of the phone went with the step.
        assert 40 < arrived["arrived_m"] < 48
        assert serious(phone.complaints) == []
        assert phone.foreign(county) == []


@browser_test
def test_a_finding_is_one_sentence_and_two_taps(county: Server, phone: Watched) -> None:
    number = str(county.report("o-2", *PLACE)["number"])
    county.event(number, "accepted", UNIT, leg="lead")
    mine(county, phone)
    phone.page.tap(step(number, "found"))
    phone.page.tap(".sheet-quick >> nth=0")
    phone.page.tap(".sheet .tap-main")
    phone.page.wait_for_selector(step(number, "found"), state="detached", timeout=20_000)
    assert leg_of(county, number)["finding"] == "现场检查，未发现问题"


@browser_test
def test_a_step_in_the_middle_of_which_the_network_goes_counts_from_the_tap(county: Server, phone: Watched) -> None:
    number = str(county.report("o-3", *PLACE)["number"])
    mine(county, phone)
    phone.page.wait_for_selector(step(number, "accepted"))
    phone.page.context.set_offline(True)
    phone.page.tap(step(number, "accepted"))
    tapped = datetime.now(UTC)
    phone.page.wait_for_selector(".slip[data-state=waiting]", timeout=20_000)
    assert phone.page.is_disabled(step(number, "accepted"))
    # The page is left and opened again: the step is kept by the phone, not by the page.
    phone.page.route("**/api/v1/cases/*/events", lambda route: route.abort())
    # What the old page sends while it is being left goes out past the route, as it should (keepalive).
    phone.page.evaluate("void (window.fetch = () => Promise.reject(new TypeError('no network')))")
    phone.page.context.set_offline(False)
    phone.page.reload()
    phone.page.wait_for_selector(".slip[data-state=waiting]", timeout=20_000)
    assert leg_of(county, number)["status"] == "asked"
    phone.page.unroute("**/api/v1/cases/*/events")
    # By hand, unless the phone has tried again by itself already.
    phone.page.evaluate("document.querySelector('.slip[data-state=waiting] .tap')?.click()")
    phone.page.wait_for_selector(step(number, "arrived"), timeout=30_000)
    accepted = datetime.fromisoformat(leg_of(county, number)["accepted_at"])
    assert abs((accepted - tapped).total_seconds()) < 3


@browser_test
def test_an_answer_that_is_lost_on_the_way_back_does_not_double_the_step(county: Server, phone: Watched) -> None:
    number = str(county.report("o-4", *PLACE)["number"])
    lost: list[str] = []

    def swallow(route, request) -> None:
        """Let the request reach the hub, and lose what it answers, the first time."""
        if lost:
            route.continue_()
            return
        lost.append(request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    phone.page.route("**/api/v1/cases/*/events", swallow)
    mine(county, phone)
    phone.page.tap(step(number, "accepted"))
    phone.page.wait_for_selector(step(number, "arrived"), timeout=30_000)
    phone.until("onemap.outbox.items().length", lambda n: n == 0, seconds=20)
    assert phone.page.locator(".slip[data-state=refused]").count() == 0
    events = httpx.get(f"{county.url}/api/v1/cases/{number}").json()["events"]
    assert [event["kind"] for event in events].count("accepted") == 1


@browser_test
def test_a_step_that_was_refused_meanwhile_says_so_plainly(county: Server, phone: Watched) -> None:
    number = str(county.report("o-5", *PLACE)["number"])
    mine(county, phone)
    phone.page.wait_for_selector(step(number, "accepted"))
    phone.page.context.set_offline(True)
    # A colleague was quicker.
    county.event(number, "accepted", "zhzf", leg="lead")
    phone.page.tap(step(number, "accepted"))
    phone.page.wait_for_selector(".slip[data-state=waiting]", timeout=20_000)
    phone.page.context.set_offline(False)
    phone.page.wait_for_selector(".slip[data-state=refused]", timeout=30_000)
    words = phone.page.inner_text(".slip[data-state=refused]")
    assert "未被接受" in words
    assert "案件在此期间已有变化" in words
    phone.page.tap(".slip[data-state=refused] .tap-strong")
    phone.until("onemap.outbox.items().length", lambda n: n == 0)


@browser_test
def test_whose_work_it_is_is_remembered_and_nobody_unknown_is_guessed(county: Server, phone: Watched) -> None:
    phone.open(f"{county.url}/mine")
    phone.page.wait_for_selector(".mine .empty")
    assert "请先在上方选择" in phone.page.inner_text(".mine .empty")
    phone.open(f"{county.url}/mine?of=unit:{'长' * 60}")
    phone.until("document.querySelector('.mine .empty')?.innerText || ''", lambda text: "没有“unit:长" in text)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    mine(county, phone, "department:zhzf")
    phone.page.wait_for_selector(".mine .card")
    phone.open(f"{county.url}/mine")
    phone.until("location.search", lambda search: "department%3Azhzf" in search)
    phone.page.wait_for_selector(".mine .card")


@browser_test
def test_english_officers_read_english(county: Server, phone: Watched) -> None:
    number = str(county.report("o-6", *PLACE)["number"])
    phone.open(f"{county.url}/mine?of=unit:{UNIT}&lang=en")
    phone.page.wait_for_selector(step(number, "accepted"))
    assert phone.page.inner_text(step(number, "accepted")) == "Accept"
    assert "My work" in phone.page.inner_text(".mine-head")
