"""What looks the same everywhere. Colours stand once, in assets/css/10-tokens.css; here is what Python must say."""

from collections.abc import Mapping
from typing import Any

from cases.clock import Level
from dashboard.text import say

THEMES = ("dark", "light")
COOKIE = "onemap_theme"  # written by assets/js/03-theme.js, which remembers ?theme=
LEVELS: Mapping[Level, str] = {Level.GREEN: "green", Level.AMBER: "amber", Level.RED: "red"}
ROW_HEIGHT_PX = 54


def chosen(cookies: Mapping[str, str], default: str = "") -> str:
    """Give the theme that a request's cookies ask for; the default where they ask for none."""
    wish = cookies.get(COOKIE, "")
    return wish if wish in THEMES else default


def dropdown_labels(language: str) -> dict[str, str]:
    """Give the words that Dash's own dropdown would say in English."""
    names = ("search", "clear_search", "clear_selection", "no_options_found")
    return {name: say(f"dropdown.{name}", language) for name in names}


def grid_options(language: str, empty: str = "table.empty") -> dict[str, Any]:
    """Options that every table shares.

    Parameters
    ----------
    empty
        Key of the words that stand in a table without rows.

    Notes
    -----
    The theme is a named function of assets/js/grid.js: an unknown name would fall back to a light theme without a word.
    """
    return {
        "theme": {"function": "onemapTheme(themeQuartz)"},
        "rowHeight": ROW_HEIGHT_PX,
        "headerHeight": 36,
        "animateRows": False,
        "suppressCellFocus": True,
        "suppressColumnVirtualisation": True,
        "enableCellTextSelection": True,
        "localeText": {"noRowsToShow": say(empty, language), "loadingOoo": say("table.loading", language)},
    }
