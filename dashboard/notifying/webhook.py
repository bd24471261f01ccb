"""The way out: a notice as a signed message by the rules of Standard Webhooks, and when it is tried again.

See https://www.standardwebhooks.com; docs/notices.md says how a receiver verifies it.
"""

import binascii
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from cases.clock import Level
from dashboard.notifying.reach import Network, Reaching, check_literal, networks_of
from dashboard.settings import PREFIX, Settings, SettingsError
from data.notices import Kept

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
"""Time from a failed attempt to the next one; after the last of them a notice is given up."""

TIMEOUT_S = 20.0
LEAST_KEY_BYTES = 24


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where notices are sent, how they are signed, whose they are, and inside which networks it may lie."""

    url: str
    signer: Webhook
    origin: str
    networks: tuple[Network, ...] = ()

    def request(self, notice: Kept, body: bytes, now: datetime) -> httpx.Request:
        """Write the message for an attempt at an instant (aware); its id is the same for every attempt."""
        identity, at = f"{self.origin}-notice-{notice.id}", now.astimezone(UTC)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "OneMap",
            "webhook-id": identity,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self.signer.sign(identity, at, body.decode()),
        }
        return httpx.Request("POST", self.url, headers=headers, content=body)


def endpoint(settings: Settings, origin: str) -> Endpoint | None:
    """Give where notices are sent, or None when nothing leaves the machine.

    Parameters
    ----------
    origin
        Name of the region, with which the ids of its messages begin.

    Raises
    ------
    SettingsError
        The address or the secret cannot be used; the secret itself is never shown.
    """
    url, secret = settings.webhook_url, settings.webhook_secret.get_secret_value()
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{PREFIX}WEBHOOK_URL is {url!r}; give an address that begins with https:// or http://.")
    networks = networks_of(settings)
    check_literal(parts.hostname, networks)
    way = f"give whsec_ and {LEAST_KEY_BYTES} to 64 random bytes in base64, such as: openssl rand -base64 32"
    try:
        signer = Webhook(secret)
        key = binascii.a2b_base64(secret.removeprefix("whsec_") + "==")
    except (binascii.Error, ValueError, EmptyWebhookSecretError):
        raise SettingsError(f"{PREFIX}WEBHOOK_SECRET is missing or no base64; {way}.") from None
    if len(key) < LEAST_KEY_BYTES:
        raise SettingsError(f"{PREFIX}WEBHOOK_SECRET holds {len(key)} bytes, which can be guessed; {way}.")
    return Endpoint(url, signer, origin, networks)


def client(networks: Sequence[Network] = ()) -> httpx.AsyncClient:
    """Open a client that goes to the endpoint and nowhere else: no proxy from the environment, no redirect.

    It reaches public addresses and the networks given, see `dashboard.notifying.reach`.

    Authorities are those of the system (``SSL_CERT_FILE`` names others): a hub inside a closed network has its own.
    """
    inside = httpx.AsyncHTTPTransport(trust_env=False, verify=ssl.create_default_context())
    return httpx.AsyncClient(transport=Reaching(inside, networks), trust_env=False, follow_redirects=False)


def body_of(notice: Kept, text: str, more: Mapping[str, Any]) -> bytes:
    """Write the payload; see docs/notices.md."""
    data = {
        "id": notice.id,
        "recipient": notice.recipient,
        "kind": notice.kind,
        "text": text,
        "number": notice.number,
        "leg": notice.leg,
        "level": Level(notice.level).name.lower(),
        "matter": notice.matter,
        "township": notice.township,
        "url": f"/case/{notice.number}",
        "facts": dict(notice.data),
        **more,
    }
    message = {"type": f"notice.{notice.kind}", "timestamp": notice.made_at, "data": data}
    return orjson.dumps(message, option=orjson.OPT_UTC_Z)


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """Say when a notice that has failed so many times is tried again; None: not any more."""
    return now + RETRIES[attempts - 1] if attempts <= len(RETRIES) else None
