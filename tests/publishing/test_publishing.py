"""Publications lie over the pack: all layers of a step or none, never changed, seen by whoever loads the region."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import DBAPIError

from dashboard.reports.boundary import as_json
from data import publishing, region, tables
from data.boundary_import import Refused, check_step, write_step
from data.boundary_import.versions import laid_over
from data.engine import reading, writing
from data.publishing import NoSuchPublication, Overtaken
from geo.areas import Area, AreaLayer
from tests.publishing import steps
from tests.publishing.steps import BEGIN, MOVED
from tests.region.packs import REGION, write_pack

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DAY_BEFORE = BEGIN - timedelta(days=1)


@pytest.fixture
def pack(tmp_path) -> Path:
    return write_pack(tmp_path / "pack")


@pytest.fixture
def file(tmp_path) -> Path:
    return steps.geopackage(tmp_path / "step.gpkg")


def publish(engine: Engine, pack: Path, wanted, by="王芳", note="民函〔2026〕7号", now=NOW) -> int:
    standing = publishing.open_standing(pack, engine)
    step = check_step(wanted, standing.pack)
    reports = {one.wanted.layer: as_json(one) for one in step}
    return publishing.publish(engine, step, standing, reports, by=by, note=note, now=now)


def codes(place: region.Region, day: date) -> tuple[str | None, ...]:
    """Where the ground that moves lies on a day."""
    point = steps.WEST_OF_THE_LINE.centroid
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    found = place.place(point.x, point.y, "EPSG:4490", "grid", noon)
    return found.township, found.village, found.cell


def everything(layers) -> Iterator[tuple[object, ...]]:
    """What a reader of the layers can see, outlines to the last bit."""
    for layer in layers.values():
        for area in layer.areas:
            more = dict(area.attributes)
            yield (
                area.layer, area.series, area.code, area.name, area.parent, area.valid_from, area.valid_to,
                sorted(more.items()), area.geometry.normalize().wkb,
            )  # fmt: skip


def test_layers_that_change_together_are_sound_together_and_not_alone(pack, file):
    together = check_step(steps.wanted(file), region.read(pack)[0])
    assert [one.sound for one in together] == [True, True, True], [f.says for one in together for f in one.findings]
    for one in steps.wanted(file):
        (alone,) = check_step((one,), region.read(pack)[0])
        assert alone.sound is False, one.layer


def test_an_area_without_a_parent_column_nests_in_the_areas_of_its_own_step(pack, file):
    step = [replace(one, parent=None) for one in steps.wanted(file)]
    together = check_step(step, region.read(pack)[0])
    cells = {area.code: area.parent for area in together[2].areas}
    assert cells[MOVED] == "9011"
    assert all(one.sound for one in together)


def test_a_published_step_holds_from_its_day_and_the_days_before_stay_as_they_were(engine, pack, file):
    publish(engine, pack, steps.wanted(file))
    before, after = region.load(pack), publishing.load(pack, engine)
    assert codes(after, DAY_BEFORE) == codes(before, DAY_BEFORE) == ("2", "9013", MOVED)
    assert codes(before, BEGIN) == ("2", "9013", MOVED)
    assert codes(after, BEGIN) == ("101", "9011", MOVED)


def test_what_is_published_is_what_would_be_written_into_a_pack(engine, pack, file, tmp_path):
    """Two ways that share no code: rows over a pack, and text in its files."""
    publish(engine, pack, steps.wanted(file))
    write_step(check_step(steps.wanted(file), region.read(pack)[0]), tmp_path / "out")
    written = region.load(tmp_path / "out")
    assert sorted(everything(publishing.load(pack, engine).layers)) == sorted(everything(written.layers))


def test_the_publication_says_who_when_why_from_which_file_and_what_was_found(engine, pack, file):
    number = publish(engine, pack, steps.wanted(file))
    (one,) = publishing.publications(engine, "990000")
    assert (one.id, one.begins_on, one.by, one.note, one.at) == (number, BEGIN, "王芳", "民函〔2026〕7号", NOW)
    assert [(layer.layer, layer.file, layer.areas) for layer in one.layers] == [
        ("grid", "step.gpkg", 8), ("township", "step.gpkg", 2), ("village", "step.gpkg", 4),
    ]  # fmt: skip
    assert {len(layer.sha256) for layer in one.layers} == {64}
    report = publishing.report_of(engine, "990000", number)
    assert report["village"]["counts"]["error"] == 0
    assert {finding["kind"] for finding in report["village"]["findings"]} >= {"count", "crs"}


def test_with_an_error_in_one_layer_nothing_of_the_step_is_published(engine, pack, tmp_path):
    def broken(layer):
        areas = steps.moved(layer)
        return areas if layer != "grid" else areas | {"9011001": ("grid 9011001", "9999", areas["9011001"][2])}

    file = steps.geopackage(tmp_path / "step.gpkg", make=broken)
    with pytest.raises(Refused, match="grid: the file has errors"):
        publish(engine, pack, steps.wanted(file))
    assert publishing.publications(engine, "990000") == ()
    assert publishing.counter(engine) == 0


def test_a_step_that_would_leave_the_region_worse_is_refused(engine, pack, tmp_path):
    """A unit is stationed in the township that is given up: no file of boundaries can know that."""

    def merged(layer):
        areas = steps.held(layer)
        if layer != "township":
            return {
                code: (name, "101" if parent == "2" else parent, shape) for code, (name, parent, shape) in areas.items()
            }
        return {"101": ("township 101", "990000", shapely.union_all([one[2] for one in areas.values()]))}

    file = steps.geopackage(tmp_path / "step.gpkg", make=merged)
    with pytest.raises(Refused, match="zhzf-2") as refused:
        publish(engine, pack, steps.wanted(file))
    assert "nothing was published" in str(refused.value)
    assert publishing.publications(engine, "990000") == ()


def test_two_who_publish_at_once_do_not_lay_one_over_what_the_other_has_not_seen(engine, pack, file):
    standing = publishing.open_standing(pack, engine)
    step = check_step(steps.wanted(file), standing.pack)
    publish(engine, pack, steps.wanted(file))
    with pytest.raises(Overtaken, match="in the meantime"):
        publishing.publish(engine, step, standing, {one.wanted.layer: {} for one in step}, by="李娜", note="", now=NOW)
    assert len(publishing.publications(engine, "990000")) == 1


@pytest.mark.parametrize("table", [tables.boundary_publications, tables.boundary_layers, tables.boundary_areas])
def test_the_database_refuses_to_change_what_was_published(engine, pack, file, table):
    publish(engine, pack, steps.wanted(file))
    column = next(column for column in table.c if column.name in {"actor", "file", "name"})
    for statement in (update(table).values({column: "x"}), delete(table)):
        with pytest.raises(DBAPIError, match="append-only"), writing(engine) as connection:
            connection.execute(statement)


def test_a_withdrawn_version_is_as_if_it_had_never_been_but_its_codes_stay_known(engine, pack, tmp_path):
    def renamed(layer):
        areas = steps.held(layer)
        if layer == "village":
            areas["9015"] = ("new village", *areas.pop("9014")[1:])
        return {
            code: (name, "9015" if parent == "9014" else parent, shape) for code, (name, parent, shape) in areas.items()
        }

    file = steps.geopackage(tmp_path / "step.gpkg", make=renamed)
    number = publish(engine, pack, steps.wanted(file))
    assert publishing.load(pack, engine).layers["village"].by_code("9015", BEGIN).name == "new village"
    standing = publishing.open_standing(pack, engine)
    publishing.withdraw(engine, number, standing, by="李娜", reason="公告撤回", now=NOW)
    after = publishing.load(pack, engine)
    assert sorted(everything(after.layers)) == sorted(everything(region.load(pack).layers))
    assert "9015" in after.area_codes
    assert [(area.code, area.name) for area in after.former] == [("9015", "new village")]
    (one,) = publishing.publications(engine, "990000")
    assert (one.withdrawal.by, one.withdrawal.reason, one.withdrawal.at) == ("李娜", "公告撤回", NOW)
    standing = publishing.open_standing(pack, engine)
    with pytest.raises(Refused, match="was withdrawn by 李娜 already"):
        publishing.withdraw(engine, number, standing, by="李娜", reason="公告撤回", now=NOW)


def test_a_withdrawal_needs_a_publication_a_name_and_a_reason(engine, pack, file):
    number = publish(engine, pack, steps.wanted(file))
    standing = publishing.open_standing(pack, engine)
    with pytest.raises(NoSuchPublication, match="no publication 99"):
        publishing.withdraw(engine, 99, standing, by="李娜", reason="x", now=NOW)
    with pytest.raises(Refused, match="needs a name"):
        publishing.withdraw(engine, number, standing, by=" ", reason="x", now=NOW)
    with pytest.raises(Refused, match="needs a reason"):
        publishing.withdraw(engine, number, standing, by="李娜", reason=" ", now=NOW)
    with pytest.raises(Overtaken):
        publishing.withdraw(engine, number, replace(standing, counter=0), by="李娜", reason="x", now=NOW)


def test_what_is_in_force_already_is_not_published_again(engine, pack, file, tmp_path):
    same = steps.geopackage(tmp_path / "same.gpkg", make=steps.held)
    with pytest.raises(Refused, match="in force already"):
        publish(engine, pack, steps.wanted(same))
    publish(engine, pack, steps.wanted(file))
    with pytest.raises(Refused, match="in force already"):
        publish(engine, pack, steps.wanted(file))


def test_a_version_before_one_that_is_published_is_refused_with_its_day(engine, pack, file, tmp_path):
    publish(engine, pack, steps.wanted(file))
    with pytest.raises(Refused, match="changes on 2027-01-01 already"):
        publish(engine, pack, steps.wanted(file, begin=date(2026, 12, 1)))


def test_a_later_publication_of_the_same_day_takes_the_place_of_the_earlier_one(engine, pack, file, tmp_path):
    publish(engine, pack, steps.wanted(file))
    again = steps.geopackage(tmp_path / "again.gpkg", make=steps.held)
    publish(engine, pack, steps.wanted(again), note="更正")
    after = publishing.load(pack, engine)
    assert codes(after, BEGIN) == ("2", "9013", MOVED)
    assert [one.note for one in publishing.publications(engine, "990000")] == ["民函〔2026〕7号", "更正"]


def test_publications_of_another_county_say_nothing_here(engine, pack, file, tmp_path):
    publish(engine, pack, steps.wanted(file))
    other = write_pack(tmp_path / "other", region=REGION.replace('"990000"', '"880000"'))
    assert publishing.publications(engine, "880000") == ()
    assert codes(publishing.load(other, engine), BEGIN) == ("2", "9013", MOVED)


def test_the_report_of_an_unknown_publication_is_refused(engine):
    with pytest.raises(NoSuchPublication, match="known are none"):
        publishing.report_of(engine, "990000", 1)


def test_nothing_of_a_publication_that_fails_half_way_is_kept(engine, pack, file, monkeypatch):
    def full(*_args, **_more):
        raise OSError("No space left on device")

    monkeypatch.setattr("data.publishing.publishing._areas", full)
    with pytest.raises(OSError, match="No space"):
        publish(engine, pack, steps.wanted(file))
    with reading(engine) as connection:
        for table in (tables.boundary_publications, tables.boundary_layers, tables.boundary_areas):
            assert connection.execute(select(table)).all() == []
    assert publishing.counter(engine) == 0


def test_a_version_laid_between_two_others_ends_where_the_later_one_begins():
    """Only a pack that was exchanged after a publication can bring this about; then the later pack's days stay."""

    def area(name, begin, end=None):
        return Area("township", "mca", "1", name, None, begin, end, shapely.box(0, 0, 1, 1))

    first, second, third = date(2020, 1, 1), date(2022, 1, 1), date(2024, 1, 1)
    layer = AreaLayer("township", [area("old", first, third), area("late", third)])
    laid = laid_over(layer, [area("between", second)], second)
    assert [(one.name, one.valid_from, one.valid_to) for one in laid.areas] == [
        ("old", first, second), ("between", second, third), ("late", third, None),
    ]  # fmt: skip
