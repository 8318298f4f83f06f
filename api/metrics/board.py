"""One registry for one application: its requests by route, and the rows, kept for a few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from api.metrics.rows import read_rows
from api.runtime.runtime import Runtime

KEPT_SECONDS = 5.0
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Rows(Collector):
    """Asked often, it reads seldom."""

    def __init__(self, runtime: Runtime, timer: Callable[[], float] = time.monotonic) -> None:
        self._runtime, self._timer = runtime, timer
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._found: list[Metric] = []

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if self._read_at is None or self._timer() - self._read_at >= KEPT_SECONDS:
                with self._runtime.read() as work:
                    self._found = read_rows(work)
                self._read_at = self._timer()
            yield from self._found

    def describe(self) -> Iterator[Metric]:
        """Nothing in advance: the schema may not be there yet."""
        return iter(())


class Metrics:
    """What `/metrics` answers."""

    def __init__(self, runtime: Runtime) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(Rows(runtime))
        by_route = ("method", "route", "status")
        self._requests = Counter("makegood_requests", "Requests answered", by_route, registry=self._registry)
        self._seconds = Histogram(
            "makegood_request_seconds", "How long answers took", ("method", "route"), registry=self._registry
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """An answer; by the route's template, for a path names people's things."""
        method = method if method in METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def write(self) -> bytes:
        return generate_latest(self._registry)
