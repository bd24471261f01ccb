"""What the map is painted by: shrunk as docs/wall.md says, in classes that can be read, in a real browser."""

from typing import Any

import pytest

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser


@pytest.fixture
def page(empty_server: Server, wall: Watched) -> Any:
    """A page that has the scripts."""
    wall.open(f"{empty_server.url}/wall")
    wall.until("!!window.onemap?.measures")
    return wall.page


def test_shares_medians_and_densities_of_few_cases_are_drawn_towards_the_countys(page: Any) -> None:
    # By hand: 1 of 2 in a county of 90 %: (1 + 20 x 0.9) / (2 + 20) = 19/22.
    assert page.evaluate("onemap.measures.share(1, 2, 0.9)") == pytest.approx(19 / 22)
    assert page.evaluate("onemap.measures.share(900, 1000, 0.9)") == pytest.approx(0.9)
    # A median of 60 minutes of 5 cases, the county's 10 of many: (60 x 5 + 10 x 20) / 25 = 20.
    assert page.evaluate("onemap.measures.mean(60, 5, 10)") == pytest.approx(20)
    # 1 case on 0.1 km2 in a county of 2 a km2: (1 + 2) / (0.1 + 2 / 2) = 2.727, and not 10.
    assert page.evaluate("onemap.measures.density(1, 0.1, 2)") == pytest.approx(3 / 1.1)
    assert page.evaluate("onemap.measures.share(1, 2, null)") is None


@pytest.mark.parametrize(
    ("values", "limits"),
    [([1, 1, 1], [1]), ([1, 2, 4], [1, 2, 3]), ([9, 1], [1, 2, 3, 5]), ([0], [1]),
     (list(range(1, 101)), [1, 5, 10, 25, 50]),
     ([3, 14, 20, 22], [1, 2, 4, 10, 20])],
)  # fmt: skip
def test_classes_of_counts_begin_at_round_numbers_and_hold_every_count(
    page: Any, values: list[int], limits: list[int]
) -> None:
    assert page.evaluate("values => onemap.measures.ladder(values)", values) == limits


def test_the_legend_names_every_class_once_faintest_first(page: Any) -> None:
    classes = page.evaluate("onemap.measures.classes('pending', [1, 2, 3, 5])")
    assert [one["words"] for one in classes] == ["1", "2", "3–4", "≥ 5"]
    assert [one["look"] for one in classes] == ["m1", "m2", "m4", "m5"]
    late = page.evaluate("onemap.measures.classes('overdue', [1])")
    assert late == [{"look": "l5", "words": "≥ 1"}]
    on_time = page.evaluate("onemap.measures.classes('on_time', [0.8, 0.85, 0.88])")
    assert [one["words"] for one in on_time] == ["≥ 88", "85–88", "80–85", "< 80"]
    assert [one["look"] for one in on_time] == ["m1", "m2", "m4", "m5"]


def test_an_area_is_painted_by_its_shrunk_value_and_labelled_with_its_own(page: Any) -> None:
    areas = [
        {"gid": 1, "km2": 1, "counts": [1, 2, 0, 0], "rates": [2, 1, 0, 0]},
        {"gid": 2, "km2": 1, "counts": [0, 0, 0, 0], "rates": [200, 120, 9, 1200]},
        {"gid": 3, "km2": 1, "counts": [0, 0, 0, 0], "rates": [0, 0, 0, 0]},
    ]
    whole = {"due": 1000, "on_time": 900, "responses": 100, "response_s": 600, "density": 1, "pending": 2, "overdue": 0}
    painted = page.evaluate(
        "([areas, whole]) => { const p = onemap.measures.paint('on_time', areas, whole);"
        " return {looks: [...p.looks], words: [...p.words], limits: p.limits}; }",
        [areas, whole],
    )
    # The county's 90 %: limits 10, 5 and 2 points below. 19/22 = 86 % is the class from 85 to 88, 60 % of 200 the last.
    assert painted["limits"] == [0.8, 0.85, 0.88]
    assert dict(painted["looks"]) == {1: "m2", 2: "m5", 3: "0"}
    assert dict(painted["words"]) == {1: {"figure": "50%", "n": 2}, 2: {"figure": "60%", "n": 200}}
