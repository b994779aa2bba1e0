"""Selections that go round in a circle, and the rows that forbid the circle to every selection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from graph_api.knowledge.path.reduced import Row
from graph_api.knowledge.path.reduction import Bits, Structure, derivable, ones

_Blocked: TypeAlias = Mapping[int, tuple[Bits, int]]
"""For each topic out of reach one group that blocks it: its members and its number."""


def circles(structure: Structure, selection: Bits) -> list[Row]:
    """Rows that a selection of topics, closed but not learnable one after another, breaks; else none.

    Take a set U of selected topics of which each has a group with too few selected members outside U.
    In a founded selection with a topic of U the first one learned has such a group met from outside U,
    so by a member that is not selected now. Hence: if any topic of U is chosen, so is one of the
    members outside U and the selection of these groups (loop formulas of Lin and Zhao, 2004). U is taken
    as small as it can be, a set that nothing outside U blocks. O(|out of reach| x edges among it).
    """
    reached = sum(1 << topic for topic in derivable(structure, selection))
    blocked = _blocked(structure, selection & ~reached, reached)
    rows: list[Row] = []
    for circle in _smallest(blocked, selection & ~reached):
        rows += _forbidding(circle, selection, blocked)
    return rows


def blockers(structure: Structure) -> list[list[int]]:
    """What keeps the aim out of reach: irreducible sets in which each topic waits for another (numbers).

    Each topic of such a set has a group that nothing outside the set can meet, and no topic can be left
    out. Empty when the aim is in reach. O(|set|^2 x edges of the set) after forward chaining.
    """
    everything = (1 << structure.aim) - 1
    reached = sum(1 << topic for topic in derivable(structure))
    stuck = everything & ~reached
    smallest = _smallest(_blocked(structure, stuck, reached), stuck)
    return [[structure.topics[topic] for topic in ones(_irreducible(structure, each))] for each in smallest]


def _irreducible(structure: Structure, circle: Bits) -> Bits:
    for topic in ones(circle):
        if circle >> topic & 1 and (fewer := _still_blocked(structure, circle & ~(1 << topic))):
            circle = fewer
    return circle


def _still_blocked(structure: Structure, circle: Bits) -> Bits:
    """The topics of the set that cannot be learned even when everything outside it is known."""
    changed = True
    while changed:
        changed = False
        for topic in ones(circle):
            outside = (
                sum(not circle >> member & 1 for member in structure.members[group]) >= structure.need[group]
                for group in structure.groups[topic]
            )
            if all(outside):
                circle, changed = circle & ~(1 << topic), True
    return circle


def _smallest(blocked: _Blocked, stuck: Bits) -> list[Bits]:
    """Disjoint sets of topics out of reach that nothing outside blocks, smallest first."""
    chosen: list[Bits] = []
    for circle in sorted({_waits_for(topic, stuck, blocked) for topic in ones(stuck)}, key=_by_size):
        if not any(circle & other for other in chosen):
            chosen.append(circle)
    return chosen


def _by_size(bits: Bits) -> tuple[int, Bits]:
    return bits.bit_count(), bits


def _blocked(structure: Structure, stuck: Bits, reached: Bits) -> _Blocked:
    blocked = {}
    for topic in ones(stuck):
        group = next(
            group
            for group in structure.groups[topic]
            if sum(reached >> member & 1 for member in structure.members[group]) < structure.need[group]
        )
        blocked[topic] = (sum(1 << member for member in structure.members[group]), group)
    return blocked


def _waits_for(topic: int, stuck: Bits, blocked: _Blocked) -> Bits:
    """The topics out of reach that this one waits for, near or far, and itself."""
    seen = 1 << topic
    waiting = [topic]
    while waiting:
        fresh = blocked[waiting.pop()][0] & stuck & ~seen
        seen |= fresh
        waiting += ones(fresh)
    return seen


def _forbidding(circle: Bits, selection: Bits, blocked: _Blocked) -> list[Row]:
    outside = 0
    for topic in ones(circle):
        outside |= blocked[topic][0]
    ways_out = tuple(ones(outside & ~circle & ~selection))
    return [Row(topic, 1, ways_out) for topic in ones(circle)]
