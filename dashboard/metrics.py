"""What an application counts of its own work, for Prometheus: a registry of its own, no names of people or cases."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
UNKNOWN = "unknown"
OTHER = "other"
"""Route of what no route answers to: an address that somebody made up must not become a label."""


class Outcome:
    """How a report ended."""

    def __init__(self) -> None:
        self.name = "refused"


class Metrics:
    """Counters of one application; threads share it.

    Parameters
    ----------
    sources
        Codes of the sources; a report may name anything, and only these become labels.
    """

    def __init__(self, sources: Collection[str]) -> None:
        self.registry = CollectorRegistry()
        self._sources = frozenset(sources)
        self.reports = Counter(
            "onemap_reports", "Reports by source and outcome.", ("source", "outcome"), registry=self.registry
        )
        self.requests = Histogram(
            "onemap_request_seconds",
            "Time to answer, by route and status; streams, which do not end, are left out.",
            ("method", "route", "status"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.sent = Counter("onemap_sent_bytes", "Bytes sent as bodies, compressed.", ("kind",), registry=self.registry)
        self.slow = Counter(
            "onemap_slow_statements", "Statements slower than ONEMAP_SLOW_QUERY_MS.", ("name",), registry=self.registry
        )
        self.slow_seconds = Counter(
            "onemap_slow_statement_seconds", "Time that those took.", ("name",), registry=self.registry
        )
        for kind in ("stream", "other"):
            self.sent.labels(kind)
        for source in self._sources:
            self.reports.labels(source, "stored")

    @contextmanager
    def report(self, source: str) -> Iterator[Outcome]:
        """Count a report by what its outcome is named inside; one that raises is refused."""
        outcome = Outcome()
        try:
            yield outcome
        finally:
            self.reports.labels(source if source in self._sources else UNKNOWN, outcome.name).inc()

    def slow_statement(self, name: str, seconds: float) -> None:
        """Count a slow statement; as `data.tracing.Told`."""
        self.slow.labels(name).inc()
        self.slow_seconds.labels(name).inc(seconds)


def since(began: float) -> float:
    """Give the seconds since an instant of `time.perf_counter`."""
    return time.perf_counter() - began
