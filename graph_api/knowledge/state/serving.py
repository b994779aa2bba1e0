"""Which goals may rest on which topics, seen from what is known."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from graph_api.knowledge.graph.rows import Indices, Mask, changes, indices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graph_api.knowledge.graph import Memberships
    from graph_api.knowledge.state import KnowledgeState

Bits: TypeAlias = "NDArray[np.uint64]"

_WORD: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """What may still serve some goals: the goals that are neither known, skipped nor out of reach and,
    again and again, such members of the unmet groups of what serves.

    So of a group that is met nothing serves any more.

    goals   m numbers, ascending
    topics  k numbers of what serves, ascending
    sets    (ceil(m / 64), n) bits: bit b of word w says that goal 64 * w + b may rest on the topic
    """

    goals: Indices
    topics: Indices
    sets: Bits

    @classmethod
    def of(cls, state: KnowledgeState, goals: Mask, below: Memberships) -> Serving:
        """What serves these goals, handed down stage by stage; O(edges below them * ceil(m / 64)).

        `below` is what they rest on, as `PrerequisiteGraph.below` gives it; here and for the functions here.

        In loops goals can be handed up as well; then all is gone through again, until nothing is.
        """
        usable = state.learnable & ~state.met
        open_goals = indices(goals & usable)
        sets: Bits = np.zeros((-(-len(open_goals) // _WORD), len(state.graph)), dtype=np.uint64)
        steps = _Steps.of(below, (state.deficit > 0)[below.groups] & usable[below.members])
        for word, bits in enumerate(sets):
            some = open_goals[_WORD * word : _WORD * (word + 1)]
            bits[some] = np.uint64(1) << np.arange(len(some), dtype=np.uint64)
            steps.hand_down(bits)
        served: Mask = (sets != 0).any(axis=0)
        return cls(open_goals, indices(served), sets)

    def counts(self, topics: Indices) -> Indices:
        """How many goals each of these topics may serve; a goal serves itself."""
        counts: Indices = np.bitwise_count(self.sets[:, topics]).sum(axis=0, dtype=np.int32)
        return counts

    def goals_of(self, topic: int) -> Indices:
        """The goals that may rest on a topic, ascending."""
        words = self.sets[:, topic].astype("<u8")
        flags = np.unpackbits(words.view(np.uint8), bitorder="little")
        served: Indices = self.goals[flags[: len(self.goals)].astype(bool)]
        return served


def inevitable(state: KnowledgeState, goals: Mask, below: Memberships) -> Mask:
    """(n,) goals that can be reached and are not met, and topics that every path to them takes.

    Those that are asked for by groups which need all that is left of them; there may be others, which
    alternatives have in common. O(n and edges below the goals).
    """
    usable = state.learnable & ~state.met
    deficit, left = state.deficit[below.groups], usable[below.members]
    asking = (deficit > 0) & (deficit == below.sums(left))
    bits: Bits = (goals & usable).astype(np.uint64)
    _Steps.of(below, asking & left).hand_down(bits)
    found: Mask = bits != 0
    return found


def idle(state: KnowledgeState, below: Memberships, serving: Serving, taken: Mask) -> Mask:
    """(n,) topics that no cheapest path to the goals takes, since `taken`, which all take, does their part.

    Those that no group asks for which `taken` leaves open, among the groups of what serves the goals. A
    group of a topic in a loop counts as open: what is to meet it may rest on that very topic. Without
    loops it is met in any case, so a path with an idle topic is one without it, and the same holds for
    all idle topics at once: fewest topics among the cheapest. O(n and edges below the goals).
    """
    graph, serves = state.graph, state.graph.mask_of(serving.topics)
    deficit = state.deficit[below.groups]
    missing = (deficit > below.sums(taken[below.members])) | graph.looped[below.owners]
    asking = (deficit > 0) & missing & serves[below.owners]
    return ~(taken | graph.mask_of(below.members[asking]))


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """Steps from owners to members, stage by stage, those to one and the same member side by side.

    owners   (e,) the topic that each step comes from
    starts   (r,) where the steps of a stage to one and the same member start
    members  (r,) that member
    stages   for each stage, where its steps and where its runs start; last, where they end
    looped   whether some step does not lead to a later stage
    """

    owners: Indices
    starts: NDArray[np.intp]
    members: Indices
    stages: tuple[tuple[int, int], ...]
    looped: bool

    @classmethod
    def of(cls, edges: Memberships, kept: Mask) -> _Steps:
        """Those of the edges in a mask beside them."""
        owners, members, stage = edges.owners[kept], edges.members[kept], edges.stage[kept]
        new_stage = changes(stage)
        starts = np.flatnonzero(new_stage | changes(members))
        bounds = np.append(np.flatnonzero(new_stage), len(stage))
        stages = tuple(zip(bounds.tolist(), np.searchsorted(starts, bounds).tolist(), strict=True))
        return cls(owners, starts, members[starts], stages, bool(edges.back[kept].any()))

    def hand_down(self, bits: Bits) -> None:
        """Give each member the bits of its owners, until nobody has any left to give."""
        self._once(bits)
        while self.looped and self._open(bits):
            self._once(bits)

    def _once(self, bits: Bits) -> None:
        for (start, first), (end, last) in pairwise(self.stages):
            runs = self.starts[first:last]
            bits[self.members[first:last]] |= np.bitwise_or.reduceat(
                bits[self.owners[start:end]], runs - start
            )

    def _open(self, bits: Bits) -> bool:
        given = np.bitwise_or.reduceat(bits[self.owners], self.starts)
        return bool((given & ~bits[self.members]).any())
