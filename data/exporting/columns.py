"""The schema of the exported history: a column never changes its meaning; a new one raises `VERSION`."""

from dataclasses import dataclass

import pyarrow as pa

from cases.clock import CASE_CLOCKS
from data.placing.points import GEOMETRY, geo_metadata

VERSION = 1
TEXT, COUNT, FLAG = pa.string(), pa.int32(), pa.bool_()
INSTANT = pa.timestamp("us", "UTC")
CODES = pa.map_(pa.string(), pa.string())
WORDS = pa.list_(pa.string())


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type, its unit where it has one, and what it means."""

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""


def _of_clock(kind: str) -> list[Column]:
    latest = f"{kind} clock that started last"
    return [
        Column(f"{kind}_start", INSTANT, f"start of the {latest}; null without one", "UTC"),
        Column(f"{kind}_due", INSTANT, f"due time of the {latest}; null while it is paused", "UTC"),
        Column(f"{kind}_stop", INSTANT, f"end of the {latest}; null while it runs", "UTC"),
        Column(f"{kind}_clocks", COUNT, f"{kind} clocks of the case: one for each leg and round", "clocks"),
        Column(f"{kind}_met", COUNT, "those of them that stopped at their due time or before", "clocks"),
        Column(f"{kind}_missed", COUNT, "those of them that stopped after their due time", "clocks"),
    ]


COLUMNS: tuple[Column, ...] = (
    Column("number", TEXT, "number of the case"),
    Column("matter", TEXT, "code of the item of the lists"),
    Column("platform", TEXT, "one of the four platforms"),
    Column("domain", TEXT, "domain of the item"),
    Column("source", TEXT, "code of the source that reported it; who reported is not exported"),
    Column("status", TEXT, "received, accepted, on_site, finished, verified, closed or merged"),
    Column("pending", FLAG, "whether it is neither closed nor merged"),
    Column("merged_into", TEXT, "number of the case of which it is a duplicate; null unless it is merged"),
    Column("list_version", TEXT, "version of the lists by which it was routed"),
    Column("lead", TEXT, "department in charge"),
    Column("lead_unit", TEXT, "its stationed unit"),
    Column("occurred_at", INSTANT, "when it happened", "UTC"),
    Column("received_at", INSTANT, "when the report came", "UTC"),
    Column("closed_at", INSTANT, "when it was last closed or merged; null while it is pending", "UTC"),
    Column("lon", pa.float64(), "longitude, WGS 84; null without a point that can be read", "degrees"),
    Column("lat", pa.float64(), "latitude, WGS 84", "degrees"),
    Column("township", TEXT, "code of the township as it occurred; null outside every one"),
    Column("village", TEXT, "code of the village as it occurred"),
    Column("cell", TEXT, "code of the grid cell as it occurred"),
    Column("areas", CODES, "codes in the region's other layers, layer to code"),
    Column(
        "boundaries_from", pa.date32(), "first day of the boundaries by which it was placed; null before the first ones"
    ),
    Column("flags", WORDS, "what was noticed of the point: boundary, outside, swapped …"),
    *(column for kind in CASE_CLOCKS for column in _of_clock(kind)),
    Column("legs", COUNT, "parts of departments in it", "legs"),
    Column("departments", COUNT, "departments that have or had a part in it", "departments"),
    Column("returned", COUNT, "legs that were handed back or on", "legs"),
    Column("disputes", COUNT, "disputes about whose it is", "disputes"),
    Column("urged", COUNT, "how often its legs were urged", "times"),
    Column("reopened", COUNT, "how often it was opened again after it had been closed", "times"),
    Column("events", COUNT, "events of its history", "events"),
    Column("revision", pa.int64(), "number of its last event; grows with every change"),
    Column(GEOMETRY, pa.binary(), "the point as WKB, longitude first; null where lon is"),
)
SCHEMA = pa.schema([(column.name, column.type) for column in COLUMNS], metadata=geo_metadata())
