"""Inspect at most once: subjects with their visits, and how many were visited more than once in a quarter."""

from data.views.inspections.measure import Count, Measure, measure
from data.views.inspections.quarters import Quarter, quarter_at, quarter_of
from data.views.inspections.subjects import (
    SubjectFilter,
    SubjectPage,
    SubjectRow,
    Subjects,
    VisitCase,
    VisitPage,
    list_subjects,
    subject_page,
)

__all__ = [
    "Count",
    "Measure",
    "Quarter",
    "SubjectFilter",
    "SubjectPage",
    "SubjectRow",
    "Subjects",
    "VisitCase",
    "VisitPage",
    "list_subjects",
    "measure",
    "quarter_at",
    "quarter_of",
    "subject_page",
]
