"""Boundaries, drawn: versions of each layer, publications, drafts, and what the check of a file found."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from dashboard.text import LANGUAGES, WORDS, say
from dashboard.views.names import Book

MOST_FINDINGS = 40
"""Findings of a layer that the page lists; the report has all."""
MOST_FLOWS = 60
LEVELS = ("error", "warning", "note")


class Quill:
    """How this page writes: in a language and a zone, with the names of areas."""

    def __init__(self, book: Book, language: str, zone: tzinfo) -> None:
        self.book, self.language, self.zone = book, language, zone

    def say(self, key: str, **values: Any) -> str:
        """Say words."""
        return say(key, self.language, **values)

    def layer(self, name: str) -> str:
        """Name a layer; one of the region's own by its own name."""
        return self.say(f"boundaries.layer.{name}") if f"boundaries.layer.{name}" in WORDS else name

    def at(self, instant: datetime) -> str:
        """Write an instant."""
        return f"{instant.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def area(self, code: str | None, names: Mapping[str, str]) -> str:
        """Name an area of the version in force or of the file, with its code."""
        if code is None:
            return self.say("boundaries.moves.nowhere")
        known = self.book.area(code, self.language)
        name = known if known != code else names.get(code, "")
        return f"{name} {code}".strip()


def size_words(size: int) -> str:
    """Write a number of bytes."""
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(size / 1024, 0.1):.1f} KB"


def layers(versions: Mapping[str, Any], today: date, quill: Quill) -> list[dict[str, Any]]:
    """Draw the versions of each layer, the newest first."""
    drawn = []
    for name, layer in versions.items():
        begun = [one["begins"] for one in layer["versions"] if one["begins"] <= today]
        now = max(begun, default=None)
        rows = [
            {
                "begins": quill.say("boundaries.version.first")
                if one["begins"] == date.min
                else one["begins"].isoformat(),
                "areas": quill.say("boundaries.version.areas", n=one["areas"]),
                "state": "now" if one["begins"] == now else "later" if one["begins"] > today else "past",
                "word": quill.say("boundaries.version.now")
                if one["begins"] == now
                else quill.say("boundaries.version.later")
                if one["begins"] > today
                else "",
            }
            for one in layer["versions"]
        ]
        drawn.append({"key": name, "name": quill.layer(name), "series": layer["series"], "versions": rows})
    return drawn


def publications(known: Iterable[Mapping[str, Any]], quill: Quill) -> list[dict[str, Any]]:
    """Draw publications."""
    return [
        {
            "key": one["id"],
            "id": one["id"],
            "title": quill.say("boundaries.publication", id=one["id"], begins=one["begins"]),
            "who": quill.say("boundaries.publication.who", who=one["actor"], at=quill.at(one["at"])),
            "note": one["note"],
            "layers": [
                quill.say(
                    "boundaries.publication.layer",
                    layer=quill.layer(layer["layer"]),
                    n=layer["areas"],
                    file=layer["file"],
                )
                for layer in one["layers"]
            ],
            "withdrawn": quill.say(
                "boundaries.publication.withdrawn",
                who=one["withdrawn"]["actor"],
                at=quill.at(one["withdrawn"]["at"]),
                reason=one["withdrawn"]["reason"],
            )
            if one["withdrawn"]
            else "",
        }
        for one in known
    ]


def draft_head(one: Mapping[str, Any], quill: Quill) -> dict[str, Any]:
    """Draw one draft of the list."""
    return {
        "key": one["id"],
        "id": one["id"],
        "file": one["file"],
        "state": one["state"],
        "word": quill.say(f"boundaries.state.{one['state']}"),
        "who": quill.say(
            "boundaries.draft.who", who=one["actor"], at=quill.at(one["at"]), size=size_words(one["size"])
        ),
    }


def draft_whole(one: Mapping[str, Any], tomorrow: date, quill: Quill) -> dict[str, Any]:
    """Draw a draft with its form, and what the check found."""
    asked = one["asked"] or {}
    given = {layer.get("sublayer"): layer for layer in asked.get("layers", ())}
    outcome = one["outcome"] or {}
    return draft_head(one, quill) | {
        "begin": asked.get("begin") or tomorrow.isoformat(),
        "repair": bool(asked.get("repair")),
        "offers": [
            offer(layer, given.get(layer["name"]) if asked else layer["proposal"], quill)
            for layer in one["offers"]["layers"]
        ],
        "refused": outcome.get("refused", ""),
        "found": [found(layer, one["id"], quill) for layer in outcome.get("layers", ())],
        "blocked": outcome.get("blocked") or "",
        "moves": moves(outcome, quill) if outcome.get("moves") else None,
        "publish": quill.say(
            "boundaries.publish.words",
            layers=("、" if quill.language == LANGUAGES[0] else ", ").join(
                quill.layer(layer["layer"]) for layer in outcome.get("layers", ())
            ),
            begins=asked.get("begin"),
        )
        if one["state"] == "checked" and not outcome.get("blocked")
        else "",
    }


def offer(layer: Mapping[str, Any], value: Mapping[str, Any] | None, quill: Quill) -> dict[str, Any]:
    """Draw one layer of the file with the values of its form; without any it is left out."""
    columns = [
        {"value": column["name"], "words": " · ".join((column["name"], "，".join(column["samples"])))}
        for column in layer["columns"]
    ]
    none = quill.say("boundaries.meant.none")
    return {
        "name": layer["name"],
        "words": quill.say(
            "boundaries.meant.layer_of_file",
            name=layer["name"],
            format=layer["format"],
            features=layer["features"],
            crs=layer["crs"] or none,
            encoding=(layer["encoding"] or none).upper() if layer["encoding"] else "—",
        ),
        "columns": columns,
        "value": {
            key: (value or {}).get(key) or ""
            for key in ("layer", "series", "code", "name", "parent", "crs", "encoding")
        },
    }


def found(layer: Mapping[str, Any], draft: str, quill: Quill) -> dict[str, Any]:
    """Draw what was found in one layer."""
    shown = layer["findings"][:MOST_FINDINGS]
    counts = {f"{level}s": layer["counts"][level] for level in LEVELS}
    changes = {word: len(codes) for word, codes in layer["changes"].items()}
    fits = layer["crs"]["judgement"] in {None, "fits"}
    return {
        "key": layer["layer"],
        "name": quill.layer(layer["layer"]),
        "sound": layer["sound"],
        "counts": quill.say("boundaries.found.counts", **counts, repairs=len(layer["repairs"])),
        "changes": quill.say("boundaries.found.changes", **changes),
        "findings": [finding(one, quill) for one in shown],
        "more": quill.say("boundaries.found.more", n=len(layer["findings"]) - len(shown))
        if layer["findings"][len(shown) :]
        else "",
        "repairs": [repair(one, quill) for one in layer["repairs"][:MOST_FINDINGS]],
        # Which reading fits is for somebody to say; one press writes it into the form.
        "crs": []
        if fits
        else [
            {"value": one["crs"], "words": quill.say("boundaries.found.crs", crs=one["crs"])}
            for one in layer["crs"]["candidates"][:3]
        ],
        "file_layer": layer["layer_of_file"],
        "report": f"/api/v1/boundaries/drafts/{draft}/report.html?layer={layer['layer']}&lang={quill.language}",
    }


def finding(one: Mapping[str, Any], quill: Quill) -> dict[str, Any]:
    """Draw one finding."""
    place = f"({one['place'][0]:.6f}, {one['place'][1]:.6f})" if one["place"] else ""
    where = " ".join(filter(None, (f"#{one['feature']}" if one["feature"] else "", one["code"], one["name"], place)))
    return {
        "level": one["level"],
        "word": say(f"boundary.level.{one['level']}", quill.language),
        "kind": one["kind"],
        "where": where,
        "says": one["says"],
        "remedy": one["remedy"],
    }


def repair(one: Mapping[str, Any], quill: Quill) -> dict[str, Any]:
    """Draw one repair."""
    change = one["change_m2"]
    who = " ".join(str(part) for part in (one["code"], one["name"]) if part)
    return {
        "who": who or f"#{one['feature']}",
        "says": one["says"],
        "change": quill.say("boundaries.repair.change", change=f"{change:+,.1f}") if change is not None else "",
    }


def moves(outcome: Mapping[str, Any], quill: Quill) -> dict[str, Any]:
    """Draw which cases get other codes, layer by layer, the most first."""
    told: Mapping[str, Any] = outcome["moves"]
    names = {code: name for layer in outcome["layers"] for code, name in layer["names"].items()}
    flows = [(layer, flow) for layer, some in told["layers"].items() for flow in some]
    words = quill.say(
        "boundaries.moves.words",
        open=told["moved"]["open"],
        closed=told["moved"]["closed"],
        open_all=told["looked_at"]["open"],
        closed_all=told["looked_at"]["closed"],
    )
    return {"words": words, "rows": rows_of(flows[:MOST_FLOWS], names, quill), "more": more(flows, quill)}


def rows_of(
    flows: Sequence[tuple[str, Mapping[str, Any]]], names: Mapping[str, str], quill: Quill
) -> list[dict[str, Any]]:
    """Draw flows."""
    return [
        {
            "layer": quill.layer(layer),
            "from": quill.area(flow["from"], names),
            "to": quill.area(flow["to"], names),
            "open": flow["open"],
            "closed": flow["closed"],
        }
        for layer, flow in flows
    ]


def more(flows: Sequence[Any], quill: Quill) -> str:
    """Say how many flows are not shown."""
    return quill.say("boundaries.moves.more", n=len(flows) - MOST_FLOWS) if len(flows) > MOST_FLOWS else ""
