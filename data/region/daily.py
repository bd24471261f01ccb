"""[pack] of region.toml: when the map sheets of the day before are made."""

from datetime import time

from data.region.section import Section


def pack_time(section: Section) -> time | None:
    """Read the local time of the daily pack; None, which is the default, makes none."""
    for key in section.values.keys() - {"at"}:
        section.error(key, section.values[key], "is no key here; there is at")
    said = section.values.get("at")
    if said is None:
        return None
    try:
        found = time.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        section.error("at", said, 'must be a local time such as "00:30"')
        return None
    return found
