"""Tables: column definitions and rows of AG Grid, and the lists of the wall."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.text import say
from dashboard.views.names import Book


def ms(instant: datetime | None) -> int | None:
    """Milliseconds since 1970, as scripts count; None stays None."""
    return None if instant is None else round(instant.timestamp() * 1000)


def table(component_id: str, columns: Sequence[dict[str, Any]], language: str, *, empty: str) -> Component:
    """Give a table whose rows a callback brings."""
    return html.Div(
        className="table",
        **{"data-onemap": "grid", "data-grid": component_id},
        children=dag.AgGrid(
            id=component_id,
            columnDefs=list(columns),
            defaultColDef={"sortable": True, "resizable": False, "suppressHeaderMenuButton": True},
            getRowId="onemapRowId(params)",
            dashGridOptions=theme.grid_options(language, empty),
            style={"height": "100%", "width": "100%"},
        ),
    )


def scrolling(component_id: str, columns: Sequence[dict[str, Any]], language: str) -> Component:
    """Give a table of any length, whose rows a script brings as the reader scrolls (AG Grid's infinite model)."""
    options = {
        **theme.grid_options(language),
        "cacheBlockSize": 200,
        "maxBlocksInCache": 30,
        "infiniteInitialRowCount": 1,
        "rowBuffer": 20,
        "blockLoadDebounceMillis": 40,
        "maxConcurrentDatasourceRequests": 2,
        "suppressColumnVirtualisation": False,
    }
    return html.Div(
        className="table",
        **{"data-onemap": "grid", "data-grid": component_id},
        children=dag.AgGrid(
            id=component_id,
            rowModelType="infinite",
            columnDefs=list(columns),
            defaultColDef={"sortable": False, "resizable": True, "suppressHeaderMenuButton": True},
            getRowId="onemapRowId(params)",
            dashGridOptions=options,
            style={"height": "100%", "width": "100%"},
        ),
    )


def all_case_columns(language: str) -> list[dict[str, Any]]:
    """All cases, pending or not: what `case_columns` say, and where a wide screen has room, the rest."""

    def more(name: str, width: int, start_px: int) -> dict[str, Any]:
        return {
            "field": name,
            "headerName": say(f"column.{name}", language),
            "width": width,
            "context": {"from": start_px},
        }

    return [
        *case_columns(language),
        more("township", 120, 900),
        more("source", 120, 1100),
        more("occurred", 150, 800) | {"cellRenderer": "OneMapTime"},
        more("unit", 200, 1250),
    ]


def case_columns(language: str) -> list[dict[str, Any]]:
    """Pending cases: time left, matter and place, status, who is responsible now."""
    return [
        {"field": "due", "headerName": say("column.due", language), "cellRenderer": "OneMapDue", "width": 148},
        {
            "field": "matter",
            "headerName": say("column.matter", language),
            "cellRenderer": "OneMapMatter",
            "flex": 1,
            "minWidth": 190,
        },
        {"field": "department", "headerName": say("column.department", language), "width": 150},
        {"field": "status", "headerName": say("column.status", language), "width": 104},
    ]


def case_rows(
    cases: Iterable[Any], book: Book, language: str, *, within: bool = False, more: bool = False
) -> list[dict[str, Any]]:
    """Rows for `case_columns`, in the order in which the cases come.

    Parameters
    ----------
    cases
        Rows as the board and `data.views` give them.
    within
        Whether all are of one township that the page already names.
    more
        Whether the fields of `all_case_columns` are needed, too.
    """
    return [
        {
            **(_more(case, book, language) if more else {}),
            "number": case.number,
            "due": ms(case.due_at),
            "amber": ms(case.amber_at),
            "clock": say(f"clock.{case.due_kind}", language) if case.due_kind else "",
            "matter": book.matter(case.matter, language),
            "place": book.place(case.township, case.village, case.cell, language, within=within),
            "department": book.department(case.due_department or case.lead, language),
            "status": say(f"status.{case.status}", language),
        }
        for case in cases
    ]


def _more(case: Any, book: Book, language: str) -> dict[str, Any]:
    return {
        "township": book.area(case.township, language),
        "source": book.source(case.source, language),
        "occurred": ms(case.occurred_at),
        "unit": book.unit(case.lead_unit),
        "pending": case.pending,
    }


def unit_columns(language: str) -> list[dict[str, Any]]:
    """Stationed units and what they carry."""
    return [
        {"field": "name", "headerName": say("column.unit", language), "flex": 1.2, "minWidth": 150},
        {"field": "domain", "headerName": say("column.domain", language), "width": 120},
        {
            "field": "pending",
            "headerName": say("column.load", language),
            "cellRenderer": "OneMapLoad",
            "flex": 1,
            "minWidth": 120,
        },
    ]


def unit_rows(units: Iterable[Any], load: dict[str, dict[str, int]], book: Book, language: str) -> list[dict[str, Any]]:
    """Rows for `unit_columns`, the most loaded first.

    Parameters
    ----------
    load
        Department code to its counts {pending, amber, overdue} in this township: a department has one unit there.
    """
    none = {"pending": 0, "amber": 0, "overdue": 0}
    most = max((counts["pending"] for counts in load.values()), default=1)
    rows = [
        {
            "code": unit.code,
            "name": unit.name if language == "zh-CN" else f"{book.department(unit.department, language)} · {unit.name}",
            "domain": say(f"domain.{unit.domain}", language),
            "most": most,
            **{name: load.get(unit.department, none)[name] for name in none},
        }
        for unit in units
    ]
    return sorted(rows, key=lambda row: (-row["overdue"], -row["amber"], -row["pending"], row["code"]))


def due_items(cases: Iterable[Any], book: Book, language: str) -> list[dict[str, Any]]:
    """List the next cases to fall due, as the wall lists them."""
    return [
        {
            "number": case.number,
            "due": ms(case.due_at),
            "amber": ms(case.amber_at),
            "what": book.matter(case.matter, language),
            "town": book.area(case.township, language) or say("place.nowhere", language),
            "who": " · ".join(
                part
                for part in (
                    book.department(case.due_department or case.lead, language),
                    say(f"clock.{case.due_kind}", language) if case.due_kind else "",
                )
                if part
            ),
        }
        for case in cases
    ]


def department_items(counts: dict[str, dict[str, int]], book: Book, language: str, limit: int) -> list[dict[str, Any]]:
    """List the departments with running clocks, the latest first."""
    order = sorted(counts.items(), key=lambda kv: (-kv[1]["overdue"], -kv[1]["amber"], -kv[1]["pending"], kv[0]))
    return [
        {"name": book.department(code, language), **{name: n[name] for name in ("pending", "amber", "overdue")}}
        for code, n in order[:limit]
        if n["pending"]
    ]


def event_items(events: Iterable[Any], book: Book, language: str) -> list[dict[str, Any]]:
    """List the last events, the newest first, as the ticker lists them."""
    return [
        {
            # The same key as assets/js/wall.js gives to what the stream brings, so that nothing is listed twice.
            "key": f"{event.number} {event.kind} {ms(event.occurred_at)}",
            "at": ms(event.occurred_at),
            "kind": str(event.kind),
            "number": event.number,
            "what": say(f"event.{event.kind}", language),
            "where": " · ".join(
                part for part in (book.area(event.township, language), book.matter(event.matter, language)) if part
            ),
        }
        for event in events
    ]
