"""Coming in: the right password, waiting after wrong ones, sessions that end, first passwords, other sites' pages."""

import re
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest

from dashboard.auth.origin import check_origin
from dashboard.auth.passwords import COMMON, LONGEST, SHORTEST, Passwords, complaint, first_password, token_hash
from dashboard.auth.sign_in import waits
from dashboard.settings import ASSETS
from dashboard.text import WORDS
from data import accounts
from tests.access.conftest import ORIGIN, QUICK, Door, Somebody

PASSWORD = "four plain words here"
NEXT = "another four plain words"


def known(door: Door, name: str = "wang", **more: Any) -> accounts.Account:
    return door.account(name, "commander", password=QUICK.hash(PASSWORD), **more)


def try_in(door: Door, name: str, password: str, **headers: str) -> httpx.Response:
    return door.caller.post("/api/v1/session", json={"name": name, "password": password}, headers={**ORIGIN, **headers})


def cookie(answer: httpx.Response, name: str = "onemap_session") -> Any:
    jar = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        jar.load(header)
    return jar[name]


def entered(door: Door, name: str = "wang", password: str = PASSWORD) -> Somebody:
    answer = try_in(door, name, password)
    assert answer.status_code == 200, answer.text
    return door.holding(cookie(answer).value, name)


def test_the_right_password_begins_a_session_that_no_script_reads(both_doors: Door) -> None:
    known(both_doors)
    answer = try_in(both_doors, " WANG ", PASSWORD)
    assert (answer.status_code, answer.json()["role"], answer.json()["home"]) == (200, "commander", "/")
    carried = cookie(answer)
    assert carried["httponly"] is True
    assert carried["samesite"] == "lax"
    assert carried["path"] == "/"
    assert not carried["secure"], "it came by http"
    assert both_doors.holding(carried.value).get("/api/v1/session").json()["name"] == "wang"
    assert "no-store" in answer.headers["cache-control"]


def test_over_https_the_cookie_travels_by_https_alone(door: Door) -> None:
    known(door)
    answer = door.caller.request(
        "POST", "https://127.0.0.1/api/v1/session", json={"name": "wang", "password": PASSWORD}
    )
    assert cookie(answer)["secure"] is True


def test_only_the_hash_of_a_token_is_kept(door: Door) -> None:
    known(door)
    token = cookie(try_in(door, "wang", PASSWORD)).value
    assert accounts.session(door.services.engine, token) is None
    assert accounts.session(door.services.engine, token_hash(token)) is not None


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(door: Door) -> None:
    known(door)
    door.account("gone", "commander", password=QUICK.hash(PASSWORD))
    door.services.access.managing.disable("gone", accounts.By("test"))
    answers = [try_in(door, *pair) for pair in (("wang", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD))]
    assert {(one.status_code, one.text) for one in answers} == {(401, answers[0].text)}
    assert [row.account for row in door.noted("sign_in_failed")] == ["gone", "nobody", "wang"]


def test_an_unknown_name_costs_as_much_work_as_a_known_one(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    known(door)
    hashed: list[str] = []
    verify = type(QUICK.hasher).verify
    monkeypatch.setattr(
        type(QUICK.hasher), "verify", lambda own, kept, typed: hashed.append(kept) or verify(own, kept, typed)
    )
    try_in(door, "wang", "wrong")
    try_in(door, "nobody", "wrong")
    shapes = [one.split("$")[1:4] for one in hashed]
    assert len(shapes) == 2
    assert shapes[0] == shapes[1], "the same parameters, so the same time"


@pytest.mark.parametrize("name", ["wang", "nobody"])
def test_after_five_failures_one_has_to_wait_whether_or_not_there_is_such_an_account(
    both_doors: Door, name: str
) -> None:
    door = both_doors
    known(door)
    for _ in range(5):
        assert try_in(door, name, "wrong").status_code == 401
    locked = try_in(door, name, PASSWORD)
    assert locked.status_code == 429
    assert locked.json()["error"] == "locked"
    assert (locked.json()["retry_after"], locked.headers["retry-after"]) == (30, "30")
    door.watch.pass_by(seconds=29)
    assert try_in(door, name, PASSWORD).status_code == 429
    door.watch.pass_by(seconds=2)
    assert try_in(door, name, PASSWORD).status_code == (200 if name == "wang" else 401)
    assert len(door.noted("locked")) == 2


def test_waiting_doubles_up_to_a_quarter_of_an_hour_and_success_forgets() -> None:
    assert [waits("account:x", n).total_seconds() for n in (4, 5, 6, 7, 10, 99)] == [0, 30, 60, 120, 900, 900]
    assert [waits("address:x", n).total_seconds() for n in (19, 20, 21)] == [0, 30, 60]


def test_an_address_that_tries_many_names_has_to_wait_too(door: Door) -> None:
    known(door)
    for n in range(20):
        assert try_in(door, f"name{n}", "wrong").status_code == 401
    assert try_in(door, "wang", PASSWORD).status_code == 429
    door.watch.pass_by(seconds=31)
    assert try_in(door, "wang", PASSWORD).status_code == 200
    # One's own success forgets only that attempt: the guesses of before still count.
    assert try_in(door, "name99", "wrong").status_code == 429


def test_guesses_that_come_all_at_once_are_counted_one_by_one(both_doors: Door) -> None:
    known(both_doors)
    reception = both_doors.services.access.reception

    def guess(_: int) -> str:
        try:
            reception.sign_in("wang", "wrong", "10.0.0.9")
        except Exception as error:
            return type(error).__name__
        return "in"

    with ThreadPoolExecutor(12) as pool:
        outcomes = sorted(pool.map(guess, range(12)))
    assert outcomes == ["Locked"] * 7 + ["WrongPassword"] * 5


def test_a_session_gets_a_new_token_at_each_sign_in_and_the_old_one_ends(door: Door) -> None:
    known(door)
    first = entered(door)
    again = try_in(door, "wang", PASSWORD, Cookie=first.headers["Cookie"])
    second = door.holding(cookie(again).value)
    assert first.headers["Cookie"] != second.headers["Cookie"]
    assert first.get("/api/v1/session").status_code == 401
    assert second.get("/api/v1/session").status_code == 200


def test_nobody_chooses_the_token_of_a_session(door: Door) -> None:
    known(door)
    answer = try_in(door, "wang", PASSWORD, Cookie="onemap_session=chosen-by-somebody-else")
    assert cookie(answer).value != "chosen-by-somebody-else"
    assert door.holding("chosen-by-somebody-else").get("/api/v1/session").status_code == 401


def test_a_session_that_is_left_alone_ends_and_one_in_use_goes_on_up_to_its_limit(both_doors: Door) -> None:
    door = both_doors
    known(door)
    used, left = entered(door), entered(door)
    for _ in range(11):  # 11 hours of work
        door.watch.pass_by(minutes=60)
        assert used.get("/api/v1/region").status_code == 200
    ended = left.get("/api/v1/region")
    assert (ended.status_code, ended.json()["reason"]) == (401, "ended")
    door.watch.pass_by(minutes=61)
    assert used.get("/api/v1/region").json()["reason"] == "ended", "twelve hours are the limit"


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(door: Door) -> None:
    known(door)
    page = entered(door)
    own = {"output": "wall-due.data", "outputs": {"id": "wall-due", "property": "data"}}
    inputs = [{"id": "rev", "property": "data", "value": 1}, {"id": "now", "property": "data", "value": 1}]
    for _ in range(3):
        door.watch.pass_by(minutes=45)
        answer = page.post("/_dash-update-component", {**own, "inputs": inputs, "changedPropIds": ["now.data"]})
    assert answer.status_code == 401


def test_signing_out_ends_this_session_and_everywhere_ends_all(door: Door) -> None:
    known(door)
    one, two, three = entered(door), entered(door), entered(door)
    assert one.post("/api/v1/session/end").json() == {"ended": 1}
    assert [who.get("/api/v1/session").status_code for who in (one, two, three)] == [401, 200, 200]
    gone = two.post("/api/v1/session/end-all")
    assert gone.json() == {"ended": 2}
    assert cookie(gone)["max-age"] == "0"
    assert three.get("/api/v1/session").status_code == 401


def test_a_disabled_account_is_out_at_once_and_a_changed_one_has_to_come_in_again(door: Door) -> None:
    known(door)
    somebody = entered(door)
    door.be("administrator").post("/api/v1/users/wang", {"role": "leader", "scope": "township:330200001"})
    assert somebody.get("/api/v1/session").status_code == 401
    somebody = entered(door)
    assert somebody.get("/api/v1/session").json()["scope"] == "township:330200001"
    door.be("administrator").post("/api/v1/users/wang", {"disabled": True})
    assert somebody.get("/api/v1/session").status_code == 401
    assert try_in(door, "wang", PASSWORD).status_code == 401


def test_a_first_password_opens_only_the_way_to_an_own_one(door: Door) -> None:
    made = door.be("administrator").post("/api/v1/users", {"name": "li", "role": "commander"}).json()
    somebody = entered(door, "li", made["first_password"])
    assert somebody.get("/api/v1/session").json()["must_change"] is True
    shut = somebody.get("/api/v1/cases")
    assert (shut.status_code, shut.json()["error"]) == (403, "first_password")
    page = somebody.get("/case/X")
    assert page.headers["location"] == "/login?why=first_password&next=%2Fcase%2FX"
    for unfit, word in (("short", "fewer"), (made["first_password"], "was to be changed"), ("password123456", "first")):
        refused = somebody.post("/api/v1/session/password", {"before": made["first_password"], "after": unfit})
        assert (refused.status_code, refused.json()["error"]) == (422, "bad_account"), unfit
        assert word in refused.json()["detail"]
    changed = somebody.post("/api/v1/session/password", {"before": made["first_password"], "after": NEXT})
    assert changed.status_code == 200
    assert somebody.get("/api/v1/session").status_code == 401, "under a new token"
    assert door.holding(cookie(changed).value).get("/api/v1/cases").status_code == 200
    assert try_in(door, "li", made["first_password"]).status_code == 401
    assert try_in(door, "li", NEXT).status_code == 200


def test_whoever_changes_a_password_has_to_know_it_and_wrong_ones_count(door: Door) -> None:
    known(door)
    somebody = entered(door)
    for _ in range(5):
        wrong = somebody.post("/api/v1/session/password", {"before": "wrong", "after": NEXT})
        assert wrong.status_code == 401
    assert somebody.post("/api/v1/session/password", {"before": PASSWORD, "after": NEXT}).status_code == 429


# --- other sites' pages -----------------------------------------------------------------------------------------------

HOW = {
    "another site": ({"Origin": "https://evil.example"}, 403),
    "a sandboxed frame": ({"Origin": "null"}, 403),
    "the same name at another port": ({"Origin": "http://127.0.0.1:9999"}, 403),
    "another site, told by the browser alone": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "a sister site": ({"Sec-Fetch-Site": "same-site"}, 403),
    "nobody knows where": ({}, 403),
    "our own page": ({"Origin": "http://127.0.0.1"}, 201),
    "our own page, told by the browser alone": ({"Sec-Fetch-Site": "same-origin"}, 201),
}


@pytest.mark.parametrize("how", HOW)
def test_only_our_own_page_acts_for_whoever_signed_in(door: Door, how: str) -> None:
    headers, status = HOW[how]
    token = door.person("administrator").headers["Cookie"]
    answer = door.caller.post(
        "/api/v1/users", json={"name": "li", "role": "commander"}, headers={"Cookie": token, **headers}
    )
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["error"] == "cross_site"


def test_another_site_signs_nobody_in(door: Door) -> None:
    known(door)
    assert try_in(door, "wang", PASSWORD, Origin="https://evil.example").status_code == 403


def test_behind_a_proxy_with_another_name_the_public_address_is_ours() -> None:
    check_origin({"origin": "https://map.example", "host": "10.0.0.5:8050"}, "https://map.example", by_cookie=True)


def test_a_key_needs_no_page(door: Door) -> None:
    key = door.key("grid")
    assert key.get("/api/v1/region", headers={"Origin": "https://partner.example"}).status_code == 200


def test_the_page_says_only_words_that_there_are() -> None:
    script = (ASSETS / "js" / "w_login.js").read_text(encoding="utf8")
    said = re.findall(r'word\("([\w.]+)"', script)
    assert len(said) > 8
    assert [word for word in said if f"login.{word}" not in WORDS] == []


# --- passwords --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("a" * (SHORTEST - 1), "short"),
        ("ab" * LONGEST, "long"),
        ("Password123!", "common"),
        ("1234567890", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("qwertyuiopas", "common"),
        ("woaiwojia2026", "common"),
        ("i am Wang Wu", "name"),
        (PASSWORD, ""),
        ("慈溪的海堤很长很长很长", ""),
    ],
)
def test_passwords_are_judged_by_length_and_by_what_everybody_tries(password: str, wrong: str) -> None:
    assert complaint(password, "wang") == wrong


def test_the_common_ones_are_written_as_they_are_compared() -> None:
    assert all(word == word.casefold() for word in COMMON)
    assert len(COMMON) > 150


def test_first_passwords_are_never_refused_and_never_the_same() -> None:
    made = [first_password() for _ in range(200)]
    assert len(set(made)) == 200
    assert {complaint(one, "wang") for one in made} == {""}


def test_the_real_hash_is_argon2id_with_64_mib() -> None:
    kept = Passwords().hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$"), "RFC 9106, second recommended option"
    assert Passwords().fits(kept, PASSWORD)
    assert not Passwords().fits(kept, "wrong")
    assert not Passwords().fits(None, PASSWORD)
