"""Which goals may rest on which topics, seen from what is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from graph_api.knowledge.rows import Indices, Mask, indices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graph_api.knowledge.state import KnowledgeState

Bits: TypeAlias = "NDArray[np.uint64]"

_WORD: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """What may still serve some goals: the goals that are neither known nor out of reach and, again and
    again, the unknown and learnable members of the unmet groups of what serves.

    So of a group that is met nothing serves any more.

    goals   m numbers, ascending
    topics  k numbers of what serves, ascending
    sets    (ceil(m / 64), n) bits: bit b of word w says that goal 64 * w + b may rest on the topic
    """

    goals: Indices
    topics: Indices
    sets: Bits

    @classmethod
    def of(cls, state: KnowledgeState, goals: Mask) -> Serving:
        """What serves these goals: O(edges among it * m / 64), a sort of these edges, and O(n)."""
        usable = state.learnable & ~state.known
        open_goals = indices(goals & usable)
        topics, owners, members = _edges(state, open_goals, usable)
        sets = np.zeros((-(-len(open_goals) // _WORD), len(state.graph)), dtype=np.uint64)
        if len(open_goals) == 1:
            sets[0, topics] = 1
            return cls(open_goals, topics, sets)
        steps = tuple(_steps(state.graph.level, owners, members))
        for word, bits in enumerate(sets):
            some = open_goals[_WORD * word : _WORD * (word + 1)]
            bits[some] = np.uint64(1) << np.arange(len(some), dtype=np.uint64)
            for step in steps:
                step.hand_down(bits)
        return cls(open_goals, topics, sets)

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


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """The edges out of the topics of one level, by member: run i leads to `members[i]` from its owners."""

    owners: Indices
    starts: Indices
    members: Indices
    looped: bool

    def hand_down(self, bits: Bits) -> None:
        """Give each member the goals of its owners; in a loop until nothing changes."""
        while True:
            given = np.bitwise_or.reduceat(bits[self.owners], self.starts) | bits[self.members]
            changed = self.looped and bool((given != bits[self.members]).any())
            bits[self.members] = given
            if not changed:
                return


def _edges(state: KnowledgeState, goals: Indices, usable: Mask) -> tuple[Indices, Indices, Indices]:
    """(what serves, owners, members): what serves the goals and the edges that say so; breadth first."""
    graph, frontier = state.graph, goals
    seen = graph.mask_of(goals)
    owners, members = [goals[:0]], [goals[:0]]
    while len(frontier):
        groups = graph.groups.gather(frontier)
        groups = groups[state.deficit[groups] > 0]
        near = graph.members.gather(groups)
        sizes = graph.members.start[groups + 1] - graph.members.start[groups]
        kept = usable[near]
        owners.append(np.repeat(graph.topic[groups], sizes)[kept])
        members.append(near[kept])
        fresh = members[-1][~seen[members[-1]]]
        seen[fresh] = True
        frontier = np.unique(fresh)
    return indices(seen), np.concatenate(owners), np.concatenate(members)


def _steps(level: Indices, owners: Indices, members: Indices) -> Iterator[_Step]:
    """The edges by the level of their owner, highest first, so that each is complete when its turn comes."""
    key = (int(level.max(initial=0)) - level[owners]).astype(np.int64) * len(level) + members
    order = np.argsort(key)
    key, owners, members = key[order], owners[order], members[order]
    cuts = np.flatnonzero(np.diff(key // max(len(level), 1))) + 1
    for start, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(key)], strict=True):
        if start < end:
            to = members[start:end]
            starts = np.concatenate(([0], np.flatnonzero(np.diff(to)) + 1)).astype(np.int32)
            looped = bool((level[owners[start:end]] == level[to]).any())
            yield _Step(owners[start:end], starts, to[starts], looped)
