"""Small random requirement structures: loops, alternatives, thresholds, unknown names, known sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Recommendation, Requirement, Topic

Group = tuple[int, frozenset[str]]


@dataclass(frozen=True)
class Structure:
    """Hours and groups (need, members) by topic, and a known set; members may name no topic."""

    hours: Mapping[str, int]
    groups: Mapping[str, tuple[Group, ...]]
    known: frozenset[str] = frozenset()

    @property
    def slugs(self) -> frozenset[str]:
        return frozenset(self.hours)

    def topics(self) -> list[Topic]:
        return [
            Topic(
                slug=slug,
                title=slug.title(),
                hours=hours,
                requires=tuple(Requirement(tuple(sorted(of)), need) for need, of in self.groups[slug]),
            )
            for slug, hours in self.hours.items()
        ]

    def graph(self) -> PrerequisiteGraph:
        return PrerequisiteGraph.build(self.topics())


def random_structure(
    random: Random, *, size: int = 8, ghosts: bool = False, acyclic: bool = False
) -> Structure:
    """A structure of up to `size` topics, with loops unless `acyclic`, and names of no topic if `ghosts`."""
    slugs = [f"t{number}" for number in range(random.randrange(1, size + 1))]
    groups = {}
    for place, slug in enumerate(slugs):
        pool = slugs[:place] if acyclic else slugs
        pool = [*pool, "ghost"] if ghosts and random.random() < 0.3 else pool
        groups[slug] = tuple(_random_groups(random, pool))
    known = frozenset(slug for slug in slugs if random.random() < 0.25)
    return Structure({slug: random.choice([0, 1, 1, 2, 5]) for slug in slugs}, groups, known)


def _random_groups(random: Random, pool: list[str]) -> Iterator[Group]:
    for _ in range(random.choice([0, 1, 1, 2, 3]) if pool else 0):
        of = frozenset(random.sample(pool, min(len(pool), random.choice([1, 1, 2, 3]))))
        yield random.randint(1, len(of)), of


def structures(*, size: int = 8, ghosts: bool = False, acyclic: bool = False) -> st.SearchStrategy[Structure]:
    """Random structures for hypothesis, by their seed: small to print and quick to make."""
    return st.integers(0, 2**32).map(
        lambda seed: random_structure(Random(seed), size=size, ghosts=ghosts, acyclic=acyclic)
    )


def plain_dag(random: Random, *, size: int = 25) -> dict[str, set[str]]:
    """A random acyclic plain structure: topic -> prerequisites, the numbering not telling the order."""
    slugs = [f"t{number:02}" for number in range(random.randrange(1, size + 1))]
    random.shuffle(slugs)
    density = random.random() * 0.4
    return {
        slug: {other for other in slugs[:place] if random.random() < density}
        for place, slug in enumerate(slugs)
    }


def topic(
    slug: str, *requires: str | tuple[int, str], hours: float | None = None, recommends: str = ""
) -> Topic:
    """A topic: each requirement is 'a' (plain), 'a|b' (any), or (need, 'a|b|c')."""
    given = [(1, one) if isinstance(one, str) else one for one in requires]
    return Topic(
        slug=slug,
        title=slug.title(),
        hours=hours,
        requires=tuple(Requirement(tuple(sorted(of.split("|"))), need) for need, of in given),
        recommends=tuple(Recommendation(before) for before in recommends.split()),
    )
