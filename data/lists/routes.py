"""Who answers for what, where and when, as one table that a person can read: made from the lists, never by hand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cases.arrangements import ArrangementKind
from cases.lists import ListVersion
from cases.matters import Matter, MatterKind
from cases.organisation import Unit
from cases.routing import LIST_NAMES, RouteLeg, route
from data.region import Region
from data.region.settings import TOWNSHIP

DOZEN = 12
HERE = "〔镇街〕"
"""Stands for the township's own name, so that townships with the same answer share a row."""

NO_MATTER = "其他事项"
HEAD = "| 时段 | 镇街 | 牵头 | 协同 | 可以念的一句话 |\n|---|---|---|---|---|\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the routing says, with the township's own name left out."""

    lead: str
    coordinating: str
    sentence: str


def routes_table(region: Region, version: ListVersion) -> str:
    """Write as Markdown who leads, who comes and why: every one-thing and a dozen matters of each other list.

    Each is asked in every township of every boundary version, and before and after each day on which an arrangement
    that concerns it begins or ends.
    """
    # A ruling ends with this version and has a list of its own; the table says what the lists say.
    version = replace(version, rulings=())
    text = [
        "# Who answers for what",
        "",
        f"Made by `python -m dashboard lists routes --out docs/routing.md` from version {version.version} of the lists"
        f" of {region.names['zh']}. Do not edit.",
        "",
        f"{HERE} stands for the name of the township in which the case lies. A unit in （） acts; （…，服务） marks one"
        " that stands in another township and serves this one, （本级） the department itself where no unit reaches."
        " In 〔〕 stands the arrangement that changes who acts. Townships and days with the same answer share a row; a"
        " township is told of from its first day on.",
        "",
        *_changes(region),
    ]
    for kind in MatterKind:
        text += [f"## {LIST_NAMES[kind]}", ""]
        for matter in chosen(version, kind):
            text += [f"### {matter.code} {matter.name}", "", HEAD + "".join(_rows(region, version, matter)), ""]
    text += ["## A code that no list holds", "", HEAD + "".join(_rows(region, version, NO_MATTER)), ""]
    return "\n".join(text).rstrip() + "\n"


def _changes(region: Region) -> Iterator[str]:
    """Say which townships begin on a day after the first, and of which ones their land was a part until then."""
    layer = region.layers[TOWNSHIP]
    for day in layer.change_days[1:]:
        before = layer.valid_on(day - timedelta(days=1)).areas
        known = {area.code for area in before}
        for area in layer.valid_on(day).areas:
            if area.code not in known:
                inside = area.geometry.representative_point()
                was = "、".join(old.name for old in before if old.geometry.covers(inside))
                yield f"{area.name} begins on {day}; a case of an earlier day there lies in {was or 'no township'}."
                yield ""


def chosen(version: ListVersion, kind: MatterKind) -> list[Matter]:
    """Give a dozen matters of a list, evenly spread, and beside them those that change hands on a day."""
    every = version.matters.of_kind(kind)
    spread = {every[place * len(every) // DOZEN].code for place in range(DOZEN)} if len(every) > DOZEN else None
    hands = [one for one in version.arrangements if one.kind is ArrangementKind.CHANGES_HANDS]
    return [
        matter
        for matter in every
        if spread is None or matter.code in spread or any(one.concerns(matter) for one in hands if one.matters)
    ]


def _rows(region: Region, version: ListVersion, matter: Matter | str) -> Iterator[str]:
    """Write the rows of one matter: answers in the order in which they first come up."""
    starts = _starts(region, version, matter)
    towns = [_townships(region, _sample(starts, place)) for place in range(len(starts))]
    names = {code: name for there in towns for code, name in there.items()}
    where: dict[Answer, dict[str, list[int]]] = {}
    for place in range(len(starts)):
        for code, name in names.items():
            # A township that does not exist yet shares the row of its first day, so that it splits no group.
            at = next((later for later in range(place, len(starts)) if code in towns[later]), place)
            answer = _answer(region, version, matter, code, name, _sample(starts, at))
            where.setdefault(answer, {}).setdefault(code, []).append(place)
    for answer, places in where.items():
        groups: dict[tuple[int, ...], list[str]] = {}
        for code, when in places.items():
            groups.setdefault(tuple(when), []).append(code)
        for stretches, codes in groups.items():
            there = [place for place in stretches if towns[place].keys() & set(codes)]
            cells = (_when(there, starts), _which(codes, names), answer.lead, answer.coordinating, answer.sentence)
            yield f"| {' | '.join(cells)} |\n"


def _starts(region: Region, version: ListVersion, matter: Matter | str) -> list[date]:
    """Give the days on which an answer may change; the first stands for all time before the second."""
    days = set(region.layers[TOWNSHIP].change_days[1:])
    if isinstance(matter, Matter):
        for one in version.arrangements:
            if one.concerns(matter):
                days |= {day for day in (one.valid_from, one.valid_to) if day not in (None, date.min)}
    return [date.min, *sorted(day for day in days if day)]


def _sample(starts: Sequence[date], place: int) -> date:
    """Give a day of a stretch of time: its first, and for the first stretch its last."""
    if place or len(starts) == 1:
        return starts[place]
    return starts[1] - timedelta(days=1)


def _townships(region: Region, day: date) -> dict[str, str]:
    layer = region.layers[TOWNSHIP]
    return {area.code: area.name for area in layer.valid_on(max(day, layer.change_days[0])).areas}


def _answer(region: Region, version: ListVersion, matter: Matter | str, township: str, name: str, day: date) -> Answer:
    way = route(matter, township, day, version, region.organisation)
    lead, *others = way.legs
    sentence = lead.sentence
    for leg in way.legs:
        if own := _own_unit(region, leg, township, day):
            sentence = sentence.replace(own.name, _anonymous(own, name))
    who = [_who(region, leg, township, name, day) for leg in (lead, *others)]
    return Answer(who[0], "<br>".join(who[1:]) or "—", sentence.replace(name, HERE))


def _own_unit(region: Region, leg: RouteLeg, township: str, day: date) -> Unit | None:
    unit = region.organisation.unit(leg.unit, day) if leg.unit else None
    return unit if unit and unit.township == township else None


def _anonymous(unit: Unit, township: str) -> str:
    """Give a unit's name without that of its township, long or short."""
    short = township.removesuffix("街道").removesuffix("镇")
    return unit.name.replace(township, HERE).replace(short, HERE)


def _who(region: Region, leg: RouteLeg, township: str, name: str, day: date) -> str:
    department = region.organisation.department(leg.department)
    unit = region.organisation.unit(leg.unit, day) if leg.unit else None
    if unit is None:
        acts = "" if department.code not in _stationing(region) else "（本级）"
    elif unit.township == township:
        acts = f"（{_anonymous(unit, name)}）"
    else:
        acts = f"（{unit.name}，服务）"
    by = "、".join(leg.arrangements)
    return f"{department.spoken}{acts}〔{by}〕" if by else f"{department.spoken}{acts}"


def _stationing(region: Region) -> set[str]:
    return {unit.department for unit in region.organisation.units}


def _which(codes: Sequence[str], names: Mapping[str, str]) -> str:
    """Name townships: all of them, all but a few, or each."""
    missing = sorted(names.keys() - set(codes))
    if not missing:
        return f"全部{len(codes)}个镇街"
    if len(missing) < len(codes) // 2:
        return f"除{'、'.join(names[code] for code in missing)}外的{len(codes)}个镇街"
    return "、".join(names[code] for code in sorted(codes))


def _when(places: Sequence[int], starts: Sequence[date]) -> str:
    """Name stretches of time; those that follow each other are one."""
    if len(places) == len(starts):
        return "任何一天"
    parts = []
    for place in places:
        if place - 1 in places:
            continue
        last = place
        while last + 1 in places:
            last += 1
        end = (starts[last + 1] - timedelta(days=1)).isoformat() if last + 1 < len(starts) else ""
        begin = starts[place].isoformat() if place else ""
        parts.append(f"{begin}至{end}" if begin and end else f"{begin}起" if begin else f"至{end}")
    return "，".join(parts)
