"""Giving memory back to the system, and keeping it."""

import contextlib
import ctypes


def give_back() -> None:
    """Give back what has been freed, where the C library can (glibc); elsewhere nothing happens.

    Building indexes frees some hundred MB in small pieces, which glibc would keep to the end of the process.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT, LARGE = 1 << 28, 1 << 25
"""Bytes: freed memory that stays with the process, and arrays that are mapped anew each time (glibc allows 32 MiB)."""


def keep_freed() -> None:
    """Keep freed memory for the next batch, where the C library can (glibc).

    Dask's nanny has workers give back whatever is more than 64 KiB (MALLOC_TRIM_THRESHOLD_), so that every array of
    every batch is mapped and cleared anew: a quarter of the processor time of placing (test_cluster_bench.py).
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_TRIM_THRESHOLD, KEPT)
        library.mallopt(M_MMAP_THRESHOLD, LARGE)
