"""What to learn next: the ready topics in order of what they serve, each with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from graph_api.errors import BadInput
from graph_api.knowledge.graph.rows import Indices, Mask, Rows, indices, runs
from graph_api.knowledge.path import Demand, cheapest_selection
from graph_api.knowledge.state.proof import Met, requirements_of
from graph_api.knowledge.state.serving import Pursuit, Serving, idle, inevitable

if TYPE_CHECKING:
    from graph_api.knowledge.model import Roadmap, Slug
    from graph_api.knowledge.state import KnowledgeState

Slugs: TypeAlias = "tuple[Slug, ...]"

_WORD: Final = 64
_BRIEF: Final = 20_000
"""So many topics, times words of goals, are ranked in about a millisecond."""

_NAMED: Final = 3
"""So many topics a sentence names before it counts the rest."""


@dataclass(frozen=True)
class NextTopic:
    """A topic that is ready, and why it is a good one to learn next.

    hours     hours to learn it
    optional  whether it is optional in the roadmap that was asked for
    because   every requirement, and which known or skipped topics meet it
    unlocks   the topics that become ready when exactly this one is added to what is known
    serves    the goals that may rest on it, itself included if it is one: those from which unmet groups
              and their learnable members, neither known nor skipped, lead to it
    """

    topic: Slug
    hours: float
    optional: bool
    because: tuple[Met, ...]
    unlocks: Slugs
    serves: Slugs

    def named(self) -> Slugs:
        """The topics that the sentence names."""
        return (self.topic, *chain.from_iterable(slugs[:_NAMED] for slugs in self._told))

    def sentence(self, title_of: Callable[[Slug], str] = str) -> str:
        """The reasons in one sentence."""
        title = title_of(self.topic)
        known, skipped, others, unlocks = self._told
        used = [
            f"{verb} {_some(slugs, title_of)}"
            for verb, slugs in (("know", known), ("skip", skipped))
            if slugs
        ]
        start = f"You {_and(used)}, so {title} is ready" if used else f"{title} rests on nothing else"
        reasons = [
            "it is one of your goals" if self.topic in self.serves else "",
            f"it leads to {_some(others, title_of)}" if others else "",
            f"it makes {_some(unlocks, title_of)} ready" if unlocks else "",
        ]
        said = [reason for reason in reasons if reason]
        return f"{start}: {_and(said)}." if said else f"{start}."

    @cached_property
    def _told(self) -> tuple[Slugs, Slugs, Slugs, Slugs]:
        """What the sentence tells of: what is known and skipped, the other goals, and what becomes ready."""
        known = dict.fromkeys(chain.from_iterable([met.satisfied_by for met in self.because]))
        skipped = dict.fromkeys(chain.from_iterable([met.skipped for met in self.because]))
        others = [goal for goal in self.serves if goal != self.topic]
        return tuple(known), tuple(skipped), tuple(others), self.unlocks


def _some(slugs: Slugs, title_of: Callable[[Slug], str]) -> str:
    """The first of them by their titles, and how many more there are."""
    named = [*map(title_of, slugs[:_NAMED])]
    return _and([*named, f"{len(slugs) - _NAMED} more"] if len(slugs) > _NAMED else named)


def _and(parts: Sequence[str]) -> str:
    *before, last = parts
    return f"{', '.join(before)} and {last}" if before else last


class Ranking:
    """The ready topics within a scope, ranked.

    Scope: with goals, what may serve them; with a roadmap, what may serve its required topics (with
    `include_optional` all its topics), which then are the goals; with both, what may serve the goals,
    the roadmap only telling what is optional; with neither, everything. Topics that are optional in the
    roadmap come up only with `include_optional`, when they are goals themselves, or when a cheapest path
    to the goals takes them.

    Order: the number of goals served, most first; the number of topics that become ready at once, most
    first; hours, fewest first; slug. A topic recommended before another one of the scope that is ready as
    well is moved right before it.

    Goals that are known, skipped or unlearnable have nothing that serves them; when all are, nothing is left.
    """

    def __init__(
        self,
        state: KnowledgeState,
        goals: Mask,
        roadmap: Roadmap | None,
        include_optional: bool,
        deadline_seconds: float,
    ) -> None:
        self._state, self._deadline_seconds = state, deadline_seconds
        nothing: Mask = np.zeros(len(state.graph), dtype=bool)
        self._optional, required = nothing, nothing
        if roadmap is not None:
            required, self._optional = state.graph.placements(roadmap)
        chosen = bool(goals.any())
        self._unwanted = nothing if include_optional else self._optional & ~goals
        self._goals = goals if chosen else required | (self._optional if include_optional else nothing)
        self._scoped = chosen or roadmap is not None

    def first(self, count: int) -> tuple[NextTopic, ...]:
        """The first `count` topics with their reasons; BadInput for a negative count."""
        if count < 0:
            raise BadInput("The number of topics to list is not negative.")
        return tuple(self._with_reasons(place) for place in self._order(count))

    @cached_property
    def _pursuit(self) -> Pursuit:
        return Pursuit.of(self._state, self._goals)

    @cached_property
    def _serving(self) -> Serving | None:
        return Serving.of(self._pursuit) if self._scoped else None

    @cached_property
    def candidates(self) -> Indices:
        """The ready topics of the scope, ascending."""
        ready = self._state.outer_fringe
        if self._serving is not None:
            ready = ready & self._serving.topics
        doubtful, never = self._spare
        if doubtful.any():
            never = never | (doubtful & ~self._cheapest())
        return indices(ready & ~never)

    @property
    def is_brief(self) -> bool:
        """Whether it takes about a millisecond: the scope is small, and no cheapest path must be searched.

        To find that out takes no longer than that either.
        """
        size = len(self._state.graph)
        if size * (1 + np.count_nonzero(self._goals) // _WORD) > _BRIEF:
            return False
        return not self._spare[0].any()

    @cached_property
    def _spare(self) -> tuple[Mask, Mask]:
        """Of the ready topics that are not wanted: those that only a search for a cheapest path can tell to
        be on one, and those that are on none; found far sooner than a path.
        """
        ready = self._state.outer_fringe & self._unwanted
        if self._serving is None or not (ready & self._serving.topics).any():
            return np.zeros_like(ready), ready
        taken = inevitable(self._pursuit)
        spare = idle(self._pursuit, self._serving, taken)
        return ready & ~taken & ~spare, ready & spare

    def _cheapest(self) -> Mask:
        """The topics of a cheapest path to all goals that can be reached."""
        state = self._state
        met = frozenset(np.flatnonzero(state.met).tolist())
        demands = [Demand(1, (goal,)) for goal in self._pursuit.goals.tolist()]
        found = cheapest_selection(state.graph, demands, met, deadline_seconds=self._deadline_seconds)
        return state.graph.mask_of_all(found.topics)

    @cached_property
    def _unlocked(self) -> Rows:
        """A row for each candidate: the topics that become ready when it alone is added, ascending."""
        return unlocked(self._state, self.candidates)

    def _order(self, count: int) -> Iterator[int]:
        """Places in `candidates`, best first, at most `count`; recommended ones pulled forward."""
        candidates = self.candidates
        keys = (candidates, self._state.graph.hours[candidates], -self._unlocked.sizes())
        order = np.lexsort(keys if self._serving is None else (*keys, -self._serving.counts(candidates)))
        pulled = _recommended_first(order.tolist(), self._recommended)
        return islice(pulled, count)

    @cached_property
    def _place(self) -> dict[int, int]:
        return {topic: place for place, topic in enumerate(self.candidates.tolist())}

    def _recommended(self, place: int) -> list[int]:
        """The candidates recommended before one of them, as places."""
        before = self._state.graph.recommended[int(self.candidates[place])].tolist()
        return [self._place[topic] for topic in before if topic in self._place] if before else []

    def _with_reasons(self, place: int) -> NextTopic:
        graph, topic = self._state.graph, int(self.candidates[place])
        return NextTopic(
            topic=graph.slugs[topic],
            hours=float(graph.hours[topic]),
            optional=bool(self._optional[topic]),
            because=requirements_of(self._state, topic),
            unlocks=graph.names(self._unlocked[place]),
            serves=() if self._serving is None else graph.names(self._serving.goals_of(topic)),
        )


def unlocked(state: KnowledgeState, topics: Indices) -> Rows:
    """A row for each of these ready topics: what becomes ready when it alone is added, ascending.

    That is every topic whose unmet groups all lack one member and all have the ready topic: as many of
    the latter kind as are unmet. O(memberships of `topics`), and a sort of them.
    """
    graph = state.graph
    places, groups = graph.member_of.pairs(topics)
    owners = graph.topic[groups]
    last = (state.deficit[groups] == 1) & ~state.met[owners]
    pairs, times = runs(places[last] * len(graph) + owners[last])
    places, owners = np.divmod(pairs, max(len(graph), 1))
    whole = times == state.unmet[owners]
    return Rows.ordered(places[whole], owners[whole].astype(np.int32), rows=len(topics))


def _recommended_first(order: Sequence[int], before: Callable[[int], Sequence[int]]) -> Iterator[int]:
    """The same order, except that before each entry comes what is to come `before` it, and so on.

    Loops are cut where they would lead back. Lazy: costs only what is taken. Without recursion, since
    chains may be long.
    """
    rank: dict[int, int] = {}
    entered, done = set[int](), set[int]()
    for first in order:
        stack = [first]
        while stack:
            entry = stack[-1]
            fresh = [] if entry in entered else [other for other in before(entry) if other not in entered]
            entered.add(entry)
            if fresh:
                rank = rank or {other: place for place, other in enumerate(order)}
                stack += sorted(fresh, key=lambda other: -rank[other])
                continue
            stack.pop()
            if entry not in done:
                done.add(entry)
                yield entry
