"""The diagnosis: every finding told apart, every blocking set irreducible."""

from __future__ import annotations

from random import Random

import networkx as nx
import pytest
from hypothesis import given, settings

from graph_api.knowledge.diagnosis import NeededOptional, blocking_sets, diagnose
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Placement, Roadmap, Section, Topic
from tests.knowledge import oracle
from tests.knowledge.structures import Structure, structures, topic


def build(*topics: Topic) -> PrerequisiteGraph:
    return PrerequisiteGraph.build(topics)


def roadmap(*placements: str, optional_section: str = "") -> Roadmap:
    """Placements 'a' or 'a?' (optional), and those of a second, optional section."""
    placed = tuple(Placement(slug.rstrip("?"), slug.endswith("?")) for slug in placements)
    rest = tuple(Placement(slug) for slug in optional_section.split())
    sections = (Section("s", "S", placements=placed), Section("o", "O", optional=True, placements=rest))
    return Roadmap("r", "R", sections=sections)


def test_a_sound_catalogue_has_no_findings() -> None:
    found = diagnose(build(topic("a"), topic("b", "a")), [roadmap("a", "b")])
    assert found.sound
    assert found == type(found)()


def test_topics_that_each_need_another_of_them_are_one_irreducible_set() -> None:
    found = diagnose(
        build(topic("61a", "61b|61c"), topic("61b", "61a|61c"), topic("61c", "61a|61b"), topic("z", "61a"))
    )
    assert found.blocking == (("61a", "61b", "61c"),)
    assert found.downstream == ("z",)
    assert found.unlearnable == ("61a", "61b", "61c", "z")
    assert not found.sound


def test_a_plain_loop_is_named_in_its_order() -> None:
    assert blocking_sets(build(topic("a", "c"), topic("b", "a"), topic("c", "b"))) == (("a", "c", "b"),)


def test_a_topic_that_needs_itself_is_a_set_of_one() -> None:
    assert blocking_sets(build(topic("a", "a"), topic("b", "a", "b"))) == (("a",), ("b",))


def test_a_loop_that_an_alternative_avoids_is_legal() -> None:
    found = diagnose(build(topic("a", "b|c"), topic("b", "a"), topic("c")))
    assert found.avoidable_loops == (("a", "b"),)
    assert found.blocking == ()


def test_a_loop_with_an_unlearnable_topic_is_not_one_that_is_avoided() -> None:
    found = diagnose(build(topic("a", "b|c"), topic("b", "a", "b"), topic("c")))
    assert found.avoidable_loops == ()
    assert found.blocking == (("b",),)


def test_unknown_names_block_only_where_nothing_else_will_do() -> None:
    found = diagnose(
        build(topic("a", "ghost"), topic("b", "a"), topic("c", "d|ghost"), topic("d")), [roadmap("a", "nix")]
    )
    assert found.dangling == (("a", "ghost"), ("c", "ghost"))
    assert found.dangling_placements == (("r", "nix"),)
    assert found.dangling_blocked == ("a",)
    assert found.downstream == ("b",)
    assert found.blocking == ()
    assert found.unplaced == ("b", "c", "d")
    assert blocking_sets(build(topic("a", "ghost"))) == (("a",),)


def test_independent_causes_are_listed_each() -> None:
    ring = [topic(f"a{i}", f"b{i}", f"a{(i + 1) % 3}") for i in range(3)] + [
        topic(f"b{i}", f"a{i}") for i in range(3)
    ]
    assert blocking_sets(build(*ring)) == (("a0", "b0"), ("a1", "b1"), ("a2", "b2"))


def test_a_required_topic_that_needs_an_optional_one_is_told() -> None:
    topics = [topic("a"), topic("b"), topic("c"), topic("x", "a", "a|c", (2, "a|b|c")), topic("y", "a")]
    found = diagnose(build(*topics), [roadmap("x", "a?", "y?", optional_section="b")])
    assert found.needed_optional == (
        NeededOptional("r", "x", 1, ("a",)),
        NeededOptional("r", "x", 1, ("a", "b")),
    )


def test_a_topic_is_optional_only_if_all_its_placements_are() -> None:
    graph = build(topic("a"), topic("x", "a"))
    assert diagnose(graph, [roadmap("x", "a?", "a")]).needed_optional == ()


@given(structures(ghosts=True))
@settings(max_examples=500, deadline=None)
def test_blocking_sets_block_are_irreducible_disjoint_and_explain_everything(structure: Structure) -> None:
    graph = structure.graph()
    sets = blocking_sets(graph)
    named = [slug for each in sets for slug in each]
    assert len(named) == len(set(named))
    for each in sets:
        assert oracle.blocks_itself(structure, frozenset(each))
        assert oracle.is_irreducible(structure, frozenset(each))
    assert oracle.learnable(structure, frozenset(named)) == structure.slugs
    found = diagnose(graph)
    out = structure.slugs - oracle.learnable(structure)
    assert set(found.unlearnable) == out
    assert set(found.downstream) == out - set(named)


@pytest.mark.parametrize("seed", range(150))
def test_of_plain_prerequisites_a_shortest_loop_is_named(seed: int) -> None:
    random = Random(seed)
    size = random.randrange(2, 20)
    steps = [(f"t{random.randrange(size)}", f"t{random.randrange(size)}") for _ in range(size + size // 2)]
    other: nx.DiGraph[str] = nx.DiGraph()
    other.add_edges_from((a, b) for a, b in steps if a != b)
    graph = PrerequisiteGraph.assemble(((slug, 1.0) for slug in other), ((a, 1, [b]) for a, b in other.edges))
    sets = blocking_sets(graph)
    for part in nx.strongly_connected_components(other):
        if len(part) > 1:
            shortest = _girth(other.subgraph(part))
            assert min(len(each) for each in sets if part.issuperset(each)) == shortest
    for each in sets:
        assert all(other.has_edge(a, b) for a, b in zip(each, [*each[1:], each[0]], strict=True))


def _girth(graph: nx.DiGraph[str]) -> int:
    return min(
        1 + int(nx.shortest_path_length(graph, b, a)) for a, b in graph.edges if nx.has_path(graph, b, a)
    )


def test_a_ring_of_many_topics_is_found_whole() -> None:
    names = [f"t{number:04}" for number in range(3000)]
    rows = ((name, 1, [near]) for name, near in zip(names, [*names[1:], names[0]], strict=True))
    assert blocking_sets(PrerequisiteGraph.assemble(((n, 1.0) for n in names), rows)) == (tuple(names),)


def test_a_large_tangle_of_alternatives_gives_an_irreducible_set() -> None:
    random = Random(3)
    names = [f"t{number:03}" for number in range(300)]
    groups = {name: ((1, frozenset(random.sample(names, 2))),) for name in names}
    structure = Structure(dict.fromkeys(names, 1), groups)
    sets = blocking_sets(structure.graph())
    assert sets
    for each in sets:
        assert oracle.blocks_itself(structure, frozenset(each))
        for left_out in each:
            rest = frozenset(each) - {left_out}
            others = structure.slugs - rest
            assert oracle.learnable(structure, others, within=rest) == structure.slugs
