"""The report on a boundary file: as JSON, and as one HTML file with a small map of each fault."""

from collections import Counter
from html import escape
from string import Template
from typing import Any

from shapely.geometry.base import BaseGeometry

from dashboard.reports.faultmap import FaultMaps
from dashboard.reports.page import Report, asset, page
from dashboard.text import say
from data.boundary_import import Checked
from geo.exchange.findings import Finding, Level, Repair
from geo.exchange.fitting import Candidate

MAPS_OF_A_KIND = 30


def as_json(checked: Checked) -> dict[str, Any]:
    """Give everything that was found, in values that JSON has."""
    content, fitting = checked.content, checked.fitting
    return {
        "file": content.file,
        "layer_of_file": content.layer,
        "format": content.kind,
        "layer": checked.wanted.layer,
        "series": checked.wanted.series,
        "from": checked.wanted.begin.isoformat(),
        "features": {"counted": content.counted, "read": len(content.features), "usable": len(checked.areas)},
        "encoding": content.encoding.name if content.encoding else None,
        "crs": {
            "declared": content.crs,
            "read_as": str(checked.way) if checked.way else None,
            "judgement": str(fitting.judgement) if fitting else None,
            "margin": fitting.margin if fitting else None,
            "candidates": [_candidate(one) for one in fitting.candidates[:8]] if fitting else [],
        },
        "sound": checked.sound,
        "counts": {str(level): checked.count(level) for level in Level},
        "findings": [_finding(finding) for finding in checked.findings],
        "repairs": [_repair(repair) for repair in checked.repairs],
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    return {"crs": str(one.way), "like": [str(way) for way in one.alike], "misfit": one.fit}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "level": str(finding.level),
        "kind": finding.kind,
        "feature": finding.feature,
        "code": finding.code or None,
        "name": finding.name or None,
        "codes": list(finding.codes),
        "place": list(finding.place) if finding.place else None,
        "size_m2": finding.size_m2,
        "says": finding.says,
        "remedy": finding.remedy,
    }


def _repair(repair: Repair) -> dict[str, Any]:
    return {
        "feature": repair.feature,
        "code": repair.code,
        "name": repair.name or None,
        "says": repair.says,
        "change_m2": repair.change_m2,
        "area_m2": repair.area_m2,
        "place": list(repair.place) if repair.place else None,
    }


def as_html(checked: Checked, language: str) -> str:
    """Give the report as one HTML file that needs no other."""
    errors, warnings = checked.count(Level.ERROR), checked.count(Level.WARNING)
    verdict = "boundary.sound" if checked.sound else "boundary.unsound"
    maps = FaultMaps(shapes_of(checked), [area.geometry for area in checked.force.areas], others_of(checked))
    settings = checked.pack.settings
    parts = {
        "overview": maps.overview(),
        "findings": _articles(checked, maps, language),
        "repairs": _repairs(checked, language),
    }
    report = Report(
        language,
        say("boundary.title", language, file=checked.content.file),
        say(verdict, language, errors=errors, warnings=warnings),
        _facts(checked, language),
        say("boundary.legend", language),
        settings.attribution_en if language == "en" else settings.attribution,
        "error" if errors else "warning" if warnings else "note",
    )
    return page(report, [(say(f"boundary.{name}", language), html) for name, html in parts.items() if html])


def shapes_of(checked: Checked) -> dict[str, BaseGeometry]:
    """Give the outlines to draw: as they were read, and for those that cannot be used what a repair would take."""
    drawn: dict[str, BaseGeometry] = {}
    declared = checked.fitting.declared if checked.fitting else None
    way = checked.way or (declared.way if declared else None)
    if way is not None:
        for feature in checked.content.features:
            code = str(feature.properties.get(checked.wanted.code) or f"#{feature.number}").strip()
            # One code may stand on several features; each is drawn.
            code = code if code not in drawn else f"{code} #{feature.number}"
            drawn[code] = way.convert(feature.mended or feature.geometry)
    times = Counter(area.code for area in checked.areas)
    return drawn | {area.code: area.geometry for area in checked.areas if times[area.code] == 1}


def others_of(checked: Checked) -> dict[str, BaseGeometry]:
    """Give the outlines of the other layers on the day, by code."""
    begin, own = checked.wanted.begin, checked.wanted.layer
    layers = (layer.valid_on(begin) for name, layer in checked.proposed.layers.items() if name != own)
    return {area.code: area.geometry for layer in layers for area in layer.areas}


def _facts(checked: Checked, language: str) -> str:
    content, wanted = checked.content, checked.wanted
    counts = {"counted": content.counted, "read": len(content.features), "usable": len(checked.areas)}
    target = {"layer": wanted.layer, "series": wanted.series, "begin": wanted.begin}
    crs = {"declared": content.crs or "—", "way": checked.way or "—"}
    facts = {
        "boundary.file": f"{content.file} · {content.layer} · {content.kind}",
        "boundary.features": say("boundary.features.value", language, **counts),
        "boundary.target": say("boundary.target.value", language, **target),
        "boundary.crs": say("boundary.crs.value", language, **crs),
    }
    if checked.fitting is not None:
        facts["boundary.fit"] = str(checked.fitting)
    if content.encoding is not None:
        facts["boundary.encoding"] = content.encoding.name.upper()
    return "".join(f"<dt>{say(key, language)}</dt><dd>{escape(value)}</dd>" for key, value in facts.items())


def _articles(checked: Checked, maps: FaultMaps, language: str) -> str:
    template, drawn, left = Template(asset("boundary_finding.html")), Counter[str](), Counter[str]()
    articles = []
    for finding in checked.findings:
        drawn[finding.kind] += finding.place is not None
        draws = drawn[finding.kind] <= MAPS_OF_A_KIND
        left[finding.kind] += not draws
        values = {
            "level": finding.level,
            "level_word": say(f"boundary.level.{finding.level}", language),
            "kind": finding.kind,
            "where": escape(finding.where),
            "says": escape(finding.says),
            "remedy": escape(finding.remedy),
            "map": maps.of(finding) if draws else "",
        }
        articles.append(template.substitute(values))
    more = [f"<p>{kind}: {say('boundary.more', language, count=n)}</p>" for kind, n in left.items() if n]
    return "".join(articles + more)


def _repairs(checked: Checked, language: str) -> str:
    if not checked.repairs:
        return f"<p>{say('boundary.repairs.none', language)}</p>"
    keys = ("boundary.where", "boundary.what", "boundary.change", "boundary.area")
    head = "".join(f"<th>{say(key, language)}</th>" for key in keys)
    rows = "".join(
        f"<tr><td>{repair.feature or ''} {escape(repair.code)} {escape(repair.name)}</td><td>{escape(repair.says)}</td>"
        f'<td class="number">{metres(repair.change_m2, signed=True)}</td>'
        f'<td class="number">{metres(repair.area_m2)}</td></tr>'
        for repair in checked.repairs
    )
    return f"<table><tr>{head}</tr>{rows}</table>"


def metres(value: float | None, *, signed: bool = False) -> str:
    """Write an area in square metres, or a dash."""
    if value is None:
        return "—"
    return f"{value:+,.1f}" if signed else f"{value:,.0f}"
