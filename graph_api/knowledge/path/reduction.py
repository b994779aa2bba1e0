"""The part of a prerequisite graph that one aim rests on, and what every way to the aim has in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph

Bits: TypeAlias = int
"""A set of local topics: bit i says whether topic i is in it."""

MAX_BIT_WORK: Final = 1e9
"""Bits that `necessary` may touch, (topics + members) x topics: about a third of a second."""


@dataclass(frozen=True, slots=True)
class Demand:
    """At least `need` of the topics `of` (numbers in the graph): one group that an aim asks for."""

    need: int
    of: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """`n` local topics in `g` groups; the last topic is the aim, which is not in the graph and free.

    topics     n numbers in the graph, ascending, AIM for the aim
    cost       n costs, integers
    groups     n lists: the groups of each topic
    owner      g topics: whose group it is
    need       g numbers: how many members it asks for
    members    g tuples: its members
    used_in    n lists: the groups that each topic is a member of
    """

    topics: tuple[int, ...]
    cost: tuple[int, ...]
    groups: list[list[int]]
    owner: list[int]
    need: list[int]
    members: list[tuple[int, ...]]
    used_in: list[list[int]]

    def __len__(self) -> int:
        return len(self.topics)

    @property
    def aim(self) -> int:
        """The local number of the aim."""
        return len(self.topics) - 1


_Rows: TypeAlias = dict[int, list[tuple[int, list[int]]]]

AIM: Final = -1


def extract(graph: PrerequisiteGraph, demands: Iterable[Demand], known: Set[int]) -> Structure:
    """All that the demands rest on when `known` is known; costs are 0 and still to be set.

    What is known is left out of every group, whose need falls by it; so is a topic from its own
    groups, as it cannot come before itself. Linear in the edges below the demands.
    """
    rows: _Rows = {AIM: _open(AIM, ((demand.need, demand.of) for demand in demands), known)}
    waiting = [AIM]
    while waiting:
        for _, members in rows[waiting.pop()]:
            for topic in members:
                if topic not in rows:
                    rows[topic] = _open(topic, _groups_of(graph, topic), known)
                    waiting.append(topic)
    return _numbered(rows)


def _groups_of(graph: PrerequisiteGraph, topic: int) -> Iterator[tuple[int, list[int]]]:
    for group in graph.groups[topic].tolist():
        yield int(graph.need[group]), graph.members[group].tolist()


def _open(
    topic: int, groups: Iterable[tuple[int, Sequence[int]]], known: Set[int]
) -> list[tuple[int, list[int]]]:
    """The groups that `known` leaves open, each with what it still asks for."""
    still = []
    for need, members in groups:
        left = [member for member in members if member not in known]
        missing = need - (len(members) - len(left))
        if missing > 0:
            still.append((missing, [member for member in left if member != topic]))
    return still


def _numbered(rows: _Rows) -> Structure:
    topics = (*sorted(topic for topic in rows if topic != AIM), AIM)
    local = {topic: index for index, topic in enumerate(topics)}
    flat = [
        (owner, need, tuple(sorted(local[member] for member in members)))
        for owner, topic in enumerate(topics)
        for need, members in rows[topic]
    ]
    return _assembled(topics, (0,) * len(topics), flat)


def _assembled(
    topics: tuple[int, ...], cost: tuple[int, ...], flat: Sequence[tuple[int, int, tuple[int, ...]]]
) -> Structure:
    groups: list[list[int]] = [[] for _ in topics]
    used_in: list[list[int]] = [[] for _ in topics]
    for group, (owner, _, members) in enumerate(flat):
        groups[owner].append(group)
        for member in members:
            used_in[member].append(group)
    owners, needs, memberships = ([row[column] for row in flat] for column in range(3))
    return Structure(topics, cost, groups, owners, needs, memberships, used_in)  # type: ignore[arg-type] # mypy joins the three columns


def derivable(structure: Structure, allowed: Bits | None = None) -> list[int]:
    """The topics that can be learned one after another within `allowed` (default: all), in such an order.

    Forward chaining with one counter a group (Dowling and Gallier, 1984): linear in the edges.
    """
    left = structure.need.copy()
    waiting = [len(groups) for groups in structure.groups]
    order = [
        topic
        for topic, count in enumerate(waiting)
        if not count and (allowed is None or allowed >> topic & 1)
    ]
    for topic in order:
        for group in structure.used_in[topic]:
            left[group] -= 1
            if left[group] == 0:
                owner = structure.owner[group]
                waiting[owner] -= 1
                if waiting[owner] == 0 and (allowed is None or allowed >> owner & 1):
                    order.append(owner)
    return order


def restricted(structure: Structure, kept: Bits, also: Sequence[int] = ()) -> Structure:
    """The structure of the topics in `kept`, as far as the aim, now asking for `also` too, rests on them."""
    everything = (1 << len(structure)) - 1
    if not also and not everything & ~kept:
        return structure
    rows: _Rows = {}
    waiting = [structure.aim]
    extra = [(1, [topic]) for topic in also]
    while waiting:
        topic = waiting.pop()
        if topic in rows:
            continue
        rows[topic] = [
            (structure.need[group], [member for member in structure.members[group] if kept >> member & 1])
            for group in structure.groups[topic]
        ] + (extra if topic == structure.aim else [])
        waiting += [member for _, members in rows[topic] for member in members]
    old = sorted(rows)
    local = {topic: index for index, topic in enumerate(old)}
    flat = [
        (local[topic], need, tuple(local[member] for member in members))
        for topic in old
        for need, members in rows[topic]
    ]
    topics, cost = (tuple(values[topic] for topic in old) for values in (structure.topics, structure.cost))
    return _assembled(topics, cost, flat)


def necessary(structure: Structure, order: Sequence[int]) -> list[Bits]:
    """For each topic the topics that every way of learning it learns, itself among them.

    `order` is that of `derivable` and holds every topic. These are the dominators of an and/or graph:
    the greatest solution of "t, and what enough members of any group of t have in common", reached from
    above (as in Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm", 2001). Any solution
    is right, by induction along an order in which a topic is learned. One pass and one to see that
    nothing changed where there are no loops. Where it would touch more than MAX_BIT_WORK bits, each
    set is empty, which claims nothing.
    """
    work = len(structure) * (len(structure) + sum(map(len, structure.members)))
    if work > MAX_BIT_WORK:
        return [0] * len(structure)
    must = [(1 << len(structure)) - 1] * len(structure)
    changed = True
    while changed:
        changed = False
        for topic in order:
            bits = 1 << topic
            for group in structure.groups[topic]:
                bits |= _common([must[member] for member in structure.members[group]], structure.need[group])
            if bits != must[topic]:
                must[topic], changed = bits, True
    return must


def _common(sets: Sequence[Bits], need: int) -> Bits:
    """What lies in the union of any `need` of the sets: in at least len(sets) - need + 1 of them."""
    if need == 1:
        return reduce(and_, sets)
    at_least = [-1] + [0] * (len(sets) - need + 1)
    for bits in sets:
        for count in range(len(at_least) - 1, 0, -1):
            at_least[count] |= at_least[count - 1] & bits
    return at_least[-1]


def without_circular(structure: Structure, must: Sequence[Bits]) -> Structure:
    """Without the members that rest on their group's own topic in every way: they come too late for it."""
    flat = [
        (owner, need, tuple(member for member in members if not must[member] >> owner & 1))
        for owner, need, members in zip(structure.owner, structure.need, structure.members, strict=True)
    ]
    return _assembled(structure.topics, structure.cost, flat)


def looped(structure: Structure) -> Bits:
    """The topics on a loop of "is a member of a group of", and those between two loops.

    What is left when topics that rest on nothing left, or that nothing left rests on, are taken away
    again and again (Kahn, 1962, from both ends). Linear in the edges.
    """
    below = [{m for group in groups for m in structure.members[group]} for groups in structure.groups]
    above = [{structure.owner[group] for group in groups} for groups in structure.used_in]
    left = [True] * len(structure)
    for downward, upward in ((below, above), (above, below)):
        count = [sum(left[other] for other in side) for side in downward]
        free = [topic for topic in range(len(structure)) if left[topic] and count[topic] == 0]
        for topic in free:
            left[topic] = False
            for other in upward[topic]:
                count[other] -= 1
                if left[other] and count[other] == 0:
                    free.append(other)
    return sum(1 << topic for topic in range(len(structure)) if left[topic])


def ones(bits: Bits) -> Iterator[int]:
    """The topics of a set, ascending."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
