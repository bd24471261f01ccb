"""A column of coordinates as numbers, with a note where a cell is none."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.placing.errors import PlacingError
from data.placing.flags import BIT, Bits
from geo.crs import number

NOT = pa.scalar(value=False)
# What Arrow's cast reads exactly as Python does. Anything else, a plus or full-width digits, is asked of `geo.crs`.
PLAIN = r"^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"


def is_text(kind: pa.DataType) -> bool:
    """Whether a column holds text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def plain_column(column: pa.Array) -> pa.Array:
    """Give a column without its dictionary, if it has one, and text as `string`."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(pa.string()) if is_text(column.type) and column.type != pa.string() else column


def check_type(name: str, kind: pa.DataType) -> None:
    """Refuse a column that can hold no coordinates; raises PlacingError."""
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not (is_text(inner) or pa.types.is_floating(inner) or pa.types.is_integer(inner) or pa.types.is_decimal(inner)):
        raise PlacingError(f"The column {name!r} holds {kind}, which are no coordinates; name a column of numbers.")


def numbers(column: pa.Array) -> tuple[NDArray[np.float64], Bits]:
    """Read coordinates by the rule of `geo.crs.number`.

    Returns
    -------
    values
        (n,) NaN where a cell is no finite number.
    flags
        (n,) ``missing``, ``unreadable``, ``not_finite``.
    """
    column = plain_column(column)
    if is_text(column.type):
        return _of_text(column)
    values = np.array(column.cast(pa.float64(), safe=False).fill_null(0.0).to_numpy(zero_copy_only=False))
    flags = np.zeros(len(values), np.uint32)
    flags[~np.isfinite(values)] = BIT["not_finite"]
    flags[column.is_null().to_numpy(zero_copy_only=False)] = BIT["missing"]
    values[flags != 0] = np.nan
    return values, flags


def _of_text(column: pa.Array) -> tuple[NDArray[np.float64], Bits]:
    trimmed = pc.utf8_trim_whitespace(column)
    plain = pc.if_else(pc.is_valid(trimmed), pc.match_substring_regex(trimmed, PLAIN), NOT)
    values = np.array(
        pc.if_else(plain, trimmed, None).cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    )
    flags = np.zeros(len(values), np.uint32)
    strange = np.flatnonzero(~plain.to_numpy(zero_copy_only=False))
    if len(strange):
        # The same few words ("", "-", "NaN") stand in most of such cells.
        cells = column.take(pa.array(strange)).dictionary_encode()
        read = [number(cell) for cell in cells.dictionary.to_pylist()]
        which = cells.indices.fill_null(len(read)).to_numpy(zero_copy_only=False)
        read.append("missing")
        values[strange] = np.array([np.nan if isinstance(one, str) else one for one in read])[which]
        flags[strange] = np.array([BIT[one] if isinstance(one, str) else 0 for one in read], np.uint32)[which]
    wild = np.isinf(values)
    values[wild], flags[wild] = np.nan, BIT["not_finite"]
    return values, flags
