"""Areas in time: who holds on which day, by which series, under which parent."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.areas import rank
from geo.errors import BadArea
from tests.geo.coverages import DAY, area, layer, squares

SPLIT = date(2024, 11, 20)
EVE = date(2024, 11, 19)
WEST, EAST, BOTH = *squares(2, 1), squares(1, 1, size=0.02)[0]


def townships():
    """A town of two squares, of which the eastern one becomes a town of its own."""
    return layer(
        [
            area("118", BOTH, name="old", since=DAY, until=SPLIT, code_nbs="n118"),
            area("118", WEST, name="rest", since=SPLIT, code_nbs="n118"),
            area("006", EAST, name="new", since=SPLIT),
            area("005", squares(1, 1, west=121.1)[0], name="other", code_nbs="006"),
        ]
    )


def test_valid_from_is_the_first_day_and_valid_to_the_first_day_no_longer():
    old = townships().versions("118")[0]
    assert [old.holds_on(day) for day in (DAY - timedelta(1), DAY, EVE, SPLIT)] == [False, True, True, False]


def test_a_layer_holds_on_each_day_what_holds_on_that_day():
    towns = townships()
    assert [a.name for a in towns.valid_on(EVE).areas] == ["other", "old"]
    assert [a.name for a in towns.valid_on(SPLIT).areas] == ["other", "new", "rest"]
    assert towns.valid_on(DAY - timedelta(1)).areas == ()
    assert towns.valid_on(EVE) is towns.valid_on(DAY)
    assert towns.change_days == (DAY, SPLIT)


def test_one_code_is_two_townships_in_two_series():
    towns = townships()
    assert towns.in_series("mca", "006", SPLIT).name == "new"
    assert towns.in_series("nbs", "006", SPLIT).name == "other"
    assert towns.in_series("mca", "006", EVE) is None
    assert towns.in_series("nbs", "005") is None
    assert towns.by_code("006").code_in("nbs") is None
    assert towns.by_code("005").code_in("nbs") == "006"
    assert towns.by_code("005").code_in("mca") == "005"


def test_without_a_day_the_latest_version_answers():
    assert townships().by_code("118").name == "rest"
    assert townships().by_code("118", EVE).name == "old"
    assert townships().by_code("nobody") is None


def test_children_change_their_parent_with_a_new_version():
    villages = layer(
        [
            area("v", EAST, layer="village", parent="118", until=SPLIT),
            area("v", EAST, layer="village", parent="006", since=SPLIT),
            area("w", WEST, layer="village", parent="118"),
        ],
        "village",
        "township",
    )
    assert [a.code for a in villages.children_of("118", EVE)] == ["v", "w"]
    assert [a.code for a in villages.children_of("118", SPLIT)] == ["w"]
    assert [a.code for a in villages.children_of("006", SPLIT)] == ["v"]


def test_an_area_that_ends_before_it_begins_is_refused_by_name():
    with pytest.raises(BadArea, match="118 old"):
        area("118", BOTH, name="old", since=SPLIT, until=SPLIT)


def test_numbers_are_ranked_by_value_and_before_words():
    assert sorted(["10", "9", "A2", "330282118007", "B", "05"], key=rank) == [
        "05",
        "9",
        "10",
        "330282118007",
        "A2",
        "B",
    ]


def test_equal_layers_have_equal_hashes_in_any_order_and_any_change_changes_it():
    areas = townships().areas
    first = layer(areas).content_hash
    assert layer(reversed(areas)).content_hash == first
    moved = squares(1, 1, west=121.0000001, size=0.02)[0]
    others = {
        layer(areas[1:]).content_hash,
        layer([*areas[1:], area("005", squares(1, 1, west=121.1)[0], name="renamed", code_nbs="006")]).content_hash,
        layer([*(a for a in areas if a.name != "old"), area("118", moved, name="old", until=SPLIT)]).content_hash,
        layer(areas, "precinct").content_hash,
    }
    assert first not in others
    assert len(others) == 4


spans = st.lists(st.integers(0, 40), min_size=2, max_size=6, unique=True).map(sorted)


@given(spans, st.integers(-2, 45))
def test_versions_that_follow_each_other_hold_on_exactly_one_of_them(days, asked):
    start = [DAY + timedelta(d) for d in days]
    versions = [
        area("1", WEST, name=str(i), since=since, until=until)
        for i, (since, until) in enumerate(zip(start, [*start[1:], None], strict=True))
    ]
    day = DAY + timedelta(asked)
    held = layer(versions).valid_on(day).areas
    expected = sum(d <= asked for d in days) - 1
    assert [a.name for a in held] == ([str(expected)] if expected >= 0 else [])
