"""Every word that people read on the screen, once, in both languages; names of places and matters are data."""

from collections.abc import Mapping
from typing import Any

from dash import ctx
from dash.exceptions import MissingCallbackContextException

from dashboard.text.words import WORDS

__all__ = ["COOKIE", "LANGUAGES", "SCRIPT_PREFIXES", "WORDS", "chosen", "for_scripts", "language", "say"]

LANGUAGES = ("zh-CN", "en")
COOKIE = "onemap_lang"  # written by assets/js/i18n.js, which remembers ?lang=
# Keys that the scripts look up; only these travel to the browser.
SCRIPT_PREFIXES = (
    "access.",
    "audit.",
    "door.",
    "users.",
    "level.",
    "time.",
    "connection.",
    "event.",
    "wall.",
    "legend.",
    "cockpit.",
    "case.",
    "assessment.",
    "boundaries.",
    "disputes.",
    "duplicates.",
    "forms.",
    "history.",
    "inbox.",
    "inspections.",
    "township.",
    "mine.",
    "steps.",
    "outbox.",
    "papers.",
    "cases.",
    "saved.",
)


def say(key: str, language: str, **values: Any) -> str:
    """Give the words for a key in a language, with ``{name}`` filled in.

    Raises
    ------
    KeyError
        Nobody wrote the words: a test holds that this never happens.
    """
    words = WORDS[key][LANGUAGES.index(language)]
    return words.format(**values) if values else words


def chosen(cookies: Mapping[str, str], default: str = LANGUAGES[0]) -> str:
    """Give the language that a request's cookies ask for."""
    wish = cookies.get(COOKIE, "")
    return wish if wish in LANGUAGES else default


def language() -> str:
    """Give the language of the callback that is being answered; the first one outside of callbacks."""
    try:
        return chosen(ctx.cookies)
    except MissingCallbackContextException:
        return LANGUAGES[0]


def for_scripts(language: str) -> dict[str, str]:
    """Give the words that the scripts need, in one language."""
    return {key: say(key, language) for key in WORDS if key.startswith(SCRIPT_PREFIXES)}
