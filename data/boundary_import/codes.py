"""Check of codes and names against the version in force: which series they are of, which are new and which gone."""

from collections import Counter
from collections.abc import Iterator, Sequence

from data.boundary_import.rows import Row
from data.boundary_import.standing import known_series
from data.boundary_import.wanted import Wanted
from geo.areas import AreaLayer
from geo.coverage.faults import inner_place
from geo.exchange import BoundaryFile
from geo.exchange.findings import Finding, Level
from geo.exchange.texts import as_text, clean

MAJORITY = 0.8


def check_codes(rows: Sequence[Row], content: BoundaryFile, force: AreaLayer, wanted: Wanted) -> Iterator[Finding]:
    """Yield what is wrong with the codes of a file as a whole."""
    yield from _series(rows, content, force, wanted)
    yield from _forms(rows, force)
    yield from _counts(rows, force, wanted)


def _series(rows: Sequence[Row], content: BoundaryFile, force: AreaLayer, wanted: Wanted) -> Iterator[Finding]:
    """Tell codes of another series by the names that they have in it: a code alone says nothing, for series collide."""
    foreign = {row.number: series for row in rows if (series := _foreign(row, force, wanted.series))}
    if not foreign:
        return
    others = ", ".join(sorted(set(foreign.values())))
    better = _better_column(content, force, wanted)
    hint = f"choose --code {better}" if better else f"say --series {others} if the column is right"
    own = [row for row in rows if _is(row, force, wanted.series)]
    # Many codes are the same in both series, and tell nothing.
    if not any(all(not _is(row, force, series) for series in set(foreign.values())) for row in own):
        says = (
            f"the codes of {wanted.code} are of the series {others} and not {wanted.series}: {len(foreign)} of"
            f" {len(rows)} have another name in {wanted.series}, and none fits only there"
        )
        codes = tuple(row.code for row in rows if row.number in foreign)
        yield Finding(Level.ERROR, "wrong_series", says, hint, codes=codes)
        return
    for row in rows:
        if row.number in foreign:
            says = (
                f"{row.code} {row.name} is a code of the series {foreign[row.number]}, while {len(own)} others are of"
                f" {wanted.series}; in {wanted.series} it is {_name(force, wanted.series, row.code)}"
            )
            yield _of(row, Level.ERROR, "mixed_series", says, f"write every code in one series, or {hint}")


def _is(row: Row, force: AreaLayer, series: str) -> bool:
    area = force.in_series(series, row.code)
    return area is not None and area.name == row.name


def _foreign(row: Row, force: AreaLayer, series: str) -> str | None:
    """Give the other series in which the code has the row's name, unless it has that in its own as well."""
    if _is(row, force, series):
        return None
    return next((other for other in known_series(force) if other != series and _is(row, force, other)), None)


def _name(force: AreaLayer, series: str, code: str) -> str:
    area = force.in_series(series, code)
    return area.name if area else "none"


def _better_column(content: BoundaryFile, force: AreaLayer, wanted: Wanted) -> str | None:
    """Find another column whose values are codes of the wanted series with the right names."""
    if wanted.name is None:
        return None
    hits: Counter[str] = Counter()
    for feature in content.features:
        name = clean(as_text(feature.properties.get(wanted.name)), code=False)
        for column, value in feature.properties.items():
            area = force.in_series(wanted.series, clean(as_text(value), code=True))
            hits[column] += bool(area and area.name == name)
    best = max(hits, key=lambda column: hits[column], default=None)
    return best if best not in {None, wanted.code} and hits[str(best)] > hits[wanted.code] else None


def _forms(rows: Sequence[Row], force: AreaLayer) -> Iterator[Finding]:
    """Name codes of another length or of letters among many of one form; those in force are right as they are."""
    forms = Counter(_form(row.code) for row in rows)
    strange = [row for row in rows if row.code not in force.codes]
    if len(forms) < 2 or not strange:
        return
    usual, times = forms.most_common(1)[0]
    if times < MAJORITY * len(rows):
        shown = ", ".join(f"{count} of {form}" for form, count in forms.most_common(4))
        yield Finding(Level.WARNING, "mixed_codes", f"the codes are of several forms: {shown}", "look at the column")
        return
    for row in strange:
        if _form(row.code) != usual:
            says = f"{row.code} {row.name} has a code of {_form(row.code)}, the others {usual}"
            yield _of(row, Level.WARNING, "odd_code", says, "correct the code unless it is meant")


def _form(code: str) -> str:
    return f"{len(code)} {'digits' if code.isdecimal() else 'characters'}"


def _counts(rows: Sequence[Row], force: AreaLayer, wanted: Wanted) -> Iterator[Finding]:
    """Compare with the version in force: how many, which are gone, which are new, which have another name."""
    given = {row.code for row in rows}
    codes = {code: area for area in force.areas if (code := area.code_in(wanted.series))}
    same = given & set(codes)
    says = (
        f"the file has {len(given)} {wanted.layer} codes, the version in force on {wanted.begin} has {len(force)};"
        f" {len(same)} are in both, {len(given - same)} are new, {len(codes) - len(same)} are gone"
    )
    level = Level.NOTE if len(given) == len(force) == len(same) else Level.WARNING
    yield Finding(level, "count", says, "look at those that are new and gone")
    for code, area in codes.items():
        if code not in given:
            says = f"{code} {area.name} is in force and not in the file; it would end on {wanted.begin}"
            place = inner_place(area.geometry)
            remedy = "add it unless it was dissolved"
            yield Finding(Level.WARNING, "gone_code", says, remedy, None, code, area.name, (code,), place)
    for row in rows:
        known = codes.get(row.code)
        if known is None:
            says = f"{row.code} {row.name} is not in force; it would begin on {wanted.begin}"
            yield _of(row, Level.NOTE, "new_code", says, "correct the code unless it is new")
        elif wanted.name and known.name != row.name:
            says = f"{row.code} is {row.name} in the file and {known.name} in the version in force"
            yield _of(row, Level.WARNING, "other_name", says, "correct code or name unless it was renamed")


def _of(row: Row, level: Level, kind: str, says: str, remedy: str) -> Finding:
    place = inner_place(row.geometry)
    return Finding(level, kind, says, remedy, row.number, row.code, row.name, (row.code,), place)
