"""A wrong CRS is found by where the areas come to lie: named with its fit and margin, never converted by itself."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.crs import from_wgs84, gcj02_from_wgs84, to_wgs84
from geo.errors import UnknownCRS
from geo.exchange.fitting import Judgement, fit, judge, outline_of
from geo.exchange.ways import Way

ROOT = Path(__file__).parents[2]
NYC = next((f for p in ROOT.parents if (f := p / "shared" / "data" / "nyc").is_dir()), None)
METRIC = "EPSG:4549"


@pytest.fixture(scope="module")
def county(cixi):
    return outline_of(area.geometry for area in cixi.layers["township"].areas if area.valid_to is None)


def moved(shape, *steps):
    def apply(xy):
        x, y = xy[:, 0], xy[:, 1]
        for step in steps:
            if step == "swapped":
                x, y = y, x
            elif step == "-GCJ-02":  # what a careless conversion of a true position gives
                x, y = to_wgs84(x, y, "GCJ-02")
            elif step == "gcj":
                x, y = gcj02_from_wgs84(x, y)
            else:
                x, y = from_wgs84(x, y, step)
        return np.column_stack([x, y])

    return shapely.transform(shape, apply)


DISGUISES = [
    # what was done to true degrees, what the file declares, what must be found
    ((), "EPSG:4490", "EPSG:4490"),
    (("EPSG:4549",), "EPSG:4549", "EPSG:4549"),
    (("swapped",), "EPSG:4490", "swapped>EPSG:4326"),
    (("gcj",), "EPSG:4490", "GCJ-02"),
    (("BD-09",), "EPSG:4326", "BD-09"),
    (("gcj", "gcj"), "EPSG:4326", "GCJ-02>GCJ-02"),
    (("-GCJ-02",), "EPSG:4490", "-GCJ-02"),
    (("gcj", "swapped"), "EPSG:4490", "swapped>GCJ-02"),
    (("EPSG:4549",), "EPSG:4490", "EPSG:4549"),  # projected numbers under a degree CRS
    (("EPSG:4528",), "EPSG:4549", "EPSG:4528"),  # an easting with its zone under the CRS without
    (("EPSG:4549", "swapped"), "EPSG:4549", "swapped>EPSG:4549"),
    (("EPSG:4550",), None, "EPSG:4550"),
    (("EPSG:32651",), None, "EPSG:32651"),
    (("gcj", "EPSG:4549"), "EPSG:4549", "EPSG:4549>GCJ-02"),  # a shift under a projection
    (("gcj", "EPSG:3857"), None, "EPSG:3857>GCJ-02"),
]


@pytest.mark.parametrize(("done", "declared", "found"), DISGUISES)
def test_every_disguise_of_cixi_is_found_with_a_clear_margin(county, done, declared, found):
    said = Way.parse(declared) if declared else None
    judged = judge(moved(county, *done), county, said, METRIC)
    assert found in [str(way) for way in (judged.best.way, *judged.best.alike)], str(judged)
    assert judged.best.fit < 1e-5
    assert judged.margin > 1e-4, str(judged)
    honest = declared is not None and Way.parse(declared) == judged.best.way
    expected = {Judgement.FITS} if honest else {Judgement.DOUBTED, Judgement.ELSEWHERE, Judgement.UNDECLARED}
    assert judged.judgement in expected
    back = judged.best.way.convert(moved(county, *done))
    assert shapely.hausdorff_distance(back, county) < 1e-7


def test_undetected_gcj02_in_cixi_misses_by_several_hundredths_of_the_ground(county):
    judged = judge(moved(county, "gcj"), county, Way.parse("EPSG:4490"), METRIC)
    assert judged.judgement is Judgement.DOUBTED
    assert 0.01 < judged.declared.fit < 0.2
    # Counted again by other means: squares of 0.002 degrees whose middle lies in one of the two only.
    west, south, east, north = county.bounds
    x, y = np.meshgrid(np.arange(west - 0.01, east + 0.01, 0.002), np.arange(south - 0.01, north + 0.01, 0.002))
    one, other = (shapely.contains_xy(shape, x, y) for shape in (moved(county, "gcj"), county))
    assert judged.declared.fit == pytest.approx((one ^ other).sum() / (one | other).sum(), rel=0.1)


def test_a_line_drawn_by_somebody_else_is_not_taken_for_a_shift(county):
    wobble = shapely.transform(county, lambda xy: xy + 3e-4 * np.sin(xy[:, ::-1] * 900.0))
    assert judge(wobble, county, Way.parse("EPSG:4490"), METRIC).judgement is Judgement.FITS


def test_the_fit_is_the_symmetric_difference_over_the_union():
    assert fit(shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)) == pytest.approx(2 / 3)
    assert fit(shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 1)) == 0.0
    assert fit(shapely.Polygon(), shapely.box(0, 0, 1, 1)) == 1.0


def test_a_way_reads_back_as_it_is_written_and_refuses_what_is_none():
    for text in ("EPSG:4549", "swapped>EPSG:4490", "GCJ-02>GCJ-02", "-GCJ-02", "EPSG:4549>GCJ-02"):
        assert str(Way.parse(text)) == text
    assert str(Way.parse("gcj02")) == "GCJ-02"
    for text in ("EPSG:1", "GCJ-02>swapped", "", "-BD-09"):
        with pytest.raises(UnknownCRS):
            Way.parse(text)


@pytest.mark.skipif(NYC is None, reason="no folder shared/data/nyc with New York's files above the project")
def test_state_plane_feet_without_a_crs_are_recognised():
    content = json.loads((NYC / "nyc_council_2013.geojson").read_text("utf-8"))
    city = outline_of(shapely.geometry.shape(item["geometry"]) for item in content["features"])
    feet = moved(city, "EPSG:2263")
    judged = judge(feet, city, None, "EPSG:32618")
    assert judged.judgement is Judgement.UNDECLARED
    assert "EPSG:2263" in [str(way) for way in (judged.best.way, *judged.best.alike)]
    assert judged.best.fit < 1e-5
    as_degrees = judge(feet, city, Way.parse("EPSG:4326"), "EPSG:32618")
    assert as_degrees.judgement is Judgement.ELSEWHERE
