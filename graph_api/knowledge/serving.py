"""Which goals may rest on which topics, seen from what is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
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
        """What serves these goals, handed down level by level; O(edges * ceil(m / 64))."""
        usable = state.learnable & ~state.known
        open_goals = indices(goals & usable)
        sets = np.zeros((-(-len(open_goals) // _WORD), len(state.graph)), dtype=np.uint64)
        steps = tuple(_steps(state, usable)) if len(open_goals) else ()
        for word, bits in enumerate(sets):
            some = open_goals[_WORD * word : _WORD * (word + 1)]
            bits[some] = np.uint64(1) << np.arange(len(some), dtype=np.uint64)
            for step in steps:
                step.hand_down(bits)
        return cls(open_goals, indices(sets.any(axis=0)), sets)

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
    starts: NDArray[np.intp]
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


def _steps(state: KnowledgeState, usable: Mask) -> Iterator[_Step]:
    """The edges from unmet groups to usable members, by the level of their owner, highest first.

    So every topic's goals are complete when its turn comes.
    """
    graph, down = state.graph, state.graph.downward
    kept = (state.deficit > 0)[down.groups] & usable[down.members]
    owners, members = down.owners[kept], down.members[kept]
    level = graph.level[owners]
    new_level = np.concatenate(([True], level[1:] != level[:-1])) if len(level) else usable[:0]
    new_run = new_level.copy()
    new_run[1:] |= members[1:] != members[:-1]
    starts, bounds = np.flatnonzero(new_run), [*np.flatnonzero(new_level).tolist(), len(level)]
    places = np.searchsorted(starts, bounds).tolist()
    looped = frozenset(level[level == graph.level[members]].tolist())
    for (start, end), (first, last) in zip(pairwise(bounds), pairwise(places), strict=True):
        runs = starts[first:last]
        yield _Step(owners[start:end], runs - start, members[runs], int(level[start]) in looped)
