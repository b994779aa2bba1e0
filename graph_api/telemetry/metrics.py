"""The metrics of one application, in a registry of its own: several applications never share a count."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
    start_http_server,
)

from graph_api.telemetry.lookups import Lookups

PREFIX: Final = "graph_api"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
OTHER: Final = "other"
UNNAMED: Final = "unnamed"
MOST_NAMES: Final = 100
LONGEST_NAME: Final = 64

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_COSTS: Final = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
_KEYS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each one, which nobody asks for


class Names:
    """The names of operations that metrics tell apart: the `known` ones, and the first others that come.

    Clients choose names, and each is a series that is kept for ever, so there cannot be any number.
    """

    def __init__(self, known: Iterable[str] = (), *, most: int = MOST_NAMES) -> None:
        self._told = set(known)
        self._room = most

    def told(self, name: str | None) -> str:
        """The name to count an operation under."""
        if name is None:
            return UNNAMED
        if name in self._told:
            return name
        if self._room <= 0 or len(name) > LONGEST_NAME:
            return OTHER
        self._room -= 1
        self._told.add(name)
        return name


class Metrics:
    """What is counted and measured. `names` are operations that are told apart in any case."""

    def __init__(self, *, names: Iterable[str] = ()) -> None:
        self.registry = CollectorRegistry()
        self._names = Names(names)
        self._kept: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}
        self._operations = self._counter("operations", "Operations by how they ended.", *_OPERATION)
        self._seconds = self._histogram(
            "operation_seconds", "How long queries and mutations took.", _SECONDS, "name", "type"
        )
        self.cost = self._histogram("operation_cost", "Static cost of operations.", _COSTS)
        self.refusals = self._counter("refusals", "Requests and operations refused unexecuted.", "code")
        self.errors = self._counter("errors", "Errors in answers to executed operations.", "code")
        self.responses = self._counter("http_responses", "HTTP answers by status.", "status")
        self._responses: dict[int, Counter] = {}
        self.streams = self._gauge("subscribers", "Streamed operations under way.")
        self.answers = self._lookups("answer_cache", "Requests answered from memory, or not.")
        self.parts = self._lookups("part_cache", "Parts of answers found in memory, or made.")
        self.entities = self._lookups("entity_cache", "Parts of nodes found in memory, or read.")
        self.documents = self._lookups("document_cache", "Documents found parsed, or not.")
        self.structures = self._lookups("structure_cache", "Structures found in memory, or not.")
        self.readings = self._counter("structure_readings", "Times the whole structure was read.")
        self.repeats = self._counter("repeats", "Queries executed again because a write came in between.")
        self.batches = self._histogram("loader_batch_size", "Keys a loader read at once.", _KEYS, "loader")
        self.statements = self._histogram("statement_seconds", "How long Cypher statements took.", _SECONDS)
        self.failures = self._counter("database_failures", "Transactions that the database failed.", "code")
        self.transactions = self._gauge(
            "transactions", "Transactions under way: each has a connection, or waits for one."
        )
        self.pool = self._gauge("pool_size", "Connections that a process may have to a server.")
        self.revision = self._gauge("revision", "Newest revision that this process has seen.")
        self.revision_age = self._gauge("revision_age_seconds", "Since this process last saw the clock.")
        self.turns = self._gauge(
            "turns",
            "Operations that have a turn, wait for one, and may have one at present.",
            "state",
        )
        self.sizes = self._gauge(
            "cache_size", "Bytes of answers and of their parts, and parts of nodes, in memory.", "cache"
        )
        self.lag = self._histogram("loop_lag_seconds", "How late the event loop woke a sleeper.", _SECONDS)
        ProcessCollector(registry=self.registry)
        self.errors.labels("INTERNAL")  # from 0 on, so that the first one is an increase
        self.failures.labels("UNAVAILABLE")

    def operation(self, name: str | None, kind: str | None, outcome: str, *, seconds: float | None) -> None:
        """Count an operation; `seconds` is None for what ends when its client wants it to."""
        key = (self._names.told(name), kind or "unknown", outcome)
        if key not in self._kept:  # to look a series up takes longer than to count in it
            self._kept[key] = self._operations.labels(*key), self._seconds.labels(*key[:2])
        count, duration = self._kept[key]
        count.inc()
        if seconds is not None:
            duration.observe(seconds)

    def response(self, status: int) -> None:
        """Count an answer by HTTP."""
        if status not in self._responses:
            self._responses[status] = self.responses.labels(str(status))
        self._responses[status].inc()

    def refused(self, codes: Collection[str]) -> None:
        """Count what was not executed."""
        for code in codes:
            self.refusals.labels(code).inc()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction from asking for its connection to its end."""
        self.transactions.inc()
        try:
            yield
        finally:
            self.transactions.dec()

    @contextmanager
    def statement(self) -> Iterator[None]:
        """A statement from sending it to its last record."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.statements.observe(time.perf_counter() - began)

    def follow(
        self,
        revision: Callable[[], float],
        age: Callable[[], float],
        *,
        pool: int,
        sizes: Mapping[str, Callable[[], float]],
    ) -> None:
        """Ask these whenever the metrics are read; `sizes` by the name of the cache."""
        for cache, size in sizes.items():
            self.sizes.labels(cache).set_function(size)
        self.revision.set_function(revision)
        self.revision_age.set_function(age)
        self.pool.set(pool)

    def follow_turns(self, **numbers: Callable[[], float]) -> None:
        """Ask these whenever the metrics are read; by what they count."""
        for state, number in numbers.items():
            self.turns.labels(state).set_function(number)

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self.registry)

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[None]:
        """Answer on a port of their own, from a thread: also while the event loop hangs. Raises OSError."""
        server, thread = start_http_server(port, host, self.registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", documentation, labels, registry=self.registry)

    def _lookups(self, name: str, documentation: str) -> Lookups:
        return Lookups(f"{PREFIX}_{name}", documentation, registry=self.registry)

    def _gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        return Gauge(f"{PREFIX}_{name}", documentation, labels, registry=self.registry)

    def _histogram(
        self, name: str, documentation: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(f"{PREFIX}_{name}", documentation, labels, registry=self.registry, buckets=buckets)


_OPERATION: Final = ("name", "type", "outcome")
