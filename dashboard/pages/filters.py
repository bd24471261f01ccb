"""The filters that live in the address of the cockpit and of the case table: controls, reading, saying.

What stands in an address may be anything: a code that nobody knows means nothing and is named, a period that runs
backwards is turned round and that is said; nothing is dropped in silence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from cases.calendar import ONE_DAY
from cases.clock import Level
from cases.matters import Domain, Platform
from dashboard import theme
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import LANGUAGES, say
from dashboard.views.names import Book
from data.views import CaseFilter

CHOICES = ("platform", "domain", "matter", "department", "source")
PERIOD = ("from", "to")
KEYS = ("area", *CHOICES, "level", *PERIOD)
LEVELS: Mapping[str, Level] = {name: level for level, name in theme.LEVELS.items()}
AREAS = ("township", "village", "cell")
PENDING = {"open": True, "ended": False}
View = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an address asks for.

    Attributes
    ----------
    filters
        For `data.views`; the level is one at the instant that was given.
    words
        Key, name of the filter and what was chosen, for every filter that holds something back.
    notes
        What a reader should know: an unknown code, a period that was turned round or has not begun.
    """

    filters: CaseFilter
    words: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)


def control_ids(page: str) -> dict[str, str]:
    """Give the component ids of a page's controls, which its script relies on."""
    return {key: f"{page}-{key}" for key in (*CHOICES, "level")}


def controls(shown: common.Shown, page: str, values: View, lang: str) -> list[Component]:
    """Draw the controls of a page with what the address says."""
    made = control_ids(page)
    found = [choice(made[key], key, OPTIONS[key](shown, lang), values.get(key) or "", lang) for key in CHOICES]
    found.append(ticks(made["level"], "level", level_options(lang), values.get("level") or "", lang))
    return [*found, period(lang)]


def fold() -> Component:
    """Give the place of the button that unfolds the controls on a phone; they stand right behind it."""
    return html.Div(className="filter-fold", **{"data-onemap": "filter-fold"})


def unknown(shown: common.Shown, values: View, lang: str) -> str:
    """Name the filters of an address whose value no control can show; they stay until the reader drops them."""
    return " ".join(key for key in CHOICES if values.get(key) and values[key] not in dict(OPTIONS[key](shown, lang)))


def choice(component_id: str, key: str, options: list[tuple[str, str]], value: str, lang: str) -> Component:
    """One filter of which one value, or none, is chosen."""
    return html.Div(
        className="control",
        children=[
            html.Label(say(f"cockpit.{key}", lang), htmlFor=component_id),
            dcc.Dropdown(
                id=component_id,
                options=[{"value": code, "label": name} for code, name in options],
                value=value if value in dict(options) else None,
                placeholder=say(f"cockpit.all_{key}s", lang),
                clearable=True,
                labels=theme.dropdown_labels(lang),
                className="dropdown",
            ),
        ],
    )


def ticks(component_id: str, key: str, options: list[tuple[str, str]], value: str, lang: str) -> Component:
    """One filter of which several values may be chosen."""
    return html.Div(
        className="control",
        children=[
            html.Span(say(f"cockpit.{key}", lang), className="control-name"),
            dcc.Checklist(
                id=component_id,
                options=[{"value": name, "label": words} for name, words in options],
                value=[name for name in value.split(",") if name in dict(options)],
                className=f"ticks ticks-{key}",
                inline=True,
            ),
        ],
        **{"data-onemap": "named"},
    )


def period(lang: str) -> Component:
    """Give the place of the two days, which assets/js/05-filters.js fills with the browser's own calendar."""
    return html.Div(
        [
            html.Span(say("cockpit.period", lang), className="control-name"),
            html.Div(className="period", **{"data-onemap": "period"}),
        ],
        className="control control-period",
    )


def level_options(lang: str) -> list[tuple[str, str]]:
    """Give the three levels."""
    return [(name, say(f"level.{int(level)}", lang)) for name, level in LEVELS.items()]


def platform_options(_: common.Shown, lang: str) -> list[tuple[str, str]]:
    """Give the four platforms."""
    return [(str(platform), say(f"platform.{platform}", lang)) for platform in Platform]


def domain_options(shown: common.Shown, lang: str) -> list[tuple[str, str]]:
    """Give the domains that some matter of the region has."""
    used = {domain for *_, domain in shown.matters}
    return [(str(domain), say(f"domain.{domain}", lang)) for domain in Domain if str(domain) in used]


def matter_options(shown: common.Shown, lang: str) -> list[tuple[str, str]]:
    """All matters, in the order of the lists."""
    return named(((code, name, name_en) for code, name, name_en, _ in shown.matters), lang)


def department_options(shown: common.Shown, lang: str) -> list[tuple[str, str]]:
    """All departments, the township itself and the command room among them."""
    return named(shown.departments, lang)


def source_options(shown: common.Shown, lang: str) -> list[tuple[str, str]]:
    """All reporting sources."""
    return named(shown.sources, lang)


def named(rows: Iterable[tuple[str, str, str]], lang: str) -> list[tuple[str, str]]:
    """Give codes with their names in a language."""
    return [(code, name_en if lang == LANGUAGES[1] else name) for code, name, name_en in rows]


OPTIONS = {
    "platform": platform_options,
    "domain": domain_options,
    "matter": matter_options,
    "department": department_options,
    "source": source_options,
}


def read_day(text: str) -> date | None:
    """Read a day of an address, None for what is no day between 1970 and 2200."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 2200 else None


def chosen(services: Services, book: Book, view: View, now: datetime, lang: str) -> Chosen:
    """Read what the address of a page asks for."""
    words, notes, wanted = [], [], dict[str, Any]()
    area = view.get("area") or ""
    if area:
        layer = layer_of(services, area)
        wanted[layer] = (area,)
        words.append(("area", say("cockpit.area", lang), book.area(area, lang)))
        if not book.knows_area(area):
            notes.append(say("cases.note.area", lang, code=area[:60]))
    for key in CHOICES:
        code = view.get(key) or ""
        if code:
            wanted[key] = (code,)
            name = name_of(book, key, code, lang)
            words.append((key, say(f"cockpit.{key}", lang), name))
            if name == code and not knows(services, key, code):
                notes.append(say("cases.note.unknown", lang, value=code[:60], filter=say(f"cockpit.{key}", lang)))
    levels = [name for name in (view.get("level") or "").split(",") if name in LEVELS]
    if levels:
        wanted |= {"level": tuple(LEVELS[name] for name in levels), "at": now}
        words.append(
            ("level", say("cockpit.level", lang), "、".join(say(f"level.{int(LEVELS[n])}", lang) for n in levels))
        )
    wanted |= _period(services, view, now, words, notes, lang)
    pending = PENDING.get(view.get("state") or "")
    if pending is not None:
        wanted["pending"] = pending
        words.append(("state", say("cases.state", lang), say(f"cases.state.{view['state']}", lang)))
    return Chosen(CaseFilter(**wanted), tuple(words), tuple(notes))


def _period(
    services: Services, view: View, now: datetime, words: list[tuple[str, str, str]], notes: list[str], lang: str
) -> dict[str, datetime]:
    """Read the days of a period, both included."""
    given = {key: view.get(key) or "" for key in PERIOD}
    days = {key: read_day(text) for key, text in given.items()}
    notes += [say("cases.note.day", lang, value=given[key][:40]) for key in PERIOD if given[key] and days[key] is None]
    first, last = days["from"], days["to"]
    if first and last and first > last:
        first, last = last, first
        notes.append(say("cases.note.turned", lang, first=first.isoformat(), last=last.isoformat()))
    if first and first > services.region.local_day(now):
        notes.append(say("cases.note.future", lang, first=first.isoformat()))
    if first or last:
        # Of two equal days one is told.
        told = dict.fromkeys(day.isoformat() if day else "…" for day in (first, last))
        words.append(("period", say("cockpit.period", lang), " – ".join(told)))
    calendar, found = services.region.calendar, {}
    if first:
        found["occurred_from"] = calendar.start_of_day(first)
    if last:
        found["occurred_to"] = calendar.start_of_day(last + ONE_DAY)
    return found


def layer_of(services: Services, code: str) -> str:
    """Say of which layer an area is: what nobody knows is taken for a township, of which there is none."""
    region = services.region
    layers = {"township": "township", "village": "village", "cell": "grid"}
    for name in AREAS:
        layer = region.layers.get(layers[name])
        if layer is not None and layer.by_code(code) is not None:
            return name
    return AREAS[0]


def name_of(book: Book, key: str, code: str, lang: str) -> str:
    """Give the name of a chosen value, the code itself where nobody knows it."""
    if key in ("platform", "domain"):
        known = Platform if key == "platform" else Domain
        return say(f"{key}.{code}", lang) if code in set(known) else code
    return {"matter": book.matter, "department": book.department, "source": book.source}[key](code, lang)


def knows(services: Services, key: str, code: str) -> bool:
    """Whether a code is known that is its own name."""
    known = {"department": services.region.organisation.departments, "source": services.region.sources}
    return code in known.get(key, ())
