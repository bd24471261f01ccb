"""The tables: events that are only appended, and what follows from them, kept ready for reading.

`events` is the truth. `cases`, `legs`, `clocks`, `spans`, `disputes`, `subjects` and `visits` are projections of the
fold, rewritten for a case in the transaction that appends its events; they can be made again from `events` at any time.
`list_versions` and `list_items` are published lists, which are only appended, as are `ratings` and `consultations`.
`notices` is what was told to whom, `saved_views` what people look at again, `event_keys` by which an event that is sent
again is known. `counters` hands out revisions and case numbers and counts the published lists.
"""

from data.tables.cases import REVISION, cases, clocks, counters, event_keys, events, legs, spans
from data.tables.columns import EPOCH, MICROSECOND, Document, Instant, Queryable, metadata
from data.tables.kept import saved_views
from data.tables.lists import LIST_NAMES, LISTS, list_items, list_versions
from data.tables.loop import consultations, disputes, notices, ratings, subjects, visits

__all__ = [
    "EPOCH",
    "LISTS",
    "LIST_NAMES",
    "MICROSECOND",
    "REVISION",
    "Document",
    "Instant",
    "Queryable",
    "cases",
    "clocks",
    "consultations",
    "counters",
    "disputes",
    "event_keys",
    "events",
    "legs",
    "list_items",
    "list_versions",
    "metadata",
    "notices",
    "ratings",
    "saved_views",
    "spans",
    "subjects",
    "visits",
]
