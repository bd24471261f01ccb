"""What changes between two versions of the lists, item by item and field by field."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from cases.guides import Guide
from cases.matters import Matter, Matters

GUIDE = "guide"
_FIELDS = tuple(field.name for field in fields(Matter) if field.name != "code")
_GUIDE_FIELDS = tuple(field.name for field in fields(Guide))


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one item that says something else.

    Attributes
    ----------
    code
        The item.
    field
        Name of the field of `Matter`; those of a guide that both versions have as ``guide.fee``.
    before, after
        The values, of the field's own type.
    """

    code: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """What must happen to one version of the lists to make another one of it.

    Attributes
    ----------
    added, removed
        Whole items, in the order of the lists.
    changed
        Field by field, in the order of the lists.
    """

    added: tuple[Matter, ...]
    removed: tuple[Matter, ...]
    changed: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def applied(self, old: Matters, version: str = "") -> Matters:
        """Give the lists that follow from older ones; new items go to the end of their list."""
        gone = {matter.code for matter in self.removed}
        kept = {matter.code: matter for matter in old if matter.code not in gone}
        for change in self.changed:
            kept[change.code] = _changed(kept[change.code], change)
        return Matters([*kept.values(), *self.added], version)


def difference(old: Matters, new: Matters) -> Difference:
    """Compare two versions of the lists; an item that moves to another list changes its ``kind``."""
    return Difference(
        added=tuple(matter for matter in new if matter.code not in old),
        removed=tuple(matter for matter in old if matter.code not in new),
        changed=tuple(
            change for matter in new if matter.code in old for change in _changes(old.matter(matter.code), matter)
        ),
    )


def _changes(old: Matter, new: Matter) -> Iterator[Change]:
    for name in _FIELDS:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if name == GUIDE and isinstance(before, Guide) and isinstance(after, Guide):
            for part in _GUIDE_FIELDS:
                if getattr(before, part) != getattr(after, part):
                    yield Change(new.code, f"{GUIDE}.{part}", getattr(before, part), getattr(after, part))
        else:
            yield Change(new.code, name, before, after)


def _changed(matter: Matter, change: Change) -> Matter:
    name, _, part = change.field.partition(".")
    if part and matter.guide is not None:
        return replace(matter, guide=replace(matter.guide, **{part: change.after}))
    return replace(matter, **{name: change.after})
