"""/lists/<code>: one item of the lists whole, as it is on a day (?on=); on paper a guide of one or two A4 pages."""

import asyncio
from datetime import date
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from cases.lists import Lists, ListVersion
from cases.matters import Matter
from dashboard import ids
from dashboard.pages import common, lists
from dashboard.services import Services
from dashboard.text import language, say
from dashboard.views import chrome
from dashboard.views import item as drawn
from dashboard.views import lists as words
from dashboard.views.names import Book
from data import views

TEMPLATE = "/lists/<code>"
TITLE = "page.item"
LATEST = 12


def layout(shown: common.Shown = common.NOTHING, /, code: str = "", on: str = "", **_: Any) -> Component:
    """Give the skeleton; what is in it comes by callback, and so does the note when there is no such item."""
    lang = language()
    example = shown.matters[0][0] if shown.matters else ""
    empty = chrome.missing(
        say("item.unknown", lang, code=code[:40]),
        say("item.unknown.way", lang, example=example),
        (),
        lang,
    )
    tools = html.Div(
        className="item-tools",
        children=[
            dcc.Link(say("item.back", lang), href="/lists", className="way"),
            html.Button(say("item.print", lang), type="button", className="way way-print", **{"data-onemap": "print"}),
        ],
    )
    return html.Div(
        className="page item",
        children=[
            dcc.Store(id=ids.ITEM_CODE, data={"code": code, "on": on}),
            dcc.Store(id=ids.ITEM_DATA),
            dcc.Store(id=ids.ITEM_USES),
            chrome.header(lang, lists.TITLE, shown.name(lang)),
            html.Main(
                id=ids.ITEM_BODY,
                className="item-body",
                hidden=False,
                children=[
                    tools,
                    part("header", "item-head"),
                    part("main", "item-main"),
                    part("flow", "item-flow"),
                    part("townships", "item-townships"),
                    part("uses", "item-uses"),
                ],
            ),
            html.Main(empty, id=ids.ITEM_UNKNOWN, hidden=True),
            html.Div(hidden=True, **{"data-onemap": "item"}),
        ],
    )


def part(name: str, class_name: str) -> Component:
    """Give a place that assets/js/item.js fills."""
    return html.Div(className=class_name, **{"data-item": name})


def holding(published: Lists, code: str, day: date) -> ListVersion | None:
    """Find the version whose item is shown: that of the day, else the last one before that held it, else a later."""
    before = [one for one in published.versions if one.effective_from <= day]
    after = [one for one in published.versions if one.effective_from > day]
    order = [published.on(day), *reversed(before), *after]
    return next((one for one in order if code in one.matters), None)


def read(services: Services, book: Book, code: str, on: str, lang: str) -> dict[str, Any] | None:
    """Read an item as it is on a day; None when no version of the lists ever held it."""
    today = services.region.local_day(services.now())
    published, day = services.library.current(), lists.day_of(on, today)
    version = holding(published, code, day)
    if version is None:
        return None
    matter = version.matters.matter(code)
    asked, category = published.on(day), services.region.categories.get(matter.category or "", "")
    notice = ""
    if version is not asked:
        notice = say("item.other_version", lang, day=day.isoformat(), version=version.version)
    return {
        **drawn.item(
            matter, version, everywhere(services, book, matter, version, day, lang), book, lang, category=category
        ),
        "version": words.version_words(version, published, today, lang),
        "notice": notice,
        "printed": say("item.printed", lang, day=today.isoformat()),
        "product": f"{services.region.names.get('zh', services.region.name)} · {say('product', lang)}",
    }


def everywhere(
    services: Services, book: Book, matter: Matter, version: ListVersion, day: date, lang: str
) -> list[words.Acting]:
    """Ask who acts in every township of the day."""
    region = services.region
    codes = [area.code for area in region.townships_on(day)] if "township" in region.layers else []
    return [lists.who_acts(services, book, matter, version, code, day, lang) for code in codes]


def uses(services: Services, book: Book, code: str, lang: str) -> dict[str, Any]:
    """Read which cases of the last 90 days used an item."""
    found = views.matter_uses(services.engine, code, services.now() - lists.PERIOD, LATEST)
    return {
        "title": say("item.uses", lang),
        "count": say("item.uses.count", lang, n=found.total, pending=found.pending)
        if found.total
        else say("item.uses.none", lang),
        "townships": words.use_rows(found.by_township, book, lang),
        "latest": say("item.uses.latest", lang, n=len(found.latest)),
        "cases": words.case_links(found.latest, book, services.region.zone, lang),
        "pending": {"href": f"/?matter={code}", "words": say("item.uses.pending", lang)} if found.pending else None,
    }


def register(app: Dash, services: Services) -> None:
    """Wire the item to its address, and its cases to the revision."""
    book = common.book_of(services)

    @app.callback(
        Output(ids.ITEM_DATA, "data"),
        Output(ids.ITEM_BODY, "hidden"),
        Output(ids.ITEM_UNKNOWN, "hidden"),
        Input(ids.ITEM_CODE, "data"),
    )
    async def show(asked: dict[str, str]) -> tuple[dict[str, Any] | None, bool, bool]:
        found = await asyncio.to_thread(read, services, book, asked["code"], asked["on"], language())
        return found, found is None, found is not None

    @app.callback(Output(ids.ITEM_USES, "data"), Input(ids.REV, "data"), State(ids.ITEM_CODE, "data"))
    async def used(_rev: int | None, asked: dict[str, str]) -> dict[str, Any]:
        return await asyncio.to_thread(uses, services, book, asked["code"], language())

    app.clientside_callback(ClientsideFunction("item", "draw"), Input(ids.ITEM_DATA, "data"))
    app.clientside_callback(ClientsideFunction("item", "uses"), Input(ids.ITEM_USES, "data"))
