"""Smooth noise that bends lines the way rivers, roads and field edges bend them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

WAVES_PER_LENGTH = 18


@dataclass(frozen=True)
class Wander:
    """A displacement of the plane, the sum of plane waves of several lengths and chance directions.

    While the steepest slope stays below 1 the displacement never folds the plane: lines that do not cross before do not
    cross after. `steepness` says how steep it is.

    Attributes
    ----------
    wave : ndarray, (k, 2)
        Wave vectors, radians per metre.
    phase : ndarray, (k, 2)
        Phases of the x and the y displacement, radians.
    height : ndarray, (k,)
        Amplitudes, metres.
    """

    wave: Points
    phase: Points
    height: NDArray[np.float64]

    @classmethod
    def of(cls, lengths_m: Sequence[float], heights_m: Sequence[float], rng: np.random.Generator) -> Wander:
        """Waves of the given lengths; `heights_m` is the root mean square displacement that each length adds."""
        wave, phase, height = [], [], []
        for length, rms in zip(lengths_m, heights_m, strict=True):
            angle = rng.uniform(0.0, 2 * math.pi, WAVES_PER_LENGTH)
            number = 2 * math.pi / (length * rng.uniform(0.8, 1.25, WAVES_PER_LENGTH))
            wave.append(np.column_stack([np.cos(angle) * number, np.sin(angle) * number]))
            phase.append(rng.uniform(0.0, 2 * math.pi, (WAVES_PER_LENGTH, 2)))
            height.append(np.full(WAVES_PER_LENGTH, rms * math.sqrt(1.0 / WAVES_PER_LENGTH)))
        return cls(np.concatenate(wave), np.concatenate(phase), np.concatenate(height))

    def at(self, points: Points) -> Points:
        """Displacement in metres, (n, 2), at (n, 2) points in metres."""
        moves = np.zeros((len(points), 2))
        for (east, north), (phase_x, phase_y), height in zip(self.wave, self.phase, self.height, strict=True):
            # Wave by wave: a matrix product may sum in another order on another number of threads.
            turn = points[:, 0] * east + points[:, 1] * north
            moves[:, 0] += height * np.sin(turn + phase_x)
            moves[:, 1] += height * np.sin(turn + phase_y)
        return moves

    def steepness(self) -> float:
        """Root mean square slope (metres of displacement per metre)."""
        return float(np.sqrt(((self.height * np.hypot(*self.wave.T)) ** 2).sum() / 2))
