"""What may happen to a case in which status, and the checks that read this table."""

from cases.lifecycle.checks import (
    CONDITIONS,
    MOST_EXTENSION,
    NEW_CONDITIONS,
    allowed,
    can_record,
    check_data,
    check_event,
    check_leg,
    check_numbers,
    check_status,
    missing_findings,
    names_of,
    next_status,
    resolve_leg,
)
from cases.lifecycle.limits import LIMITS, Limit
from cases.lifecycle.table import TRANSITIONS, Actor, LegRule, Transition

__all__ = [
    "CONDITIONS",
    "LIMITS",
    "MOST_EXTENSION",
    "NEW_CONDITIONS",
    "TRANSITIONS",
    "Actor",
    "LegRule",
    "Limit",
    "Transition",
    "allowed",
    "can_record",
    "check_data",
    "check_event",
    "check_leg",
    "check_numbers",
    "check_status",
    "missing_findings",
    "names_of",
    "next_status",
    "resolve_leg",
]
