"""Cheapest paths are the cheapest: against exhaustive search, by laws, and where greedy goes wrong."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from threading import Thread
from typing import Any

import pytest

from graph_api.errors import BadInput, UnknownSlugs, Unlearnable
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.path import (
    HOURS,
    TOPICS,
    Cost,
    Demand,
    LearningPath,
    Selection,
    cheapest_path,
    cheapest_selection,
    hours_avoiding_optional,
)
from graph_api.knowledge.path.selection import Aim
from tests.knowledge.path_oracle import Puzzle, is_founded, is_ready, random_puzzle, selections


def puzzle(
    hours: Mapping[str, float],
    groups: Mapping[str, list[tuple[int, list[str]]]],
    goals: Sequence[str] = ("goal",),
    known: Sequence[str] = (),
) -> Puzzle:
    return Puzzle(dict(hours), groups, list(goals), list(known))


def path_of(given: Puzzle, **options: object) -> LearningPath:
    options = {"deadline_seconds": 20.0, **options}
    return cheapest_path(given.graph(), goals=given.goals, known=given.known, **options)  # type: ignore[arg-type] # options are passed on as they come


def hours_of(given: Puzzle, chosen: Sequence[str] | frozenset[str]) -> float:
    return sum(given.hours[slug] for slug in chosen)


def check_against_all_subsets(given: Puzzle) -> None:
    every = list(selections(given))
    if not every:
        with pytest.raises(Unlearnable):
            path_of(given)
        return
    path = path_of(given)
    least = min(hours_of(given, chosen) for chosen in every)
    assert path.optimal
    assert path.total_hours == path.total_cost == path.lower_bound == least, given
    assert frozenset(path.steps) in every
    assert len(path.steps) == min(len(chosen) for chosen in every if hours_of(given, chosen) == least)
    for choice in path.choices():
        others = [
            hours_of(given, chosen)
            for chosen in every
            if choice.topic in chosen and not chosen.issuperset(choice.taken)
        ]
        assert choice.proven
        assert choice.next_best == min(others, default=None), (given, choice)


@pytest.mark.parametrize("loops", [True, False])
def test_the_path_and_every_next_best_figure_are_those_of_exhaustive_search(loops: bool) -> None:
    random = Random(20 + loops)
    for _ in range(1500):
        check_against_all_subsets(random_puzzle(random, topics=random.randint(1, 8), loops=loops))


def test_larger_structures_agree_with_exhaustive_search_too() -> None:
    random = Random(5)
    for _ in range(25):
        check_against_all_subsets(random_puzzle(random, topics=12))


def test_steps_can_be_learned_in_their_order_and_leave_a_closed_state() -> None:
    random = Random(3)
    for _ in range(200):
        given = replace(random_puzzle(random, topics=40), known=[])
        try:
            path = path_of(given)
        except Unlearnable:
            continue
        have: set[str] = set()
        for step in path.steps:
            assert is_ready(given.groups, step, have)
            have.add(step)
        assert set(given.goals) <= have
        assert is_founded(given, have)


def cost_or_infinity(given: Puzzle) -> float:
    try:
        return path_of(given).total_hours
    except Unlearnable:
        return float("inf")


def test_an_added_alternative_and_more_knowledge_never_raise_the_cost() -> None:
    random = Random(11)
    for _ in range(200):
        given = random_puzzle(random, topics=25)
        before = cost_or_infinity(given)
        more = replace(given, known=sorted({*given.known, random.choice(sorted(given.hours))}))
        assert cost_or_infinity(more) <= before
        wider = {
            slug: [(need, sorted({*of, random.choice(sorted(given.hours))})) for need, of in groups]
            for slug, groups in given.groups.items()
        }
        assert cost_or_infinity(replace(given, groups=wider)) <= before


def test_renaming_topics_changes_nothing_but_names() -> None:
    random = Random(12)
    for _ in range(100):
        given = random_puzzle(random, topics=25)
        new = dict(zip(given.hours, random.sample(sorted(given.hours), len(given.hours)), strict=True))
        renamed = Puzzle(
            {new[slug]: hours for slug, hours in given.hours.items()},
            {
                new[slug]: [(need, [new[member] for member in of]) for need, of in groups]
                for slug, groups in given.groups.items()
            },
            [new[slug] for slug in given.goals],
            [new[slug] for slug in given.known],
        )
        assert cost_or_infinity(renamed) == cost_or_infinity(given)


def test_a_shared_prerequisite_of_two_members_is_paid_once() -> None:
    """Branch by branch `left` and `right` cost 11 each, 22 together, and `alone` only 15."""
    given = puzzle(
        {"goal": 1, "left": 1, "right": 1, "shared": 10, "alone": 15, "other": 6},
        {
            "goal": [(2, ["left", "right", "alone"]), (1, ["right", "other"])],
            "left": [(1, ["shared"])],
            "right": [(1, ["shared"])],
        },
    )
    path = path_of(given)
    assert path.steps == ("shared", "left", "right", "goal")
    assert path.total_hours == 13.0
    assert [(choice.taken, choice.next_best) for choice in path.choices()] == [
        (("left", "right"), 27.0),
        (("right",), 33.0),
    ]


def test_a_loop_that_an_alternative_avoids_is_no_hindrance() -> None:
    given = puzzle(
        {"goal": 1, "a": 1, "b": 1, "way-out": 9},
        {"goal": [(1, ["a"])], "a": [(1, ["b", "way-out"])], "b": [(1, ["a"])]},
    )
    assert path_of(given).steps == ("way-out", "a", "goal")


def test_a_topic_cannot_meet_its_own_group() -> None:
    given = puzzle({"goal": 1, "b": 5}, {"goal": [(1, ["goal", "b"])]})
    assert path_of(given).steps == ("b", "goal")
    with pytest.raises(Unlearnable):
        path_of(puzzle({"goal": 1}, {"goal": [(1, ["goal"])]}))


def test_a_topic_in_two_groups_meets_both() -> None:
    given = puzzle({"goal": 1, "a": 3, "b": 2, "c": 2}, {"goal": [(1, ["a", "b"]), (1, ["a", "c"])]})
    assert path_of(given).steps == ("a", "goal")


def test_a_taken_alternative_satisfies_its_group() -> None:
    given = puzzle({"goal": 1, "cheap": 1, "dear": 9}, {"goal": [(1, ["cheap", "dear"])]}, ["goal", "dear"])
    path = path_of(given)
    assert path.steps == ("dear", "goal")
    assert [(choice.next_best, choice.proven) for choice in path.choices()] == [(None, True)]


def test_free_topics_are_not_learned_for_nothing() -> None:
    given = puzzle({"goal": 0, "a": 0, "b": 0}, {"goal": [(1, ["a", "b"])], "a": [(1, ["b"])]})
    path = path_of(given)
    assert (path.steps, path.total_hours, path.optimal) == (("b", "goal"), 0.0, True)


def test_what_is_known_or_not_asked_for_costs_nothing() -> None:
    given = puzzle({"goal": 4, "a": 2}, {"goal": [(1, ["a"])]}, known=["goal"])
    for path in (path_of(given), path_of(replace(given, goals=[]))):
        assert (path.steps, path.total_hours, path.optimal, path.choices()) == ((), 0.0, True, ())


def test_blockers_are_named_not_what_waits_for_them() -> None:
    given = puzzle(
        {"goal": 1, "mid": 1, "a": 1, "b": 1, "c": 1},
        {
            "goal": [(1, ["mid"])],
            "mid": [(1, ["a"])],
            "a": [(1, ["b"])],
            "b": [(1, ["a"])],
            "c": [(1, ["goal"])],
        },
    )
    with pytest.raises(Unlearnable) as caught:
        path_of(given)
    assert caught.value.blocking == [["a", "b"]]


def test_a_dangling_requirement_blocks_its_topic() -> None:
    with pytest.raises(Unlearnable) as caught:
        path_of(puzzle({"goal": 1, "a": 1}, {"goal": [(1, ["a"])], "a": [(1, ["nowhere"])]}))
    assert caught.value.blocking == [["a"]]


def test_unknown_slugs_are_named() -> None:
    given = puzzle({"goal": 1}, {})
    for options in ({"goals": ["gaol"]}, {"goals": [], "known": ["x"]}, {"goals": [], "optional": ["x"]}):
        with pytest.raises(UnknownSlugs):
            cheapest_path(given.graph(), **options)  # type: ignore[arg-type] # options are passed on as they come


def test_other_costs_choose_other_paths() -> None:
    given = puzzle(
        {"goal": 1, "big": 10, "small": 1, "tiny": 1, "extra": 3},
        {"goal": [(1, ["big", "small", "extra"])], "small": [(1, ["tiny"])]},
    )
    assert path_of(given, cost=HOURS).steps == ("tiny", "small", "goal")
    assert path_of(given, cost=TOPICS).total_cost == 2.0
    path = path_of(given, cost=hours_avoiding_optional(3.0), optional=["tiny", "small"])
    assert (path.steps, path.total_hours, path.total_cost) == (("extra", "goal"), 4.0, 4.0)


@pytest.mark.parametrize(
    ("name", "value"), [("per_hour", -1.0), ("per_topic", float("inf")), ("optional_factor", 0.5)]
)
def test_a_cost_that_could_go_down_is_refused(name: str, value: float) -> None:
    with pytest.raises(BadInput):
        Cost(**{name: value})


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_a_deadline_before_now_is_refused(seconds: float) -> None:
    with pytest.raises(BadInput):
        path_of(puzzle({"goal": 1}, {}), deadline_seconds=seconds)


def test_amounts_are_exact_decimals_and_huge_ones_do_no_harm() -> None:
    groups = {"goal": [(1, ["a", "b"])], "a": [(1, ["c"])]}
    # In floating point 0.1 + 0.2 is more than 0.3, so `a` and `c` would seem dearer than `b`.
    equal = path_of(puzzle({"goal": 1.0, "a": 0.1, "c": 0.2, "b": 0.3}, groups))
    assert (equal.steps, equal.choices()[0].next_best) == (("b", "goal"), 1.3)
    close = puzzle({"goal": 0.1, "a": 0.1, "c": 0.1, "b": 0.200001}, groups)
    assert path_of(close).steps == ("c", "a", "goal")
    path = path_of(puzzle({"goal": 1e300, "a": 1e200, "c": 0.5, "b": 3e200}, groups))
    assert (path.steps, path.optimal) == (("c", "a", "goal"), True)


def test_recommended_topics_come_before_then_short_ones() -> None:
    graph = PrerequisiteGraph.assemble(
        [("goal", 1), ("a", 1), ("b", 5), ("c", 9)],
        [("goal", 1, ["a"]), ("goal", 1, ["b"]), ("goal", 1, ["c"])],
        [("a", "c")],
    )
    assert cheapest_path(graph, goals=["goal"]).steps == ("b", "c", "a", "goal")


def test_a_recommendation_never_blocks() -> None:
    graph = PrerequisiteGraph.assemble(
        [("goal", 1), ("a", 1), ("b", 2)],
        [("goal", 1, ["a"]), ("goal", 1, ["b"])],
        [("a", "goal"), ("a", "b"), ("b", "a"), ("b", "b")],
    )
    assert cheapest_path(graph, goals=["goal"]).steps == ("b", "a", "goal")


def test_choices_are_priced_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    given = puzzle({"goal": 1, "a": 2, "b": 3}, {"goal": [(1, ["a", "b"])]})
    priced: list[int] = []
    price = Aim.cheapest_without

    def counted(self: Aim, member: int, **rest: Any) -> Selection | None:
        priced.append(member)
        return price(self, member, **rest)

    monkeypatch.setattr(Aim, "cheapest_without", counted)
    path = path_of(given)
    assert (path.steps, priced) == (("a", "goal"), [])
    assert [choice.next_best for choice in path.choices()] == [4.0]
    assert len(priced) == 1


def hard(*, seed: int = 1) -> Puzzle:
    random = Random(seed)
    leaves = [f"leaf-{index}" for index in range(300)]
    groups = [(1, sorted(random.sample(leaves, 5))) for _ in range(400)]
    return puzzle({"goal": 1.0, **{leaf: float(random.randint(1, 20)) for leaf in leaves}}, {"goal": groups})


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.4])
def test_a_deadline_gives_the_best_found_and_its_bound(seconds: float) -> None:
    given = hard()
    started = time.monotonic()
    path = path_of(given, deadline_seconds=seconds)
    # Generous: other tests may run beside this one.
    assert time.monotonic() - started < 1.1 * seconds + 0.5
    assert is_founded(given, path.steps)
    assert 0 < path.lower_bound <= path.total_cost
    assert path.optimal == (path.lower_bound == path.total_cost)
    assert all(not choice.proven for choice in path.choices() if choice.next_best is None)


def test_paths_without_time_are_founded_even_among_loops() -> None:
    random = Random(8)
    for _ in range(100):
        given = random_puzzle(random, topics=30)
        try:
            path = path_of(given, deadline_seconds=0.0)
        except Unlearnable:
            continue
        assert is_founded(given, path.steps)
        assert path.lower_bound <= path_of(given).total_cost <= path.total_cost


def test_threads_get_the_same_answer_as_one_alone() -> None:
    puzzles = [random_puzzle(Random(seed), topics=60) for seed in range(40)]
    alone = [cost_or_infinity(given) for given in puzzles]
    together: list[list[float]] = [[] for _ in range(4)]
    threads = [
        Thread(target=lambda costs: costs.extend(map(cost_or_infinity, puzzles)), args=(costs,))
        for costs in together
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == [alone] * 4


def test_the_same_question_has_the_same_answer() -> None:
    given = random_puzzle(Random(99), topics=80, loops=False)
    assert len({path_of(given) for _ in range(5)}) == 1


def test_the_cheapest_completion_and_the_cheapest_way_to_meet_a_group() -> None:
    graph = puzzle(
        {"goal": 4, "a": 2, "b": 3, "c": 1}, {"goal": [(1, ["a", "b"])], "a": [(1, ["c"])]}
    ).graph()
    goal, a, b, c = graph.numbers(["goal", "a", "b", "c"]).tolist()
    known = frozenset({goal})
    assert cheapest_selection(graph, [Demand(1, (a, b))], known).topics == (b,)
    both = cheapest_selection(graph, [Demand(2, (a, b))], known)
    assert (both.topics, both.cost, both.bound, both.optimal) == (tuple(sorted((a, b, c))), 6.0, 6.0, True)
    assert cheapest_selection(graph, [Demand(1, (goal,))], known).topics == ()
