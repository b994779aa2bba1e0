"""Stages, critical paths and calendars add up."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_api.errors import BadInput, UnknownSlugs, Unlearnable
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.path import cheapest_path
from graph_api.knowledge.schedule import calendar, critical_path, stages
from tests.knowledge.path_oracle import is_ready, random_puzzle

GRAPH = PrerequisiteGraph.assemble(
    [("a", 3), ("b", 1), ("c", 2), ("d", 4), ("e", 1)],
    [("c", 1, ["a", "b"]), ("d", 1, ["c"]), ("e", 2, ["a", "b", "d"])],
)
MONDAY = date(2026, 11, 23)


def test_a_step_stands_in_the_first_stage_that_it_can() -> None:
    steps = ["b", "a", "c", "d", "e"]
    assert stages(GRAPH, steps) == (("b", "a"), ("c", "e"), ("d",))
    assert stages(GRAPH, ["d", "a", "e"], known=["b", "c"]) == (("d", "a"), ("e",))
    assert stages(GRAPH, []) == ()


def test_the_critical_path_waits_for_the_alternative_that_comes_first() -> None:
    path = critical_path(GRAPH, ["b", "a", "c", "d", "e"])
    assert (path.topics, path.hours) == (("b", "c", "d"), 7.0)
    assert critical_path(GRAPH, ["a", "c"]).topics == ("a", "c")
    assert critical_path(GRAPH, ["e", "a"], known=["b"]).topics == ("a", "e")
    assert critical_path(GRAPH, []).hours == 0.0


@pytest.mark.parametrize("function", [stages, critical_path])
def test_steps_that_cannot_be_learned_or_found_are_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(BadInput, match="cannot be learned from what is known: d"):
        function(GRAPH, ["a", "d"])
    with pytest.raises(UnknownSlugs):
        function(GRAPH, ["z"])


def test_the_critical_path_of_a_plain_graph_is_the_longest_one_of_networkx() -> None:
    random = Random(4)
    for _ in range(100):
        slugs = [f"t{index:02}" for index in range(20)]
        hours = {slug: float(random.randint(1, 9)) for slug in slugs}
        edges = [
            (one, two)
            for place, two in enumerate(slugs)
            for one in random.sample(slugs[:place], min(place, 2))
        ]
        graph = PrerequisiteGraph.assemble(hours.items(), [(two, 1, [one]) for one, two in edges])
        weighted: nx.DiGraph[str] = nx.DiGraph()
        weighted.add_weighted_edges_from((one, two, hours[two]) for one, two in edges)
        weighted.add_weighted_edges_from(("start", slug, hours[slug]) for slug in slugs)
        assert critical_path(graph, slugs).hours == nx.dag_longest_path_length(weighted)
        assert [set(stage) for stage in stages(graph, slugs)] == [
            set(generation) - {"start"}
            for generation in nx.topological_generations(weighted)
            if set(generation) != {"start"}
        ]


def test_paths_with_loops_have_stages_that_can_be_learned_one_after_another() -> None:
    random = Random(6)
    for _ in range(150):
        puzzle = random_puzzle(random, topics=20)
        graph = puzzle.graph()
        try:
            path = cheapest_path(graph, goals=puzzle.goals, known=puzzle.known)
        except Unlearnable:
            continue
        have = set(puzzle.known)
        for stage in stages(graph, path.steps, puzzle.known):
            assert all(is_ready(puzzle.groups, slug, have) for slug in stage)
            have |= set(stage)
        assert have == {*path.steps, *puzzle.known}
        critical = critical_path(graph, path.steps, puzzle.known)
        assert set(critical.topics) <= set(path.steps)
        assert critical.hours <= path.total_hours
        longest = max((puzzle.hours[slug] for slug in path.steps), default=0.0)
        assert critical.hours >= longest


def test_a_topic_is_split_where_a_week_ends() -> None:
    plan = calendar([("a", 3), ("b", 14), ("c", 0)], hours_per_week=7, start=date(2026, 11, 25))
    assert [
        (part.topic, part.week, part.first.day, part.last.day, float(part.hours)) for part in plan.parts
    ] == [
        ("a", 0, 25, 27, 3),
        ("b", 0, 28, 1, 4),
        ("b", 1, 2, 8, 7),
        ("b", 2, 9, 11, 3),
        ("c", 2, 11, 11, 0),
    ]
    assert (plan.first, plan.last, plan.hours) == (date(2026, 11, 25), date(2026, 12, 11), Fraction(17))


def test_working_days_leave_the_weekend_free() -> None:
    plan = calendar([("a", 4), ("b", 3)], hours_per_week=5, start=date(2026, 11, 26), working_days=True)
    assert [(part.topic, part.first, part.last, float(part.hours)) for part in plan.parts] == [
        ("a", date(2026, 11, 26), date(2026, 12, 1), 4),
        ("b", date(2026, 12, 2), date(2026, 12, 2), 1),
        ("b", date(2026, 12, 3), date(2026, 12, 4), 2),
    ]
    for weekend in (date(2026, 11, 28), date(2026, 11, 29)):
        assert calendar([("a", 1)], hours_per_week=5, start=weekend, working_days=True).last == date(
            2026, 11, 30
        )


HOURS = st.floats(0, 200) | st.integers(0, 100).map(lambda number: number / 4)


@given(
    st.lists(HOURS, max_size=8),
    st.floats(0.5, 168),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.booleans(),
)
def test_every_hour_is_planned_once_and_no_week_has_more_than_its_hours(
    amounts: list[float], hours_per_week: float, start: date, working_days: bool
) -> None:
    steps = [(f"t{index}", hours) for index, hours in enumerate(amounts)]
    plan = calendar(steps, hours_per_week=hours_per_week, start=start, working_days=working_days)
    for slug, hours in steps:
        parts = [part for part in plan.parts if part.topic == slug]
        assert sum(part.hours for part in parts) == Fraction(repr(hours))
    assert sum(part.hours for part in plan.parts) == plan.hours
    for week in {part.week for part in plan.parts}:
        spent = sum(part.hours for part in plan.parts if part.week == week)
        assert spent <= Fraction(repr(hours_per_week))
    for part in plan.parts:
        assert plan.first <= part.first <= part.last
        assert plan.first + timedelta(days=7 * part.week) <= part.first
        assert part.last < plan.first + timedelta(days=7 * part.week + 7)
        assert not working_days or max(part.first.weekday(), part.last.weekday()) < 5
    assert all(
        one.last <= two.first for one, two in pairwise(plan.parts) if two.hours == 0 or one.last < two.first
    )
    assert plan.last == (plan.parts[-1].last if plan.parts else None)


@pytest.mark.parametrize("hours_per_week", [0.0, -1.0, float("nan"), float("inf"), 168.5])
def test_impossible_weeks_are_refused(hours_per_week: float) -> None:
    with pytest.raises(BadInput, match="Hours a week"):
        calendar([("a", 1)], hours_per_week=hours_per_week, start=MONDAY)


@pytest.mark.parametrize("hours", [-1.0, float("nan"), float("inf")])
def test_impossible_hours_are_refused(hours: float) -> None:
    with pytest.raises(BadInput, match="Hours must be"):
        calendar([("a", hours)], hours_per_week=5, start=MONDAY)


@pytest.mark.parametrize("working_days", [True, False])
@pytest.mark.parametrize(("hours", "start"), [(1e300, MONDAY), (1e9, MONDAY), (500.0, date(9999, 12, 31))])
def test_what_ends_after_the_last_year_is_refused(hours: float, start: date, working_days: bool) -> None:
    with pytest.raises(BadInput, match="9999"):
        calendar([("a", hours)], hours_per_week=1, start=start, working_days=working_days)
