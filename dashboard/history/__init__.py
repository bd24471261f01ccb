"""The time machine: any moment of the past, where cases gather, what to expect, over the boundaries of a day."""

from dashboard.history.expected import expected
from dashboard.history.grounds import Grounds
from dashboard.history.hotspots import hot_spots
from dashboard.history.machine import Machine
from dashboard.history.moment import moment

__all__ = ["Grounds", "Machine", "expected", "hot_spots", "moment"]
