"""How quick each department and township is: some are prompt, some are late, the same ones every time for a seed."""

import math
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from dashboard.simulation.rhythm import OFFICE_DAY


@dataclass
class Manners:
    """Paces by department and township; 1 is the county's average, 2 takes twice as long."""

    seed: int
    _paces: dict[str, float] = field(default_factory=dict)

    def pace(self, department: str, township: str) -> float:
        """Give how long a department takes in a township, against the average."""
        return self._own(department, 0.28) * self._own(township, 0.18)

    def _own(self, name: str, spread: float) -> float:
        if name not in self._paces:
            fixed = np.random.default_rng([self.seed, 11, *name.encode()])
            self._paces[name] = float(np.clip(fixed.lognormal(-0.04, spread), 0.55, 1.9))
        return self._paces[name]

    def respond(self, department: str, township: str, draw: np.random.Generator) -> timedelta:
        """Give how long a lead department takes to accept (the limit is 30 minutes); a few sleep over it."""
        if draw.random() < 0.012:
            return timedelta(hours=draw.uniform(1, 9))
        return timedelta(minutes=8 * draw.lognormal(0, 0.6) * self.pace(department, township))

    def arrive(self, department: str, township: str, draw: np.random.Generator) -> timedelta:
        """Give how long a coordinating department takes to be on site (the limit is one hour)."""
        if draw.random() < 0.01:
            return timedelta(hours=draw.uniform(2, 20))
        return timedelta(minutes=29 * draw.lognormal(0, 0.4) * math.sqrt(self.pace(department, township)))

    def finish(self, days: float, department: str, township: str, draw: np.random.Generator) -> timedelta:
        """Give the office time to the result of a matter that takes `days` in the median (limit 5 working days)."""
        pace = self.pace(department, township)
        chance = draw.random()
        late = 0.075 * pace**2
        if chance < late:
            return OFFICE_DAY * float(draw.uniform(5.5, 10.0))
        if chance < late + min(0.45, 0.18 * days):  # what is hard is often put off until the limit is near
            return OFFICE_DAY * float(draw.uniform(4.4, 5.3))
        return OFFICE_DAY * min(float(days * draw.lognormal(0, 0.6) * pace**0.7), 5.0)

    def verify(self, draw: np.random.Generator) -> timedelta:
        """Give the office time that a grid worker takes to verify (the limit is 120 minutes)."""
        return timedelta(minutes=55 * draw.lognormal(0, 0.6))
