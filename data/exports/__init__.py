"""Big exports in the background: as many cases as there are, as GeoParquet or as Excel workbooks, with a manifest.

`queue` keeps in the database what was asked for and how far it has come, so that any process may make it, show it or
stop it; `reading` reads cases column by column; `workbook` writes Excel; `making` makes one part after the other. A
part that is whole is never made twice: whoever takes an export over begins behind the last one. docs/exports.md.
"""

from data.exports.making import PART_ROWS, make
from data.exports.queue import (
    Export,
    ExportError,
    Form,
    Lost,
    NoSuchExport,
    State,
    again,
    ask,
    drop,
    end,
    expired,
    find,
    give_back,
    of_owner,
    take,
    waiting,
)
from data.exports.reading import COLUMNS

__all__ = [
    "COLUMNS",
    "PART_ROWS",
    "Export",
    "ExportError",
    "Form",
    "Lost",
    "NoSuchExport",
    "State",
    "again",
    "ask",
    "drop",
    "end",
    "expired",
    "find",
    "give_back",
    "make",
    "of_owner",
    "take",
    "waiting",
]
