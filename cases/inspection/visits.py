"""Whom an inspection is made at, and the visits that it has had."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cases.case import SubjectKind


@dataclass(frozen=True, slots=True)
class Subject:
    """An enterprise or a site.

    Attributes
    ----------
    code
        The unified social credit code, or ``site:`` and the name that its reporters give the place.
    """

    code: str
    kind: SubjectKind
    name: str

    def as_data(self) -> dict[str, str]:
        """Write it as events keep it."""
        return {"code": self.code, "kind": self.kind.value, "name": self.name}


@dataclass(frozen=True, slots=True)
class Visit:
    """One joint visit of a subject, as it stands now.

    Attributes
    ----------
    visit
        ``V`` and the number of the case that opened it; ``-2``, ``-3`` … for further ones of the same case.
    ordinal
        1, 2, … for one subject, in the order in which they were opened.
    planned_at
        When it was planned for the first case.
    last_on_site
        When a department came on site in it last; None when nobody has.
    is_open
        Whether any of its cases is in work. Of several the last one counts: a visit ends where the next one begins.
    in_work
        Numbers of its cases that are in work.
    came
        Department to when it came on site in this visit last.
    """

    visit: str
    subject: str
    ordinal: int
    planned_at: datetime
    last_on_site: datetime | None
    is_open: bool
    in_work: tuple[str, ...] = ()
    came: Mapping[str, datetime] = field(default_factory=dict)


def open_visit(visits: Iterable[Visit]) -> Visit | None:
    """Give the visit of a subject that is going on, or None. There is never more than one: only the last can be."""
    last = max(visits, key=lambda one: one.ordinal, default=None)
    return last if last is not None and last.is_open else None
