"""Compilation by numba, in one place: without numba the kernels stay plain Python and nobody calls them.

`cache=True` keeps the machine code on disk beside the modules (or where NUMBA_CACHE_DIR says), so that only the first
start after an installation compiles; `python -m geo.locator` does it ahead. `nogil` lets threads run kernels side by
side. `fastmath` never: the signs of the orientation rest on the order of every rounding.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

try:
    from numba import njit
except ImportError:  # pragma: no cover - tested by asking for the other engine
    HAS_NUMBA = False
else:
    HAS_NUMBA = True


def compiled(function: Function) -> Function:
    """Compile a kernel at its first call; the type checker sees the function as it is written."""
    if not HAS_NUMBA:
        return function
    return cast("Function", njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: Function) -> Function:
    """Compile a small kernel into its callers."""
    if not HAS_NUMBA:
        return function
    return cast("Function", njit(cache=True, nogil=True, error_model="numpy", forceinline=True)(function))
