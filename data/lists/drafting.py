"""A version of the lists that is not published yet: one list from a file, the others as they are, and what changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from cases.arrangements import Arrangement
from cases.lists import Change, Difference, Lists, ListVersion, difference
from cases.routing import lists_say
from data.lists.reading import Names, read_file, values_of
from data.region import Region
from data.region.faults import Report
from data.region.items import LIST_FILES, ListHead, version_of
from data.region.settings import TOWNSHIP
from data.region.tables import Row


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be published.

    Attributes
    ----------
    name
        The list that the file holds: a value of `MatterKind`, or ``arrangements``.
    version, effective_from, source
        Name, first day and document of the new version.
    model
        Whether it is a model list; None: as the version is that it follows.
    sheet
        Name of the Excel sheet; None: the first one.
    """

    file: Path
    name: str
    version: str
    effective_from: date
    source: str
    model: bool | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The versions that are published.

    Attributes
    ----------
    counter
        How often they changed: by a version that was published through the database, or by a ruling on a dispute.
    rows
        Rows of each version by list, as the files of a pack have them.
    """

    counter: int
    lists: Lists
    rows: Mapping[str, Mapping[str, Sequence[Row]]]


@dataclass(frozen=True, slots=True)
class ArrangementChanges:
    """What becomes of the arrangements: codes that come and go, and fields that change."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that could be published, and how it differs from the one that holds on its first day.

    Attributes
    ----------
    base
        Name of the version that it follows.
    rows
        By list, as the database keeps them.
    changes, arrangements
        What becomes of the items, and of the arrangements.
    seen
        The counter of the lists when the draft was made.
    report
        Every fault and warning.
    """

    version: ListVersion
    base: str
    rows: Mapping[str, Sequence[Mapping[str, str]]]
    changes: Difference
    arrangements: ArrangementChanges
    seen: int
    report: Report


def draft(wanted: Wanted, region: Region, standing: Standing) -> Draft:
    """Read a file and make a version of it: its list is the file's, the others stay as they are on its first day.

    Nothing is written; whether it can be published is said by its report.

    Raises
    ------
    BulkError
        There is no such file or sheet, or it is of no known kind.
    """
    report = Report()
    _check_head(wanted, standing.lists, report)
    base = standing.lists.on(wanted.effective_from)
    departments = region.organisation.departments
    read = read_file(wanted.file, wanted.sheet, wanted.name, Names(departments, region.layers[TOWNSHIP]), report)
    if not read and not report.errors:
        report.error("no_rows", wanted.file.name, "has no row below its header; an empty list is not published")
    rows: dict[str, list[Row]] = {}
    for name in LIST_FILES:
        kept = standing.rows[base.version].get(name, ())
        label = f"{LIST_FILES[name]} of version {base.version}"
        rows[name] = (
            read if read and name == wanted.name else [Row(label, row.number, row.values, report) for row in kept]
        )
    model = base.model if wanted.model is None else wanted.model
    head = ListHead(wanted.version, wanted.effective_from, wanted.source, model)
    version = version_of(rows, head, departments, region.area_codes, report)
    _check_rulings(base, version, region, wanted.file.name, report)
    return Draft(
        version=version,
        base=base.version,
        rows={name: list(values_of(one, name)) for name, one in rows.items()},
        changes=difference(base.matters, version.matters),
        arrangements=_between(base.arrangements, version.arrangements),
        seen=standing.counter,
        report=report,
    )


def _check_head(wanted: Wanted, lists: Lists, report: Report) -> None:
    file = wanted.file.name
    if not wanted.version.strip():
        report.error("no_version", file, "has no name as a version; give one, such as 2026-12", column="version")
    elif wanted.version in lists:
        begin = lists.version(wanted.version).effective_from
        sentence = f"is published already, from {begin} on; a version is never changed: give another name"
        report.error("version_exists", file, sentence, column="version", value=wanted.version)
    if not wanted.source.strip():
        report.error("no_source", file, "names no document that puts it in force", column="source")
    for other in lists.versions:
        if other.effective_from == wanted.effective_from:
            sentence = f"is the first day of version {other.version}, too; two versions may not overlap: choose another"
            report.error("overlapping_versions", file, sentence, column="effective_from", value=other.effective_from)
    later = [other for other in lists.versions if other.effective_from > wanted.effective_from]
    if later:
        sentence = f"is before {later[0].effective_from}, when {later[0].version} begins, which stays as it is"
        report.warn("earlier_version", file, sentence, column="effective_from", value=wanted.effective_from)


def _check_rulings(base: ListVersion, version: ListVersion, region: Region, file: str, report: Report) -> None:
    """Name the rulings that end with the new version although it does not say what was ruled."""
    begin, names = version.effective_from, region.organisation.departments
    for one in base.rulings:
        if one.settled_on < begin and not lists_say(one, begin, version, region.organisation):
            name = names[one.to_department].spoken if one.to_department in names else one.to_department
            where = f"in {one.township}" if one.township else "everywhere"
            sentence = (
                f"ends on {begin}, and these lists do not give {name} the {one.role} part of {one.matter} {where};"
                f" they should say: {one.change}"
            )
            report.warn("unsaid_ruling", file, sentence, value=one.code)


def _between(old: Sequence[Arrangement], new: Sequence[Arrangement]) -> ArrangementChanges:
    before, after = ({one.code: one for one in some} for some in (old, new))
    return ArrangementChanges(
        added=tuple(code for code in after if code not in before),
        removed=tuple(code for code in before if code not in after),
        changed=tuple(
            Change(code, field.name, getattr(before[code], field.name), getattr(one, field.name))
            for code, one in after.items()
            for field in fields(Arrangement)
            if code in before and getattr(before[code], field.name) != getattr(one, field.name)
        ),
    )
