"""Redundant edges: plain prerequisites that other plain prerequisites already imply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from graph_api.knowledge.graph.order import peel
from graph_api.knowledge.graph.rows import Indices, Mask, Rows, indices

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph

_AT_ONCE: Final = 8192
"""Targets looked for in one sweep: a kilobyte a topic, so at most 100 MB for 100,000 topics."""


def plain_edges(graph: PrerequisiteGraph) -> Mask:
    """(g,) the groups that are plain prerequisites: one member, which is needed."""
    plain: Mask = (graph.members.sizes() == 1) & (graph.need == 1)
    return plain


def redundant_edges(graph: PrerequisiteGraph) -> tuple[tuple[int, int], ...]:
    """The pairs (topic, prerequisite), sorted, that could be left out and change nothing.

    A plain prerequisite is redundant when another plain prerequisite of the topic rests on it through
    plain ones, or when it is stated twice. What rests on a plain loop is left out: no one can learn it,
    and which edge of a loop is too many has no answer. What is left is the transitive reduction: Aho,
    Garey & Ullman, The transitive reduction of a directed graph, SIAM J. Computing 1 (1972).

    Topics are swept in topological order with a set of bits each, one for every target they rest on:
    O(edges * targets / word), where the targets are prerequisites that are not the last of some topic.
    Each sweep spans only the topics between its targets and those which might imply them, so that a
    catalogue of many subjects costs near linear time.
    """
    groups = indices(plain_edges(graph))
    owners, values = graph.topic[groups], graph.members.values[graph.members.start[groups]]
    level = peel(Rows.of(owners, values, rows=len(graph)))
    sound = level[owners] >= 0
    pairs = owners[sound].astype(np.int64) * len(graph) + values[sound]
    pairs, times = np.unique(pairs, return_counts=True)
    twice = pairs[times > 1]
    implied = _implied(pairs // max(len(graph), 1), pairs % max(len(graph), 1), level)
    found = {divmod(pair, len(graph)) for pair in twice.tolist()} | set(implied)
    return tuple(sorted(found))


def _implied(owners: Indices, values: Indices, level: Indices) -> Iterator[tuple[int, int]]:
    """The implied ones among distinct acyclic edges; an edge to a prerequisite of the top level never is."""
    order = np.argsort(level, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    top = np.zeros(len(level), dtype=level.dtype)
    np.maximum.at(top, owners, level[values])
    doubtful = level[values] < top[owners]
    rows = Rows.of(place[owners], place[values], rows=len(level))
    targets, first = np.unique(place[values[doubtful]], return_inverse=True)
    stop = np.zeros(len(targets), dtype=np.int64)
    np.maximum.at(stop, first, place[owners[doubtful]] + 1)
    for start in range(0, len(targets), _AT_ONCE):
        chunk = slice(start, start + _AT_ONCE)
        for topic, target in _sweep(rows, targets[chunk].tolist(), int(stop[chunk].max())):
            yield int(order[topic]), int(order[target])


def _sweep(rows: Rows, targets: Sequence[int], stop: int) -> Iterator[tuple[int, int]]:
    """(topic, target) where another value of the topic's row leads to the target; values are below rows.

    `under[i]` holds the targets that lie strictly below place `base + i`.
    """
    base = targets[0]
    under, bit = [0] * (stop - base), [0] * (stop - base)
    for number, target in enumerate(targets):
        if target < stop:
            bit[target - base] = 1 << number
    start, flat = rows.start.tolist(), rows.values.tolist()
    for topic in range(base + 1, stop):
        via = own = 0
        for value in flat[start[topic] : start[topic + 1]]:
            if value >= base:
                via |= under[value - base]
                own |= bit[value - base]
        under[topic - base] = via | own
        if both := via & own:
            for number in _ones(both):
                yield topic, targets[number]


def _ones(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
