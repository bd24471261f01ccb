"""A component tree as HTML text: for a document that is to stand before any script has run."""

from html import escape
from typing import Any

from dash.development.base_component import Component

VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
RENAMED = {"className": "class", "htmlFor": "for", "tabIndex": "tabindex", "srcSet": "srcset"}


def markup(part: Any) -> str:
    """Write what React would make of plain `dash.html` components; text is escaped, None leaves nothing.

    Raises
    ------
    TypeError
        A component that is drawn by a script, or a property that plain HTML has no text for.
    """
    if part is None:
        return ""
    if isinstance(part, list | tuple):
        return "".join(map(markup, part))
    if not isinstance(part, Component):
        return escape(str(part), quote=False)
    plain = part.to_plotly_json()
    if plain["namespace"] != "dash_html_components":
        raise TypeError(f"{plain['type']} is drawn by a script; only dash.html components have a markup of their own.")
    props, tag = dict(plain["props"]), plain["type"].lower()
    inner = markup(props.pop("children", None))
    attributes = "".join(attribute(RENAMED.get(name, name), value) for name, value in props.items())
    return f"<{tag}{attributes}>" if tag in VOID else f"<{tag}{attributes}>{inner}</{tag}>"


def attribute(name: str, value: Any) -> str:
    """Write one attribute with a blank before it; None and False leave it out, True gives its name alone."""
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    if isinstance(value, dict | list):
        raise TypeError(f"{name} is {value!r}: give it as text.")
    return f' {name}="{escape(str(value))}"'
