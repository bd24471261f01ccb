"""What a settled dispute changes for the next such case: a ruling, until the lists themselves say it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from cases.case import LegRole

RULING = "ruling:"
"""What the code of a ruling begins with among the codes by which a leg acts in place of others."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The adjudicator's decision about every later case of a matter, in one township or everywhere.

    It lasts as long as the version of the lists that was in force when the dispute was settled: from the next version
    on the lists must say it. So it stands in that version, see `cases.lists.Lists.ruled`.

    Attributes
    ----------
    township
        Code of the township for which it holds, None: for every place.
    role, from_department
        The part that is given to somebody else, and the department to which it went before: whom the lists name, or
        whom an earlier ruling put in its place.
    change
        What the next version of the lists should say.
    number, ordinal
        The case of the dispute, and which of its disputes it was, from 1.
    settled_on
        The day of the decision in the region's zone; it holds for cases that are received on this day or later.
    """

    matter: str
    township: str | None
    role: LegRole
    from_department: str
    to_department: str
    change: str
    number: str
    ordinal: int
    settled_on: date

    @property
    def code(self) -> str:
        """What a leg keeps of it."""
        return f"{RULING}{self.number}-{self.ordinal}"

    @property
    def title(self) -> str:
        """Its name, as it is read aloud: the case and the day."""
        again = f"第{self.ordinal}次" if self.ordinal > 1 else ""
        day = f"{self.settled_on.year}年{self.settled_on.month}月{self.settled_on.day}日"
        return f"{self.number}号案件{again}职责争议{day}的裁定"

    @property
    def clause(self) -> str:
        """Its words beside those of the lists."""
        return f"{self.title}：{self.change}"

    def answers(self, matter: str, township: str | None, role: LegRole, day: date) -> bool:
        """Say whether it is about this part of this matter at this place, and made by that day."""
        here = self.township is None or self.township == township
        return here and self.settled_on <= day and (self.matter, self.role) == (matter, role)


def ruling_for(
    department: str,
    rulings: Iterable[Ruling],
    matter: str,
    township: str | None,
    role: LegRole,
    day: date,
    known: Collection[str],
) -> Ruling | None:
    """Find the ruling by which another department acts in a part that would otherwise be this department's.

    The last one on the question decides, and it alone: no department is replaced twice in a row. A ruling about a case
    that came to somebody by an earlier ruling is on the same question as that one.

    Parameters
    ----------
    department
        Who would act by the lists and the arrangements.
    rulings
        In the order in which they were made.
    known
        Codes of the departments that there are; a ruling in favour of another one is passed over.

    Returns
    -------
    Ruling or None
        None also when the last word leaves the part where the lists have it.
    """
    asked, last = {department}, None
    for one in rulings:
        if one.from_department in asked and one.to_department in known and one.answers(matter, township, role, day):
            asked.add(one.to_department)
            last = one
    return last if last and last.to_department != department else None
