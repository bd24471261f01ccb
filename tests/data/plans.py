"""What the databases say of their own plans."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, event

GROWING = (
    "cases",
    "legs",
    "clocks",
    "spans",
    "disputes",
    "stays",
    "events",
    "event_keys",
    "notices",
    "visits",
    "audit",
)
"""Tables that grow for as long as the product serves."""
READS = ("SELECT", "WITH")
CHANGES = ("INSERT", "UPDATE", "DELETE")


def sent(engine: Engine, view: Callable[[Engine], object]) -> list[tuple[str, Any]]:
    """Every statement that a view sends, each with its parameters."""
    found: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.lstrip("(").startswith((*READS, *CHANGES)):
            found.append((statement, parameters[0] if isinstance(parameters, list) else parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        view(engine)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert found, "nothing was asked"
    return found


def sqlite_steps(engine: Engine, statements: list[tuple[str, Any]]) -> list[str]:
    """The steps of SQLite's plans, in its words."""
    with engine.connect() as connection:
        return [
            row[-1]
            for statement, parameters in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


def growing_table(relation: str) -> str | None:
    """The growing table that a relation is, or is a partition of."""
    name = relation.partition("_")[0] if relation.startswith("events_") else relation
    return name if name in GROWING else None


def touched(engine: Engine, statements: list[tuple[str, Any]]) -> dict[str, int]:
    """How many rows of each growing table PostgreSQL looked at, for the statement of these that looked at the most.

    A statement that changes something is planned and not run: then it is what the planner expects.
    """
    most: dict[str, int] = {}
    with engine.connect() as connection:
        held = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND reltuples >= 300"
        large = {growing_table(name) for name in connection.exec_driver_sql(held).scalars()}
        for statement, parameters in statements:
            found: dict[str, int] = {}
            # An empty table is walked, and rightly so.
            for table, rows in (one for one in _scans(connection, statement, parameters) if one[0] in large):
                found[table] = found.get(table, 0) + rows
            most |= {table: max(rows, most.get(table, 0)) for table, rows in found.items()}
        connection.rollback()
    return most


def _scans(connection: Connection, statement: str, parameters: Any) -> Iterator[tuple[str, int]]:
    is_read = statement.lstrip("(").startswith(READS)
    how = "ANALYZE, TIMING OFF, FORMAT JSON" if is_read else "FORMAT JSON"
    plan = connection.exec_driver_sql(f"EXPLAIN ({how}) {statement}", parameters).scalar_one()
    (tree,) = orjson.loads(plan) if isinstance(plan, str) else plan
    yield from _looked_at(tree["Plan"])


def _looked_at(node: dict[str, Any]) -> Iterator[tuple[str, int]]:
    table = growing_table(node.get("Relation Name", ""))
    if table and node["Node Type"].endswith("Scan"):
        if "Actual Rows" in node:
            removed = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
            yield table, int((node["Actual Rows"] + removed) * node["Actual Loops"])
        elif node["Node Type"] == "Seq Scan":
            yield table, int(node["Plan Rows"]) + 10_000_000  # a walk, whatever it is expected to find
    for child in node.get("Plans", ()):
        yield from _looked_at(child)
