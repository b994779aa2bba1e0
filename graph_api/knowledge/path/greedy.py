"""A selection at once: good, rarely the cheapest, for when there is no time to prove one."""

from __future__ import annotations

from heapq import heappop, heappush, nsmallest
from time import monotonic

from graph_api.knowledge.path.reduction import Bits, Structure, derivable, ones


def greedy(structure: Structure, free: Bits = 0) -> Bits:
    """A founded selection by adding up costs branch by branch; topics of `free` count as 0.

    Knuth, "A generalization of Dijkstra's algorithm", 1977: it would be the cheapest if no two
    branches had a topic in common, whose cost this counts twice. O(edges log topics). The aim must
    be derivable.
    """
    rank = {topic: place for place, topic in enumerate(_by_total(structure, free))}
    selection = 0
    waiting = [structure.aim]
    while waiting:
        topic = waiting.pop()
        if not selection >> topic & 1:
            selection |= 1 << topic
            for group in structure.groups[topic]:
                reached = (member for member in structure.members[group] if member in rank)
                waiting += nsmallest(structure.need[group], reached, key=rank.__getitem__)
    return selection


def _by_total(structure: Structure, free: Bits) -> list[int]:
    """The topics that can be reached, by the total of all their branches, each after what it rests on."""
    left = structure.need.copy()
    waiting = [len(groups) for groups in structure.groups]
    total = [0 if free >> topic & 1 else cost for topic, cost in enumerate(structure.cost)]
    heap = sorted((total[topic], topic) for topic, count in enumerate(waiting) if not count)
    order: list[int] = []
    while heap:
        reached, topic = heappop(heap)
        order.append(topic)
        for group in structure.used_in[topic]:
            if left[group] > 0:
                owner = structure.owner[group]
                left[group] -= 1
                total[owner] += reached
                waiting[owner] -= left[group] == 0
                if left[group] == 0 and waiting[owner] == 0:
                    heappush(heap, (total[owner], owner))
    return order


def thinned(structure: Structure, selection: Bits, until: float) -> Bits:
    """Without the topics that the aim can do without, tried from the dearest on, until that time.

    O(topics x edges) where there is time; `until` is of `time.monotonic`.
    """
    for topic in sorted(ones(selection), key=lambda topic: (-structure.cost[topic], topic)):
        if monotonic() > until:
            break
        fewer = selection & ~(1 << topic)
        order = derivable(structure, fewer)
        if structure.aim in order:
            selection = fewer & sum(1 << other for other in order)
    return selection
