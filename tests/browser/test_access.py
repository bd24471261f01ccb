"""Signing in as people do it: first password, a session that ends in the middle of a form, a wall that is shut out."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import expect
from sqlalchemy import Engine

from dashboard.auth.managing import Managing
from dashboard.auth.passwords import Passwords, new_token, token_hash
from data import accounts
from data.accounts import By, Entry, NewAccount
from data.engine import open_engine
from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

PASSWORD, NEXT = "four plain words here", "another four plain words"
TEST = By("test")
PLACE = (121.2158, 30.2682)
ANDONG = "330282118"
# The browser itself notes every answer that refuses; here they are meant.
MEANT = re.compile(r"status of (401|403|422|429)|Callback failed")


@pytest.fixture(scope="module")
def shut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Engine, str]]:
    """A server that had one case before it had accounts; its database; the number of the case."""
    own = Server(tmp_path_factory.mktemp("shut"))
    own.start()
    case = own.report("1", *PLACE, contact={"name": "王小明", "phone": "13812345678"})
    engine = open_engine(f"sqlite:///{own.folder / 'onemap.db'}")
    hashed = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)).hash(PASSWORD)
    people = {
        "boss": ("administrator", "", False),
        "zhang": ("leader", f"township:{ANDONG}", False),
        "new": ("commander", "", True),
        "locked": ("commander", "", False),
    }
    for name, (role, scope, first) in people.items():
        new = NewAccount(name, f"{name} 同志", role, scope, hashed, first)
        accounts.add(engine, new, Entry("account_added", TEST, name), datetime.now(UTC))
    yield own, engine, str(case["number"])
    engine.dispose()
    own.kill()


def managing(engine: Engine) -> Managing:
    return Managing(engine, None, Passwords(), lambda: datetime.now(UTC))  # type: ignore[arg-type]


def signed_in(watched_page: Watched, server: Server, engine: Engine, name: str) -> str:
    """Give the page's browser a session; gives its token."""
    account = accounts.find(engine, name)
    assert account is not None
    token, now = new_token(), datetime.now(UTC)
    entry = Entry("signed_in", By(name))
    accounts.open_session(engine, account, token_hash(token), now + timedelta(hours=1), entry, now)
    cookie = {"name": "onemap_session", "value": token, "url": server.url, "httpOnly": True}
    watched_page.page.context.add_cookies([cookie])
    return token


def complaints(own: Watched) -> list[str]:
    return [text for text in serious(own.complaints) if not MEANT.search(text)]


@pytest.fixture(params=["desk", "phone"])
def screen(request: pytest.FixtureRequest) -> Watched:
    own: Watched = request.getfixturevalue(request.param)
    return own


def test_one_signs_in_and_goes_on_where_one_was_going(screen: Watched, shut: tuple[Server, Engine, str]) -> None:
    server, _, number = shut
    page = screen.page
    page.goto(f"{server.url}/case/{number}?lang=zh-CN")
    expect(page.get_by_text("请先登录。")).to_be_visible()
    page.locator("[name=name]").fill("zhang")
    page.locator("[name=password]").fill("wrong")
    page.locator(".door-send:visible").click()
    expect(page.locator("[data-form=sign-in] [data-note]")).to_have_text("账号或密码不正确。")
    assert page.locator("[name=name]").input_value() == "zhang", "what was right stays"
    expect(page.locator("[name=password]")).to_be_focused()
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/case/{number}?lang=zh-CN")
    expect(page.locator(".case-number")).to_have_text(number)
    expect(page.locator(".person-name")).to_have_text("zhang 同志")
    assert screen.foreign(server) == []
    assert complaints(screen) == []


def test_the_page_fits_every_screen_and_speaks_both_languages(
    screen: Watched, shut: tuple[Server, Engine, str]
) -> None:
    server, _, _ = shut
    for why in ("", "ended", "kiosk_revoked", "first_password", "provider_refused"):
        screen.page.goto(f"{server.url}/login?lang=en&why={why}")
        width = screen.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, f"{why} is wider than the screen"
        assert not re.search(
            "[一-鿿]", screen.page.locator("main").inner_text().replace("慈溪", "").replace("中文", "")
        )
    small = screen.page.evaluate(
        "[...document.querySelectorAll('.door-send, .door-form input')].map(one => one.offsetHeight).filter(Boolean)"
    )
    assert min(small) >= 44, "what a finger touches is 44 px high"


def test_a_first_password_is_changed_before_anything_else(desk: Watched, shut: tuple[Server, Engine, str]) -> None:
    server, _, _ = shut
    page = desk.page
    page.goto(f"{server.url}/disputes")
    page.locator("[name=name]").fill("new")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator(".door-send:visible").click()
    expect(page.get_by_role("heading", name="设置自己的密码")).to_be_visible()
    note = page.locator("[data-form=change] [data-note]")
    for first, second, said in (
        ("short", "", "还差 5 个"),
        (NEXT, "else", "两次输入不一致"),
        ("password1234", "password1234", "不能"),
    ):
        page.locator("[name=after]").fill(first)
        page.locator("[name=repeat]").fill(second)
        page.locator(".door-send:visible").click()
        expect(note).not_to_be_empty()
        if said != "不能":
            expect(note).to_contain_text(said)
    page.locator("[name=after]").fill(NEXT)
    page.locator("[name=repeat]").fill(NEXT)
    page.locator(".door-send:visible").click()
    page.wait_for_url("**/disputes")
    expect(page.locator(".person-name")).to_have_text("new 同志")


def test_whoever_has_to_wait_sees_the_seconds_run(desk: Watched, shut: tuple[Server, Engine, str]) -> None:
    server, _, _ = shut
    page = desk.page
    page.goto(f"{server.url}/login")
    note, button = page.locator("[data-form=sign-in] [data-note]"), page.locator(".door-send:visible")
    for _ in range(6):
        page.locator("[name=name]").fill("locked")
        page.locator("[name=password]").fill("wrong")
        with page.expect_response("**/api/v1/session"):
            button.click()
    expect(note).to_contain_text(re.compile(r"请在 0:\d\d 后再试"))
    expect(button).to_be_disabled()
    before = note.inner_text()
    expect(note).not_to_have_text(before)


@pytest.mark.parametrize("end", ["signed out elsewhere", "seen by the next thing that is sent"])
def test_a_session_that_ends_loses_nothing_that_was_being_written(
    screen: Watched, shut: tuple[Server, Engine, str], end: str
) -> None:
    server, engine, number = shut
    token = signed_in(screen, server, engine, "zhang")
    page = screen.open(f"{server.url}/case/{number}")
    page.locator(".panel-acts .deed[data-kind=commented] summary").click()
    text = page.locator(".panel-acts .deed[data-kind=commented] textarea")
    text.fill("正在写的一段话")
    if end.startswith("signed"):
        accounts.sign_out(engine, token_hash(token), Entry("signed_out", By("zhang")), datetime.now(UTC))
    else:
        page.context.clear_cookies()
        page.locator(".panel-acts .deed[data-kind=commented] button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=20_000)
    assert dialog.locator("[name=name]").input_value() == "zhang"
    page.screenshot(path=str(server.folder / "dialog.png"))
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.get_by_role("button").click()
    expect(dialog).to_be_hidden()
    if end.startswith("signed"):
        assert text.input_value() == "正在写的一段话"
        page.locator(".panel-acts .deed[data-kind=commented] button").click()
    # What had been sent in vain is sent again by itself.
    expect(page.locator(".event[data-kind=commented] .event-detail").first).to_have_text("正在写的一段话")
    expect(page.locator(".connection").first).to_have_attribute("data-state", "live", timeout=20_000)
    assert complaints(screen) == []


def test_a_contact_is_shown_to_whoever_asks_for_it(desk: Watched, shut: tuple[Server, Engine, str]) -> None:
    server, engine, number = shut
    signed_in(desk, server, engine, "zhang")
    page = desk.open(f"{server.url}/case/{number}")
    contact = page.locator(".fact-contact")
    expect(contact).to_contain_text("138****5678")
    contact.get_by_role("button").click()
    expect(contact).to_contain_text("王小明 13812345678")
    assert accounts.entries(engine, "zhang").rows[0].what == "unmasked"


def test_a_leader_sees_pages_of_the_own_and_is_told_why_others_are_not(
    desk: Watched, shut: tuple[Server, Engine, str]
) -> None:
    server, engine, _ = shut
    signed_in(desk, server, engine, "zhang")
    page = desk.open(f"{server.url}/")
    expect(page.locator(".nav-link").first).to_be_visible()
    links = page.locator(".nav-link").all_inner_texts()
    assert links[0] == "镇街", "one's own stands first"
    assert "账号" not in links
    assert "审计" not in links
    for path, said in (
        ("/users", "此页面不对您的角色开放"),
        ("/township/330282107", "这不是您所在的镇街"),
    ):
        desk.open(f"{server.url}{path}")
        expect(page.get_by_role("heading", name=said)).to_be_visible()
        expect(page.locator(".way-home").first).to_be_visible()
    assert complaints(desk) == []


def test_the_administrator_makes_an_account_a_wall_and_a_key(screen: Watched, shut: tuple[Server, Engine, str]) -> None:
    server, engine, _ = shut
    signed_in(screen, server, engine, "boss")
    page = screen.open(f"{server.url}/users")
    name = f"li{len(accounts.everybody(engine))}"
    page.locator(".users-accounts > div > details > summary").click()
    form = page.locator(".form-user")
    form.locator("[name=name]").fill(name)
    form.locator("[name=role]").select_option("leader")
    form.locator("[name=scope]").select_option(f"township:{ANDONG}")
    form.get_by_role("button").click()
    expect(page.locator(".users-told code")).to_have_text(re.compile(r"(\w{4}-){3}\w{4}"))
    expect(page.locator(f'.users-row[data-key="{name}"]')).to_contain_text("庵东镇")
    page.locator(".users-kiosks > div > details > summary").click()
    page.locator(".form-kiosk [name=name]").fill("东墙")
    page.locator(".form-kiosk").get_by_role("button").click()
    expect(page.locator(".users-told code")).to_have_text(re.compile(rf"{server.url}/wall\?kiosk=[\w-]{{43}}"))
    row = page.locator(f'.users-row[data-key="{name}"]')
    row.get_by_text("停用", exact=True).click()
    row.get_by_role("button", name="确认").click()
    expect(row).to_have_attribute("data-state", "disabled")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    screen.open(f"{server.url}/audit?account=boss")
    expect(page.locator(".audit-table tbody tr").first).to_contain_text("停用账号")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert complaints(screen) == []


def test_a_wall_goes_on_by_its_token_and_says_what_to_do_once_it_is_revoked(
    wall: Watched, shut: tuple[Server, Engine, str]
) -> None:
    server, engine, _ = shut
    token, secret = managing(engine).add_kiosk("西墙", TEST)
    page = wall.open(f"{server.url}/wall?kiosk={secret}")
    assert page.url == f"{server.url}/wall"
    expect(page.locator(".connection").first).to_have_attribute("data-state", "live")
    managing(engine).revoke("kiosk", token.id, TEST)
    page.wait_for_url("**/login?why=kiosk_revoked*", timeout=15_000)
    heading = page.get_by_role("heading", name="这块大屏的授权已被撤销")
    expect(heading).to_be_visible()
    height = heading.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert height >= 0.04 * 1080, "legible from six metres"
    page.screenshot(path=str(server.folder / "revoked.png"))
    assert complaints(wall) == []


def test_a_wall_without_accounts_says_quietly_that_anyone_may_do_everything(
    wall: Watched, empty_server: Server
) -> None:
    page = wall.open(f"{empty_server.url}/wall")
    note = page.locator("main.wall .stage-note")
    expect(note).to_be_visible()
    expect(note).to_contain_text("尚无账号，无须登录")
    expect(page.locator(".open-line")).to_be_hidden()
    size = note.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert 0.014 * 1080 <= size + 0.5 <= 0.02 * 1080
