"""Which site's page sent a request: nobody acts through somebody else's browser.

The session cookie is ``SameSite=Lax``: a link in a message arrives signed in, and no other site's form, script or
picture carries it. What changes something must besides come from our own page, which browsers say in ``Origin`` or
``Sec-Fetch-Site`` (OWASP, Cross-Site Request Forgery Prevention, "Fetch Metadata", "Verifying Origin"). Dash's
callbacks and our own scripts send both by themselves, so no page has to carry a token.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from dashboard.auth.door import is_loopback
from dashboard.auth.errors import CrossSite, SignedOut

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITE = frozenset({"same-origin", "none"})


def check_origin(headers: Mapping[str, str], public_url: str, *, by_cookie: bool) -> None:
    """Refuse a request that another site's page sent; raises CrossSite.

    Parameters
    ----------
    headers
        By names in lower case.
    public_url
        Address that browsers know, where a proxy stands before the server.
    by_cookie
        Whether the browser says by a cookie who asks, so that a page could make it ask.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None:
        # Without the scheme, which a proxy may have taken off.
        if place(origin)[0] not in {headers.get("host", ""), place(public_url)[0]} - {""}:
            raise CrossSite(f"A page of {origin[:80]} may not change anything here.")
    elif site is not None:
        if site not in OWN_SITE:
            raise CrossSite("A page of another site may not change anything here.")
    elif by_cookie:
        raise CrossSite("Say by the header Origin which page sends this; programs use a key instead of a cookie.")


def place(address: str) -> tuple[str, str]:
    """Give host with port, and host alone, of an address; nothing of what is none."""
    try:
        parts = urlsplit(address)
        return parts.netloc, (parts.hostname or "").lower()
    except ValueError:
        return "", ""


def check_host(headers: Mapping[str, str], host: str, public_url: str) -> None:
    """Refuse a name that is not this machine's while nobody has to sign in; raises SignedOut.

    A page of another site could otherwise have its own name lead to this machine (DNS rebinding), and then act as if it
    were ours.
    """
    asked = headers.get("host", "")
    name = place(f"//{asked}")[1]
    known = {"localhost", host.lower(), place(public_url)[1]} - {""}
    if name not in known and not name.endswith(".localhost") and not is_loopback(name):
        raise SignedOut(
            f"While there is no account, this server answers to its own machine's names alone, not to {name[:80]!r}."
            " Open it as http://127.0.0.1.",
            "local_only",
        )
