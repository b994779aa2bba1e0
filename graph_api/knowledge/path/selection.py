"""Cheapest selections by topic number: for paths, for a known set's completion, for one unmet group."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Final

from graph_api.errors import BadInput, Unlearnable
from graph_api.knowledge.path.circles import blockers
from graph_api.knowledge.path.cost import HOURS, Cost, Scale
from graph_api.knowledge.path.reduction import Demand, derivable, extract, restricted
from graph_api.knowledge.path.search import Found, search

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph

DEADLINE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Selection:
    """Topics to learn (numbers, ascending; none of them known) and what they cost.

    `bound` is proven: nothing that meets the demands costs less; `optimal` says that `cost` equals it.
    """

    topics: tuple[int, ...]
    cost: float
    bound: float
    optimal: bool


def cheapest_selection(
    graph: PrerequisiteGraph,
    demands: Iterable[Demand],
    known: Set[int],
    *,
    cost: Cost = HOURS,
    optional: Collection[int] = (),
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Selection:
    """The cheapest topics that, learned one after another by someone who knows `known`, meet all demands.

    What is known counts as known, whatever it rests on. The cheapest completion of a set is the answer
    for the unmet groups of its topics as demands; the cheapest way to meet a group, for that group alone.
    Of equally dear selections one with the fewest topics, and of those always the same one.

    Raises Unlearnable, naming what blocks, when the demands cannot be met, and BadInput for a
    deadline that is negative or NaN. Cost: see `search.search`.
    """
    until = deadline(deadline_seconds)
    return Aim(graph, demands, known, cost=cost, optional=frozenset(optional)).cheapest(until)


def deadline(seconds: float) -> float:
    """That many seconds from now, in the time of `time.monotonic`; BadInput if negative or NaN."""
    if not seconds >= 0:
        raise BadInput("A deadline is a number of seconds, not negative.")
    return monotonic() + seconds


class Aim:
    """Demands on a graph with what they rest on, priced, ready to be asked more than once.

    Raises Unlearnable, naming what blocks, when the demands cannot be met.
    """

    def __init__(
        self,
        graph: PrerequisiteGraph,
        demands: Iterable[Demand],
        known: Set[int],
        *,
        cost: Cost = HOURS,
        optional: Set[int] = frozenset(),
    ) -> None:
        structure = extract(graph, demands, known)
        reached = sum(1 << topic for topic in derivable(structure))
        if not reached >> structure.aim & 1:
            raise Unlearnable([[graph.slugs[topic] for topic in group] for group in blockers(structure)])
        structure = restricted(structure, reached)
        topics = structure.topics[:-1]
        hours = graph.hours[list(topics)].tolist()
        self._scale = Scale.of(
            [cost.of(amount, optional=topic in optional) for topic, amount in zip(topics, hours, strict=True)]
        )
        self._structure = replace(structure, cost=(*self._scale.ranked, 0))
        self._local = {topic: place for place, topic in enumerate(topics)}

    def cheapest(self, until: float) -> Selection:
        """The cheapest selection, or the best found by then (of `time.monotonic`)."""
        found = search(self._structure, until)
        assert found is not None, "the aim is in reach"  # noqa: S101 - __init__ has seen to it
        return self._selection(found)

    def cheapest_without(self, member: int, *, learning: Iterable[int], until: float) -> Selection | None:
        """The cheapest selection with the topics `learning` and without `member`; None if there is none."""
        local = self._local
        everything = (1 << len(self._structure)) - 1
        also = [local[topic] for topic in learning]
        structure = restricted(self._structure, everything & ~(1 << local[member]), also)
        found = search(structure, until)
        return None if found is None else self._selection(found)

    def _selection(self, found: Found) -> Selection:
        cost, bound = self._scale.amount(found.cost), self._scale.amount(found.bound)
        return Selection(tuple(sorted(found.topics)), cost, bound, cost == bound)
