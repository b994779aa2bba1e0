"""What a run found: a row for each cell and contestant, with the samples of all rounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.measure import Sample, middle

TITLES: Final = {
    "a": "a roadmap page",
    "b": "100 topics with their prerequisites",
    "c": "a topic with prerequisites three levels deep and dependents",
    "d": "search",
    "e": "what to learn next, and the cheapest path",
    "f": "reads with writes of progress among them",
    "g": "reads with a content write every second",
    "cold": "the first read after a content write",
    "growth": "ten times the catalogue",
    "memory": "memory",
    "workers": "two processes",
    "caches": "what each cache earns",
}
"""The experiments by their letters, and what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One cell of an experiment for one contestant."""

    experiment: str
    mode: str
    clients: int
    who: str
    samples: Sequence[Sample]

    def middle(self, name: str) -> float:
        """The median of a figure over the rounds."""
        return middle(self.samples, name)

    def spread(self, name: str) -> tuple[float, float]:
        """The smallest and the greatest."""
        found = [getattr(sample, name) for sample in self.samples]
        return min(found), max(found)


@dataclass(slots=True)
class Results:
    """All rows of a run, in their order; each is told as it comes in."""

    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Keep a row and print it."""
        self.rows.append(row)
        low, high = row.spread("rate")
        print(
            f"    {row.experiment:7} {row.mode:24} {row.clients:3} {row.who:10}"
            f" {row.middle('rate'):9.1f}/s ({low:.1f} to {high:.1f})"
            f"  p50 {row.middle('p50'):8.2f} ms  p99 {row.middle('p99'):8.2f} ms",
            flush=True,
        )

    def find(self, experiment: str, mode: str, clients: int, who: str) -> Row | None:
        """The row of a cell, if it was measured."""
        wanted = (experiment, mode, clients, who)
        found = (row for row in self.rows if (row.experiment, row.mode, row.clients, row.who) == wanted)
        return next(found, None)

    def of(self, experiment: str) -> Iterator[Row]:
        """The rows of one experiment."""
        return (row for row in self.rows if row.experiment == experiment)
