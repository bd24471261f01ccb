"""Which cases are whose, in SQL: for lists that hold nobody else's."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, exists, false, select

from cases.organisation import TOWNSHIP
from data import tables
from data.engine import reading


@dataclass(frozen=True, slots=True)
class Party:
    """Whose cases are meant.

    Attributes
    ----------
    kind
        ``township``: that lie in it; ``own_township``: in which the township itself acts; ``department`` or ``unit``:
        with a leg of it; ``source``: that it reported; ``disputes``: that are or were disputed; anything else: none.
    """

    kind: str
    code: str = ""


def cases_of(party: Party) -> ColumnElement[bool]:
    """Say it as a condition on the table of cases."""
    # Under names of their own: the list that is narrowed may read legs and disputes itself.
    cases, legs, disputes = tables.cases.c, tables.legs.alias("own").c, tables.disputes.alias("argued").c
    leg = legs.number == cases.number
    conditions: dict[str, ColumnElement[bool]] = {
        "township": cases.township == party.code,
        "own_township": (cases.township == party.code) & exists().where(leg, legs.department == TOWNSHIP),
        "department": exists().where(leg, legs.department == party.code),
        "unit": exists().where(leg, legs.unit == party.code),
        # The expression keeps SQLite from the index of (source, source_id), as in `search`.
        "source": cases.source.concat("") == party.code,
        "disputes": exists().where(disputes.number == cases.number),
    }
    return conditions.get(party.kind, false())


def pending_of(engine: Engine, party: Party) -> frozenset[str]:
    """Give the numbers of somebody's pending cases."""
    cases = tables.cases.c
    with reading(engine) as connection:
        found = connection.execute(select(cases.number).where(cases.pending.is_(True), cases_of(party)))
        return frozenset(found.scalars())
