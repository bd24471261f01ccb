"""Inspect at most once 综合监管最多查一次: one visit of one subject, all departments together."""

from cases.inspection.visits import Subject, Visit, open_visit

__all__ = ["Subject", "Visit", "open_visit"]
