"""The wall's document brings the picture of its moment, so that the map need not wait for the stream."""

import html
import json
import re
from typing import Any

from tests.api.conftest import Caller, report

PATH = "/wall"


def told(client: Caller) -> dict[str, Any]:
    """What the document says to the scripts."""
    found = re.search(r'data-config="([^"]*)"', client.get(PATH).text)
    assert found
    return dict(json.loads(html.unescape(found.group(1))))


def test_the_document_carries_the_picture_that_the_stream_would_begin_with(client: Caller) -> None:
    assert told(client)["picture"]["cells"] == []
    client.post("/api/v1/cases", json=report())
    board = client.board(1)
    picture = told(client)["picture"]
    assert picture["rev"] == 1
    assert picture["figures"]["pending"] == board["figures"]["pending"] == 1
    (counts,) = [counts for counts in board["layers"]["grid"].values() if counts["pending"]]
    _gid, level, *numbers = picture["cells"]
    assert [level, *numbers] == [1, counts["pending"], counts["amber"], counts["overdue"]] == [1, 1, 0, 0]
