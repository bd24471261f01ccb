"""What the cells of a column say: numbers and days, however they are written; a bad one is flagged."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.placing import PlacingError, numerals, points, times
from data.placing.flags import ALL_FLAGS, BIT, written
from geo.crs import number

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def words(flags):
    return [";".join(flag for flag, bit in BIT.items() if one & bit) for one in flags]


def read_numbers(cells, kind=None):
    values, flags = numerals.numbers(pa.array(cells, kind))
    return [None if np.isnan(value) else value for value in values.tolist()], words(flags)


def test_numbers_are_read_however_they_are_written():
    values, flags = read_numbers(["121.4057", " 30.17 ", "１２１.５", "+30", "1.2e2", "-73.9", ".5", "7."])
    assert values == [121.4057, 30.17, 121.5, 30.0, 120.0, -73.9, 0.5, 7.0]
    assert set(flags) == {""}


def test_cells_that_are_no_number_say_why():
    values, flags = read_numbers(["", "  ", None, "north", "1_2", "121,4", "NaN", "inf", "1e999", "True"])
    assert values == [None] * 10
    assert flags == ["missing"] * 3 + ["unreadable"] * 3 + ["not_finite"] * 3 + ["unreadable"]


@given(st.lists(st.one_of(st.none(), st.text(max_size=6), st.floats().map(repr), st.from_regex(r"[+-]?\d+\.?\d*"))))
def test_any_text_is_read_as_the_rule_for_one_number_says(cells):
    values, flags = read_numbers(cells, pa.string())
    told = [number(cell) for cell in cells]
    assert values == [None if isinstance(one, str) else one for one in told]
    assert flags == [one if isinstance(one, str) else "" for one in told]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([121.5, None, float("nan")]),
        pa.array([121.5, None, float("inf")], pa.float32()),
        pa.array([Decimal("121.5"), None, None]),
        pa.array(["121.5", None, "nan"]).dictionary_encode(),
        pa.array(["121.5", None, "nan"], pa.large_string()),
        pa.array(["121.5", None, "nan"], pa.string_view()),
    ],
)
def test_columns_of_every_kind_that_can_hold_coordinates(column):
    numerals.check_type("x", column.type)
    values, flags = numerals.numbers(column)
    assert values[0] == 121.5
    assert np.isnan(values[1:]).all()
    assert words(flags)[:2] == ["", "missing"]


def test_columns_that_can_hold_none_are_refused():
    with pytest.raises(PlacingError, match="'x' holds bool"):
        numerals.check_type("x", pa.bool_())
    with pytest.raises(PlacingError, match="'t' holds double"):
        times.check_type("t", pa.float64())


def read_days(cells, zone=SHANGHAI, form=None):
    column = cells if isinstance(cells, pa.Array) else pa.array(cells, pa.string())
    days, flags = times.days(column, zone, form)
    return days.astype(object).tolist(), words(flags)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-11-20", "2024-11-20 00:00", "2024-11-20 23:59:59", "2024-11-20T05:06:07.123456", "2024/11/20",
        "2024/11/20 8:05", "2024.11.20", "2024年11月20日", "2024年11月20日 18:05", "2024年11月20日 18时05分33秒",
        " 2024-11-20 ", "２０２４-11-20", "2024-11-19T16:00:00Z", "2024-11-20T15:59:59.999+00:00",
        "2024-11-20 23:00+0800", "2024-11-19 11:00:00-05:00", "2024-11-20T00:00:00.123456789",
    ],
)  # fmt: skip
def test_days_are_read_however_they_are_written(cell):
    assert read_days([cell]) == ([date(2024, 11, 20)], [""])
    # Beside a day that does not exist they are read in another way.
    assert read_days([cell, "2024-02-30"]) == ([date(2024, 11, 20), None], ["", "time_unreadable"])


def test_a_year_without_its_century_or_a_day_that_is_none_is_unreadable():
    cells = ["24-11-20", "2024-13-01", "2023-02-29", "2024-00-10", "2024-11-00", "2024-11-20 24:00", "2024-11-20 10:60",
             "20/11/2024", "yesterday", "2024", "2024-11-20 10:00:00 extra", "0000-01-01"]  # fmt: skip
    assert read_days(cells) == ([None] * len(cells), ["time_unreadable"] * len(cells))


def test_nothing_is_missing_and_not_unreadable():
    assert read_days(["", None, "  "]) == ([None] * 3, ["time_missing"] * 3)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)), st.sampled_from([SHANGHAI, NEW_YORK]))
def test_any_instant_is_the_day_that_its_zone_says(moment, zone):
    aware = moment.replace(tzinfo=UTC)
    wanted = [aware.astimezone(zone).date()]
    assert read_days([aware.isoformat()], zone)[0] == wanted
    assert read_days(pa.array([aware], pa.timestamp("us", "UTC")), zone)[0] == wanted
    assert read_days(pa.array([aware], pa.timestamp("ns", "Europe/Paris")), zone)[0] == wanted
    assert read_days([moment.isoformat(sep=" ")], zone)[0] == [moment.date()]
    assert read_days(pa.array([moment], pa.timestamp("ms")), zone)[0] == [moment.date()]
    assert read_days(pa.array([moment.date(), None]), zone) == ([moment.date(), None], ["", "time_missing"])


def test_a_format_of_ones_own_reads_what_no_rule_could_know():
    cells = ["11/20/2024 01:05:00 PM", "13/20/2024 01:05:00 PM", ""]
    found = read_days(cells, form="%m/%d/%Y %I:%M:%S %p")
    assert found == ([date(2024, 11, 20), None, None], ["", "time_unreadable", "time_missing"])
    assert read_days(["20.11.24 01:00 +0000"], NEW_YORK, "%d.%m.%y %H:%M %z")[0] == [date(2024, 11, 19)]
    with pytest.raises(PlacingError, match="'%Q' is no format"):
        read_days(["1"], form="%Q")


def test_points_are_read_from_every_kind_of_geometry_column():
    shapes = [
        shapely.Point(121, 30),
        None,
        shapely.Point(),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.Point(1, 2, 3),
    ]
    x, y, flags = points.coordinates(pa.array(shapely.to_wkb(shapes), pa.binary()))
    assert words(flags) == ["", "missing", "missing", "unreadable", ""]
    assert (x[[0, 4]].tolist(), y[[0, 4]].tolist()) == ([121, 1], [30, 2])
    x, y, flags = points.coordinates(pa.array([{"x": 121.0, "y": 30.0}, None]))
    assert (x[0], y[0], words(flags)) == (121, 30, ["", "missing"])
    big = shapely.to_wkb(shapely.points([[121.5, 30.5]] * 3), byte_order=0)
    assert points.coordinates(pa.array(big))[0].tolist() == [121.5] * 3


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=9), st.integers(0, 5))
def test_points_come_back_from_what_is_written(pairs, start):
    lon, lat = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    column = points.wkb(lon, lat)
    column.validate(full=True)
    x, y, flags = points.coordinates(column.slice(start))
    np.testing.assert_array_equal((x, y), (lon[start:], lat[start:]))
    assert not flags.any()


def test_flags_are_written_in_one_order():
    bits = np.array([0, BIT["boundary"] | BIT["swapped"], BIT["time_missing"]], np.uint32)
    assert written(bits).to_pylist() == ["", "swapped;boundary", "time_missing"]
    assert len(set(ALL_FLAGS)) == len(ALL_FLAGS) <= 32
