"""The tables: events that are only appended, and what follows from them, kept ready for reading.

`events` is the truth. `cases`, `legs`, `clocks`, `spans`, `disputes`, `subjects` and `visits` are projections of the
fold, rewritten for a case in the transaction that appends its events; they can be made again from `events` at any time.
`list_versions` and `list_items` are published lists, which are only appended, as are `ratings` and `consultations`.
`notices` is what was told to whom. Who may come in stands in `accounts`, `sessions`, `access_tokens` and `attempts`,
and what they did in `audit`. `counters` hands out revisions and case numbers and counts the published lists.
"""

from data.tables.access import ACCESS, access_tokens, accounts, attempts, audit, sessions
from data.tables.cases import REVISION, cases, clocks, counters, events, legs, spans
from data.tables.columns import EPOCH, MICROSECOND, Document, Instant, Queryable, metadata
from data.tables.lists import LIST_NAMES, LISTS, list_items, list_versions
from data.tables.loop import consultations, disputes, notices, ratings, subjects, visits

__all__ = [
    "ACCESS",
    "EPOCH",
    "LISTS",
    "LIST_NAMES",
    "MICROSECOND",
    "REVISION",
    "Document",
    "Instant",
    "Queryable",
    "access_tokens",
    "accounts",
    "attempts",
    "audit",
    "cases",
    "clocks",
    "consultations",
    "counters",
    "disputes",
    "events",
    "legs",
    "list_items",
    "list_versions",
    "metadata",
    "notices",
    "ratings",
    "sessions",
    "spans",
    "subjects",
    "visits",
]
