"""What is read from the memory: plain rows, at the cost of what is asked for and not of the whole history.

`board` follows the open cases, `search` pages through all, `page` shows one whole, `figures` counts, `uses` says which
items of the lists were used.
"""

from data.views.board import (
    CaseRow,
    EventRow,
    cases_changed_since,
    events_since,
    latest_events,
    latest_revision,
    open_board,
    open_cases,
    pending_in_township,
)
from data.views.figures import (
    AreaCount,
    DepartmentCount,
    PeriodFigures,
    counts_at,
    day_figures,
    department_counts,
)
from data.views.page import CasePage, case_page
from data.views.search import BadQuery, CaseFilter, Page, list_cases
from data.views.uses import MatterUses, matter_uses, uses_by_matter

__all__ = [
    "AreaCount",
    "BadQuery",
    "CaseFilter",
    "CasePage",
    "CaseRow",
    "DepartmentCount",
    "EventRow",
    "MatterUses",
    "Page",
    "PeriodFigures",
    "case_page",
    "cases_changed_since",
    "counts_at",
    "day_figures",
    "department_counts",
    "events_since",
    "latest_events",
    "latest_revision",
    "list_cases",
    "matter_uses",
    "open_board",
    "open_cases",
    "pending_in_township",
    "uses_by_matter",
]
