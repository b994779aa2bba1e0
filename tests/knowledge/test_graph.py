"""The prerequisite graph: what it accepts, what can be learned in it, what rests on what."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings

from graph_api.errors import BadInput, InvalidRequirement, UnknownSlugs
from graph_api.knowledge.graph import UNESTIMATED_HOURS, PrerequisiteGraph
from graph_api.knowledge.graph.rows import Rows, reach
from graph_api.knowledge.model import Requirement, Topic
from tests.knowledge import oracle
from tests.knowledge.structures import Structure, random_structure, structures, topic


def test_topics_are_numbered_by_slug_and_their_groups_keep_their_order() -> None:
    graph = PrerequisiteGraph.build([topic("c", "b", "a|b"), topic("a", hours=2), topic("b", hours=0)])
    assert graph.slugs == ("a", "b", "c")
    assert graph.hours.tolist() == [2.0, 0.0, UNESTIMATED_HOURS]
    assert [graph.members[g].tolist() for g in graph.groups[2].tolist()] == [[1], [0, 1]]
    assert graph.prerequisites[2].tolist() == [1, 0, 1]
    assert graph.dependents[1].tolist() == [2, 2]


def test_an_empty_graph_answers_everything_with_nothing() -> None:
    graph = PrerequisiteGraph.build([])
    assert len(graph) == len(graph.learnable()) == len(graph.level) == 0
    assert graph.ready(graph.mask([])).tolist() == []


@pytest.mark.parametrize("hours", [-1.0, float("nan"), float("inf")])
def test_impossible_hours_are_refused_by_name(hours: float) -> None:
    with pytest.raises(BadInput, match='"b" is said to take'):
        PrerequisiteGraph.build([topic("a", hours=0), topic("b", hours=hours)])


def test_two_topics_of_one_slug_are_refused() -> None:
    with pytest.raises(BadInput, match='"a"'):
        PrerequisiteGraph.build([topic("a"), topic("b"), topic("a")])


@pytest.mark.parametrize(
    "group", [Requirement((), 0), Requirement(("a",), 2), Requirement(("a",), 0), Requirement(("a", "a"))]
)
def test_impossible_groups_are_refused(group: Requirement) -> None:
    with pytest.raises(InvalidRequirement, match='"b"'):
        PrerequisiteGraph.build([topic("a"), Topic("b", "B", requires=(group,))])


def test_groups_of_unknown_topics_are_refused() -> None:
    with pytest.raises(BadInput, match='"x"'):
        PrerequisiteGraph.assemble([("a", None)], [("x", 1, ["a"])])


def test_unknown_members_can_never_be_known() -> None:
    graph = PrerequisiteGraph.build([topic("a"), topic("b", "a|ghost"), topic("c", (2, "a|ghost"))])
    assert graph.dangling == (("b", "ghost"), ("c", "ghost"))
    assert graph.members_in(graph.learnable()) == ("a", "b")


def test_unknown_slugs_are_all_named_with_suggestions() -> None:
    graph = PrerequisiteGraph.build([topic("postgresql"), topic("python"), topic("redis")])
    with pytest.raises(UnknownSlugs) as caught:
        graph.mask(["pyton", "redis", "zzzz", "pyton"])
    assert caught.value.unknown == {"pyton": ["python"], "zzzz": []}


def test_several_lists_have_a_mask_each_and_their_unknown_slugs_are_named_together() -> None:
    graph = PrerequisiteGraph.build([topic("a"), topic("b"), topic("c")])
    masks = graph.masks(iter(["c", "a"]), [], ["b", "b"])
    assert [graph.members_in(mask) for mask in masks] == [("a", "c"), (), ("b",)]
    with pytest.raises(UnknownSlugs) as caught:
        graph.masks(["x", "a"], ["y", "x"])
    assert [*caught.value.unknown] == ["x", "y"]


def test_repeated_slugs_count_once_in_a_mask_and_stay_in_numbers() -> None:
    graph = PrerequisiteGraph.build([topic("a"), topic("b")])
    assert graph.numbers(["b", "a", "b"]).tolist() == [1, 0, 1]
    assert graph.mask(["b", "b"]).tolist() == [False, True]


def test_a_taken_alternative_satisfies_its_group() -> None:
    graph = PrerequisiteGraph.build([topic("a"), topic("b"), topic("c", "a|b")])
    assert graph.members_in(graph.ready(graph.mask(["b"]))) == ("a", "c")


def test_a_loop_that_an_alternative_avoids_can_be_learned() -> None:
    graph = PrerequisiteGraph.build([topic("a", "b|c"), topic("b", "a"), topic("c")])
    assert graph.learnable().all()
    assert graph.rounds().tolist() == [1, 2, 0]


def test_a_topic_that_needs_itself_cannot_be_learned_but_may_be_known() -> None:
    graph = PrerequisiteGraph.build([topic("a", "a"), topic("b", "a")])
    assert not graph.learnable().any()
    assert graph.learnable(graph.mask(["a"])).all()


def test_a_topic_in_two_groups_counts_in_both() -> None:
    graph = PrerequisiteGraph.build([topic("a"), topic("b"), topic("c", "a|b", (2, "a|b|d")), topic("d")])
    assert graph.members_in(graph.ready(graph.mask(["a"]))) == ("b", "d")
    assert graph.members_in(graph.ready(graph.mask(["a", "d"]))) == ("b", "c")


@given(structures(ghosts=True))
@settings(max_examples=300, deadline=None)
def test_what_is_learnable_is_what_learning_one_by_one_reaches(structure: Structure) -> None:
    graph = structure.graph()
    known = graph.mask(structure.known)
    within = frozenset(list(structure.slugs)[::2])
    assert graph.members_in(graph.learnable()) == tuple(sorted(oracle.learnable(structure)))
    expected = oracle.learnable(structure, structure.known, within)
    assert graph.members_in(graph.learnable(known, graph.mask(within))) == tuple(sorted(expected))


def test_large_frontiers_are_handled_as_small_ones_are() -> None:
    """Many copies of one structure side by side take the whole-array way; each must come out the same."""
    random = Random(4)
    for _ in range(150):
        structure = random_structure(random, ghosts=True)
        copies = [f"-{number:02}" for number in range(30)]
        graph = PrerequisiteGraph.assemble(
            ((slug + copy, 1.0) for copy in copies for slug in structure.slugs),
            (
                (slug + copy, need, [member + copy for member in of])
                for copy in copies
                for slug, groups in structure.groups.items()
                for need, of in groups
            ),
        )
        expected = {slug + copy for slug in oracle.learnable(structure) for copy in copies}
        assert set(graph.members_in(graph.learnable())) == expected


@given(structures())
@settings(max_examples=200, deadline=None)
def test_learning_a_topic_never_shrinks_what_is_learnable(structure: Structure) -> None:
    graph = structure.graph()
    known = graph.mask(structure.known)
    before = graph.learnable(known)
    for number in range(len(graph)):
        more = known | graph.mask_of_all([number])
        assert not (before & ~graph.learnable(more)).any()


@given(structures())
@settings(max_examples=100, deadline=None)
def test_renaming_topics_changes_nothing_but_names(structure: Structure) -> None:
    def new(slug: str) -> str:
        return f"x{9 - int(slug[1:])}"

    graph = structure.graph()
    renamed = PrerequisiteGraph.assemble(
        ((new(slug), hours) for slug, hours in structure.hours.items()),
        (
            (new(slug), need, [new(member) for member in of])
            for slug, groups in structure.groups.items()
            for need, of in groups
        ),
    )
    rounds = dict(zip(renamed.slugs, renamed.rounds().tolist(), strict=True))
    assert [rounds[new(slug)] for slug in graph.slugs] == graph.rounds().tolist()


@pytest.mark.parametrize("degree", [1, 3, 20])
@pytest.mark.parametrize("seeds", [1, 40])
def test_what_is_reached_is_what_steps_lead_to_one_by_one_or_many_at_once(degree: int, seeds: int) -> None:
    random = Random(degree)
    near = [random.sample(range(300), random.randrange(degree + 1)) for _ in range(299)]
    near.append(random.sample(range(300), 200))  # a hub
    owners = [number for number, values in enumerate(near) for _ in values]
    rows = Rows.of(np.array(owners), np.array([value for values in near for value in values]), rows=300)
    for _ in range(20):
        given_ = [*random.sample(range(299), seeds - 1), random.choice((299, 0))]
        reached: set[int] = set()
        waiting = [*given_]
        while waiting:
            fresh = set(near[waiting.pop()]) - reached
            reached |= fresh
            waiting += fresh
        assert np.flatnonzero(reach(rows, np.array(given_, dtype=np.int32))).tolist() == sorted(reached)


@given(structures())
@settings(max_examples=100, deadline=None)
def test_prerequisites_and_dependents_are_inverse(structure: Structure) -> None:
    graph = structure.graph()
    below = np.array([graph.all_prerequisites(graph.mask_of_all([n])) for n in range(len(graph))])
    above = np.array([graph.all_dependents(graph.mask_of_all([n])) for n in range(len(graph))])
    assert (below == above.T).all()


@given(structures())
@settings(max_examples=100, deadline=None)
def test_neighbours_are_named_once_however_often_one_asks(structure: Structure) -> None:
    graph = structure.graph()
    named = {slug: {one for _, of in structure.groups[slug] for one in of} for slug in structure.slugs}
    for _ in range(2):
        for slug in structure.slugs:
            assert graph.near_prerequisites.of(slug) == tuple(sorted(named[slug] & structure.slugs))
            assert graph.near_dependents.of(slug) == tuple(sorted(o for o in named if slug in named[o]))
    below = [one for slug in graph.slugs for one in graph.near_prerequisites.of(slug)]
    assert [*graph.near_prerequisites.of_all(["nobody", *graph.slugs])] == [*dict.fromkeys(below)]
    assert graph.near_dependents.of("nobody") == ()


@given(structures())
@settings(max_examples=100, deadline=None)
def test_no_topic_rests_on_one_of_a_higher_level(structure: Structure) -> None:
    graph = structure.graph()
    assert (graph.level[graph.prerequisites.owners()] >= graph.level[graph.members.values]).all()


def test_long_chains_need_no_recursion() -> None:
    names = [f"t{number:05}" for number in range(20_000)]
    graph = PrerequisiteGraph.assemble(
        ((name, 1.0) for name in names),
        ((name, 1, [before]) for before, name in zip(names, [*names[1:], names[0]], strict=True)),
    )
    assert not graph.learnable().any()
    assert graph.learnable(graph.mask(names[:1])).all()
    assert len(set(graph.component.tolist())) == 1
