"""The whole check of a file that is to become a version: read, CRS, texts, codes, ground. Nothing is touched."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely

from data.boundary_import.codes import check_codes
from data.boundary_import.ground import check_ground, check_precision
from data.boundary_import.rows import Row, check_columns, rows_of
from data.boundary_import.standing import counterparts, known_ground, layer_file, open_pack
from data.boundary_import.versions import laid_over, with_layers
from data.boundary_import.wanted import Checked, Notes, Refused, Wanted
from data.region.loading import Pack
from geo.areas import Area, AreaLayer
from geo.errors import UnknownCRS
from geo.exchange import BoundaryFile, TroubleKind, Unreadable, read_boundaries
from geo.exchange.findings import Finding, Level
from geo.exchange.fitting import Fitting, Judgement, judge, outline_of
from geo.exchange.ways import Way

CARRIED = ("name_en", "kind")
"""What a new version takes over from the file, or from the version in force, beside codes of other series."""


@dataclass(slots=True)
class Looked:
    """One layer of a step while it is looked at."""

    wanted: Wanted
    content: BoundaryFile
    way: Way | None
    fitting: Fitting | None
    force: AreaLayer
    rows: list[Row]
    notes: Notes
    areas: list[Area] = field(default_factory=list)


def check_file(wanted: Wanted, folder: Path) -> Checked:
    """Check one layer of a boundary file against a region pack.

    Raises
    ------
    Refused
        The file, a column, the layer or the CRS is not there or cannot be read.
    """
    (checked,) = check_step((wanted,), open_pack(folder))
    return checked


def check_step(step: Sequence[Wanted], pack: Pack) -> tuple[Checked, ...]:
    """Check layers that change on the same day: each against the others as they would be, and against the pack.

    Raises
    ------
    Refused
        As `check_file`; or a layer stands in the step twice, or the days differ.
    """
    _must_be_one_step(step)
    order = [layer.name for layer in pack.settings.layers]
    looked = [_look(wanted, pack) for wanted in step]
    proposed = pack
    for one in sorted(looked, key=lambda one: order.index(one.wanted.layer)):
        # From the top down: where no column says it, an area nests in the areas of the same step.
        if one.way is not None:
            one.areas = _areas(one.rows, one.force, proposed, one.wanted)
            layer = laid_over(pack.layers[one.wanted.layer], one.areas, one.wanted.begin)
            proposed = with_layers(proposed, {one.wanted.layer: layer})
    together = frozenset(one.wanted.layer for one in looked if one.areas)
    return tuple(_finish(one, pack, proposed, together) for one in looked)


def _must_be_one_step(step: Sequence[Wanted]) -> None:
    twice = [name for name, times in Counter(wanted.layer for wanted in step).items() if times > 1]
    if twice:
        raise Refused(f"--layer {twice[0]} is given twice; a layer changes once in a step")
    if len({wanted.begin for wanted in step}) > 1:
        raise Refused("the layers of one step begin on one day; import those of another day by themselves")


def _look(wanted: Wanted, pack: Pack) -> Looked:
    """Read one layer and say what can be said of it alone."""
    layer_file(pack, wanted)
    try:
        content = read_boundaries(wanted.file, wanted.sublayer, wanted.encoding)
        way = _way(content, wanted)
    except (Unreadable, UnknownCRS) as problem:
        raise Refused(str(problem)) from problem
    check_columns(content, wanted)
    notes = Notes()
    notes.findings += _of_file(content)
    force = pack.layers[wanted.layer].valid_on(wanted.begin)
    plain = rows_of(content, wanted, None, Notes())
    fitting = _fitting(content, plain, force, pack, wanted, way)
    notes.findings += _judged(fitting, content, wanted)
    if _is_misplaced(fitting, wanted):
        way = None  # faults everywhere would say nothing
        says = "the outlines are not checked with their neighbours, parents and the version in force"
        notes.findings.append(Finding(Level.NOTE, "not_checked", says, "settle the CRS first"))
    rows = rows_of(content, wanted, way, notes)
    notes.findings += check_codes(rows, content, force, wanted)
    notes.findings += check_precision(content, way)
    return Looked(wanted, content, way, fitting, force, rows, notes)


def _finish(one: Looked, pack: Pack, proposed: Pack, together: frozenset[str]) -> Checked:
    """Check the outlines with those around them."""
    numbers = {row.code: row.number for row in one.rows}
    findings = one.notes.findings
    if one.way is not None:
        findings += check_ground(one.areas, one.force, proposed, one.wanted, numbers, together)
    order = list(Level)
    told = tuple(sorted(findings, key=lambda finding: order.index(finding.level)))
    repairs = tuple(one.notes.repairs)
    return Checked(
        one.wanted,
        pack,
        one.content,
        one.way,
        one.fitting,
        tuple(one.areas),
        numbers,
        one.force,
        proposed,
        told,
        repairs,
    )


def _way(content: BoundaryFile, wanted: Wanted) -> Way | None:
    """Give the way that is said, else the one that is declared; a CRS that nobody knows is none."""
    if wanted.crs:
        return Way.parse(wanted.crs)
    try:
        return Way.parse(content.crs) if content.crs else None
    except UnknownCRS:
        return None


def _of_file(content: BoundaryFile) -> list[Finding]:
    found = []
    for trouble in content.troubles:
        loses = trouble.kind is TroubleKind.LOST_FEATURE
        level = Level.NOTE if trouble.harmless else Level.ERROR if loses else Level.WARNING
        found.append(Finding(level, str(trouble.kind), f"{content.file} {trouble.says}", trouble.remedy))
    return found


def _fitting(
    content: BoundaryFile, rows: Sequence[Row], force: AreaLayer, pack: Pack, wanted: Wanted, way: Way | None
) -> Fitting | None:
    known = known_ground(rows, force, wanted.series, pack, wanted.begin)
    outline = outline_of(feature.mended or feature.geometry for feature in content.features)
    if known.is_empty or outline.is_empty:
        return None
    return judge(outline, known, way, pack.settings.metric_crs)


def _judged(fitting: Fitting | None, content: BoundaryFile, wanted: Wanted) -> list[Finding]:
    """Say what the fit says; the CRS that somebody says on the command line is only doubted, not refused."""
    if fitting is None:
        return []
    best = fitting.best
    remedy = f"say --crs '{best.way}' if that is so" if best is not None else "say --crs"
    said = fitting.declared.way if fitting.declared is not None else wanted.crs or content.crs
    if fitting.judgement is Judgement.FITS:
        return [Finding(Level.NOTE, "crs", f"read as {said}; fit with the known line: {fitting}", "none is needed")]
    level = Level.WARNING if wanted.crs and fitting.judgement is Judgement.DOUBTED else Level.ERROR
    if fitting.judgement is Judgement.UNDECLARED:
        told = f"declares the CRS {content.crs!r:.60}, which nobody here knows" if content.crs else "declares no CRS"
        says = f"{content.file} {told}; the best fits with the known line: {fitting}"
        return [Finding(level, "no_crs", says, remedy)]
    if fitting.judgement is Judgement.ELSEWHERE:
        says = f"read as {said}, the areas do not lie in the region; the best fits with the known line: {fitting}"
        return [Finding(level, "wrong_crs", says, remedy)]
    says = f"read as {said}, another reading fits the known line far better: {fitting}"
    return [Finding(level, "doubted_crs", f"{says}; as {said} {fitting.declared}", remedy)]


def _is_misplaced(fitting: Fitting | None, wanted: Wanted) -> bool:
    if fitting is None or fitting.judgement is Judgement.FITS:
        return False
    return fitting.judgement is not Judgement.DOUBTED or not wanted.crs


def _areas(rows: Sequence[Row], force: AreaLayer, pack: Pack, wanted: Wanted) -> list[Area]:
    """Make the areas of the new version; one without an outline is named already, and left out."""
    known = counterparts(rows, force, wanted.series)
    parents = _parents(rows, known, pack, wanted)
    drawn = [row for row in rows if not row.geometry.is_empty]
    return [
        Area(
            wanted.layer,
            wanted.series,
            row.code,
            row.name,
            parents.get(row.number),
            wanted.begin,
            None,
            row.geometry,
            _attributes(row, known.get(row.code)),
        )
        for row in drawn
    ]


def _attributes(row: Row, known: Area | None) -> dict[str, object]:
    before = dict(known.attributes) if known else {}
    given = {
        key: value
        for key, value in row.feature.properties.items()
        if (key in CARRIED or key.startswith("code_")) and value not in (None, "")
    }
    return before | given


def _parents(rows: Sequence[Row], known: Mapping[str, Area], pack: Pack, wanted: Wanted) -> dict[int, str]:
    """Give each row's parent: as the file says; else where it lies; in a top layer as before."""
    if wanted.parent:
        return {row.number: row.parent for row in rows if row.parent}
    above = pack.layers.get(layer_file(pack, wanted).parent or "")
    if above is None:
        county = pack.settings.county_code
        before = {row.number: known[row.code].parent if row.code in known else county for row in rows}
        return {number: parent for number, parent in before.items() if parent}
    parents = above.valid_on(wanted.begin).areas
    tree = shapely.STRtree([area.geometry for area in parents])
    found = {}
    for row in rows:
        shape = row.geometry if row.geometry.is_valid else shapely.make_valid(row.geometry)
        near = tree.query(shape)
        shared = shapely.area(shapely.intersection(shape, np.asarray(tree.geometries)[near]))
        if len(near) and shared.max() > 0:
            found[row.number] = parents[int(near[shared.argmax()])].code
    return found
