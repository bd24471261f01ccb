"""Flags of rows as bits, so that a million rows need no million lists of words."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.region.region import FLAGS
from geo.recognition import NOTES

NO_TIME = ("time_missing", "time_unreadable")
"""Flags of rows whose boundaries nobody knows, because their day is not known."""
CELLS = "cells"
"""Flag of a row with more or fewer cells than the header: nobody knows which cell is which."""
ALL_FLAGS = (CELLS, *FLAGS[: FLAGS.index("before_boundaries")], *NO_TIME, *FLAGS[FLAGS.index("before_boundaries") :])
"""Every flag that a row can get, in the order in which they are written."""

Bits = NDArray[np.uint32]
BIT = {flag: np.uint32(1 << place) for place, flag in enumerate(ALL_FLAGS)}


def of_notes(notes: NDArray[np.uint16]) -> Bits:
    """Give the flags for the notes of `geo.recognition`."""
    found = np.zeros(notes.shape, np.uint32)
    if notes.any():
        for place, note in enumerate(NOTES):
            found[(notes >> place & 1).astype(np.bool_)] |= BIT[note]
    return found


def written(bits: Bits) -> pa.Array:
    """Write flags as words parted by semicolons; an empty text where there is none."""
    kinds, which = np.unique(bits, return_inverse=True)
    words = [";".join(flag for flag, bit in BIT.items() if kind & bit) for kind in kinds]
    return pa.array(words, pa.string()).take(pa.array(which.ravel()))
