"""Requests made from the description of the API, as it says and against it, sent to an application in this process."""

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
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
AT_ONCE = 25
"""Requests of one kind before the next kind has its turn."""


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
    given_ = case.as_transport_kwargs(base_url="http://127.0.0.1")
    given_["headers"] = {**(given_.get("headers") or {}), **headers}
    given_["headers"].pop("Content-Length", None)
    try:
        ready = requests.Request(**given_).prepare()
        return caller.request(str(ready.method), str(ready.url), headers=dict(ready.headers), content=ready.body or b"")
    except (requests.RequestException, httpx.InvalidURL, httpx.RemoteProtocolError, UnicodeError, ValueError):
        return None


def rounds(
    caller: Caller,
    description: Mapping[str, Any],
    headers: Mapping[str, str],
    most: int,
    known: Mapping[str, Sequence[str]],
    *,
    seconds: float = 3600,
    progress: Callable[[Found], None] = lambda _: None,
) -> Found:
    """Send requests to every operation in turn until there were enough, or time is over.

    Parameters
    ----------
    known
        Name of a place in a path to values that there are: random ones alone would never find a case.
    """
    found, ends = Found(), time.monotonic() + seconds
    every = operations(description)
    for number, (operation, mode) in enumerate(turns(every)):
        if found.sent >= most or time.monotonic() > ends:
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

    @seed(number)
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
        answer = sent(caller, case, headers)
        if answer is None:
            return
        found.sent += 1
        found.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            said = f"{answer.status_code} {answer.text[:200]}"
            found.broken.append(f"{case.method} {answer.request.url} {answer.request.content[:600]!r}: {said}")

    try:
        once()
    except Exception as error:
        # The generator finds nothing against a description that allows everything; that is no answer of ours.
        if type(error).__module__.split(".")[0] not in ("hypothesis", "schemathesis", "jsonschema_rs"):
            raise
