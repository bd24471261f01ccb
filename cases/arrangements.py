"""Facts beside the lists that change who acts: an area run by another body, a matter that changes hands on a date."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cases.matters import Matter
from cases.organisation import COMMAND, TOWNSHIP

DOMAIN = "domain:"
"""What a matter of an arrangement begins with when it means a whole field: ``domain:ecology_environment``."""


class ArrangementKind(StrEnum):
    """Why another body acts."""

    RUN_BY = "run_by"
    CHANGES_HANDS = "changes_hands"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """In some areas, for some matters, from a day on, one department acts in place of another.

    Attributes
    ----------
    areas
        Codes of townships (or of other areas that cover the place); empty: everywhere.
    matters
        Codes of matters or ``domain:<key>``; empty: all.
    from_department
        The department that the lists name; empty: any of them, but neither the township itself nor its command room.
    to_department
        The department that acts instead.
    valid_from, valid_to
        First day on which it holds, first day on which it no longer does (None: it still does).
    clause
        Its words, which are read aloud with the leg.
    source
        The document that it stands in.
    """

    code: str
    kind: ArrangementKind
    areas: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    from_department: str = ""
    to_department: str = ""
    valid_from: date = date.min
    valid_to: date | None = None
    clause: str = ""
    source: str = ""

    def holds_on(self, day: date) -> bool:
        """Say whether it holds on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def concerns(self, matter: Matter) -> bool:
        """Say whether the matter is one of its matters."""
        return not self.matters or matter.code in self.matters or f"{DOMAIN}{matter.domain}" in self.matters

    def covers(self, township: str | None, areas: Collection[str] = ()) -> bool:
        """Say whether a place is one of its areas: its township, or another area that covers it."""
        return not self.areas or township in self.areas or any(code in self.areas for code in areas)

    def replaces(self, department: str) -> bool:
        """Say whether it puts another body in the place of a department."""
        if self.from_department:
            return department == self.from_department
        return department not in (TOWNSHIP, COMMAND, self.to_department)

    def applies(
        self, matter: Matter, township: str | None, department: str, day: date, areas: Collection[str] = ()
    ) -> bool:
        """Say whether it changes who acts for a department in a matter at a place on a day.

        Parameters
        ----------
        township
            Code of the township, None for a place that is not known: only what holds everywhere applies there.
        areas
            Codes of further areas that cover the place: village, cell, those of the region's other layers.
        """
        return (
            self.holds_on(day) and self.replaces(department) and self.concerns(matter) and self.covers(township, areas)
        )
