"""Two-way supervision: who is told what of a case, of its clocks and of what others ask of it."""

from cases.supervision.escalating import EscalationRule, Role, Watched, escalations, latest, watched
from cases.supervision.notices import Notice, NoticeKind
from cases.supervision.parties import Directory
from cases.supervision.telling import TELLING, TOLD, Told, notices_of

__all__ = [
    "TELLING",
    "TOLD",
    "Directory",
    "EscalationRule",
    "Notice",
    "NoticeKind",
    "Role",
    "Told",
    "Watched",
    "escalations",
    "latest",
    "notices_of",
    "watched",
]
