"""Counts of what was looked up in a cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

_LABEL: Final = "result"


class Lookups(Collector):
    """How often something was found in memory, and how often not.

    To add to a counter of the library takes five times as long as to a sum, and each request adds to half a
    dozen. Here there are sums, of which the library makes a counter when the metrics are read.
    """

    def __init__(self, name: str, documentation: str, *, registry: CollectorRegistry) -> None:
        self._name = name
        self._documentation = documentation
        self._hits = self._misses = 0
        registry.register(self)

    def count(self, *, hit: bool, times: int = 1) -> None:
        """Count so many that were found, or were not."""
        if hit:
            self._hits += times
        else:
            self._misses += times

    def collect(self) -> Iterator[Metric]:
        """The counter."""
        found = CounterMetricFamily(self._name, self._documentation, labels=[_LABEL])
        found.add_metric(["hit"], self._hits)
        found.add_metric(["miss"], self._misses)
        yield found
