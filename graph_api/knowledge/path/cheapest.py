"""The cheapest learning path, with its proof: over all choices of alternatives nothing costs less."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from math import fsum
from time import monotonic
from typing import TYPE_CHECKING

from graph_api.knowledge.path.choices import Choice, choices_of
from graph_api.knowledge.path.cost import HOURS, Cost
from graph_api.knowledge.path.order import in_order
from graph_api.knowledge.path.reduction import Demand
from graph_api.knowledge.path.selection import (
    DEADLINE_SECONDS,
    Aim,
    deadline,
)

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph
    from graph_api.knowledge.model import Slug


@dataclass(frozen=True, slots=True)
class LearningPath:
    """What to learn, step by step.

    steps         slugs, each learnable when those before it are; of the steps that are ready, one with
                  the fewest recommended ones still to come, then the shortest, then by slug
    total_hours   hours of all steps together
    total_cost    what was minimised: the same for HOURS
    lower_bound   proven: no path to these goals costs less
    optimal       whether `total_cost` is `lower_bound`
    """

    steps: tuple[Slug, ...]
    total_hours: float
    total_cost: float
    lower_bound: float
    optimal: bool
    _choices: Callable[[], tuple[Choice, ...]] = field(repr=False, compare=False)

    def choices(self) -> tuple[Choice, ...]:
        """The groups with alternatives that the path meets, with what else they would have cost.

        Priced each time, in as long as the search had left: one cheapest path for each topic taken, at most.
        """
        return self._choices()


def cheapest_path(
    graph: PrerequisiteGraph,
    *,
    goals: Iterable[Slug],
    known: Iterable[Slug] = (),
    cost: Cost = HOURS,
    optional: Collection[Slug] = (),
    deadline_seconds: float = DEADLINE_SECONDS,
) -> LearningPath:
    """The path to all goals, from what is known, of the provably least cost.

    What is known counts as known, whatever it rests on; a goal that is known costs nothing. Of equally
    dear paths it is one with the fewest topics, and for equal graphs always the same one. Costs finer
    than a millionth are rounded to it. When the deadline passes, the path is the best found so far, with
    its bound: never an error. `optional` are the topics that `cost.optional_factor` makes dearer.
    The deadline ends the search, not the work around it, which grows with what the goals rest on: some
    milliseconds for hundreds of topics, half a second for 8,000, ten and more for 80,000.
    What is left of its time may go into pricing the choices, see `LearningPath.choices`.

    Raises UnknownSlugs for goals, known or optional slugs that are not in the graph; Unlearnable,
    naming what blocks, for a goal that cannot be reached; BadInput for a negative deadline. Cost: see
    `reduced.reduced` and `search.search`; milliseconds for catalogues of a few thousand topics.
    """
    until = deadline(deadline_seconds)
    have = frozenset(graph.numbers(known).tolist())
    demands = [Demand(1, (goal,)) for goal in sorted(set(graph.numbers(goals).tolist()))]
    dearer = frozenset(graph.numbers(optional).tolist())
    aim = Aim(graph, demands, have, cost=cost, optional=dearer)
    best = aim.cheapest(until)
    steps = in_order(graph, best.topics, have)
    return LearningPath(
        steps=tuple(graph.slugs[step] for step in steps),
        total_hours=total(graph, steps),
        total_cost=best.cost,
        lower_bound=best.bound,
        optimal=best.optimal,
        _choices=partial(choices_of, graph, aim, steps, have, seconds=until - monotonic()),
    )


def total(graph: PrerequisiteGraph, topics: Iterable[int]) -> float:
    """The hours of these topics, rounded once."""
    return fsum(graph.hours[topic] for topic in topics)
