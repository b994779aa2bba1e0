"""The definitions, by brute force over sets of slugs: shares no code with what it checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from itertools import chain, combinations

from tests.knowledge.structures import Structure

Topics = frozenset[str]
NOTHING: Topics = frozenset()


def subsets(topics: Iterable[str]) -> Iterator[Topics]:
    """All subsets, smaller ones first."""
    every = sorted(topics)
    for chosen in chain.from_iterable(combinations(every, size) for size in range(len(every) + 1)):
        yield frozenset(chosen)


def is_ready(structure: Structure, topic: str, known: Set[str]) -> bool:
    return all(len(of & known) >= need for need, of in structure.groups[topic])


def learnable(structure: Structure, known: Set[str] = frozenset(), within: Set[str] | None = None) -> Topics:
    reached = set(known)
    allowed = structure.slugs if within is None else within
    while fresh := {t for t in allowed if t not in reached and is_ready(structure, t, reached)}:
        reached |= fresh
    return frozenset(reached)


def is_state(structure: Structure, known: Set[str], skipped: Topics = NOTHING) -> bool:
    """Whether what is known can be learned by someone for whom what is skipped is out of the way."""
    return learnable(structure, skipped, within=known) == known | skipped


def outer_fringe(structure: Structure, known: Set[str], skipped: Topics = NOTHING) -> Topics:
    met = known | skipped
    return frozenset(t for t in structure.slugs - met if is_ready(structure, t, met))


def inner_fringe(structure: Structure, state: Topics, skipped: Topics = NOTHING) -> Topics:
    return frozenset(t for t in state if is_state(structure, state - {t}, skipped))


def unlocks(structure: Structure, known: Topics, topic: str, skipped: Topics = NOTHING) -> Topics:
    after = outer_fringe(structure, known | {topic}, skipped)
    return after - outer_fringe(structure, known, skipped)


def serves(structure: Structure, known: Topics, goal: str) -> Topics:
    """What may serve one goal."""
    usable = learnable(structure, known) - known
    reached: set[str] = set()
    waiting = [goal] if goal in usable else []
    while waiting:
        topic = waiting.pop()
        if topic in reached:
            continue
        reached.add(topic)
        for need, of in structure.groups[topic]:
            if len(of & known) < need:
                waiting += sorted(of & usable)
    return frozenset(reached)


def hours(structure: Structure, topics: Set[str]) -> int:
    return sum(structure.hours[topic] for topic in topics)


def cheapest_way(structure: Structure, known: Topics, need: int, of: Set[str]) -> int | None:
    """The fewest hours of topics that can be learned after `known` and meet a group; None if none do."""
    costs = [
        hours(structure, added)
        for added in subsets(structure.slugs - known)
        if len(of & (known | added)) >= need and learnable(structure, known, within=added) == known | added
    ]
    return min(costs, default=None)


def completion(structure: Structure, known: Topics, skipped: Topics = NOTHING) -> int:
    """The fewest hours that, added to what of `known` can be learned from nothing, make it a state."""
    known &= learnable(structure, skipped)
    return min(
        hours(structure, added)
        for added in subsets(structure.slugs - known - skipped)
        if is_state(structure, known | added, skipped)
    )


def blocks_itself(structure: Structure, topics: Topics) -> bool:
    """Whether each topic has a group that cannot be met by the topics outside, even if all are known."""
    outside = structure.slugs - topics
    return bool(topics) and all(
        any(len(of & outside) < need for need, of in structure.groups[topic]) for topic in topics
    )


def is_irreducible(structure: Structure, topics: Topics) -> bool:
    return not any(blocks_itself(structure, smaller) for smaller in subsets(topics) if smaller != topics)


def finish(structure: Structure, known: Topics) -> dict[str, float]:
    """The earliest finish of each topic: times relaxed from infinity until nothing changes."""
    times = {topic: 0.0 if topic in known else float("inf") for topic in structure.slugs}
    for _ in range(len(times) + 1):
        for topic in structure.slugs - known:
            starts = [
                sorted([times.get(member, float("inf")) for member in of])[need - 1]
                for need, of in structure.groups[topic]
            ]
            times[topic] = min(times[topic], max(starts, default=0.0) + structure.hours[topic])
    return times
