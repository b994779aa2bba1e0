"""Which goals may rest on which topics, seen from what is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from graph_api.knowledge.graph.rows import Indices, Mask, indices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph_api.knowledge.graph import Memberships
    from graph_api.knowledge.state import KnowledgeState

Bits: TypeAlias = int
"""A set: bit i stands for its i-th element. A whole number: many goals are handed down in one step."""


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
    def of(cls, state: KnowledgeState, goals: Mask, below: Memberships) -> Serving:
        """What serves these goals; O(n), and in each pass down O(edges below them * ceil(m / 64)).

        `below` is what they rest on, as `PrerequisiteGraph.below` gives it; here and for the functions here.
        """
        usable = state.learnable & ~state.met
        open_goals = indices(goals & usable)
        sets = {goal: 1 << place for place, goal in enumerate(open_goals.tolist())}
        _hand_down(sets, below, (state.deficit > 0)[below.groups] & usable[below.members])
        return cls(open_goals, state.graph.mask_of_all(sets), sets)

    def counts(self, topics: Indices) -> Indices:
        """How many goals each of these topics may serve; a goal serves itself."""
        return np.array([self.sets.get(topic, 0).bit_count() for topic in topics.tolist()], dtype=np.int32)

    def goals_of(self, topic: int) -> Indices:
        """The goals that may rest on a topic, ascending."""
        count = len(self.goals)
        octets = np.frombuffer(self.sets.get(topic, 0).to_bytes(count // 8 + 1, "little"), dtype=np.uint8)
        served: Indices = self.goals[np.unpackbits(octets, count=count, bitorder="little").view(bool)]
        return served


def inevitable(state: KnowledgeState, goals: Mask, below: Memberships) -> Mask:
    """(n,) goals that can be reached and are not met, and topics that every path to them takes.

    Those that are asked for by groups which need all that is left of them; there may be others, which
    alternatives have in common. O(n and edges below the goals).
    """
    usable = state.learnable & ~state.met
    deficit, left = state.deficit[below.groups], usable[below.members]
    asking = (deficit > 0) & (deficit == below.sums(left))
    found = dict.fromkeys(np.flatnonzero(goals & usable).tolist(), 1)
    _hand_down(found, below, asking & left)
    return state.graph.mask_of_all(found)


def idle(state: KnowledgeState, below: Memberships, serving: Serving, taken: Mask) -> Mask:
    """(n,) topics that no cheapest path to the goals takes, since `taken`, which all take, does their part.

    Those that no group asks for which `taken` leaves open, among the groups of what serves the goals. A
    group of a topic in a loop counts as open: what is to meet it may rest on that very topic. Without
    loops it is met in any case, so a path with an idle topic is one without it, and the same holds for
    all idle topics at once: fewest topics among the cheapest. O(n and edges below the goals).
    """
    graph = state.graph
    deficit = state.deficit[below.groups]
    missing = (deficit > below.sums(taken[below.members])) | graph.looped[below.owners]
    asking = (deficit > 0) & missing & serving.topics[below.owners]
    return ~(taken | graph.mask_of(below.members[asking]))


def _hand_down(sets: dict[int, Bits], edges: Memberships, kept: Mask) -> None:
    """Give members the sets of their owners along the kept edges, until nobody has any left to give.

    One pass, stage by stage; then another of what edges back have made grow, whose owners may have given
    before, and so on. Such edges lie in loops, so without those one pass is all. Each looks at all kept
    edges, and only the first gives along most of them. A set only grows, so it ends.
    """
    # In the first pass whoever has a set gives it, so `giving` is `sets` itself. In others it may hold less
    # than an owner has by then, if that has grown along an edge back: then the owner gives again in the next.
    beside = (edges.owners[kept], edges.members[kept], edges.back[kept])
    steps = [*zip(*(values.tolist() for values in beside), strict=True)]
    giving = sets
    while giving:
        again: dict[int, Bits] = {}
        for owner, member, back in steps:
            if given := giving.get(owner):
                had = sets.get(member, 0)
                has = had | given
                if has != had:
                    sets[member] = has
                    (again if back else giving)[member] = has
        giving = again
