"""The choices that a path makes between alternatives, and what the next best would have cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph
    from graph_api.knowledge.model import Slug
    from graph_api.knowledge.path.selection import Aim, Selection


@dataclass(frozen=True, slots=True)
class Choice:
    """A group of a step that the path meets by some, not all, of the topics that could.

    topic      the step whose group it is
    need, of   the group: at least `need` of the topics `of`
    taken      those of `of` that are steps; some of `of` may be known, too few to meet the group
    next_best  the least cost of all paths to the same goals that learn `topic` too, but leave out at
               least one of `taken`; None if there is none, as when the taken ones are needed anyway,
               or if it was not proven in time
    proven     False when there was no time to find out
    """

    topic: Slug
    need: int
    of: tuple[Slug, ...]
    taken: tuple[Slug, ...]
    next_best: float | None
    proven: bool


def choices_of(
    graph: PrerequisiteGraph, aim: Aim, steps: Sequence[int], known: Set[int], *, seconds: float
) -> tuple[Choice, ...]:
    """The choices of a path, in the order of its steps and of their groups, priced within so many seconds.

    Costs one cheapest path for each topic taken, at most.
    """
    choices = list(_choices(graph, steps, known))
    pricing = _Pricing(
        aim, monotonic() + seconds, Counter(member for _, _, taken in choices for member in taken)
    )
    return tuple(
        Choice(
            graph.slugs[topic],
            int(graph.need[group]),
            graph.names(graph.members[group]),
            tuple(graph.slugs[member] for member in taken),
            *pricing.next_best(topic, taken),
        )
        for topic, group, taken in choices
    )


def _choices(
    graph: PrerequisiteGraph, steps: Sequence[int], known: Set[int]
) -> Iterator[tuple[int, int, list[int]]]:
    chosen = frozenset(steps)
    for topic in steps:
        for group in graph.groups[topic].tolist():
            members = graph.members[group].tolist()
            unknown = [member for member in members if member not in known and member != topic]
            taken = [member for member in unknown if member in chosen]
            met_by_known = sum(member in known for member in members) >= graph.need[group]
            if not met_by_known and len(taken) < len(unknown):
                yield topic, group, taken


class _Pricing:
    """Cheapest paths without one topic, each found once where it may answer more than once."""

    def __init__(self, aim: Aim, until: float, asked: Mapping[int, int]) -> None:
        self._aim, self._until, self._asked = aim, until, asked
        self._found: dict[int, Selection | None] = {}

    def next_best(self, topic: int, taken: Sequence[int]) -> tuple[float | None, bool]:
        """The least cost of a path with the topic and without at least one taken, and whether it is proven.

        Leaving out one of several is leaving out the first, or the second, and so on.
        """
        costs: list[float] = []
        for member in taken:
            if monotonic() > self._until:
                return None, False
            selection = self._without(member, topic)
            if selection is not None and not selection.optimal:
                return None, False
            if selection is not None:
                costs.append(selection.cost)
        return min(costs, default=None), True

    def _without(self, member: int, topic: int) -> Selection | None:
        if self._asked[member] > 1:
            if member not in self._found:
                self._found[member] = self._aim.cheapest_without(member, learning=(), until=self._until)
            found = self._found[member]
            # A cheapest path that happens to learn the topic is also cheapest among those that do.
            if found is None or topic in found.topics:
                return found
        return self._aim.cheapest_without(member, learning=(topic,), until=self._until)
