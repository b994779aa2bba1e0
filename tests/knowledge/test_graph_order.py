"""Generations, loops, finishes and redundant edges, against networkx and brute force."""

from __future__ import annotations

from random import Random

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.graph.order import components, earliest_finish, generations, loops
from graph_api.knowledge.graph.redundancy import redundant_edges
from tests.knowledge import oracle
from tests.knowledge.structures import Structure, plain_dag, structures, topic


def graph_of(plain: dict[str, set[str]], hours: dict[str, float]) -> PrerequisiteGraph:
    rows = ((slug, 1, [other]) for slug, others in plain.items() for other in sorted(others))
    return PrerequisiteGraph.assemble(hours.items(), rows)


def peer(plain: dict[str, set[str]]) -> nx.DiGraph[str]:
    """Edges from a topic to its prerequisites."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(plain)
    graph.add_edges_from((slug, other) for slug, others in plain.items() for other in others)
    return graph


@pytest.mark.parametrize("seed", range(80))
def test_plain_acyclic_graphs_agree_with_networkx(seed: int) -> None:
    random = Random(seed)
    plain = plain_dag(random)
    hours = {slug: float(random.randrange(5)) for slug in plain}
    graph, other = graph_of(plain, hours), peer(plain)
    assert [list(graph.names(layer)) for layer in generations(graph)] == [
        sorted(layer) for layer in nx.topological_generations(other.reverse())
    ]
    redundant = {(graph.slugs[a], graph.slugs[b]) for a, b in redundant_edges(graph)}
    assert redundant == set(other.edges) - set(nx.transitive_reduction(other).edges)
    for slug in plain:
        assert set(graph.members_in(graph.all_prerequisites(graph.mask([slug])))) == nx.descendants(
            other, slug
        )
    weighted: nx.DiGraph[tuple[str, str]] = nx.DiGraph()
    for slug in plain:
        weighted.add_edge(("in", slug), ("out", slug), weight=hours[slug])
        weighted.add_edges_from((("out", before), ("in", slug)) for before in plain[slug])
    total, path = earliest_finish(graph).critical_path(np.ones(len(graph), dtype=bool))
    assert total == nx.dag_longest_path_length(weighted, default_weight=0)
    assert total == graph.hours[path].sum()
    assert all(b in plain[a] for b, a in zip(graph.names(path), graph.names(path)[1:], strict=False))


@given(structures(size=10))
@settings(max_examples=200, deadline=None)
def test_components_and_loops_agree_with_networkx(structure: Structure) -> None:
    graph = structure.graph()
    other = peer({slug: {m for _, of in groups for m in of} for slug, groups in structure.groups.items()})
    component = components(graph.prerequisites)
    found: dict[int, set[str]] = {}
    for slug, number in zip(graph.slugs, component.tolist(), strict=True):
        found.setdefault(number, set()).add(slug)
    expected = [set(part) for part in nx.strongly_connected_components(other)]
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, expected))
    looped = [sorted(part) for part in expected if len(part) > 1 or other.has_edge(*(list(part) * 2))]
    assert sorted(list(graph.names(loop)) for loop in loops(graph.prerequisites, component)) == sorted(looped)
    assert (component[graph.prerequisites.owners()] >= component[graph.members.values]).all()


@given(structures(ghosts=True))
@settings(max_examples=300, deadline=None)
def test_the_earliest_finish_is_exact_with_alternatives_and_loops(structure: Structure) -> None:
    graph = structure.graph()
    known = graph.mask(structure.known)
    finish = earliest_finish(graph, known)
    expected = oracle.finish(structure, structure.known)
    assert dict(zip(graph.slugs, finish.hours.tolist(), strict=True)) == expected
    for slug in structure.slugs:
        total, chain = finish.critical_path(graph.mask([slug]))
        assert total == expected[slug]
        assert np.isinf(total) or total == graph.hours[chain].sum()
        assert not known[chain].any()


def test_a_goal_out_of_reach_has_no_critical_path() -> None:
    graph = PrerequisiteGraph.build([topic("a", "a")])
    total, chain = earliest_finish(graph).critical_path(graph.mask(["a"]))
    assert np.isinf(total)
    assert not len(chain)


def test_no_goals_are_reached_at_once() -> None:
    graph = PrerequisiteGraph.build([topic("a")])
    assert earliest_finish(graph).critical_path(graph.mask([]))[0] == 0.0


def test_an_alternative_is_never_redundant_and_implies_nothing() -> None:
    graph = PrerequisiteGraph.build([topic("a"), topic("b", "a|c"), topic("c"), topic("d", "b", "a", "b|c")])
    assert redundant_edges(graph) == ()


def test_an_edge_stated_twice_is_redundant() -> None:
    graph = PrerequisiteGraph.build([topic("a"), topic("b", "a", "a")])
    assert redundant_edges(graph) == ((1, 0),)


def test_edges_on_or_above_a_plain_loop_are_not_judged() -> None:
    topics = [
        topic("a", "b"),
        topic("b", "a"),
        topic("c", "a", "b"),
        topic("d"),
        topic("e", "d"),
        topic("f", "d", "e"),
    ]
    graph = PrerequisiteGraph.build(topics)
    assert [(graph.slugs[a], graph.slugs[b]) for a, b in redundant_edges(graph)] == [("f", "d")]


def test_many_targets_are_swept_in_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = plain_dag(Random(7), size=60)
    graph = graph_of(plain, dict.fromkeys(plain, 1.0))
    whole = redundant_edges(graph)
    monkeypatch.setattr("graph_api.knowledge.graph.redundancy._AT_ONCE", 3)
    assert redundant_edges(graph) == whole
