"""What is read from the memory: plain rows, at the cost of what is asked for and not of the whole history.

`board` follows the open cases, `search` pages through all, `table` scrolls, `page` shows one whole, `figures` counts,
`moments` tells what was pending at any moment, `happenings` what came when, `bases` by area as occurred or as current,
`uses` says which items of the lists were used, `work` which legs a body has to work on and how limits were kept,
`disputes` whose duty is in question, `duplicates` what may be one and the same, `reports` how often a case was
reported, `parties` whose it is, `answers` who is to be given its result.
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
from data.views.happenings import Density, Happening, density, first_received, reports_between
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
from data.views.moments import ANY_KIND, CaseKind, Known, Standing, first_recorded, standing_at
from data.views.page import CasePage, case_page, case_states
from data.views.parties import Party, pending_of
from data.views.periods import Period, period_of
from data.views.reports import CaseReport, report_counts, reports_of
from data.views.search import BadQuery, CaseFilter, Page, list_cases
from data.views.table import MOST_LISTED, Sorting, Stretch, case_stretch, every_case
from data.views.uses import MatterUses, matter_uses, uses_by_matter
from data.views.work import Kept, LegList, LegWork, kept_limits, legs_of

__all__ = [
    "ANY_KIND",
    "MOST_LISTED",
    "Answer",
    "AreaCount",
    "AreaFigures",
    "BadQuery",
    "Base",
    "Basis",
    "CaseFilter",
    "CaseKind",
    "CasePage",
    "CaseReport",
    "CaseRow",
    "Density",
    "DepartmentCount",
    "DisputeCount",
    "DisputeCounts",
    "DisputeFilter",
    "DisputePage",
    "DisputeRow",
    "DisputeState",
    "EventRow",
    "Happening",
    "Kept",
    "Known",
    "LegList",
    "LegWork",
    "MatterUses",
    "Measure",
    "Page",
    "Pair",
    "Party",
    "Period",
    "PeriodFigures",
    "Quarter",
    "Sorting",
    "Standing",
    "Stretch",
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
    "case_states",
    "case_stretch",
    "cases_changed_since",
    "counts_at",
    "day_figures",
    "density",
    "department_counts",
    "dispute_counts",
    "events_since",
    "every_case",
    "first_received",
    "first_recorded",
    "kept_limits",
    "latest_events",
    "latest_revision",
    "legs_of",
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
    "reports_between",
    "reports_of",
    "standing_at",
    "subject_page",
    "suggestions",
    "unplaced",
    "uses_by_matter",
]
