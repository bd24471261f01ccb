"""Giving memory back to the system."""

import contextlib
import ctypes


def give_back() -> None:
    """Give back what has been freed, where the C library can (glibc); elsewhere nothing happens.

    Building indexes frees some hundred MB in small pieces, which glibc would keep to the end of the process.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
