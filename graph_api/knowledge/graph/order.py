"""Orders of a prerequisite graph: generations, loops, the earliest finish and the critical path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from graph_api.knowledge.graph.rows import Indices, Mask, Rows, count_down, indices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graph_api.knowledge.graph import PrerequisiteGraph

NOTHING: Final = -1


def generations(graph: PrerequisiteGraph, known: Mask | None = None) -> tuple[Indices, ...]:
    """The topics by the earliest round in which they can be learned; what is out of reach is left out.

    Without alternatives and loops these are the topological generations. Each is ascending. O(edges).
    """
    rounds = graph.rounds(known)
    order = np.argsort(rounds, kind="stable").astype(np.int32)
    bounds = np.searchsorted(rounds[order], np.arange(rounds.max(initial=NOTHING) + 2)).tolist()
    return tuple(order[start:end] for start, end in pairwise(bounds))


def peel(rows: Rows) -> Indices:
    """(n,) the length of the longest walk from each number; -1 where a walk can end in a loop.

    Kahn, Topological sorting of large networks, Comm. ACM 5 (1962); O(rows + values).
    """
    left, back = rows.sizes(), rows.transposed(len(rows))
    levels = np.full(len(rows), NOTHING, dtype=np.int32)
    ready, level = indices(left == 0), 0
    while len(ready):
        levels[ready] = level
        ready, level = count_down(left, back.gather(ready)), level + 1
    return levels


def components(rows: Rows) -> Indices:
    """(n,) the strongly connected component of each number, for steps from row to value.

    Components are numbered so that every step stays in its component or leads to a lower one. Numbers
    from which no loop can be reached are components of one and are told apart first, at array speed; the
    rest is searched. O(rows + values).
    """
    levels = peel(rows)
    simple = indices(levels >= 0)
    component = np.empty(len(rows), dtype=np.int32)
    component[simple[np.argsort(levels[simple], kind="stable")]] = np.arange(len(simple))
    rest = indices(levels < 0)
    search = _Tarjan(rows, levels >= 0)
    for number in rest.tolist():
        search.visit(number)
    component[rest] = len(simple) + np.array([search.component[number] for number in rest.tolist()], np.int32)
    return component


def loops(rows: Rows, component: Indices) -> tuple[Indices, ...]:
    """The components in which a step leads round: of two numbers or more, or of one with a step to itself."""
    owners = rows.owners()
    inner = component[owners] == component[rows.values]
    looped = np.isin(component, np.unique(component[owners[inner]]))
    numbers = indices(looped)
    numbers = numbers[np.argsort(component[numbers], kind="stable")]
    cuts = np.flatnonzero(np.diff(component[numbers])) + 1
    return tuple(np.split(numbers, cuts)) if len(numbers) else ()


class _Tarjan:
    """Tarjan, Depth-first search and linear graph algorithms, SIAM J. Computing 1 (1972), not recursive.

    `low` is 0 for a number not yet visited, _DONE when its component is complete, and else the least
    visit known to be reachable from it.
    """

    _DONE: Final = 2**31

    def __init__(self, rows: Rows, done: Mask) -> None:
        self.component: dict[int, int] = {}
        self._rows = rows
        self._low: list[int] = np.where(done, self._DONE, 0).tolist()
        self._visits = 0
        self._found = 0
        self._open: list[int] = []

    def visit(self, root: int) -> None:
        """Complete the components of all that can be reached from `root`."""
        path = [self._enter(root)] if self._low[root] == 0 else []
        while path:
            number, visit, near = path[-1]
            fresh = next((other for other in near if self._low[other] == 0), None)
            if fresh is None:
                path.pop()
                self._leave(number, visit)
            else:
                path.append(self._enter(fresh))

    def _enter(self, number: int) -> tuple[int, int, Iterator[int]]:
        self._visits += 1
        self._low[number] = self._visits
        self._open.append(number)
        return number, self._visits, iter(self._rows[number].tolist())

    def _leave(self, number: int, visit: int) -> None:
        low = self._low
        low[number] = min([low[other] for other in self._rows[number].tolist()], default=visit)
        if low[number] < visit:
            return
        while True:
            member = self._open.pop()
            low[member], self.component[member] = self._DONE, self._found
            if member == number:
                break
        self._found += 1


@dataclass(frozen=True, slots=True, eq=False)
class Finish:
    """When each topic can be known at the earliest, if any number of topics are learned side by side.

    known   (n,) what was known at the start
    hours   (n,) float64 from the start, 0 for what is known, infinite for what is out of reach
    last    (n,) the last topic to be learned that each had to wait for, -1 where it waited for none
    """

    known: Mask
    hours: NDArray[np.float64]
    last: Indices

    def critical_path(self, goals: Mask) -> tuple[float, Indices]:
        """The hours until all `goals` are known, and a chain of topics, first to last, that takes so long.

        With a goal out of reach: infinite hours and an empty chain.
        """
        numbers = indices(goals & ~self.known)
        if not len(numbers):
            return 0.0, numbers
        number = int(numbers[np.argmax(self.hours[numbers])])
        hours, chain = float(self.hours[number]), list[int]()
        while number != NOTHING and np.isfinite(hours):
            chain.append(number)
            number = int(self.last[number])
        return hours, np.array(chain[::-1], dtype=np.int32)


def earliest_finish(
    graph: PrerequisiteGraph, known: Mask | None = None, within: Mask | None = None
) -> Finish:
    """The earliest finish of every topic, over all choices of alternatives; exact, loops included.

    A group is met when its `need`-th quickest member is known, and a topic can start when its last group
    is met. These are superior functions, so topics can be settled in the order of their finish: Knuth,
    A generalization of Dijkstra's algorithm, Inf. Proc. Letters 6 (1977). O(edges + n log n).
    """
    known = np.zeros(len(graph), dtype=bool) if known is None else known
    unmet, waiting = graph.need.tolist(), graph.groups.sizes().tolist()
    closed = (known if within is None else known | ~within).tolist()
    finish, last = np.where(known, 0.0, np.inf), np.full(len(graph), NOTHING, dtype=np.int32)
    hours = graph.hours.tolist()
    at_once = [number for number, groups in enumerate(waiting) if not (groups or closed[number])]
    queue = [(hours[number], number) for number in at_once] + [
        (0.0, number) for number in indices(known).tolist()
    ]
    heapify(queue)
    while queue:
        now, number = heappop(queue)
        finish[number] = now
        for owner in _released(graph, number, unmet, waiting):
            if not closed[owner]:
                last[owner] = NOTHING if known[number] else number
                heappush(queue, (now + hours[owner], owner))
    return Finish(known, finish, last)


def _released(graph: PrerequisiteGraph, number: int, unmet: list[int], waiting: list[int]) -> Iterator[int]:
    """The topics whose last unmet group is met when `number` is known; the counters move on."""
    for group in graph.member_of[number].tolist():
        unmet[group] -= 1
        if unmet[group] == 0:
            owner = int(graph.topic[group])
            waiting[owner] -= 1
            if waiting[owner] == 0:
                yield owner
