"""Boundary versions that are published in the database, over the region pack: the region is both together.

`load` gives the region that a server, an import or an export works with. `publish` and `withdraw` are the only writers
of published boundaries, `drafts` keeps files that somebody looks at before.
"""

from data.publishing.drafts import Draft
from data.publishing.errors import NoSuchDraft, NoSuchPublication, Overtaken
from data.publishing.loading import Standing, counter, load, open_standing, region_at
from data.publishing.moving import moves, moves_out
from data.publishing.proposing import offers_of
from data.publishing.publications import Publication, PublishedLayer, Withdrawal, publications, report_of
from data.publishing.publishing import must_be_publishable, publish, withdraw

__all__ = [
    "Draft",
    "NoSuchDraft",
    "NoSuchPublication",
    "Overtaken",
    "Publication",
    "PublishedLayer",
    "Standing",
    "Withdrawal",
    "counter",
    "load",
    "moves",
    "moves_out",
    "must_be_publishable",
    "offers_of",
    "open_standing",
    "publications",
    "publish",
    "region_at",
    "report_of",
    "withdraw",
]
