"""Indexes on disk: written once, mapped by every process that asks, so that a restart costs milliseconds.

A file holds a head of `HEAD` bytes (a line of JSON, padded with blanks), then table, pixels, records, vertices and the
sums of every `CHUNK` of these, each at a multiple of `HEAD`. It is named by its key and written under another name
first, so that no reader ever sees half of it. A file of another form, of another key, too short, or whose sums differ
is no index: it is built anew.
"""

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.locator import query
from geo.locator.grid import Frame
from geo.locator.index import PixelIndex, arrays_of

FORM = 2
"""Raised whenever the meaning of a byte or the rule of `geo.locator.plan` changes, so that old files are built anew."""
HEAD = 4096
CHUNK = 1 << 16
PARTS = query.Arrays._fields


def key_of(geometries: Sequence[BaseGeometry] | NDArray[np.object_], budget: int | None) -> str:
    """Give the key of an index: equal for equal geometries in the same order, asked for with the same options."""
    digest = hashlib.sha256(f"{FORM} {budget}".encode())
    for binary in shapely.to_wkb(np.asarray(geometries, dtype=object), byte_order=1):
        digest.update(binary)
    return digest.hexdigest()[:32]


def save(index: PixelIndex, folder: Path, key: str) -> Path:
    """Write an index; other processes see all of it or nothing.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = [getattr(index.arrays, name) for name in PARTS]
    sums = np.concatenate([sums_of(part) for part in parts])
    head = {
        "form": FORM,
        "key": key,
        "byteorder": sys.byteorder,
        "frame": list(index.frame),
        "parts": [[part.dtype.str, list(part.shape)] for part in [*parts, sums]],
    }
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{key}-")
    try:
        with os.fdopen(handle, "wb") as file:
            # Temporary files are their owner's alone; processes of other accounts map this one, too.
            os.fchmod(handle, 0o644)
            file.write(json.dumps(head).encode().ljust(HEAD - 1) + b"\n")
            for part in [*parts, sums]:
                file.write(part.tobytes())
                file.write(b"\0" * (-part.nbytes % HEAD))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path_of(folder, key))
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    return path_of(folder, key)


def load(folder: Path, key: str) -> PixelIndex | None:
    """Map an index into memory; None where there is none that can be trusted."""
    try:
        return _mapped(path_of(folder, key), key)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _mapped(path: Path, key: str) -> PixelIndex | None:
    whole = np.memmap(path, dtype=np.uint8, mode="r")
    head = json.loads(bytes(whole[:HEAD]))
    if (head["form"], head["key"], head["byteorder"]) != (FORM, key, sys.byteorder):
        return None
    parts, at = [], HEAD
    for dtype, shape in head["parts"]:
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        # A plain array: the kernels are compiled for these, and it holds the map alive all the same.
        parts.append(np.asarray(whole[at : at + size]).view(dtype).reshape(shape))
        at += size + -size % HEAD
    *parts, sums = parts
    if at != len(whole) or not np.array_equal(sums, np.concatenate([sums_of(part) for part in parts])):
        return None
    frame = Frame(*head["frame"])
    return PixelIndex(frame, arrays_of(*parts))


def path_of(folder: Path, key: str) -> Path:
    """Give the place of an index."""
    return folder / f"{key}.pixels"


def sums_of(part: NDArray[np.generic]) -> NDArray[np.uint64]:
    """Add up the words of each chunk: as fast as memory, and enough to notice lost pages and flipped bits."""
    flat = part.reshape(-1).view(np.uint8)
    whole = len(flat) // CHUNK * CHUNK
    rest = np.frombuffer(flat[whole:].tobytes().ljust(CHUNK, b"\0"), np.uint64)
    sums = flat[:whole].view(np.uint64).reshape(-1, CHUNK // 8).sum(axis=1, dtype=np.uint64)
    return np.append(sums, rest.sum(dtype=np.uint64))
