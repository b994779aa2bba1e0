"""What one request, and one topic, was measured to cost: the figures that the model computes with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

SMALL: Final = 4_500
"""Topics of the catalogue that requests were measured over."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one request: milliseconds of CPU of the API and of Neo4j, statements, and bytes of the answer."""

    api: float
    database: float
    statements: float
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Figures of `costs.py` by kind of request, of `http_cache.py` and of `footprint.py`.

    hitting, passing  ms of CPU that nginx takes for an answer of its cache, and for one of a replica
    stored     bytes on disk that a recorded topic takes
    process    MB of a server that has read nothing
    structure  bytes a topic of the structure
    entity     bytes a topic of all that is kept of it
    building, moving  microseconds a topic to build the structure anew, and to move one edge of it
    stepping   nanoseconds a topic that a next step, ranked, takes longer in a larger structure
    """

    when: str
    costs: Mapping[str, Cost]
    hitting: float
    passing: float
    stored: float
    process: float
    structure: float
    entity: float
    building: float
    moving: float
    stepping: float

    def megabytes(self, topics: float, *, entities: float, answers: float) -> float:
        """Memory of a process with the structure of so many topics, these entities and bytes of answers."""
        return self.process + (topics * self.structure + entities * self.entity + answers) / 1e6

    def seconds_to_build(self, topics: float) -> float:
        """Seconds of CPU until the structure is there."""
        return topics * self.building / 1e6

    def seconds_to_move(self, topics: float) -> float:
        """Seconds of CPU that a process takes to follow a write that moves an edge."""
        return topics * self.moving / 1e6

    def growth_of_step(self, topics: float) -> float:
        """Milliseconds that a next step takes longer than in the catalogue that was measured."""
        return max(0.0, topics - SMALL) * self.stepping / 1e6

    def replaced(self, report: Path) -> Measured:
        """The same with what a report of `make bench` has: CPU of pages, topics and searches.

        Raises OSError, ValueError or KeyError for a file that is no such report.
        """
        found = json.loads(report.read_bytes())
        costs = dict(self.costs)
        for kind, cell in _CELLS.items():
            if (samples := _samples(found, *cell)) is not None:
                api, database = (median(each[name] for each in samples) for name in _NAMES)
                costs[kind] = replace(costs[kind], api=api, database=database)
        return replace(self, when=f"{self.when}; pages and searches from {report.name}", costs=costs)

    def table(self) -> Iterator[str]:
        """All of it as Markdown."""
        yield "| a request for | CPU ms, API | CPU ms, Neo4j | statements | bytes |\n|---|---|---|---|---|"
        for kind, cost in self.costs.items():
            figures = f"{cost.api:.2f} | {cost.database:.2f} | {cost.statements:.2f} | {cost.size:,.0f}"
            yield f"| {TITLES[kind]} | {figures} |"
        yield "\n| of the rest | |\n|---|---|"
        for name, (title, unit) in _REST.items():
            yield f"| {title} | {getattr(self, name):,.4g} {unit} |"


TITLES: Final[Mapping[str, str]] = {
    "roadmap kept": "a roadmap page, its answer kept",
    "roadmap warm": "the same, executed over kept entities",
    "roadmap cold": "the same, nothing kept",
    "topic kept": "a topic's page, its answer kept",
    "topic warm": "the same, executed over kept entities",
    "topic cold": "the same, nothing kept",
    "search": "a search",
    "step": "the next step of who asks, and the path",
    "record": "a topic that is learned",
}
_REST: Final[Mapping[str, tuple[str, str]]] = {
    "hitting": ("nginx, a page from its cache", "ms of CPU"),
    "passing": ("nginx, a page from a replica", "ms of CPU"),
    "stored": ("a recorded topic on disk", "bytes"),
    "process": ("a process that has read nothing", "MB"),
    "structure": ("a topic in the structure", "bytes"),
    "entity": ("a topic with all that is kept of it", "bytes"),
    "building": ("to build the structure, a topic", "µs of CPU"),
    "moving": ("to move an edge, a topic of the structure", "µs of CPU"),
    "stepping": ("longer for a next step, a topic of the structure", "ns of CPU"),
}
_NAMES: Final = ("server_cpu", "database_cpu")
_CELLS: Final[Mapping[str, tuple[str, str, int, str]]] = {
    "roadmap kept": ("a", "repeated", 16, "ours"),
    "roadmap warm": ("a", "varied", 16, "ours"),
    "roadmap cold": ("a", "varied", 16, "uncached"),
    "topic kept": ("c", "repeated", 16, "ours"),
    "topic warm": ("c", "varied", 16, "ours"),
    "topic cold": ("c", "varied", 16, "uncached"),
    "search": ("d", "varied", 16, "ours"),
}
"""Where a report of `make bench` has them: experiment, mode, clients and who. CPU is in ms a request."""


def _samples(report: Any, experiment: str, mode: str, clients: int, who: str) -> list[Any] | None:
    wanted = {"experiment": experiment, "mode": mode, "clients": clients, "who": who}
    rows = (row for row in report["rows"] if {name: row[name] for name in wanted} == wanted)
    return next((row["samples"] for row in rows), None)


MEASURED: Final = Measured(
    when="1 December 2026, nginx and memory a day before, on 2 cores that the load, Neo4j and the API share",
    costs={
        "roadmap kept": Cost(0.14, 0.01, 0.00, 38_353),
        "roadmap warm": Cost(2.78, 0.06, 0.00, 38_353),
        "roadmap cold": Cost(5.38, 5.16, 1.01, 38_356),
        "topic kept": Cost(0.12, 0.00, 0.00, 2_140),
        "topic warm": Cost(1.20, 0.02, 0.00, 2_140),
        "topic cold": Cost(5.34, 5.75, 3.90, 2_150),
        "search": Cost(2.17, 7.33, 1.00, 2_755),
        "step": Cost(13.38, 4.88, 1.02, 2_419),
        "record": Cost(5.01, 9.58, 3.94, 648),
    },
    hitting=0.06,
    passing=0.12,
    stored=614,
    process=115.0,
    structure=499,
    entity=2_267,
    building=15.8,
    moving=15.6,
    stepping=0.86,
)
"""The defaults of the model."""
