"""The chain of topics that a path waits for longest."""

from __future__ import annotations

from collections.abc import Sequence, Set
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph


def longest_wait(
    graph: PrerequisiteGraph, steps: Sequence[int], known: Set[int]
) -> tuple[list[int], list[int]]:
    """The critical topics of these steps (numbers), first one first, and the steps that are never ready.

    Earliest finish times in ascending order, so that a group is met when the last member it needs
    is finished (Knuth, "A generalization of Dijkstra's algorithm", 1977). O(edges log steps).
    """
    learning = _Learning(graph, set(steps) - known, known)
    learning.run()
    stuck = sorted(learning.open.keys() - learning.finish.keys())
    chain: list[int] = []
    topic = max(learning.finish, key=lambda each: (learning.finish[each], -each), default=None)
    while topic is not None:
        chain.append(topic)
        topic = learning.waited_for[topic]
    return chain[::-1], stuck


class _Learning:
    """Everything is learned as soon as it is ready."""

    def __init__(self, graph: PrerequisiteGraph, steps: Set[int], known: Set[int]) -> None:
        self._graph, self._steps, self._known = graph, steps, known
        self.finish: dict[int, float] = {}
        self.waited_for: dict[int, int | None] = {}
        self._left: dict[int, int] = {}
        self.open = {
            topic: sum(self._is_open(group) for group in graph.groups[topic].tolist()) for topic in steps
        }

    def _is_open(self, group: int) -> bool:
        met = sum(member in self._known for member in self._graph.members[group].tolist())
        self._left[group] = int(self._graph.need[group]) - met
        return self._left[group] > 0

    def run(self) -> None:
        heap: list[tuple[float, int]] = []
        self._start([topic for topic, count in self.open.items() if not count], None, 0.0, heap)
        while heap:
            now, topic = heappop(heap)
            self.finish[topic] = now
            self._start(self._met_by(topic), topic, now, heap)

    def _start(
        self, topics: Sequence[int], after: int | None, now: float, heap: list[tuple[float, int]]
    ) -> None:
        for topic in topics:
            self.waited_for[topic] = after
            heappush(heap, (now + float(self._graph.hours[topic]), topic))

    def _met_by(self, topic: int) -> list[int]:
        """The steps that are ready now that this one is learned."""
        ready = []
        for group in self._graph.member_of[topic].tolist():
            owner = int(self._graph.topic[group])
            if owner in self.open:
                self._left[group] -= 1
                if self._left[group] == 0:
                    self.open[owner] -= 1
                    if self.open[owner] == 0:
                        ready.append(owner)
        return ready
