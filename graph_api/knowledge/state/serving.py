"""Which goals may rest on which topics, seen from what is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from graph_api.knowledge.graph.rows import Indices, Mask, indices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph_api.knowledge.graph import Memberships, PrerequisiteGraph
    from graph_api.knowledge.state import KnowledgeState

Bits: TypeAlias = int
"""A set: bit i stands for its i-th element. A whole number: many goals are handed down in one step."""


@dataclass(frozen=True, slots=True, eq=False)
class Pursuit:
    """Some goals, seen from a state: of all that they rest on, what is not met.

    goals    m numbers, ascending: those that can be reached and are not met
    edges    the memberships of all that the goals rest on, as `PrerequisiteGraph.below` gives them
    deficit  beside these, how many more members of the group must be known
    open     beside these, whether the group is not met and the member can be reached and is not met
    """

    graph: PrerequisiteGraph
    goals: Indices
    edges: Memberships
    deficit: Indices
    open: Mask

    @classmethod
    def of(cls, state: KnowledgeState, goals: Mask) -> Pursuit:
        """Goals, given as an (n,) mask, seen from a state; O(n and edges below them)."""
        usable, edges = state.learnable & ~state.met, state.graph.below(goals)
        deficit = state.deficit[edges.groups]
        return cls(
            state.graph, indices(goals & usable), edges, deficit, (deficit > 0) & usable[edges.members]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """What may still serve some goals: the goals that are neither known, skipped nor out of reach and,
    again and again, such members of the unmet groups of what serves.

    So of a group that is met nothing serves any more.

    goals   m numbers, ascending
    topics  (n,) what serves
    sets    of each topic that serves, by number, the goals that may rest on it: bit i is the i-th goal
    """

    goals: Indices
    topics: Mask
    sets: Mapping[int, Bits]

    @classmethod
    def of(cls, pursuit: Pursuit) -> Serving:
        """What serves its goals; O(n), and in each pass down O(edges below them * ceil(m / 64))."""
        sets = {goal: 1 << place for place, goal in enumerate(pursuit.goals.tolist())}
        _hand_down(sets, pursuit.edges, pursuit.open)
        return cls(pursuit.goals, pursuit.graph.mask_of_all(sets), sets)

    def counts(self, topics: Indices) -> Indices:
        """How many goals each of these topics may serve; a goal serves itself."""
        return np.array([self.sets.get(topic, 0).bit_count() for topic in topics.tolist()], dtype=np.int32)

    def goals_of(self, topic: int) -> Indices:
        """The goals that may rest on a topic, ascending."""
        count = len(self.goals)
        octets = np.frombuffer(self.sets.get(topic, 0).to_bytes(count // 8 + 1, "little"), dtype=np.uint8)
        served: Indices = self.goals[np.unpackbits(octets, count=count, bitorder="little").view(bool)]
        return served


def inevitable(pursuit: Pursuit) -> Mask:
    """(n,) the goals, and topics that every path to them takes.

    Those that are asked for by groups which need all that is left of them; there may be others, which
    alternatives have in common. O(n and edges below the goals).
    """
    asking = pursuit.open & (pursuit.deficit == pursuit.edges.sums(pursuit.open))
    found = dict.fromkeys(pursuit.goals.tolist(), 1)
    _hand_down(found, pursuit.edges, asking)
    return pursuit.graph.mask_of_all(found)


def idle(pursuit: Pursuit, serving: Serving, taken: Mask) -> Mask:
    """(n,) topics that no cheapest path to the goals takes, since `taken`, which all take, does their part.

    Those that no group asks for which `taken` leaves open, among the groups of what serves the goals. A
    group of a topic in a loop counts as open: what is to meet it may rest on that very topic. Without
    loops it is met in any case, so a path with an idle topic is one without it, and the same holds for
    all idle topics at once: fewest topics among the cheapest. O(n and edges below the goals).
    """
    graph, edges, deficit = pursuit.graph, pursuit.edges, pursuit.deficit
    missing = (deficit > edges.sums(taken[edges.members])) | graph.looped[edges.owners]
    asking = (deficit > 0) & missing & serving.topics[edges.owners]
    return ~(taken | graph.mask_of(edges.members[asking]))


def _hand_down(sets: dict[int, Bits], edges: Memberships, kept: Mask) -> None:
    """Give members the sets of their owners along the kept edges, until nobody has any left to give.

    One pass along the edges forward, after which only those back may have anything left to give; what
    has grown along these gives in another pass, and so on. Without loops one pass is all. Each looks at all
    kept edges, and only the first gives along most of them. A set only grows, so it ends.
    """
    forward = _steps(edges, kept, slice(edges.forward))
    for owner, member in forward:
        if given := sets.get(owner):
            sets[member] = sets.get(member, 0) | given
    backward = _steps(edges, kept, slice(edges.forward, None))
    while backward and (grown := _give(sets, sets, backward, {})):
        _give(sets, grown, forward, grown)


def _steps(edges: Memberships, kept: Mask, part: slice) -> list[tuple[int, int]]:
    """(owner, member) of the kept ones among a part of the edges."""
    chosen = kept[part].nonzero()[0]
    owners, members = edges.owners[part][chosen].tolist(), edges.members[part][chosen].tolist()
    return list(zip(owners, members, strict=True))


def _give(
    sets: dict[int, Bits], giving: Mapping[int, Bits], steps: list[tuple[int, int]], grown: dict[int, Bits]
) -> dict[int, Bits]:
    """Give along these steps what owners have in `giving`; `grown`, with the sets that have grown by it."""
    for owner, member in steps:
        if given := giving.get(owner):
            had = sets.get(member, 0)
            has = had | given
            if has != had:
                sets[member] = grown[member] = has
    return grown
