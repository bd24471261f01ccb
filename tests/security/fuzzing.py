"""Requests made from the description of the API, as it says and against it, sent to an application in this process."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.api.conftest import Caller

ENDLESS = "/api/v1/stream"
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))
"""So that several processes may share the work."""
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
AT_ONCE = 25
"""Requests of one kind before the next kind has its turn."""
VARIANTS = 4
"""Requests that are made of each by putting something odd into one of its places."""
ODD: tuple[Any, ...] = (
    *("", " ", "0", "-1", "1e309", "9" * 40, "NaN", "null", "true", "a" * 3000, "\x00", "é", "慈溪", "%", "_"),
    *("2026-11-24", "2026-11", "0001-01-01", "1969-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    *(0, -1, 1, 2**31, 2**63, 2**64, -(2**63) - 1, 1.5, 1e308, None, True, [], {}, [[]], {"a": {}}, ["a"] * 50),
    *("330200001", "grid", "zhzf", "SD-01", "lead", "EPSG:4490", "unit:zhzf-001", "command", "../..", "\ud800"),
)
"""What is put there: ends of types, other types, ends of calendars, words that mean something here."""


@dataclass
class Found:
    """What came of it."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def operations(description: Mapping[str, Any]) -> list[Any]:
    """Every operation but the one that does not end."""
    schema = schemathesis.openapi.from_dict(dict(description))
    return [one.ok() for one in schema.get_all_operations() if one.ok().path != ENDLESS]


def sent(caller: Caller, case: Any, headers: Mapping[str, str]) -> httpx.Response | None:
    """Send a case as a client would; None where no client could."""
    try:
        asked = case.as_transport_kwargs(base_url="http://127.0.0.1")
        asked["headers"] = {**(asked.get("headers") or {}), **headers}
        ready = requests.Request(**asked).prepare()
        return caller.request(str(ready.method), str(ready.url), headers=dict(ready.headers), content=ready.body or b"")
    except (requests.RequestException, httpx.InvalidURL, httpx.RemoteProtocolError, TypeError, ValueError):
        return None


def rounds(
    caller: Caller,
    description: Mapping[str, Any],
    headers: Mapping[str, str],
    most: int,
    known: Mapping[str, Sequence[str]],
    *,
    seconds: float = 86_400,
    least: int = 0,
    progress: Callable[[Found], None] = lambda _: None,
) -> Found:
    """Send requests to every operation in turn until there were enough, or time is over.

    Parameters
    ----------
    seconds, least
        When to stop before that: after so much time, if there were so many at least.
    known
        Name of a place in a path to values that there are: random ones alone would never find a case.
    """
    found, ends = Found(), time.monotonic() + seconds
    every = operations(description)
    for number, (operation, mode) in enumerate(turns(every)):
        if found.sent >= most or (found.sent >= least and time.monotonic() > ends):
            return found
        took = time.monotonic()
        one_turn(caller, operation, mode, headers, known, found, number)
        key = f"{operation.method.upper()} {operation.path}"
        found.seconds[key] = found.seconds.get(key, 0) + time.monotonic() - took
        progress(found)
    return found


def turns(every: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Each operation in each mode, again and again; what draws maps or pages has fewer turns."""
    for number in range(1_000_000):
        for mode in MODES:
            for operation in every:
                if number % 10 == 0 or not operation.path.startswith(("/api/v1/snapshot", "/api/v1/history")):
                    yield operation, mode


def vary(case: Any, choice: random.Random) -> bool:
    """Put something odd into one place of a request; False when it has none."""
    places = [
        (held, name)
        for held in (case.query, case.body, case.path_parameters)
        if isinstance(held, dict)
        for name in held
    ]
    if not places:
        return False
    held, name = choice.choice(places)
    value = choice.choice(ODD)
    held[name] = str(value or "x") if held is case.path_parameters else value
    return True


def note(found: Found, case: Any, answer: httpx.Response | None) -> None:
    """Keep what came of a request."""
    if answer is None:
        return
    found.sent += 1
    found.statuses[answer.status_code] += 1
    if answer.status_code >= 500:
        said = f"{answer.status_code} {answer.text[:200]}"
        found.broken.append(f"{case.method} {answer.request.url} {answer.request.content[:600]!r}: {said}")


def one_turn(
    caller: Caller,
    operation: Any,
    mode: Any,
    headers: Mapping[str, str],
    known: Mapping[str, Sequence[str]],
    found: Found,
    number: int,
) -> None:
    """Send some requests of one kind."""

    @seed(number + FIRST_SEED)
    @settings(
        max_examples=AT_ONCE if number > 300 else 8,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(operation.as_strategy(generation_mode=mode), st.booleans(), st.integers(0, 1000))
    def once(case: Any, is_real: bool, which: int) -> None:
        if is_real and case.path_parameters:
            for name, values in known.items():
                if name in case.path_parameters and values:
                    case.path_parameters[name] = values[which % len(values)]
        note(found, case, sent(caller, case, headers))
        choice = random.Random(which + number * 1000)
        for _ in range(VARIANTS if vary(case, choice) else 0):
            note(found, case, sent(caller, case, headers))
            vary(case, choice)

    try:
        once()
    except Exception as error:
        # The generator finds nothing against a description that allows everything; that is no answer of ours.
        if type(error).__module__.split(".")[0] not in ("hypothesis", "schemathesis", "jsonschema_rs"):
            raise
