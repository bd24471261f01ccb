"""Inspect at most once 综合监管最多查一次: one visit of one subject, all departments together."""

from cases.inspection.checks import CaseChecks, CheckItem, checks_of, items_of, merged
from cases.inspection.credit_code import check_character, read_credit_code
from cases.inspection.planning import SAME_COMING, WINDOW, Inspection, Plan, opened, opened_by
from cases.inspection.subjects import read_subject
from cases.inspection.visits import Subject, Visit, open_visit

__all__ = [
    "SAME_COMING",
    "WINDOW",
    "CaseChecks",
    "CheckItem",
    "Inspection",
    "Plan",
    "Subject",
    "Visit",
    "check_character",
    "checks_of",
    "items_of",
    "merged",
    "open_visit",
    "opened",
    "opened_by",
    "read_credit_code",
    "read_subject",
]
