"""The tables: events that are only appended, and what follows from them, kept ready for reading.

`events` is the truth, and `chain` proves that nobody has changed it. `cases`, `legs`, `clocks`, `spans`, `disputes`,
`stays`, `subjects` and `visits` are projections of the fold, rewritten for a case in the transaction that appends its
events; they can be made again from `events` at any time. `placements` says where cases lie by the lines of another day.
`list_versions` and `list_items` are published lists, which are only appended, as are `ratings` and `consultations`.
`boundary_publications` with their layers and areas are boundary versions over the region pack, only appended, too;
`boundary_drafts` are files that are looked at before. `notices` is what was told to whom, `saved_views` what people
look at again, `event_keys` by which an event that is sent again is known. Who may come in stands in `accounts`,
`sessions`, `access_tokens` and `attempts`, and what they did in `audit`. `leases` says which process does
what is done once for all. `counters` hands out revisions and case
numbers and counts what was published.
"""

from data.tables.access import ACCESS, access_tokens, accounts, attempts, audit, sessions
from data.tables.boundaries import (
    BOUNDARIES,
    boundary_areas,
    boundary_draft_parts,
    boundary_drafts,
    boundary_layers,
    boundary_publications,
)
from data.tables.cases import LATE_END, REVISION, cases, clocks, counters, event_keys, events, legs, spans
from data.tables.chain import chain, erasing
from data.tables.columns import EPOCH, MICROSECOND, Document, Instant, Queryable, metadata
from data.tables.exports import EXPORT_FORMS, EXPORT_STATES, exports
from data.tables.kept import saved_views
from data.tables.leases import leases
from data.tables.lists import LIST_NAMES, LISTS, list_items, list_versions
from data.tables.loop import consultations, disputes, notices, ratings, subjects, visits
from data.tables.stays import placement_bases, placements, stays

__all__ = [
    "ACCESS",
    "BOUNDARIES",
    "EPOCH",
    "EXPORT_FORMS",
    "EXPORT_STATES",
    "LATE_END",
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
    "boundary_areas",
    "boundary_draft_parts",
    "boundary_drafts",
    "boundary_layers",
    "boundary_publications",
    "cases",
    "chain",
    "clocks",
    "consultations",
    "counters",
    "disputes",
    "erasing",
    "event_keys",
    "events",
    "exports",
    "leases",
    "legs",
    "list_items",
    "list_versions",
    "metadata",
    "notices",
    "placement_bases",
    "placements",
    "ratings",
    "saved_views",
    "sessions",
    "spans",
    "stays",
    "subjects",
    "visits",
]
