"""Which events start and stop which clock: one table, held against what histories do to their clocks."""

from collections.abc import Mapping
from dataclasses import dataclass

from cases.clock import ClockKind
from cases.events import EventKind

_ENDS = (EventKind.CLOSED, EventKind.MERGED)


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of the table.

    Attributes
    ----------
    owner
        Whose time it is.
    starts, stops
        Events at which a clock of this kind may start and stop.
    pausable
        Whether it may be extended and suspended.
    """

    owner: str
    starts: tuple[EventKind, ...]
    stops: tuple[EventKind, ...]
    pausable: bool = False


LIMITS: Mapping[ClockKind, Limit] = {
    # Whoever hands a case back is asked again when that opens a dispute: it stays in charge.
    ClockKind.RESPOND: Limit(
        "the lead that was asked",
        (EventKind.RECEIVED, EventKind.REOPENED, EventKind.TRANSFERRED, EventKind.DISPUTED),
        (EventKind.ACCEPTED, EventKind.RETURNED, EventKind.TRANSFERRED, *_ENDS),
    ),
    # A finding from afar ends it: the department need not come any more.
    ClockKind.ARRIVE: Limit(
        "each coordinating department",
        (EventKind.CALLED, EventKind.REOPENED, EventKind.SETTLED),
        (EventKind.ARRIVED, EventKind.FOUND, EventKind.TRANSFERRED, EventKind.SETTLED, *_ENDS),
    ),
    ClockKind.FINISH: Limit(
        "the case",
        (EventKind.ACCEPTED, EventKind.FOUND, EventKind.REOPENED, EventKind.SETTLED),
        (EventKind.FINISHED, *_ENDS),
        pausable=True,
    ),
    ClockKind.VERIFY: Limit("the case", (EventKind.FINISHED,), (EventKind.VERIFIED, EventKind.REOPENED, *_ENDS)),
    ClockKind.ADJUDICATE: Limit("the adjudicator", (EventKind.DISPUTED,), (EventKind.SETTLED,)),
}
"""Kind of clock to its row; complete by test."""
