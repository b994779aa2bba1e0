"""A knowledge state: what someone knows, and all that follows from it.

Knowledge space theory: Doignon & Falmagne, Learning Spaces (2011). What is given as known counts as
known, also when its prerequisites are not: such a set is not a state of the learning space, and
`is_consistent` and `missing` say so; everything else takes it as it is.

What someone skips is not known, and never comes up; but it meets requirements as if it were. So a state
is seen in the graph in which what is skipped is settled: nothing waits for it, whatever it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from graph_api.errors import Unlearnable
from graph_api.knowledge.path import Demand, cheapest_selection
from graph_api.knowledge.path.order import in_order
from graph_api.knowledge.path.selection import DEADLINE_SECONDS
from graph_api.knowledge.state.fringe import inner_fringe
from graph_api.knowledge.state.progress import Progress, progress
from graph_api.knowledge.state.proof import Standing, Status, Way, blockers, requirements_of
from graph_api.knowledge.state.ranking import NextTopic, Ranking

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph
    from graph_api.knowledge.graph.rows import Indices, Mask
    from graph_api.knowledge.model import Roadmap, Slug


@dataclass(frozen=True, eq=False)
class KnowledgeState:
    """The known and the skipped topics of a graph, as (n,) masks that nobody changes any more.

    No topic is in both.
    """

    graph: PrerequisiteGraph
    known: Mask
    skipped: Mask

    @classmethod
    def of(
        cls, graph: PrerequisiteGraph, known: Iterable[Slug] = (), skipped: Iterable[Slug] = ()
    ) -> KnowledgeState:
        """The state of these slugs; repeats count once, and what is known is not skipped.

        Raises UnknownSlugs, naming all unknown ones of both.
        """
        return cls.of_masks(graph, *graph.masks(known, skipped))

    @classmethod
    def of_masks(cls, graph: PrerequisiteGraph, known: Mask, skipped: Mask) -> KnowledgeState:
        """The state of these topics; what is known is not skipped."""
        return cls(graph, known, skipped & ~known)

    @cached_property
    def met(self) -> Mask:
        """What meets requirements: known or skipped."""
        return self.known | self.skipped

    @cached_property
    def settled(self) -> PrerequisiteGraph:
        """The graph in which nothing waits for what is skipped."""
        if not self.skipped.any():
            return self.graph
        return self.graph.settled(self.skipped[self.graph.members.values])

    @cached_property
    def core(self) -> Mask:
        """The largest knowledge state within `known`: what of it can be learned from nothing by its own."""
        return self.settled.learnable(within=self.known)

    @cached_property
    def is_consistent(self) -> bool:
        """Whether all that is known can be learned one topic after another, from nothing but the skipped."""
        return bool((self.core == self.known).all())

    @cached_property
    def deficit(self) -> Indices:
        """(g,) how many more members of each group must be known; zero or less when it is met."""
        return self.graph.deficits(self.met)

    @cached_property
    def unmet(self) -> Indices:
        """(n,) how many groups of each topic are not met."""
        return self.graph.unmet(self.deficit)

    @cached_property
    def outer_fringe(self) -> Mask:
        """The topics that are ready: neither known nor skipped, and every group met by such topics."""
        ready: Mask = (self.unmet == 0) & ~self.met
        return ready

    @cached_property
    def inner_fringe(self) -> Mask:
        """The known topics that can be taken away and leave a state: the inverse of the outer fringe.

        Of an inconsistent set, that of its `core`; see `fringe.inner_fringe`.
        """
        return inner_fringe(self.settled, self.core)

    @cached_property
    def learnable(self) -> Mask:
        """What is met or can be learned from here; at once where everything can be from nothing."""
        if self.graph.from_nothing.all():
            return self.graph.from_nothing
        return self.graph.learnable(self.met)

    def missing(self, *, deadline_seconds: float = DEADLINE_SECONDS) -> Way:
        """The cheapest topics to add so that the set becomes consistent; none when it is.

        Among all sets S of other topics for which known + S can be learned from nothing, one of the
        fewest hours, in a learnable order. (What is known beyond the core is learned again in any case,
        so its hours make no difference.) Known topics that nobody can learn from nothing have no such S
        and are passed over. What is skipped need not be learned. Exact, unless the deadline passes.
        """
        graph, base = self.graph, _numbers(self.core | self.skipped)
        rest = np.flatnonzero(self.known & ~self.core & self.settled.from_nothing).tolist()
        if not rest:
            return Way((), 0.0, optimal=True)
        demands = [Demand(1, (topic,)) for topic in rest]
        found = cheapest_selection(graph, demands, base, deadline_seconds=deadline_seconds)
        added = [topic for topic in in_order(graph, found.topics, base) if not self.known[topic]]
        return self._as_way(added, optimal=found.optimal)

    def leading_to(self, topics: Iterable[Slug], *, deadline_seconds: float = DEADLINE_SECONDS) -> Way:
        """The cheapest topics to learn before these, so that these can be learned; none of them is here.

        Also of topics that are known already. Raises UnknownSlugs, and Unlearnable where nothing leads there.
        """
        graph, goals = self.graph, self.graph.mask(topics)
        base = _numbers(self.met & ~goals)
        demands = [Demand(1, (goal,)) for goal in np.flatnonzero(goals).tolist()]
        found = cheapest_selection(graph, demands, base, deadline_seconds=deadline_seconds)
        before = [topic for topic in in_order(graph, found.topics, base) if not goals[topic]]
        return self._as_way(before, optimal=found.optimal)

    def status(self, topic: Slug, *, deadline_seconds: float = DEADLINE_SECONDS) -> Status:
        """Where a topic stands, with its proof; the deadline holds for each cheapest way.

        Raises UnknownSlugs.
        """
        number = int(self.graph.numbers([topic])[0])
        standing = self._standing(number)
        requirements = requirements_of(self, number)
        if standing in {Standing.KNOWN, Standing.SKIPPED}:
            return Status(
                topic, standing, requirements, (None,) * len(requirements), Way((), 0.0, optimal=True)
            )
        groups = self.graph.groups[number].tolist()
        return Status(
            topic,
            standing,
            requirements,
            tuple(self._way_to_group(group, deadline_seconds) for group in groups),
            self._way(Demand(1, (number,)), deadline_seconds),
            blockers(self.graph, number, self.met) if standing is Standing.UNLEARNABLE else (),
        )

    def next(
        self,
        *,
        goals: Iterable[Slug] = (),
        roadmap: Roadmap | None = None,
        include_optional: bool = False,
        first: int = 20,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> tuple[NextTopic, ...]:
        """The first of the ready topics, ranked, each with its reasons; see `ranking.Ranking`."""
        ranking = self.ranking(
            goals=goals,
            roadmap=roadmap,
            include_optional=include_optional,
            deadline_seconds=deadline_seconds,
        )
        return ranking.first(first)

    def ranking(
        self,
        *,
        goals: Iterable[Slug] = (),
        roadmap: Roadmap | None = None,
        include_optional: bool = False,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> Ranking:
        """All of the ready topics, to be ranked when they are asked for. Raises UnknownSlugs."""
        return Ranking(self, self.graph.mask(goals), roadmap, include_optional, deadline_seconds)

    def progress(self, roadmap: Roadmap) -> Progress:
        """How much of a roadmap is known, its optional topics apart."""
        return progress(self.graph, self.known, roadmap)

    def standings(self, topics: Iterable[Slug]) -> dict[Slug, Standing]:
        """Where each of these topics stands, without proof. Raises UnknownSlugs."""
        topics = tuple(topics)
        numbers = self.graph.numbers(topics).tolist()
        return {slug: self._standing(number) for slug, number in zip(topics, numbers, strict=True)}

    def _standing(self, number: int) -> Standing:
        if self.known[number]:
            return Standing.KNOWN
        if self.skipped[number]:
            return Standing.SKIPPED
        if self.outer_fringe[number]:
            return Standing.READY
        return Standing.BLOCKED if self.learnable[number] else Standing.UNLEARNABLE

    @cached_property
    def _met_numbers(self) -> frozenset[int]:
        return _numbers(self.met)

    def _way_to_group(self, group: int, deadline_seconds: float) -> Way | None:
        if self.deficit[group] <= 0:
            return None
        demand = Demand(int(self.graph.need[group]), tuple(self.graph.members[group].tolist()))
        return self._way(demand, deadline_seconds)

    def _way(self, demand: Demand, deadline_seconds: float) -> Way | None:
        """The cheapest way to meet a demand from here, None if there is none: the one seam to `path`."""
        try:
            found = cheapest_selection(
                self.graph, [demand], self._met_numbers, deadline_seconds=deadline_seconds
            )
        except Unlearnable:
            return None
        steps = in_order(self.graph, found.topics, self._met_numbers)
        return self._as_way(steps, optimal=found.optimal)

    def _as_way(self, steps: Sequence[int], *, optimal: bool) -> Way:
        return Way(self.graph.names_of(steps), float(self.graph.hours[list(steps)].sum()), optimal=optimal)


def _numbers(mask: Mask) -> frozenset[int]:
    return frozenset(np.flatnonzero(mask).tolist())
