"""A column of times as days of the region's zone, with a note where a cell is none.

Read are timestamps and dates of Parquet, and text as people and programs write it: ``2024-11-20``,
``2024-11-20 18:05:33``, ``2024-11-20T18:05:33.5+08:00``, ``2024/11/20 18:05``, ``2024年11月20日 18:05``, or by a format
of one's own. A time without an offset is meant in the region's zone.
"""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.placing.errors import PlacingError
from data.placing.flags import BIT, Bits
from data.placing.numerals import is_text, plain_column

Days = NDArray[np.datetime64]

# What Arrow's cast reads; tried first, being fifteen times as fast as the other forms.
ISO = r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?$"
WRITTEN = (
    r"^\s*(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:(?:T|\s+)(?P<hour>\d{1,2})[:时](?P<minute>\d{1,2})分?(?::?(?P<second>\d{1,2})(?:[.,]\d+)?秒?)?"
    r"\s*(?P<utc>[Zz])?(?P<offset>[+-]\d{2}:?\d{2})?)?\s*$"
)
PARTS = ("year", "month", "day", "hour", "minute", "second")


def check_type(name: str, kind: pa.DataType) -> None:
    """Refuse a column that can hold no times; raises PlacingError."""
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not (is_text(inner) or pa.types.is_timestamp(inner) or pa.types.is_date(inner)):
        raise PlacingError(f"The column {name!r} holds {kind}, which are no times; name a column of times or of text.")


def days(column: pa.Array, zone: ZoneInfo, form: str | None = None) -> tuple[Days, Bits]:
    """Give the local day of each cell.

    Parameters
    ----------
    form
        A format of `datetime.strptime` in which text is written, such as ``%m/%d/%Y %I:%M:%S %p``.

    Returns
    -------
    days
        (n,) days, NaT where there is none.
    flags
        (n,) ``time_missing``, ``time_unreadable``.
    """
    column = plain_column(column)
    if is_text(column.type):
        column = pc.utf8_trim_whitespace(column)
        missing = pc.equal(column.fill_null(""), "").to_numpy(zero_copy_only=False)
        found = _by_format(column, zone, form) if form else _of_text(column, zone)
    else:
        missing = column.is_null().to_numpy(zero_copy_only=False)
        found = _of_instants(column, zone)
    flags = np.zeros(len(found), np.uint32)
    flags[np.isnat(found)] = BIT["time_unreadable"]
    flags[missing] = BIT["time_missing"]
    return found, flags


def _local_days(utc: NDArray[np.datetime64], zone: ZoneInfo) -> Days:
    local = pd.DatetimeIndex(utc).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return np.asarray(local.to_numpy(), "datetime64[D]")


def _of_instants(column: pa.Array, zone: ZoneInfo) -> Days:
    if pa.types.is_date(column.type):
        return np.asarray(column.cast(pa.date32()).to_numpy(zero_copy_only=False), "datetime64[D]")
    aware = column.type.tz is not None
    # Seconds hold every year; microseconds and finer leave out some that a careless program writes.
    seconds = column.cast(pa.timestamp("s", column.type.tz), safe=False)
    found = np.asarray(seconds.to_numpy(zero_copy_only=False), "datetime64[s]")
    # Division by a unit rounds towards zero before 1970; none of it crosses a day that has boundaries.
    return _local_days(found, zone) if aware else found.astype("datetime64[D]")


def _by_format(column: pa.Array, zone: ZoneInfo, form: str) -> Days:
    aware = "%z" in form
    try:
        found = pd.to_datetime(
            pd.Series(column.to_numpy(zero_copy_only=False)), format=form, errors="coerce", utc=aware
        )
    except ValueError as problem:
        raise PlacingError(f"{form!r} is no format of times: {problem}. Write it as %Y-%m-%d %H:%M.") from problem
    if aware:
        return _local_days(found.dt.tz_localize(None).to_numpy(), zone)
    return np.asarray(found.to_numpy(), "datetime64[D]")


def _of_text(column: pa.Array, zone: ZoneInfo) -> Days:
    found = np.full(len(column), "NaT", "datetime64[D]")
    column = column.fill_null("")
    iso = pc.match_substring_regex(column, ISO)
    try:
        plain = pc.if_else(iso, column, None).cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        # One of them is no day (2024-02-30): the other way looks at each part by itself.
        rest = np.arange(len(column))
    else:
        found = np.asarray(plain.to_numpy(zero_copy_only=False), "datetime64[D]")
        rest = np.flatnonzero(~iso.to_numpy(zero_copy_only=False))
    if len(rest):
        found[rest] = _by_parts(column.take(pa.array(rest)), zone)
    return found


def _by_parts(column: pa.Array, zone: ZoneInfo) -> Days:
    """Read year, month, day and the rest each by itself; NaT where one of them is impossible."""
    parts = pc.extract_regex(pc.utf8_normalize(column, "NFKC"), WRITTEN)

    def part(name: str, otherwise: int) -> NDArray[np.int64]:
        cells = pc.struct_field(parts, name)
        cells = pc.if_else(pc.equal(cells, ""), None, cells)
        return np.asarray(cells.cast(pa.int64()).fill_null(otherwise).to_numpy(zero_copy_only=False))

    year, month, day, hour, minute, second = (part(name, 0) for name in PARTS)
    lawful = (year > 0) & (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    months = (np.clip(year, 1, 9999) - 1970) * 12 + np.clip(month, 1, 12) - 1
    found: Days = months.astype("datetime64[M]").astype("datetime64[D]") + (np.clip(day, 1, 31) - 1).astype("m8[D]")
    # The 30th of February would be a day in March.
    lawful &= found.astype("datetime64[M]") == months.astype("datetime64[M]")
    lawful &= day <= 31
    offset = pc.struct_field(parts, "offset").fill_null("")
    said = pc.or_(pc.not_equal(offset, ""), pc.not_equal(pc.struct_field(parts, "utc").fill_null(""), ""))
    aware = np.flatnonzero(lawful & said.to_numpy(zero_copy_only=False))
    if len(aware):
        east = _minutes(offset.take(pa.array(aware)))
        minutes = found[aware].astype("datetime64[m]") + (hour * 60 + minute)[aware] - east
        found[aware] = _local_days(minutes.astype("datetime64[s]"), zone)
    found[~lawful] = np.datetime64("NaT")
    return found


def _minutes(offset: pa.Array) -> NDArray[np.int64]:
    """Give offsets such as ``+08:00`` in minutes; nothing is UTC."""
    digits = pc.replace_substring(offset, ":", "")
    number = pc.if_else(pc.equal(digits, ""), "0", pc.utf8_slice_codeunits(digits, 1))
    hours_and_minutes = np.asarray(number.cast(pa.int64()).to_numpy(zero_copy_only=False))
    east = hours_and_minutes // 100 * 60 + hours_and_minutes % 100
    west = pc.starts_with(offset, "-").to_numpy(zero_copy_only=False)
    return np.asarray(np.where(west, -east, east))
