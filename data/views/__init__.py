"""What is read from the memory: plain rows, at the cost of what is asked for and not of the whole history.

`board` follows the open cases, `search` pages through all, `page` shows one whole, `figures` counts, `bases` by area as
occurred or as current, `uses` says which items of the lists were used, `disputes` whose duty is in question,
`duplicates` what may be one and the same, `reports` how often a case was reported, `parties` whose it is, `answers` who
is to be given its result.
"""

from data.views.answers import Answer, answers_of, list_answers
from data.views.bases import AreaFigures, Base, Basis, area_figures, unplaced
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
from data.views.disputes import (
    DisputeCount,
    DisputeCounts,
    DisputeFilter,
    DisputePage,
    DisputeRow,
    DisputeState,
    dispute_counts,
    list_disputes,
)
from data.views.duplicates import Pair, Suggestion, Suggestions, WorkList, open_suggestions, suggestions
from data.views.figures import (
    AreaCount,
    DepartmentCount,
    PeriodFigures,
    counts_at,
    day_figures,
    department_counts,
)
from data.views.inspections import (
    Measure,
    Quarter,
    SubjectFilter,
    SubjectPage,
    SubjectRow,
    Subjects,
    list_subjects,
    measure,
    quarter_at,
    quarter_of,
    subject_page,
)
from data.views.page import CasePage, case_page
from data.views.parties import Party, pending_of
from data.views.periods import Period, period_of
from data.views.reports import CaseReport, report_counts, reports_of
from data.views.search import BadQuery, CaseFilter, Page, list_cases
from data.views.uses import MatterUses, matter_uses, uses_by_matter

__all__ = [
    "Answer",
    "AreaCount",
    "AreaFigures",
    "BadQuery",
    "Base",
    "Basis",
    "CaseFilter",
    "CasePage",
    "CaseReport",
    "CaseRow",
    "DepartmentCount",
    "DisputeCount",
    "DisputeCounts",
    "DisputeFilter",
    "DisputePage",
    "DisputeRow",
    "DisputeState",
    "EventRow",
    "MatterUses",
    "Measure",
    "Page",
    "Pair",
    "Party",
    "Period",
    "PeriodFigures",
    "Quarter",
    "SubjectFilter",
    "SubjectPage",
    "SubjectRow",
    "Subjects",
    "Suggestion",
    "Suggestions",
    "WorkList",
    "answers_of",
    "area_figures",
    "case_page",
    "cases_changed_since",
    "counts_at",
    "day_figures",
    "department_counts",
    "dispute_counts",
    "events_since",
    "latest_events",
    "latest_revision",
    "list_answers",
    "list_cases",
    "list_disputes",
    "list_subjects",
    "matter_uses",
    "measure",
    "open_board",
    "open_cases",
    "open_suggestions",
    "pending_in_township",
    "pending_of",
    "period_of",
    "quarter_at",
    "quarter_of",
    "report_counts",
    "reports_of",
    "subject_page",
    "suggestions",
    "unplaced",
    "uses_by_matter",
]
