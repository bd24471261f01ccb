"""What an administrator changes, at the page and at the command line; and the record that nobody changes."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from dashboard.cli import app as commands
from data import accounts
from data.accounts import By
from data.engine import writing
from tests.access.conftest import QUICK, TEST, Door
from tests.api.conftest import report
from tests.api.conftest import small_pack as small_pack  # noqa: PLC0414 - a fixture

REFUSED = {
    "a role that there is not": ({"name": "li", "role": "king"}, "bad_account"),
    "the role of a wall": ({"name": "li", "role": "kiosk"}, "bad_account"),
    "the role of whoever has not signed in": ({"name": "li", "role": "open"}, "bad_account"),
    "a leader of nothing": ({"name": "li", "role": "leader"}, "bad_account"),
    "a leader of a township that there is not": (
        {"name": "li", "role": "leader", "scope": "township:9"},
        "bad_account",
    ),
    "a leader of a department": ({"name": "li", "role": "leader", "scope": "department:zhzf"}, "bad_account"),
    "a commander of a township": ({"name": "li", "role": "commander", "scope": "township:330200001"}, "bad_account"),
    "a name with a blank": ({"name": "li si", "role": "commander"}, "bad_account"),
    "a name of nothing": ({"name": "  ", "role": "commander"}, "bad_account"),
    "a name as long as a page": ({"name": "l" * 65, "role": "commander"}, "bad_account"),
    "a display as long as a page": ({"name": "li", "role": "commander", "display": "李" * 81}, "bad_account"),
    "a name that is taken": ({"name": "Administrator", "role": "commander"}, "name_taken"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_account_that_cannot_be_is_refused_with_the_way_out(door: Door, what: str) -> None:
    body, error = REFUSED[what]
    answer = door.be("administrator").post("/api/v1/users", body)
    assert answer.json()["error"] == error
    assert len(answer.json()["detail"]) > 20
    assert [one.name for one in accounts.everybody(door.services.engine)] == ["administrator"]


def test_a_secret_is_told_once_and_kept_as_a_hash(both_doors: Door) -> None:
    boss = both_doors.be("administrator")
    first = boss.post("/api/v1/users", {"name": "李四", "role": "commander", "display": "李 四"}).json()
    kiosk = boss.post("/api/v1/tokens", {"kind": "kiosk", "name": "东墙"}).json()
    key = boss.post("/api/v1/tokens", {"kind": "key", "name": "热线", "source": "hotline"}).json()
    assert kiosk["path"] == f"/wall?kiosk={kiosk['secret']}"
    told = [first["first_password"], kiosk["secret"], key["secret"]]
    lists = [boss.get(path).text for path in ("/api/v1/users", "/api/v1/tokens?kind=kiosk", "/api/v1/tokens?kind=key")]
    lists += [boss.get("/api/v1/audit").text]
    with both_doors.services.engine.connect() as connection:
        for table in ("accounts", "access_tokens", "sessions", "audit", "attempts"):
            lists.append(str(connection.execute(text(f"SELECT * FROM {table}")).all()))
    assert not [secret for secret in told if any(secret in one for one in lists)]


def test_the_last_administrator_stays(both_doors: Door) -> None:
    boss = both_doors.be("administrator")
    for change in ({"disabled": True}, {"role": "commander"}):
        refused = boss.post("/api/v1/users/administrator", change)
        assert (refused.status_code, refused.json()["error"]) == (409, "last_administrator")
    boss.post("/api/v1/users", {"name": "second", "role": "administrator"})
    assert boss.post("/api/v1/users/administrator", {"disabled": True}).status_code == 200
    assert boss.get("/api/v1/users").status_code == 401


def test_what_is_not_there_is_named(door: Door) -> None:
    boss = door.be("administrator")
    for path in ("/api/v1/users/nobody", "/api/v1/users/nobody/reset"):
        assert boss.post(path, {"display": "x"} if path.endswith("nobody") else {}).json()["error"] == "no_such_account"
    gone = boss.post("/api/v1/tokens/7/revoke?kind=key")
    assert (gone.status_code, gone.json()["error"]) == (404, "no_such_token")


def test_a_reset_ends_the_wait_and_the_sessions(door: Door) -> None:
    door.account("wang", "commander", password=QUICK.hash("four plain words here"))
    for _ in range(6):
        door.caller.post("/api/v1/session", json={"name": "wang", "password": "wrong"})
    first = door.be("administrator").post("/api/v1/users/wang/reset").json()["first_password"]
    entered = door.caller.post("/api/v1/session", json={"name": "wang", "password": first})
    assert entered.json()["must_change"] is True


def test_keys_of_one_source_are_known_by_their_names(door: Door) -> None:
    key = door.key("grid", "网格系统")
    assert key.get("/api/v1/session").json()["name"] == "key:网格系统"
    (one,) = accounts.tokens(door.services.engine, "key")
    assert one.seen_at == door.watch.now
    door.services.access.managing.revoke("key", one.id, TEST)
    refused = key.post("/api/v1/cases", report())
    assert refused.json()["reason"] == "key_revoked"
    nonsense = door.caller.post("/api/v1/cases", json=report(), headers={"Authorization": "Bearer nonsense"})
    assert nonsense.status_code == 401


# --- the record -------------------------------------------------------------------------------------------------------


def test_every_change_leaves_its_row(both_doors: Door) -> None:
    boss = both_doors.be("administrator")
    boss.post("/api/v1/users", {"name": "li", "role": "commander"})
    boss.post("/api/v1/users/li", {"display": "李四"})
    boss.post("/api/v1/users/li", {"disabled": True})
    boss.post("/api/v1/users/li", {"disabled": False})
    boss.post("/api/v1/users/li/reset")
    token = boss.post("/api/v1/tokens", {"kind": "kiosk", "name": "东墙"}).json()
    boss.post(f"/api/v1/tokens/{token['id']}/revoke?kind=kiosk")
    rows = boss.get("/api/v1/audit?account=administrator").json()["rows"]
    assert [row["what"] for row in rows] == [
        "kiosk_revoked",
        "kiosk_added",
        "password_reset",
        "account_enabled",
        "account_disabled",
        "account_changed",
        "account_added",
        "signed_in",
    ]
    assert {row["target"] for row in rows if row["what"].startswith("account")} == {"li"}


def test_the_record_is_read_by_person_and_day_a_page_at_a_time(both_doors: Door) -> None:
    door = both_doors
    boss, engine = door.be("administrator"), door.services.engine
    for n in range(5):
        accounts.note(
            engine, accounts.Entry("unmasked", By("li"), f"case {n}"), door.watch.now + timedelta(hours=5 * n)
        )
    # Noon in the region: five, ten, fifteen and twenty hours later; the third is the next day's.
    day = boss.get("/api/v1/audit?account=li&day=2026-11-24").json()["rows"]
    assert [row["target"] for row in day] == ["case 2", "case 1", "case 0"]
    page = boss.get("/api/v1/audit?account=li&limit=2").json()
    following = boss.get(f"/api/v1/audit?account=li&limit=2&before={page['next']}").json()
    assert [row["target"] for row in page["rows"] + following["rows"]] == ["case 4", "case 3", "case 2", "case 1"]
    for odd in ("1000-01-01", "9999-12-31", "0001-01-01"):
        assert boss.get(f"/api/v1/audit?day={odd}").json()["rows"] == []
    assert accounts.day_span(date(2026, 11, 24), door.services.region.zone)[1].day == 25


@pytest.mark.parametrize("statement", ["UPDATE audit SET account = 'x'", "DELETE FROM audit"])
def test_the_database_itself_keeps_the_record(both_doors: Door, statement: str) -> None:
    both_doors.be("administrator")
    with pytest.raises(DBAPIError, match="append-only"), writing(both_doors.services.engine) as connection:
        connection.execute(text(statement))
    assert both_doors.noted("signed_in")


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def run(small_pack: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ONEMAP_REGION", str(small_pack))
    monkeypatch.setenv("ONEMAP_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("dashboard.cli.access.Passwords", lambda: QUICK)

    def call(*words: str):
        return CliRunner().invoke(commands, list(words))

    return call


def test_the_command_line_makes_lists_resets_and_disables_accounts(run) -> None:
    made = run("user", "add", "boss")
    assert made.exit_code == 0, made.output
    assert re.fullmatch(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}\n", made.stdout), "the password alone, to be piped"
    assert "everybody has to sign in" in made.stderr
    leader = run("user", "add", "li", "--role", "leader", "--scope", "township:330200001", "--display", "李四")
    assert "everybody" not in leader.stderr
    listed = run("user", "list").stdout
    assert "boss" in listed
    assert "township:330200001" in listed
    assert run("user", "reset", "li").stdout != leader.stdout
    assert "li is disabled" in run("user", "disable", "li").stderr
    assert "disabled" in run("user", "list").stdout
    assert "li is active" in run("user", "disable", "li", "--enable").stderr


def test_the_command_line_makes_and_revokes_tokens(run) -> None:
    wall = run("kiosk", "add", "东墙")
    assert re.fullmatch(r"http://127.0.0.1:8050/wall\?kiosk=[\w-]{43}\n", wall.stdout)
    key = run("key", "add", "热线", "--source", "hotline")
    assert re.fullmatch(r"[\w-]{43}\n", key.stdout)
    assert "东墙" in run("kiosk", "list").stdout
    assert "热线" not in run("kiosk", "list").stdout
    assert "hotline" in run("key", "list").stdout
    assert run("kiosk", "revoke", "2").exit_code == 1, "2 is a key"
    assert run("kiosk", "revoke", "1").exit_code == 0
    assert "revoked" in run("kiosk", "list").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("user", "add", "li", "--role", "king"), "leader, officer, commander"),
        (("user", "add", "li", "--role", "leader", "--scope", "township:9"), "330200001"),
        (("user", "reset", "nobody"), "user list"),
        (("user", "disable", "nobody"), "user list"),
        (("key", "add", "x", "--source", "y"), "grid"),
        (("kiosk", "revoke", "9"), "kiosk list"),
        (("user", "list", "--region", "nowhere"), "nowhere"),
        (("user", "list", "--database-url", "mysql://x"), "sqlite"),
    ],
)
def test_what_the_command_line_cannot_do_it_says_in_a_sentence(run, words: tuple[str, ...], said: str) -> None:
    answer = run(*words)
    assert answer.exit_code == 1
    assert said in answer.stderr
    assert "Traceback" not in answer.output


def test_json_bodies_with_more_than_is_asked_for_are_refused(door: Door) -> None:
    answer = door.be("administrator").post("/api/v1/users", {"name": "li", "role": "commander", "password": "x"})
    assert answer.status_code == 422
    assert "password" in json.dumps(answer.json())
