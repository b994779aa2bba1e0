"""A knowledge state: its fringes, what it misses, where topics stand and what comes next."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_api.errors import BadInput, UnknownSlugs
from graph_api.knowledge.graph import PrerequisiteGraph, prerequisites
from graph_api.knowledge.model import Placement, Roadmap, Section, Topic
from graph_api.knowledge.path import Demand, cheapest_selection
from graph_api.knowledge.state import KnowledgeState, ranking
from graph_api.knowledge.state.progress import Progress, Tally
from graph_api.knowledge.state.proof import Met, Standing, Way
from graph_api.knowledge.state.serving import Pursuit, Serving, idle, inevitable
from tests.knowledge import oracle
from tests.knowledge.structures import Structure, random_structure, structures, topic


def state(topics: list[Topic], *known: str) -> KnowledgeState:
    return KnowledgeState.of(PrerequisiteGraph.build(topics), known)


def state_of(structure: Structure) -> KnowledgeState:
    return KnowledgeState.of(structure.graph(), structure.known)


def roadmap(*placements: str) -> Roadmap:
    placed = tuple(Placement(slug.rstrip("?"), slug.endswith("?")) for slug in placements)
    return Roadmap("r", "R", sections=(Section("s", "S", placements=placed),))


@given(structures(ghosts=True))
@settings(max_examples=400, deadline=None)
def test_the_fringes_are_what_they_are_defined_to_be(structure: Structure) -> None:
    found = state_of(structure)
    names = found.graph.members_in
    core = oracle.learnable(structure, within=structure.known)
    assert set(names(found.outer_fringe)) == oracle.outer_fringe(structure, structure.known)
    assert set(names(found.core)) == core
    assert set(names(found.inner_fringe)) == oracle.inner_fringe(structure, core)
    assert found.is_consistent == oracle.is_state(structure, structure.known)
    assert set(names(found.learnable)) == oracle.learnable(structure, structure.known)


@given(structures(size=7))
@settings(max_examples=60, deadline=None)
def test_inner_and_outer_fringe_are_inverse_moves_between_states(structure: Structure) -> None:
    graph = structure.graph()
    for known in oracle.subsets(structure.slugs):
        here = KnowledgeState.of(graph, known)
        if not here.is_consistent:
            continue
        for slug in graph.members_in(here.outer_fringe):
            there = KnowledgeState.of(graph, known | {slug})
            assert there.is_consistent
            assert there.inner_fringe[graph.number[slug]]
        for slug in graph.members_in(here.inner_fringe):
            there = KnowledgeState.of(graph, known - {slug})
            assert there.is_consistent
            assert there.outer_fringe[graph.number[slug]]


def test_loops_that_hold_each_other_up_do_not_hold() -> None:
    """Without x, a and b would each rest on the other only."""
    found = state([topic("a", "b|x"), topic("b", "a|x"), topic("x")], "a", "b", "x")
    assert found.graph.members_in(found.inner_fringe) == ("a", "b")
    alone = KnowledgeState.of(found.graph, ["a", "b"])
    assert not alone.is_consistent
    assert alone.missing() == Way(("x",), 1.0, optimal=True)


@pytest.mark.parametrize("seed", range(120))
def test_what_is_missing_is_the_cheapest_completion(seed: int) -> None:
    structure = random_structure(Random(seed), ghosts=seed % 3 == 0)
    way = state_of(structure).missing()
    reachable = structure.known & oracle.learnable(structure)
    assert oracle.is_state(structure, reachable | set(way.topics))
    assert (
        way.hours == oracle.hours(structure, frozenset(way.topics)) == oracle.completion(structure, reachable)
    )
    assert way.optimal


@pytest.mark.parametrize("seed", range(80))
def test_a_status_proves_itself(seed: int) -> None:
    structure = random_structure(Random(seed), size=7, ghosts=seed % 3 == 0)
    here = state_of(structure)
    learnable = oracle.learnable(structure, structure.known)
    for slug in structure.slugs:
        found = here.status(slug)
        assert found.standing is _standing(structure, slug, learnable)
        groups = structure.groups[slug]
        for (need, of), met in zip(groups, found.requirements, strict=True):
            assert set(met.satisfied_by) == of & structure.known
            assert met.satisfied == (len(of & structure.known) >= need)
        if found.standing is Standing.KNOWN:
            continue
        assert (found.way and found.way.hours) == oracle.cheapest_way(structure, structure.known, 1, {slug})
        for (need, of), met, way in zip(groups, found.requirements, found.ways, strict=True):
            expected = None if met.satisfied else oracle.cheapest_way(structure, structure.known, need, of)
            assert (way and way.hours) == expected
        assert bool(found.blocked_by) == (found.standing is Standing.UNLEARNABLE)


def _standing(structure: Structure, slug: str, learnable: frozenset[str]) -> Standing:
    if slug in structure.known:
        return Standing.KNOWN
    if oracle.is_ready(structure, slug, structure.known):
        return Standing.READY
    return Standing.BLOCKED if slug in learnable else Standing.UNLEARNABLE


def test_an_unlearnable_topic_names_only_the_sets_it_rests_on() -> None:
    topics = [topic("a", "b"), topic("b", "a"), topic("c", "c"), topic("d", "a")]
    assert state(topics).status("d").blocked_by == (("a", "b"),)
    assert state(topics, "b").status("d").standing is Standing.BLOCKED


@given(structures(ghosts=True))
@settings(max_examples=300, deadline=None)
def test_next_topics_have_true_reasons_and_the_stated_order(structure: Structure) -> None:
    here = state_of(structure)
    goals = sorted(structure.slugs)[-3:]
    by_goal = {goal: oracle.serves(structure, structure.known, goal) for goal in goals}
    for chosen in ([], goals):
        found = here.next(goals=chosen, first=100)
        scope = frozenset().union(*by_goal.values()) if chosen else structure.slugs
        assert {item.topic for item in found} == oracle.outer_fringe(structure, structure.known) & scope
        keys = []
        for item in found:
            assert set(item.unlocks) == oracle.unlocks(structure, structure.known, item.topic)
            assert list(item.serves) == [goal for goal in chosen if item.topic in by_goal[goal]]
            assert all(met.satisfied for met in item.because)
            keys.append((-len(item.serves), -len(item.unlocks), item.hours, item.topic))
        assert keys == sorted(keys)
        assert here.next(goals=chosen, first=2) == found[:2]


def test_many_goals_are_told_apart() -> None:
    goals = [topic(f"g{number:03}", f"p{number % 7}") for number in range(200)]
    here = state([*goals, *(topic(f"p{number}") for number in range(7)), topic("z")])
    found = here.next(goals=[goal.slug for goal in goals])
    assert [item.topic for item in found] == [f"p{number}" for number in range(7)]
    assert found[6].serves == tuple(goal.slug for goal in goals[6::7])


def test_a_recommendation_orders_and_never_blocks() -> None:
    topics = [
        topic("a", recommends="z"),
        topic("b", "a"),
        topic("m", hours=0.5),
        topic("y", hours=9, recommends="locked"),
        topic("z", hours=9),
        topic("locked", "b"),
    ]
    assert [item.topic for item in state(topics).next()] == ["z", "a", "m", "y"]


def test_recommendations_in_a_loop_still_list_every_topic_once() -> None:
    topics = [topic("a", recommends="b"), topic("b", recommends="c"), topic("c", recommends="a")]
    assert [item.topic for item in state(topics).next()] == ["c", "b", "a"]


def test_a_roadmap_sets_scope_and_goals_and_hides_what_is_optional() -> None:
    topics = [topic("a"), topic("b", "a"), topic("o"), topic("base"), topic("p", "base"), topic("other")]
    here = state(topics)
    plan = roadmap("b", "o?", "p")
    assert [(item.topic, item.serves) for item in here.next(roadmap=plan)] == [
        ("a", ("b",)),
        ("base", ("p",)),
    ]
    asked = here.next(roadmap=plan, include_optional=True)
    assert [(item.topic, item.optional) for item in asked] == [("a", False), ("base", False), ("o", True)]
    assert [item.topic for item in here.next(roadmap=plan, goals=["o"])] == ["o"]


def test_an_optional_topic_comes_up_where_it_is_the_cheapest_alternative() -> None:
    topics = [topic("go", hours=3), topic("js", hours=2), topic("py", hours=1), topic("web", "go|js|py")]
    assert [item.topic for item in state(topics).next(roadmap=roadmap("web", "go?", "js?", "py?"))] == ["py"]
    assert [item.topic for item in state(topics).next(roadmap=roadmap("web", "go?", "js", "py?"))] == ["js"]


@given(structures(ghosts=True))
@settings(max_examples=300, deadline=None)
def test_without_an_inevitable_topic_the_goals_are_out_of_reach(structure: Structure) -> None:
    here = state_of(structure)
    graph, rest = here.graph, ~here.met
    for goal in graph.slugs:
        goals = graph.mask([goal])
        found = graph.members_in(inevitable(Pursuit.of(here, goals)))
        assert (goal in found) == bool((goals & here.learnable & rest).any())
        for slug in found:
            without = graph.learnable(known=here.met, within=rest & ~graph.mask([slug]))
            assert not without[graph.number[goal]]


@given(structures(ghosts=True), st.data())
@settings(max_examples=300, deadline=None)
def test_an_idle_topic_is_on_no_cheapest_path(structure: Structure, data: st.DataObject) -> None:
    here = state_of(structure)
    graph = here.graph
    goals = graph.mask(data.draw(st.sets(st.sampled_from(graph.slugs), min_size=1)))
    wanted = np.flatnonzero(goals & here.learnable & ~here.met).tolist()
    demands = [Demand(1, (goal,)) for goal in wanted]
    found = cheapest_selection(graph, demands, frozenset(np.flatnonzero(here.met).tolist()))
    pursuit = Pursuit.of(here, goals)
    spare = idle(pursuit, Serving.of(pursuit), inevitable(pursuit))
    assert found.optimal
    assert not spare[list(found.topics)].any()


def test_an_alternative_to_what_is_learned_anyway_is_idle_unless_a_loop_leads_back() -> None:
    plain = [topic("web", "go", "go|js"), topic("go"), topic("js")]
    here = state(plain)
    pursuit = Pursuit.of(here, here.graph.mask(["web"]))
    found = idle(pursuit, Serving.of(pursuit), inevitable(pursuit))
    assert here.graph.members_in(found) == ("js",)
    assert here.ranking(roadmap=roadmap("web", "js?")).is_brief
    assert [item.topic for item in here.next(roadmap=roadmap("web", "js?"))] == ["go"]
    looped = state([topic("web", "go|js"), topic("go", "web"), topic("js")])
    assert [item.topic for item in looped.next(roadmap=roadmap("web", "go", "js?"))] == ["js"]


@given(structures(ghosts=True), st.data())
@settings(max_examples=200, deadline=None)
def test_what_is_below_some_topics_are_the_groups_of_theirs_and_of_what_they_rest_on(
    structure: Structure, data: st.DataObject
) -> None:
    graph = state_of(structure).graph
    topics = graph.mask(data.draw(st.sets(st.sampled_from(graph.slugs))))
    owners = topics | graph.all_prerequisites(topics)
    expected = {
        (owner, group, member)
        for owner in np.flatnonzero(owners).tolist()
        for group in graph.groups[owner].tolist()
        for member in graph.members[group].tolist()
    }
    for below in (graph.below(topics), graph.below(topics)):
        edges = zip(below.owners.tolist(), below.groups.tolist(), below.members.tolist(), strict=True)
        assert set(edges) == expected
        assert len(below) == len(expected)
        led_from: set[int] = set()
        ahead = slice(below.forward)
        for owner, member in zip(below.owners[ahead].tolist(), below.members[ahead].tolist(), strict=True):
            led_from.add(owner)
            assert member not in led_from
        assert below.sums(np.ones(len(below), dtype=bool)).tolist() == [
            len(graph.members[group]) for group in below.groups.tolist()
        ]


def test_only_so_much_is_kept_of_what_topics_rest_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prerequisites, "_SCOPES", 64)
    graph = PrerequisiteGraph.build([topic("a"), *(topic(f"t{number}", "a") for number in range(100))])
    for slug in graph.slugs[1:]:
        assert graph.below(graph.mask([slug])).members.tolist() == [0]
        assert 0 < sum(map(len, graph._scopes.values())) <= 64
    kept = graph.below(graph.mask(["t99"]))
    assert graph.below(graph.mask(["t99"])) is kept
    monkeypatch.setattr(prerequisites, "_SCOPE", 10)
    everything = np.ones(len(graph), dtype=bool)
    assert graph.below(everything) is not graph.below(everything)


@given(structures(ghosts=True))
@settings(max_examples=200, deadline=None)
def test_a_brief_ranking_searches_no_path_and_says_the_same(structure: Structure) -> None:
    here = state_of(structure)
    slugs = sorted(structure.slugs)
    plan = roadmap(*(f"{slug}?" if place % 2 else slug for place, slug in enumerate(slugs)))
    brief = here.ranking(roadmap=plan)
    if not brief.is_brief:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "cheapest_selection", None)
        assert brief.first(100) == state_of(structure).next(roadmap=plan, first=100)


def test_a_roadmap_that_was_edited_is_seen_as_it_is_now_in_the_same_graph() -> None:
    here = state([topic("a"), topic("b")])
    for placed, required in ((("a", "b?"), ["a"]), (("a?", "b"), ["b"]), (("a", "b?"), ["a"])):
        assert [item.topic for item in here.next(roadmap=roadmap(*placed))] == required


def test_a_ranking_is_not_brief_where_a_path_decides_or_where_it_is_large() -> None:
    topics = [topic("go", hours=3), topic("js", hours=2), topic("py", hours=1), topic("web", "go|js|py")]
    assert not state(topics).ranking(roadmap=roadmap("web", "go?", "js?", "py?")).is_brief
    assert state(topics).ranking(roadmap=roadmap("web", "go", "js", "py")).is_brief
    many = PrerequisiteGraph.build([topic(f"t{number}") for number in range(3000)])
    here = KnowledgeState.of(many, ())
    assert here.ranking(goals=many.slugs[:100]).is_brief
    assert not here.ranking(goals=many.slugs[:1000]).is_brief


def test_the_way_without_alternatives_is_inevitable() -> None:
    topics = [
        topic("goal", "a", "b|c"),
        topic("a", "d", "known|e"),
        *map(topic, ("b", "c", "d", "e", "known")),
    ]
    here = state(topics, "known")
    found = inevitable(Pursuit.of(here, here.graph.mask(["goal"])))
    assert here.graph.members_in(found) == ("a", "d", "goal")


def test_the_reasons_are_one_sentence() -> None:
    topics = [topic("a"), topic("b", "a|x"), topic("c", "b"), topic("d", "c"), topic("x")]
    found = state(topics, "a").next(goals=["d", "b"])
    assert (
        found[0].sentence(str.upper)
        == "You know A, so B is ready: it is one of your goals, it leads to D and it makes C ready."
    )
    assert found[0].because == (Met(0, 1, ("a", "x"), ("a",)),)
    assert state(topics).next(first=1)[0].sentence() == "a rests on nothing else: it makes b ready."
    assert state([topic("a")]).next()[0].sentence() == "a rests on nothing else."


def test_goals_that_are_known_or_out_of_reach_leave_nothing_to_do() -> None:
    here = state([topic("a"), topic("b"), topic("c", "c")], "a")
    assert here.next(goals=["a", "c"]) == ()
    assert [item.topic for item in here.next(goals=["a", "b"])] == ["b"]


def test_nothing_is_ready_when_all_is_known() -> None:
    assert state([topic("a")], "a").next() == ()
    assert state([]).next() == ()


def test_unknown_slugs_and_negative_numbers_are_refused() -> None:
    here = state([topic("a")])
    for call in (lambda: here.next(goals=["b"]), lambda: here.status("b"), lambda: state([topic("a")], "b")):
        with pytest.raises(UnknownSlugs):
            call()
    with pytest.raises(BadInput):
        here.next(first=-1)


def test_ten_thousand_known_topics_are_taken() -> None:
    names = [f"t{number:05}" for number in range(12_000)]
    rows = ((name, 1, [before]) for before, name in pairwise(names))
    graph = PrerequisiteGraph.assemble(((name, 1.0) for name in names), rows)
    here = KnowledgeState.of(graph, names[:10_000] * 2)
    assert here.is_consistent
    assert [item.topic for item in here.next()] == names[10_000:10_001]
    assert graph.members_in(here.inner_fringe) == (names[9_999],)


def test_what_is_given_as_known_counts_though_its_prerequisites_do_not() -> None:
    here = state([topic("a", hours=2), topic("b", "a"), topic("c", "b")], "b")
    assert not here.is_consistent
    assert [item.topic for item in here.next()] == ["c", "a"]
    assert here.missing() == Way(("a",), 2.0, optimal=True)


def test_progress_counts_optional_topics_apart_and_each_topic_once() -> None:
    here = state([topic("a", hours=2), topic("b", hours=3), topic("c", hours=4)], "a", "c")
    assert here.progress(roadmap("a", "b", "a?", "c?")) == Progress(
        Tally(1, 2, 2.0, 5.0), Tally(1, 1, 4.0, 4.0)
    )
