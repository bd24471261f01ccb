"""Versions of the lists, and which of them holds on a day."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Self

from cases.arrangements import Arrangement
from cases.dispute import Ruling
from cases.errors import BadList, UnknownMatter, UnknownVersion
from cases.matters import Matter, Matters


@dataclass(frozen=True, slots=True)
class ListVersion:
    """The lists as one document put them in force.

    Attributes
    ----------
    effective_from
        First day on which it holds, in the region's zone; it holds until the next version does.
    source
        The document that publishes it.
    arrangements
        What beside the lists changes who acts.
    model
        True for a model list 示范清单, which no authority has published; wherever its content is shown, that is said.
    rulings
        Decisions on disputes that were made while it held, in their order; the next version must say what they say.
    """

    version: str
    effective_from: date
    source: str
    matters: Matters
    arrangements: tuple[Arrangement, ...] = ()
    model: bool = False
    rulings: tuple[Ruling, ...] = ()


class Lists:
    """All versions of a region's lists.

    Raises
    ------
    BadList
        There is no version, two have the same name, or two come into force on the same day.
    """

    def __init__(self, versions: Iterable[ListVersion]) -> None:
        self.versions: tuple[ListVersion, ...] = tuple(sorted(versions, key=lambda one: one.effective_from))
        if not self.versions:
            raise BadList("A region needs at least one version of its lists; give the pack's own.")
        for earlier, later in pairwise(self.versions):
            if earlier.effective_from == later.effective_from:
                raise BadList(
                    f"The versions {earlier.version} and {later.version} overlap: both come into force on"
                    f" {later.effective_from} (effective_from); give one of them another day."
                )
        self._by_name = {one.version: one for one in self.versions}
        if len(self._by_name) < len(self.versions):
            names = [one.version for one in self.versions]
            twice = next(name for name in names if names.count(name) > 1)
            raise BadList(f"Two versions of the lists are called {twice!r} (version); give one of them another name.")
        self._days = [one.effective_from for one in self.versions]

    def ruled(self, rulings: Iterable[Ruling]) -> Self:
        """Give the same lists with rulings: each stands in the version that held on its day, and ends with it.

        Parameters
        ----------
        rulings
            In the order in which the disputes were settled.
        """
        made: dict[str, list[Ruling]] = {}
        for ruling in rulings:
            made.setdefault(self.on(ruling.settled_on).version, []).append(ruling)
        return type(self)(
            one if one.rulings == (own := tuple(made.get(one.version, ()))) else replace(one, rulings=own)
            for one in self.versions
        )

    def waiting(self, day: date) -> tuple[Ruling, ...]:
        """Give the rulings that route cases on a day, and that the next version of the lists must say instead."""
        return tuple(one for one in self.on(day).rulings if one.settled_on <= day)

    def on(self, day: date) -> ListVersion:
        """Give the version that holds on a day; before the first one, the first: an old case needs an answer, too."""
        return self.versions[self._place(day)]

    def version(self, name: str) -> ListVersion:
        """Give a version by its name; raises UnknownVersion with the names that there are."""
        found = self._by_name.get(name)
        if found is None:
            known = ", ".join(one.version for one in reversed(self.versions))
            raise UnknownVersion(f"There is no version {name[:64]!r} of the lists; there are: {known[:400]}.")
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def effective_to(self, name: str) -> date | None:
        """Give the first day on which a version no longer holds; None while no later one is known."""
        place = self.versions.index(self.version(name)) + 1
        return self.versions[place].effective_from if place < len(self.versions) else None

    def matter(self, code: str, day: date) -> Matter:
        """Give a matter as the version of a day has it, else as the last version before that had it.

        A matter that the lists have dropped can still be reported: the command room decides whose it is.

        Raises
        ------
        UnknownMatter
            No version up to that day holds it; the message names a later one that does, or the nearest codes.
        """
        place = self._place(day)
        for one in reversed(self.versions[: place + 1]):
            found = one.matters.get(code)
            if found is not None:
                return found
        for one in self.versions[place + 1 :]:
            if code in one.matters:
                raise UnknownMatter(
                    f"The matter {code[:64]!r} enters the lists on {one.effective_from} (version {one.version}); on"
                    f" {day} no list holds it."
                )
        return self.versions[place].matters.matter(code)

    def _place(self, day: date) -> int:
        return max(bisect_right(self._days, day) - 1, 0)
