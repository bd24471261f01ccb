"""The simulator's side of the HTTP interface: it sends steps, waits out a server that is away, sends nothing twice."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx

from dashboard.simulation.casting import Casting, cast
from dashboard.simulation.story import LEAD, REPORT, Step

PATIENCE_S = (0.2, 0.4, 0.8, 1.5, 3.0)  # pauses between attempts; the last one repeats
AWAY = frozenset({429, 502, 503, 504})
TRIES_AT_AN_ERROR = 3  # a server that answers 500 is there; asking for ever would not mend it


class NoAnswerError(Exception):
    """The server could not be reached for as long as the caller was willing to wait."""


class Reporter:
    """Sends steps as requests and remembers the number that each case was given.

    Parameters
    ----------
    http
        A client whose base URL is the server.
    patience_s
        How long one request may be tried again while the server is away.
    pause
        Waits some seconds; tests hand in one that does not.
    names
        What departments are called, by code.
    """

    def __init__(
        self,
        http: httpx.Client,
        patience_s: float = 600.0,
        pause: Callable[[float], None] = time.sleep,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.http = http
        self.patience_s = patience_s
        self.pause = pause
        self.names = names or {}
        self.numbers: dict[str, str] = {}
        self.known: dict[str, frozenset[tuple[str, str]]] = {}
        self.castings: dict[str, Casting] = {}
        self.counts: Counter[str] = Counter()

    def fetch(self, path: str) -> Any:
        """Get JSON from the server; raises httpx.HTTPStatusError for an answer other than 2xx."""
        response = self.request("GET", path)
        response.raise_for_status()
        return response.json()

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        """Send a request until the server answers; raises NoAnswerError when patience ends."""
        waited, attempt = 0.0, 0
        while True:
            try:
                response = self.http.request(method, path, json=body)
                if response.status_code == httpx.codes.UNAUTHORIZED:
                    raise NoAnswerError(
                        f"{self.http.base_url} asks for sign-in. The simulated county plays every role, so it reports"
                        " only where nobody has to sign in: without accounts, or with ONEMAP_ACCESS=open."
                    )
                failed = response.status_code == httpx.codes.INTERNAL_SERVER_ERROR
                if response.status_code not in AWAY and not (failed and attempt + 1 < TRIES_AT_AN_ERROR):
                    return response
                problem = f"HTTP {response.status_code}"
            except httpx.TransportError as error:
                problem = str(error) or type(error).__name__
            if waited >= self.patience_s:
                raise NoAnswerError(
                    f"{self.http.base_url} does not answer ({problem}) after {waited:.0f} s; is it running?"
                )
            delay = PATIENCE_S[min(attempt, len(PATIENCE_S) - 1)]
            self.pause(delay)
            waited, attempt = waited + delay, attempt + 1

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Post what is no step of a case; give the answer, or None when it is refused, which is counted."""
        response = self.request("POST", path, body)
        self.counts["refused" if response.is_error else "judgements"] += 1
        return None if response.is_error else response.json()

    def send(self, step: Step, at: datetime) -> None:
        """Send one step as having happened at `at`; what the server does not accept is counted, not raised."""
        if step.kind == REPORT:
            self.report(step, at)
        elif step.case in self.numbers:
            self.event(step, at)
        else:
            self.counts["skipped"] += 1

    def report(self, step: Step, at: datetime) -> None:
        """Post a report; a repeated one brings back what the case has been through already."""
        response = self.request("POST", "/api/v1/cases", {**step.body, "occurred_at": stamp(at, step.at)})
        if response.is_error:
            self.counts["refused"] += 1
            return
        case = response.json()
        self.numbers[step.case] = case["number"]
        if case.get("legs") and case["legs"][0]["department"] != step.department:
            self.castings[step.case] = Casting.swap(step.department, case["legs"][0]["department"], self.names)
        if response.status_code == httpx.codes.CREATED:
            self.counts["reports"] += 1
            return
        self.counts["repeated"] += 1
        page = self.fetch(f"/api/v1/cases/{case['number']}")
        self.known[step.case] = frozenset((event["kind"], moment(event["occurred_at"])) for event in page["events"])

    def event(self, step: Step, at: datetime) -> None:
        """Post an event unless an earlier run already did."""
        if (step.kind, moment(stamp(at, step.at))) in self.known.get(step.case, ()):
            self.counts["repeated"] += 1
            return
        played = cast(step, self.numbers, self.castings.get(step.case))
        body: dict[str, Any] = {
            "kind": played.kind,
            "occurred_at": stamp(at, step.at),
            "actor": played.actor,
            "data": played.body,
        }
        if played.department == LEAD:
            body["leg"] = "lead"
        elif played.department:
            body["department"] = played.department
        response = self.request("POST", f"/api/v1/cases/{self.numbers[step.case]}/events", body)
        self.counts["refused" if response.is_error else "events"] += 1


def stamp(at: datetime, planned: datetime) -> str:
    """Write an instant in the zone in which it was planned, to the millisecond."""
    return at.astimezone(planned.tzinfo).isoformat(timespec="milliseconds")


def moment(text: str) -> str:
    """Write an ISO instant in one way only, so that two notations of it compare equal."""
    return f"{datetime.fromisoformat(text).timestamp():.3f}"
