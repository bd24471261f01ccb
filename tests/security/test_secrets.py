"""No secret in logs and addresses, and none given twice."""

import logging
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from dashboard.auth.door import Asked
from dashboard.cli.serve import shown_url
from dashboard.server import create_app
from dashboard.server.serving import Server
from dashboard.settings import Settings
from data.engine import open_engine
from tests.access.conftest import TEST, Door
from tests.access.test_every_role import make
from tests.api.conftest import served


def test_a_walls_token_is_in_no_log_whatever_the_server_tells(
    small_pack: Any, sqlite_url: str, watch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(region=str(small_pack), database_url=sqlite_url, access="accounts")
    app = create_app(settings, now=watch)
    _, secret = app.state.services.access.managing.add_kiosk("hall", TEST)
    access = logging.getLogger("uvicorn.access")
    with served(app) as base:
        # As with ONEMAP_LOG_LEVEL=debug.
        for name in ("uvicorn", "uvicorn.access", "uvicorn.error"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        access.addHandler(caplog.handler)
        caplog.set_level(logging.DEBUG)
        opened = httpx.get(f"{base}/wall?kiosk={secret}&lang=en")
        httpx.get(f"{base}/oidc/callback?code=s3cret-code&state=s3cret-state")
        httpx.get(f"{base}/wall?lang=en&kiosk={secret}x")
        access.removeHandler(caplog.handler)
    assert opened.headers["location"] == "/wall?lang=en"
    assert "referrer-policy" in opened.headers
    own = [one for one in caplog.records if one.name.startswith(("uvicorn", "dashboard"))]
    said = "\n".join(one.getMessage() for one in own)
    assert "/wall?kiosk=…&lang=en" in said, "the test reads the log"
    for hidden in (secret, "s3cret"):
        assert hidden not in said


def test_the_server_itself_hides_them() -> None:
    Server(uvicorn.Config(lambda: None, log_config=None), None)  # type: ignore[arg-type]
    (hiding,) = [one for one in logging.getLogger("uvicorn.access").filters if type(one).__name__ == "Discreet"]
    record = logging.LogRecord("a", 20, "", 1, '%s "%s"', ("1.1.1.1", "/wall?a=1&kiosk=abc&b=2"), None)
    assert hiding.filter(record)
    assert record.getMessage() == '1.1.1.1 "/wall?a=1&kiosk=…&b=2"'


def test_what_is_told_of_a_failed_statement_names_nobody(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with engine.connect() as connection, pytest.raises(SQLAlchemyError) as failed:
        connection.execute(text("SELECT :phone FROM nowhere"), {"phone": "13812345678"})
    engine.dispose()
    assert "13812345678" not in str(failed.value)


@pytest.mark.parametrize("url", ["postgresql+psycopg://onemap:s3cret@db/onemap", "postgresql://a:s3cret@[bad"])
def test_a_database_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    assert "s3cret" not in shown_url(url)


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(Settings(webhook_secret="s3cret", oidc_client_secret="s3cret"))
    assert "s3cret" not in shown


def test_tokens_are_told_once_and_kept_as_hashes(door: Door) -> None:
    administrator = door.be("administrator")
    for body in ({"kind": "kiosk", "name": "hall"}, {"kind": "key", "name": "app", "source": "grid"}):
        made = administrator.post("/api/v1/tokens", body)
        secret = made.json()["secret"]
        listed = administrator.get(f"/api/v1/tokens?kind={body['kind']}")
        assert secret not in listed.text
        assert secret not in administrator.get("/api/v1/audit").text
        assert secret not in dump(door)
    assert secret not in repr(Asked(key="x"))


def test_first_passwords_are_told_once_and_kept_as_hashes(door: Door) -> None:
    made = door.be("administrator").post("/api/v1/users", {"name": "li", "role": "commander"})
    first = made.json()["first_password"]
    assert made.headers["cache-control"] == "no-store"
    assert first not in door.be("administrator").get("/api/v1/users").text
    assert first not in dump(door)


def dump(door: Door) -> str:
    """Everything that the database holds, as text."""
    raw = door.services.engine.raw_connection()
    try:
        return "\n".join(raw.driver_connection.iterdump())  # type: ignore[union-attr]
    finally:
        raw.close()


def test_a_contact_is_in_no_log(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    number = make(door, "1", 0)
    door.be("commander").post(f"/api/v1/cases/{number}/contact")
    door.be("commander").post("/api/v1/cases/x/contact")
    told = "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith(("sqlalchemy", "httpx")))
    assert "13812345678" not in told
    assert "王小明" not in told
