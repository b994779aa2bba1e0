"""One strongly connected part that blocks itself, and an irreducible blocking set of it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph
    from graph_api.knowledge.graph.rows import Indices

_STEPS_LOOKED_AT: Final = 2_000_000
"""The work after which a shorter loop is no longer sought: about a second."""

_SHARE: Final = 16
"""The smallest number of topics that are left out together before it is tried one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A group of `topic` that cannot be met once `cut` of these members are out of reach."""

    topic: int
    members: frozenset[int]
    cut: int

    def cut_by(self, topics: Set[int]) -> bool:
        """Whether it cannot be met by what is outside of `topics`."""
        return len(self.members & topics) >= self.cut


class Part:
    """Topics with their groups, as far as both lie within the part; everything outside counts as known."""

    def __init__(self, groups: Mapping[int, Sequence[Group]]) -> None:
        self._groups = groups
        self._member_of: dict[int, list[Group]] = defaultdict(list)
        for group in (group for each in groups.values() for group in each):
            for member in group.members:
                self._member_of[member].append(group)

    @classmethod
    def of(cls, graph: PrerequisiteGraph, topics: Indices) -> Part:
        """These topics of a graph in which their groups have no members outside of them."""
        return cls({topic: tuple(_groups(graph, topic)) for topic in topics.tolist()})

    def irreducible(self) -> tuple[int, ...]:
        """A blocking set: a shortest loop of plain prerequisites, if the part has one and nothing of it can
        be left out, and else what remains when everything that can be left out is.

        In the order of the loop, from its least topic on; ascending where it is none.
        """
        loop = shortest_loop({topic: self._steps(topic) for topic in self._groups})
        return self._in_order(self._reduced(set(loop) if loop else self._coarsely_reduced()))

    def self_blocking(self, topics: Set[int]) -> set[int]:
        """The largest subset of which each topic has a group that the subset cuts; perhaps empty.

        What has no such group is taken out, one after another; O(edges * size of a group).
        """
        left = set(topics)
        cuts = {topic: sum(group.cut_by(left) for group in self._groups[topic]) for topic in topics}
        out = [topic for topic, count in cuts.items() if count == 0]
        while out:
            topic = out.pop()
            left.discard(topic)
            for group in self._member_of[topic]:
                if group.topic in left and len(group.members & left) == group.cut - 1:
                    cuts[group.topic] -= 1
                    if cuts[group.topic] == 0:
                        out.append(group.topic)
        return left

    def _coarsely_reduced(self) -> set[int]:
        """A self-blocking set, smaller where ever smaller shares of it could be left out together."""
        left = self.self_blocking(self._groups.keys())
        share = len(left) // 2
        while share >= _SHARE:
            for some in _shares(left, share):
                left = self.self_blocking(left - some) or left
            share //= 2
        return left

    def _reduced(self, topics: Set[int]) -> set[int]:
        """A blocking set within a self-blocking one.

        A topic without which nothing self-blocking is left is needed, now and in every smaller set.
        """
        left, needed = set(topics), set[int]()
        for topic in sorted(topics):
            if topic in needed or topic not in left:
                continue
            smaller = self.self_blocking(left - {topic})
            if smaller:
                left = smaller
            else:
                self._need(topic, left, needed)
        return left

    def _need(self, topic: int, left: Set[int], needed: set[int]) -> None:
        """Add `topic` to `needed`, and what only it can be cut by, and so on: this spares most trials."""
        fresh = [topic]
        while fresh:
            topic = fresh.pop()
            if topic in needed:
                continue
            needed.add(topic)
            cutting = [group for group in self._groups[topic] if group.cut_by(left)]
            if len(cutting) == 1 and len(cutting[0].members & left) == cutting[0].cut:
                fresh += cutting[0].members & left

    def _steps(self, topic: int) -> list[int]:
        """The topics any one of which cuts a group of `topic`: its plain prerequisites, in effect."""
        single = (group.members for group in self._groups[topic] if group.cut == 1)
        return sorted(frozenset().union(*single))

    def _in_order(self, topics: Set[int]) -> tuple[int, ...]:
        loop = [min(topics)]
        while True:
            near = topics & set(self._steps(loop[-1]))
            if len(near) != 1 or len(loop) > len(topics):
                return tuple(sorted(topics))
            loop += near
            if loop[-1] == loop[0]:
                return tuple(loop[:-1] if len(loop) > len(topics) else sorted(topics))


def _groups(graph: PrerequisiteGraph, topic: int) -> Iterator[Group]:
    for group in graph.groups[topic].tolist():
        members = frozenset(graph.members[group].tolist())
        yield Group(topic, members, len(members) - int(graph.need[group]) + 1)


def _shares(topics: Set[int], size: int) -> Iterator[set[int]]:
    rest = iter(sorted(topics))
    while share := set(islice(rest, size)):
        yield share


def shortest_loop(steps: Mapping[int, Sequence[int]]) -> list[int] | None:
    """A shortest loop of these steps, or None: breadth first from every topic, no deeper than the best.

    A topic that was started from is done with: all loops through it are known. Itai & Rodeh, Finding a
    minimum circuit in a graph, SIAM J. Computing 7 (1978); O(topics * steps) at worst, and after
    _STEPS_LOOKED_AT the best so far stands, which then need not be the shortest.
    """
    best, done, looked = None, set[int](), 0
    for start in sorted(steps, key=lambda topic: (topic not in steps[topic], topic)):
        limit = len(best) - 1 if best else len(steps)
        loop, cost = _loop_through(start, steps, done, limit)
        best, looked = loop or best, looked + cost
        done.add(start)
        if best and (len(best) == 1 or looked > _STEPS_LOOKED_AT):
            break
    return best


def _loop_through(
    start: int, steps: Mapping[int, Sequence[int]], done: Set[int], limit: int
) -> tuple[list[int] | None, int]:
    """A shortest loop through `start` of at most `limit` topics, and how many steps were looked at."""
    before, depth = {start: start}, {start: 1}
    queue, looked = deque([start]), 0
    while queue:
        topic = queue.popleft()
        if depth[topic] > limit:
            break
        for near in steps[topic]:
            looked += 1
            if near == start:
                return _back(topic, start, before), looked
            if near not in depth and near not in done:
                before[near], depth[near] = topic, depth[topic] + 1
                queue.append(near)
    return None, looked


def _back(topic: int, start: int, before: Mapping[int, int]) -> list[int]:
    loop = [topic]
    while topic != start:
        topic = before[topic]
        loop.append(topic)
    return loop[::-1]
