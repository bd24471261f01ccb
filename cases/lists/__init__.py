"""The lists as they are published: versions by day, their faults, what changes between two, how to find an item."""

from cases.lists.checking import Fault, check
from cases.lists.comparing import Change, Difference, difference
from cases.lists.searching import search
from cases.lists.versions import Lists, ListVersion

__all__ = ["Change", "Difference", "Fault", "ListVersion", "Lists", "check", "difference", "search"]
