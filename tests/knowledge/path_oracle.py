"""An oracle for cheapest paths that shares no code with the engine, and random structures to try it on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from random import Random

from graph_api.knowledge.graph import PrerequisiteGraph

Groups = Mapping[str, list[tuple[int, list[str]]]]


@dataclass(frozen=True)
class Puzzle:
    """Topics with hours and groups, goals and what is known."""

    hours: dict[str, float]
    groups: Groups
    goals: list[str]
    known: list[str]

    def graph(self) -> PrerequisiteGraph:
        rows = ((slug, need, of) for slug, groups in self.groups.items() for need, of in groups)
        return PrerequisiteGraph.assemble(self.hours.items(), rows)


def is_ready(groups: Groups, slug: str, known: Collection[str]) -> bool:
    return all(sum(member in known for member in of) >= need for need, of in groups.get(slug, []))


def is_founded(puzzle: Puzzle, chosen: Collection[str]) -> bool:
    """Whether all chosen topics can be learned one after another, by trying again and again."""
    have, left = set(puzzle.known), set(chosen)
    while left:
        ready = {slug for slug in left if is_ready(puzzle.groups, slug, have)}
        if not ready:
            return False
        have |= ready
        left -= ready
    return True


def selections(puzzle: Puzzle) -> Iterator[frozenset[str]]:
    """Every founded selection that reaches the goals: all subsets, one by one."""
    known = set(puzzle.known)
    others = sorted(set(puzzle.hours) - known)
    goals = set(puzzle.goals) - known
    for count in range(len(others) + 1):
        for chosen in map(frozenset, combinations(others, count)):
            if goals <= chosen and is_founded(puzzle, chosen):
                yield chosen


def random_puzzle(random: Random, *, topics: int, loops: bool = True) -> Puzzle:
    """Alternatives, thresholds, loops, shared members, known topics, zero hours, several goals."""
    slugs = [f"t{index:02}" for index in range(topics)]
    amounts = random.choice([[1.0], [0.0, 1.0, 2.0, 3.0], [0.5, 1.25, 4.0], [float(n) for n in range(1, 20)]])
    groups: dict[str, list[tuple[int, list[str]]]] = {}
    for place, slug in enumerate(slugs):
        below = slugs if loops else slugs[:place]
        groups[slug] = []
        for _ in range(random.choice([0, 0, 1, 1, 2, 3]) if below else 0):
            of = sorted(random.sample(below, min(len(below), random.randint(1, 4))))
            groups[slug].append((random.choice([1, 1, random.randint(1, len(of))]), of))
    return Puzzle(
        {slug: random.choice(amounts) for slug in slugs},
        groups,
        random.sample(slugs, random.randint(1, min(3, topics))),
        random.sample(slugs, random.choice([0, 0, 1, 2]) if topics > 2 else 0),
    )
