"""[inspection] of region.toml: for how long a visit of a subject is the one visit."""

from datetime import timedelta

from cases.inspection import WINDOW
from data.region.section import Section

MOST_DAYS = 1_000


def inspection_window(section: Section) -> timedelta:
    """Read how many days a visit is recent; note what is wrong and keep the default instead."""
    known, days = ("window_days",), section.values.get("window_days", WINDOW.days)
    for key in section.values.keys() - set(known):
        section.error(key, section.values[key], f"is no key here; there is {', '.join(known)}")
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
        section.error("window_days", days, f"must be a whole number of days from 1 to {MOST_DAYS:,}")
        return WINDOW
    return timedelta(days=days)
