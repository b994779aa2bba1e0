"""Skipped topics: they meet requirements, are not known, never come up, and need nothing themselves."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_api.errors import UnknownSlugs, Unlearnable
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Placement, Roadmap, Section, Topic
from graph_api.knowledge.state import KnowledgeState
from graph_api.knowledge.state.progress import Progress, Tally
from graph_api.knowledge.state.proof import Met, Standing, Way
from tests.knowledge import oracle
from tests.knowledge.structures import Structure, random_structure, topic


def state(topics: list[Topic], *known: str, skipped: str = "") -> KnowledgeState:
    return KnowledgeState.of(PrerequisiteGraph.build(topics), known, skipped.split())


def skipping(seed: int, *, size: int = 8) -> tuple[Structure, frozenset[str], KnowledgeState]:
    """A structure in which some topics are skipped, none of them known."""
    random = Random(seed)
    structure = random_structure(random, size=size, ghosts=seed % 3 == 0)
    chosen = {slug for slug in sorted(structure.slugs) if random.random() < 0.3}
    skipped = frozenset(chosen - structure.known)
    here = KnowledgeState.of(structure.graph(), structure.known, [*skipped, *(chosen & structure.known)])
    return structure, skipped, here


@given(st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_the_fringes_are_those_of_the_graph_in_which_nothing_waits_for_them(seed: int) -> None:
    structure, skipped, here = skipping(seed)
    names, known = here.graph.members_in, structure.known
    core = oracle.learnable(structure, skipped, within=known) - skipped
    assert set(names(here.known)) == known
    assert set(names(here.skipped)) == skipped
    assert set(names(here.outer_fringe)) == oracle.outer_fringe(structure, known, skipped)
    assert set(names(here.core)) == core
    assert set(names(here.inner_fringe)) == oracle.inner_fringe(structure, core, skipped)
    assert here.is_consistent == oracle.is_state(structure, known, skipped)
    assert set(names(here.learnable)) == oracle.learnable(structure, known | skipped)


@given(st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_next_topics_are_never_skipped_and_tell_what_was(seed: int) -> None:
    structure, skipped, here = skipping(seed)
    known, met = structure.known, structure.known | skipped
    goals = sorted(structure.slugs)[-3:]
    by_goal = {goal: oracle.serves(structure, met, goal) for goal in goals}
    for chosen in ([], goals):
        found = here.next(goals=chosen, first=100)
        scope = frozenset().union(*by_goal.values()) if chosen else structure.slugs
        assert {item.topic for item in found} == oracle.outer_fringe(structure, known, skipped) & scope
        for item in found:
            assert set(item.unlocks) == oracle.unlocks(structure, known, item.topic, skipped)
            assert list(item.serves) == [goal for goal in chosen if item.topic in by_goal[goal]]
            assert all(met.satisfied for met in item.because)
            assert {slug for met in item.because for slug in met.skipped} <= skipped
            assert {slug for met in item.because for slug in met.satisfied_by} <= known


@pytest.mark.parametrize("seed", range(50))
def test_a_status_proves_itself(seed: int) -> None:
    structure, skipped, here = skipping(seed, size=7)
    met = structure.known | skipped
    for slug in structure.slugs:
        found = here.status(slug)
        for (need, of), one in zip(structure.groups[slug], found.requirements, strict=True):
            assert set(one.satisfied_by) == of & structure.known
            assert set(one.skipped) == of & skipped
            assert one.satisfied == (len(of & met) >= need)
        assert (found.standing is Standing.KNOWN) == (slug in structure.known)
        assert (found.standing is Standing.SKIPPED) == (slug in skipped)
        assert here.standings([slug]) == {slug: found.standing}
        if slug in met:
            assert found.way == Way((), 0.0, optimal=True)
            continue
        assert (found.standing is Standing.READY) == oracle.is_ready(structure, slug, met)
        assert (found.way and found.way.hours) == oracle.cheapest_way(structure, met, 1, {slug})
        for (need, of), one, way in zip(structure.groups[slug], found.requirements, found.ways, strict=True):
            expected = None if one.satisfied else oracle.cheapest_way(structure, met, need, of)
            assert (way and way.hours) == expected


@pytest.mark.parametrize("seed", range(60))
def test_what_is_missing_is_the_cheapest_completion_around_them(seed: int) -> None:
    structure, skipped, here = skipping(seed)
    way = here.missing()
    reachable = structure.known & oracle.learnable(structure, skipped)
    assert not set(way.topics) & skipped
    assert oracle.is_state(structure, reachable | set(way.topics), skipped)
    assert way.hours == oracle.completion(structure, reachable, skipped)
    assert way.optimal


@pytest.mark.parametrize("seed", range(60))
def test_what_leads_to_topics_is_the_cheapest_and_leads_nowhere_twice(seed: int) -> None:
    structure, skipped, here = skipping(seed)
    goals = frozenset(Random(seed).sample(sorted(structure.slugs), min(2, len(structure.slugs))))
    base = (structure.known | skipped) - goals
    if not goals <= oracle.learnable(structure, base):
        with pytest.raises(Unlearnable):
            here.leading_to(goals)
        return
    way = here.leading_to(goals)
    added = frozenset(way.topics)
    assert not added & (base | goals)
    assert goals <= oracle.learnable(structure, base, within=added | goals)
    assert way.hours == min(
        oracle.hours(structure, tried)
        for tried in oracle.subsets(structure.slugs - base - goals)
        if goals <= oracle.learnable(structure, base, within=tried | goals)
    )
    after = KnowledgeState.of(here.graph, structure.known | added | goals, skipped - goals)
    assert after.leading_to(goals).topics == (), "Asked again, nothing is left to be marked."


def test_without_skipped_topics_all_is_as_it_was() -> None:
    structure = replace(random_structure(Random(3)), known=frozenset())
    here = KnowledgeState.of(structure.graph())
    assert here.settled is here.graph


def test_a_known_topic_that_rests_on_a_skipped_one_is_consistent() -> None:
    topics = [topic("a"), topic("b", "a"), topic("c", "b"), topic("d", "c")]
    here = state(topics, "c", skipped="b")
    assert here.is_consistent
    assert here.missing() == Way((), 0.0, optimal=True)
    assert [item.topic for item in here.next()] == ["a", "d"]
    assert not state(topics, "d", skipped="b").is_consistent
    assert state(topics, "d", skipped="b").missing() == Way(("c",), 1.0, optimal=True)


def test_progress_counts_what_is_known_alone() -> None:
    placed = tuple(Placement(slug) for slug in "abc")
    plan = Roadmap("r", "R", sections=(Section("s", "S", placements=placed),))
    here = state([topic("a"), topic("b"), topic("c")], "a", skipped="a b")
    assert here.progress(plan) == Progress(Tally(1, 3, 1.0, 3.0), Tally(0, 0, 0.0, 0.0))


def test_goals_that_are_skipped_leave_nothing_to_do() -> None:
    topics = [topic("a"), topic("b", "a")]
    assert state(topics, skipped="b").next(goals=["b"]) == ()
    assert [item.topic for item in state(topics, skipped="b").next()] == ["a"]


def test_the_sentence_says_what_is_skipped() -> None:
    topics = [topic("a"), topic("b"), topic("c", "a", "b|x"), topic("x")]
    [found, *_] = state(topics, "a", skipped="b").next(goals=["c"])
    assert found.sentence(str.upper) == "You know A and skip B, so C is ready: it is one of your goals."
    assert found.because == (Met(0, 1, ("a",), ("a",), ()), Met(1, 1, ("b", "x"), (), ("b",)))
    [found, *_] = state(topics, skipped="a b").next(goals=["c"])
    assert found.sentence(str.upper) == "You skip A and B, so C is ready: it is one of your goals."


def test_the_sentence_is_true_also_of_topics_without_a_title() -> None:
    [found, *_] = state([topic("a"), topic("b"), topic("c", "a", "b")], "a", skipped="b").next()
    assert found.sentence(lambda slug: slug if slug == "c" else "") == "You know  and skip , so c is ready."


def test_unknown_slugs_are_refused() -> None:
    with pytest.raises(UnknownSlugs) as caught:
        state([topic("a")], "c", skipped="b")
    assert caught.value.unknown.keys() == {"b", "c"}
    with pytest.raises(UnknownSlugs):
        state([topic("a")]).leading_to(["b"])
