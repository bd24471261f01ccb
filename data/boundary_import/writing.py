"""Writing a new version into a copy of a region pack: old versions end, unchanged areas go on, all or nothing."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from shapely.geometry import mapping

from data.boundary_import.standing import layer_file
from data.boundary_import.versions import Changes, compare
from data.boundary_import.wanted import Checked, Refused
from data.region.faults import Report
from data.region_check import check
from geo.areas import Area, rank

HEAD = ("layer", "code", "series", "code_nbs", "name", "name_en", "kind", "parent", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Written(Changes):
    """What a new version did to a layer, and the file that it was written to."""

    folder: Path
    file: str


def write_version(checked: Checked, folder: Path) -> Written:
    """Write a copy of the pack with the new version of one layer in it: see `write_step`."""
    (written,) = write_step((checked,), folder)
    return written


def write_step(step: Sequence[Checked], folder: Path) -> tuple[Written, ...]:
    """Write a copy of the pack with the new versions of all layers of one step in it.

    Everything is written beside `folder` and checked as a pack; only what is no worse than before takes the name.

    Raises
    ------
    Refused
        The file has errors, the folder exists, a later version stands there, or the pack would not be sound.
    """
    if not all(checked.sound for checked in step):
        raise Refused("the file has errors, so nothing was written; correct them, or ask for --repair")
    if folder.exists():
        raise Refused(f"{folder} exists already; name a folder that does not, the old pack stays as it is")
    pack = step[0].pack
    files = [layer_file(pack, checked.wanted).file for checked in step]
    texts = [_new_layer(checked, (pack.folder / file).read_bytes()) for checked, file in zip(step, files, strict=True)]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        made = Path(beside) / folder.name
        shutil.copytree(pack.folder, made, ignore=shutil.ignore_patterns("__pycache__"))
        for file, text in zip(files, texts, strict=True):
            (made / file).write_text(text, encoding="utf-8", newline="\n")
        must_be_no_worse(check(pack.folder), check(made), "written")
        made.rename(folder)
    told = (compare(checked.force, checked.areas) for checked in step)
    return tuple(
        Written(one.unchanged, one.changed, one.new, one.gone, folder, file)
        for one, file in zip(told, files, strict=True)
    )


def must_be_no_worse(before: Report, after: Report, done: str) -> None:
    """Refuse a pack that has errors which it did not have before; `done` says what therefore was not done."""
    known = {(fault.kind, fault.codes, fault.file) for fault in before.errors}
    new = [fault for fault in after.errors if (fault.kind, fault.codes, fault.file) not in known]
    if new:
        shown = "\n".join(str(fault) for fault in new[:12])
        raise Refused(f"the pack would have {len(new)} new errors, so nothing was {done}:\n{shown}")


def _new_layer(checked: Checked, raw: bytes) -> str:
    """Make the text of the layer's file."""
    begin = checked.wanted.begin
    content = json.loads(raw.decode("utf-8-sig"))
    later = [item for item in content["features"] if (_day(item, "valid_from") or date.min) > begin]
    if later:
        first = min(str(item["properties"]["valid_from"]) for item in later)
        raise Refused(
            f"a version from {first} stands in the layer already; import from that day on, or remove it first"
        )
    same = set(compare(checked.force, checked.areas).unchanged)
    ended = (_ended(item, begin, same) for item in content["features"])
    features = [item for item in ended if item is not None]
    features += [_feature(area) for area in checked.areas if area.code not in same]
    features.sort(key=_order)
    return _text(content, features)


def _day(item: Mapping[str, Any], key: str) -> date | None:
    value = str(item["properties"].get(key) or "").strip()
    return date.fromisoformat(value[:10]) if value else None


def _ended(item: dict[str, Any], begin: date, same: set[str]) -> dict[str, Any] | None:
    """Close an old version on the day, unless it goes on or is over already; one that begins on it is replaced."""
    properties = item["properties"]
    end = _day(item, "valid_to")
    if str(properties.get("code", "")).strip() in same or (end is not None and end <= begin):
        return item
    if (_day(item, "valid_from") or date.min) == begin:
        return None
    return {**item, "properties": {**properties, "valid_to": begin.isoformat()}}


def _feature(area: Area) -> dict[str, Any]:
    words = {
        "layer": area.layer,
        "code": area.code,
        "series": area.series,
        "name": area.name,
        "parent": area.parent or "",
        "valid_from": area.valid_from.isoformat(),
        "valid_to": "",
    }
    known = {**area.attributes, **words}
    ordered = {key: known[key] for key in HEAD if key in known} | known
    return {"type": "Feature", "properties": ordered, "geometry": mapping(area.geometry)}


def _order(item: Mapping[str, Any]) -> tuple[tuple[int, int, str], str]:
    properties = item["properties"]
    return rank(str(properties.get("code", ""))), str(properties.get("valid_from") or "")


def _text(content: Mapping[str, Any], features: list[dict[str, Any]]) -> str:
    head = {key: value for key, value in content.items() if key != "features"}
    lines = ",\n".join(_dumped(item) for item in features)
    return f'{_dumped(head)[:-1]},"features":[\n{lines}\n]}}\n'


def _dumped(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def changes(told: Changes) -> Iterator[str]:
    """Say in a line each what a new version did."""
    for word in ("unchanged", "changed", "new", "gone"):
        codes: tuple[str, ...] = getattr(told, word)
        shown = f": {', '.join(codes[:8])}{' …' if codes[8:] else ''}" if codes and word != "unchanged" else ""
        yield f"{word} {len(codes)}{shown}"
