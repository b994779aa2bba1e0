"""What an aim's structure comes down to: the topics that every way needs, and the choices that are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from graph_api.knowledge.path.reduction import (
    Bits,
    Structure,
    derivable,
    looped,
    necessary,
    ones,
    restricted,
    without_circular,
)


class Row(NamedTuple):
    """If `topic` is chosen, at least `need` of the topics `of` are; None says that it is needed anyway."""

    topic: int | None
    need: int
    of: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A structure with its choices laid open.

    forced    what every way to the aim learns, the aim among it
    free      what may be chosen beside it
    rows      what a choice must fulfil; none at all when `forced` alone is a way to the aim
    looped    topics on loops: where there are any, a choice that fulfils all rows may still go round
              in a circle
    """

    structure: Structure
    forced: Bits
    free: tuple[int, ...]
    rows: tuple[Row, ...]
    looped: Bits


def reduced(structure: Structure, until: float) -> Reduced:
    """The structure without what no cheapest way needs; every topic of it must be derivable.

    Repeats until nothing changes or that time (of `time.monotonic`): the topics that are necessary for
    the aim are forced, groups they meet are settled, what is then out of reach is left out, and so are
    dominated alternatives. Each step keeps at least one cheapest way. Costs as much as `necessary`, once
    for each repetition.
    """
    while True:
        must = necessary(structure, derivable(structure))
        structure = without_circular(structure, must)
        opened = _Opening(structure, must)
        gone = opened.dominated()
        if not gone or monotonic() > until:
            return Reduced(
                structure, opened.forced, tuple(sorted(opened.free)), tuple(opened.rows), opened.looped
            )
        structure = restricted(structure, ~gone)


class _Opening:
    """One walk from what is forced through the groups that are not settled."""

    def __init__(self, structure: Structure, must: Sequence[Bits]) -> None:
        self.structure, self.must = structure, must
        self.looped = looped(structure)
        self.forced = _forced(structure, must)
        self.rows: list[Row] = []
        self.free: set[int] = set()
        self._uses: Counter[int] = Counter()
        self._waiting = list(ones(self.forced))
        while self._waiting:
            self._open(self._waiting.pop())

    def _open(self, topic: int) -> None:
        required = self.must[topic] & ~self.forced & ~(1 << topic)
        for other in ones(self._immediate(required)):
            self._row(Row(topic, 1, (other,)))
        condition = None if self.forced >> topic & 1 else topic
        for group in self.structure.groups[topic]:
            self._open_group(topic, condition, group)

    def _open_group(self, topic: int, condition: int | None, group: int) -> None:
        need, members = self.structure.need[group], self.structure.members[group]
        have = self.must[topic] | self.forced
        rest = tuple(member for member in members if not have >> member & 1)
        missing = need - (len(members) - len(rest))
        if missing > 0:
            self._row(Row(condition, missing, rest))
        elif not self._settled(topic, [member for member in members if have >> member & 1], need):
            # The members that meet this group may turn out to rest on its own topic, so keep the rest.
            self._visit(rest)
            self._uses.update(rest)

    def _settled(self, topic: int, met_by: Sequence[int], need: int) -> bool:
        if not self.looped >> topic & 1:
            return True
        return sum(not self.looped >> member & 1 for member in met_by) >= need

    def _immediate(self, required: Bits) -> Bits:
        implied = 0
        for other in ones(required):
            implied |= self.must[other] & ~(1 << other)
        return required & ~implied

    def _row(self, row: Row) -> None:
        self.rows.append(row)
        self._uses.update(row.of)
        self._visit(row.of)

    def _visit(self, topics: Sequence[int]) -> None:
        for topic in topics:
            if topic not in self.free:
                self.free.add(topic)
                self._waiting.append(topic)

    def dominated(self) -> Bits:
        """Alternatives of no other use that cost no less by themselves than all of another one does.

        Putting that other one in the place of such a topic makes no path dearer. Both must be members
        of one group of which one is enough; the other brings all that it needs and stands on no loop.
        """
        gone = 0
        for row in self.rows:
            if row.need == 1 and len(row.of) > 1:
                complete = [
                    (self._cost(self.must[other]), other) for other in row.of if self._complete(other)
                ]
                if complete:
                    bound, best = min(complete)
                    gone |= sum(1 << topic for topic in row.of if topic != best and self._idle(topic, bound))
        return gone

    def _idle(self, topic: int, bound: int) -> bool:
        return self._uses[topic] == 1 and self.structure.cost[topic] >= bound

    def _cost(self, topics: Bits) -> int:
        return sum(self.structure.cost[topic] for topic in ones(topics & ~self.forced))

    def _complete(self, topic: int) -> bool:
        """Whether the topic's necessary ones meet all their groups, with what is forced, on no loop."""
        must = self.must[topic]
        have = must | self.forced
        return (
            not must & self.looped
            and must != 0
            and all(
                sum(have >> member & 1 for member in self.structure.members[group])
                >= self.structure.need[group]
                for other in ones(must & ~self.forced)
                for group in self.structure.groups[other]
            )
        )


def _forced(structure: Structure, must: Sequence[Bits]) -> Bits:
    """What the aim needs in every way: its necessary topics, and all of a group that asks for all."""
    forced = 1 << structure.aim
    waiting = [structure.aim]
    while waiting:
        topic = waiting.pop()
        fresh = must[topic] & ~forced
        for group in structure.groups[topic]:
            if structure.need[group] == len(structure.members[group]):
                fresh |= sum(1 << member for member in structure.members[group] if not forced >> member & 1)
        forced |= fresh
        waiting += ones(fresh)
    return forced
