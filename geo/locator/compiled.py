"""Compilation by numba, in one place: without numba the kernels stay plain Python and nobody calls them.

The machine code is kept on disk beside the modules (or where NUMBA_CACHE_DIR says), so that only the first start after
an installation compiles; `python -m geo.locator` does it ahead. `nogil` lets threads run kernels side by side.
`fastmath` never: the signs of the orientation rest on the order of every rounding.

Numba's own cache asks whether the file of a kernel has changed, not whether a kernel that it calls has, or a constant
of another module: after an upgrade it would run yesterday's code. Here the key holds the code and the constants of all
kernels.
"""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

try:
    from llvmlite import ir
    from numba import njit, types
    from numba.core import caching, cgutils
    from numba.extending import intrinsic
    from numba.np import arrayobj
except ImportError:  # pragma: no cover - tested by asking for the other engine
    HAS_NUMBA = False
else:
    HAS_NUMBA = True

FunctionCache: Any = caching.FunctionCache if HAS_NUMBA else object

KERNELS: dict[str, Callable[..., Any]] = {}
"""Every kernel by its name; complete as soon as this package is imported."""


def content_of_kernels() -> str:
    """Give a hash of what the kernels do: their code, and the constants that they read."""
    digest = hashlib.sha256()
    for name, kernel in sorted(KERNELS.items()):
        code, around = kernel.__code__, kernel.__globals__
        numbers = [around[other] for other in code.co_names if isinstance(around.get(other), int | float)]
        digest.update(repr((name, code.co_code, code.co_consts, code.co_names, numbers)).encode())
    return digest.hexdigest()


class WholeCache(FunctionCache):  # type: ignore[misc]  # numba is untyped
    """Numba's cache of a function, with the content of all kernels in its key."""

    def _index_key(self, *asked: Any) -> tuple[Any, ...]:
        return (*super()._index_key(*asked), content_of_kernels())


def _kernel(function: Function, *, inline: bool) -> Function:
    if not HAS_NUMBA:
        return function
    KERNELS[f"{function.__module__}.{function.__name__}"] = function
    dispatcher: Any = njit(nogil=True, error_model="numpy", forceinline=inline)(function)
    # What `cache=True` does, with the other class.
    dispatcher._cache = WholeCache(function)
    return cast("Function", dispatcher)


def compiled(function: Function) -> Function:
    """Compile a kernel at its first call; the type checker sees the function as it is written."""
    return _kernel(function, inline=False)


def inlined(function: Function) -> Function:
    """Compile a small kernel into its callers."""
    return _kernel(function, inline=True)


def _prefetch(_: Any, array: Any, at: Any) -> Any:
    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        start: Any = arrayobj.make_array(signature.args[0])(context, builder, values[0]).data  # type: ignore[no-untyped-call]
        place = builder.bitcast(builder.gep(start, [values[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        function: Any = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
        # To read, to keep in every cache, as data: see the reference of LLVM's language.
        builder.call(function, [place, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, at), write


prefetch = cast("Callable[[Any, Any], None]", intrinsic(_prefetch) if HAS_NUMBA else None)
"""Ask the memory for a place of a one-dimensional array, array and place given, without waiting for it."""
