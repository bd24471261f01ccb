"""The page on which one signs in: light, and without anything of the product behind it."""

import json
from functools import cache
from hashlib import sha256

from dashboard.documents.page import environment
from dashboard.settings import ASSETS
from dashboard.text import LANGUAGES, WORDS, say

KIOSK = ("kiosk_revoked", "kiosk_ended")
FILES = ("css/10-tokens.css", "css/20-base.css", "css/w_login.css", "js/w_login.js", "js/w_theme.js")


def login_html(
    *,
    language: str,
    light: str = "",
    region: str,
    why: str,
    back: str,
    provider: str,
    lengths: tuple[int, int],
    is_open: bool,
) -> str:
    """Lay the page out.

    Parameters
    ----------
    light
        The theme that was chosen; empty: the system's, and dark on a wall.
    why
        Why somebody is here: a reason of `dashboard.auth.errors`; one that is not known says nothing.
    back
        Address within the product to which they return.
    provider
        What the button of the identity provider says; empty without one.
    lengths
        Fewest and most characters of a password.
    is_open
        Whether nobody has to sign in.
    """
    wall = why if why in KIOSK else "kiosk_ended" if why == "ended" and back.startswith("/wall") else ""
    known = f"login.why.{why}"
    words = {key.removeprefix("login."): say(key, language) for key in WORDS if key.startswith("login.")}
    return (
        environment()
        .get_template("login.html")
        .render(
            language=language,
            light=light,
            other=next(name for name in LANGUAGES if name != language),
            other_words=say("nav.language", language),
            product=say("product", language),
            region=region,
            say=words,
            why=why,
            why_words=say(known, language) if known in WORDS else "",
            wall=say(f"login.why.{wall}", language) if wall else "",
            back=back,
            provider=provider,
            shortest=lengths[0],
            longest=lengths[1],
            is_open=is_open,
            open_words=say("access.open", language),
            words=json.dumps(words, ensure_ascii=False),
            files=addresses(),
        )
    )


@cache
def addresses() -> dict[str, str]:
    """Give the addresses of the page's files, each with its content's hash: a changed one is another one."""
    return {
        name.rpartition("/")[2]: f"/assets/{name}?m={sha256((ASSETS / name).read_bytes()).hexdigest()[:12]}"
        for name in FILES
    }
