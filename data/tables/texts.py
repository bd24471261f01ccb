"""What the databases can hold as text and as JSON, the same on both."""

from collections.abc import Mapping, Sequence

import orjson

from cases.errors import BadReport
from cases.events import Event

NUL = b"\\u0000"
"""How U+0000 is written in JSON; a backslash before such letters looks the same, and is told apart by looking."""


def check_texts(events: Sequence[Event]) -> None:
    """Refuse what one of the databases could not give back: then both refuse it, with the same sentence."""
    for event in events:
        try:
            written = orjson.dumps(event.data if isinstance(event.data, dict) else dict(event.data))
        except TypeError as error:
            raise BadReport(f"The data of event {event.kind!r} cannot be written as JSON: {error}.") from error
        if NUL in written:
            for text in _texts(event.data):
                if "\x00" in text:
                    raise BadReport(f"A text holds the character U+0000: {text[:40]!r}. Send it without.")


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for pair in value.items() for part in pair for text in _texts(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in _texts(part)]
    return []
