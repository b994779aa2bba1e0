"""The order of a path's steps: learnable one after another, recommended ones before, short ones first."""

from __future__ import annotations

from collections.abc import Iterable, Set
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph


def in_order(graph: PrerequisiteGraph, topics: Iterable[int], known: Set[int]) -> tuple[int, ...]:
    """The topics (numbers) as steps: each is ready when those before it are learned.

    Of the ready ones comes first the one that has the fewest topics recommended before it still to
    come in this path, then the shortest, then the first by number; so a recommendation is kept wherever
    another step is ready, and never blocks. What can never become ready is left out. O(edges log topics).
    """
    return tuple(_Ordering(graph, set(topics) - known, known).steps())


class _Ordering:
    def __init__(self, graph: PrerequisiteGraph, topics: set[int], known: Set[int]) -> None:
        self._hours = {topic: float(graph.hours[topic]) for topic in topics}
        self._before = {
            topic: topics.intersection(graph.recommended[topic].tolist()) - {topic} for topic in topics
        }
        self._after: dict[int, list[int]] = {topic: [] for topic in topics}
        for topic, before in self._before.items():
            for other in before:
                self._after[other].append(topic)
        self._open: dict[int, int] = dict.fromkeys(topics, 0)
        self._left: dict[int, int] = {}
        self._owner: dict[int, int] = {}
        self._used_in: dict[int, list[int]] = {topic: [] for topic in topics}
        for topic in topics:
            for group in graph.groups[topic].tolist():
                self._add_group(topic, group, int(graph.need[group]), graph.members[group].tolist(), known)

    def _add_group(self, topic: int, group: int, need: int, members: list[int], known: Set[int]) -> None:
        left = need - sum(member in known for member in members)
        if left <= 0:
            return
        self._left[group], self._owner[group] = left, topic
        self._open[topic] += 1
        for member in members:
            if member in self._used_in:
                self._used_in[member].append(group)

    def steps(self) -> list[int]:
        heap: list[tuple[int, float, int]] = []
        for topic, groups in self._open.items():
            if groups == 0:
                heappush(heap, self._key(topic))
        steps: list[int] = []
        learned: set[int] = set()
        while heap:
            key = heappop(heap)
            topic = key[2]
            # A topic stands here once more whenever one recommended before it has been learned.
            if topic not in learned:
                learned.add(topic)
                steps.append(topic)
                for other in self._learn(topic):
                    heappush(heap, self._key(other))
        return steps

    def _key(self, topic: int) -> tuple[int, float, int]:
        return len(self._before[topic]), self._hours[topic], topic

    def _learn(self, topic: int) -> list[int]:
        """The topics that are ready now and were not, or that come sooner now."""
        fresh = []
        for other in self._after[topic]:
            self._before[other].discard(topic)
            if self._open[other] == 0:
                fresh.append(other)
        for group in self._used_in[topic]:
            self._left[group] -= 1
            if self._left[group] == 0:
                self._open[self._owner[group]] -= 1
                if self._open[self._owner[group]] == 0:
                    fresh.append(self._owner[group])
        return fresh
