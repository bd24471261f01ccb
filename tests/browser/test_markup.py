"""A component tree becomes HTML text as React would write it."""

import pytest
from dash import dcc, html

from dashboard.views.markup import markup


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (None, ""),
        ("a < b & c", "a &lt; b &amp; c"),
        (html.Br(), "<br>"),
        (html.Div(hidden=True), "<div hidden></div>"),
        (html.Div(className="x", **{"data-y": 'a"b'}), '<div class="x" data-y="a&quot;b"></div>'),
        (html.P(["one ", html.B("two"), 3, None]), "<p>one <b>two</b>3</p>"),
        ([html.I(), html.I()], "<i></i><i></i>"),
    ],
)
def test_components_become_text(tree: object, text: str) -> None:
    assert markup(tree) == text


@pytest.mark.parametrize("tree", [dcc.Store(id="x"), html.Div(style={"color": "red"})])
def test_what_has_no_text_of_its_own_is_refused(tree: object) -> None:
    with pytest.raises(TypeError):
        markup(tree)
