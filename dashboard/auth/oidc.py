"""Signing in through an identity provider: OpenID Connect, code flow with PKCE, everything found by discovery.

What somebody may do is read from one claim at every sign-in; whoever loses it there comes in here no more. Sources:
OpenID Connect Core 1.0 (3.1), Discovery 1.0, RFC 7636 (PKCE), RFC 9700.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dashboard.auth.door import is_loopback
from dashboard.auth.errors import AuthError
from dashboard.auth.roles import BY_ACCOUNT
from dashboard.settings import PREFIX, Settings, SettingsError

WELL_KNOWN = "/.well-known/openid-configuration"
TIMEOUT_S = 10.0
KEPT_S = 3600.0
"""How long what the provider says of itself holds."""
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures with a key of the provider alone: none that we could make ourselves."""
LEEWAY_S = 60


class ProviderRefused(AuthError):
    """The identity provider let somebody in, or not, in a way that does not do."""

    reason = "provider_refused"


class ProviderAway(AuthError):
    """The identity provider does not answer."""

    reason = "provider_away"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is remembered of somebody who was sent to the provider, until they come back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """Make one with fresh random values."""
        return cls(*(secrets.token_urlsafe(48) for _ in range(3)))

    def challenge(self) -> str:
        """Give what proves later that it was we who asked (RFC 7636, 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def written(self) -> str:
        """Write it for a cookie."""
        return ".".join((self.state, self.nonce, self.verifier))

    @classmethod
    def read(cls, cookie: str) -> "Attempt | None":
        """Read it back; None when it is none."""
        parts = cookie.split(".")
        return cls(*parts) if len(parts) == 3 and all(parts) else None


@dataclass(frozen=True, slots=True)
class Known:
    """Who the provider says somebody is.

    Attributes
    ----------
    subject
        ``<issuer>|<subject>``: never given to anybody else.
    """

    subject: str
    name: str
    display: str
    role: str
    scope: str


@dataclass
class Provider:
    """One identity provider; threads share it."""

    issuer: str
    client_id: str
    client_secret: str
    scopes: str
    claim: str
    roles: Mapping[str, tuple[str, str]]
    name: str = ""
    _said: dict[str, Any] = field(default_factory=dict, repr=False)
    _said_at: float = field(default=float("-inf"), repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def address(self, attempt: Attempt, redirect_uri: str) -> str:
        """Give the provider's address to which the browser is sent; raises ProviderAway, ProviderRefused."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": self.scopes,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge(),
            "code_challenge_method": "S256",
        }
        address = str(self._discovered()["authorization_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def known(self, attempt: Attempt, code: str, redirect_uri: str) -> Known:
        """Exchange the code for who somebody is; raises ProviderAway, ProviderRefused."""
        said = self._discovered()
        try:
            with httpx.Client(timeout=TIMEOUT_S) as http:
                token = self._exchanged(http, attempt, code, redirect_uri)
                keys = KeySet.import_key_set(_json(http.get(said["jwks_uri"])))
                claims = self._checked(str(token.get("id_token") or ""), keys, attempt.nonce)
                if self.claim not in claims and said.get("userinfo_endpoint"):
                    bearer = {"Authorization": f"Bearer {token.get('access_token', '')}"}
                    more = _json(http.get(said["userinfo_endpoint"], headers=bearer))
                    # Core 5.3.2: what is said of somebody else is not said of this one.
                    claims = {**more, **claims} if more.get("sub") == claims["sub"] else claims
        except httpx.HTTPStatusError as error:
            raise ProviderRefused(f"The identity provider refuses: HTTP {error.response.status_code}.") from error
        except httpx.HTTPError as error:
            raise ProviderAway(f"The identity provider does not answer: {type(error).__name__}.") from error
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderRefused(f"What the identity provider says does not hold: {error}.") from error
        return self._mapped(claims)

    def _exchanged(self, http: httpx.Client, attempt: Attempt, code: str, redirect_uri: str) -> dict[str, Any]:
        """Give the tokens of a code (RFC 6749, 4.1.3), with what only we know of the attempt (RFC 7636, 4.5)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        if not self.client_secret:
            return _json(http.post(self._said["token_endpoint"], data=form | {"client_id": self.client_id}))
        # RFC 6749, 2.3.1: both are form-encoded before they become a header.
        proof = httpx.BasicAuth(quote(self.client_id, safe=""), quote(self.client_secret, safe=""))
        return _json(http.post(self._said["token_endpoint"], data=form, auth=proof))

    def _discovered(self) -> dict[str, Any]:
        """Give what the provider says of itself, asked once an hour."""
        with self._lock:
            if time.monotonic() - self._said_at > KEPT_S:
                try:
                    said = _json(httpx.get(self.issuer.rstrip("/") + WELL_KNOWN, timeout=TIMEOUT_S))
                except (httpx.HTTPError, ValueError) as error:
                    raise ProviderAway(f"The identity provider does not answer: {type(error).__name__}.") from error
                # Discovery 4.3: else another one could speak in its name.
                if str(said.get("issuer", "")).rstrip("/") != self.issuer.rstrip("/"):
                    raise ProviderRefused(f"{self.issuer} says that it is {said.get('issuer')!r:.120}.")
                self._said, self._said_at = said, time.monotonic()
            return self._said

    def _checked(self, id_token: str, keys: KeySet, nonce: str) -> dict[str, Any]:
        """Check signature, issuer, audience, time and nonce (Core 3.1.3.7); raises JoseError, ValueError."""
        found = jwt.decode(id_token, keys, algorithms=ALGORITHMS)
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._said["issuer"]},
            aud={"essential": True, "value": self.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
        )
        registry.validate(found.claims)
        party = found.claims.get("azp")
        if party is not None and party != self.client_id:
            raise ValueError(f"it was made for {party!r:.80}")
        return dict(found.claims)

    def _mapped(self, claims: Mapping[str, Any]) -> Known:
        """Say who that is here; raises ProviderRefused when the claim says nothing that is known."""
        said = claims.get(self.claim)
        values = said if isinstance(said, list) else [said]
        found = next((self.roles[str(value)] for value in values if str(value) in self.roles), None)
        name = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
        if found is None:
            raise ProviderRefused(
                f"The identity provider knows {name[:80]}, but gives no role here: {self.claim} is {said!r:.120}."
            )
        display = str(claims.get("name") or name)
        return Known(f"{self._said['issuer']}|{claims['sub']}", name, display, *found)


def _json(response: httpx.Response) -> dict[str, Any]:
    response.raise_for_status()
    found = response.json()
    if not isinstance(found, dict):
        raise TypeError("it is no JSON object")
    return found


def provider_of(settings: Settings) -> Provider | None:
    """Make the provider that the settings name; None when they name none.

    Raises
    ------
    SettingsError
        It cannot be used; the message names the variable.
    """
    if not settings.oidc_issuer:
        return None
    address = urlsplit(settings.oidc_issuer)
    if address.scheme != "https" and not is_loopback(address.hostname or ""):
        raise SettingsError(f"{PREFIX}OIDC_ISSUER is {settings.oidc_issuer!r}: give an address with https://.")
    if not settings.oidc_client_id:
        raise SettingsError(f"{PREFIX}OIDC_CLIENT_ID is missing: the identity provider has to know who asks.")
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        settings.oidc_scopes,
        settings.oidc_claim,
        meanings(settings.oidc_roles),
        settings.oidc_name,
    )


def meanings(written: str) -> dict[str, tuple[str, str]]:
    """Read ``value=role scope; …``; raises SettingsError."""
    found = {}
    for part in filter(None, (one.strip() for one in written.split(";"))):
        value, _, meant = part.rpartition("=")
        role, _, scope = meant.strip().partition(" ")
        if not value.strip() or role not in BY_ACCOUNT:
            raise SettingsError(
                f"{PREFIX}OIDC_ROLES has {part[:120]!r}: give value=role scope; …, with one of {', '.join(BY_ACCOUNT)}."
            )
        found[value.strip()] = role, scope.strip()
    return found
