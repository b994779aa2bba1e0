"""Requirement expressions and their normal form."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_api.errors import InvalidRequirement
from graph_api.knowledge.model import Requirement
from graph_api.knowledge.requirement import (
    MAX_DEPTH,
    MAX_GROUPS,
    AtLeast,
    Expression,
    all_of,
    any_of,
    combine,
    holds,
    in_words,
    normal_form,
)
from tests.pace import within

TOPICS = "abcdef"
STATES = [frozenset(state) for size in range(len(TOPICS) + 1) for state in combinations(TOPICS, size)]


def groups(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    lists = st.lists(parts, min_size=1, max_size=4)
    return lists.flatmap(lambda of: st.builds(AtLeast, st.integers(1, len(of)), st.just(tuple(of))))


def expressions() -> st.SearchStrategy[Expression]:
    return st.recursive(st.sampled_from(TOPICS), groups, max_leaves=10)


def met(requirements: tuple[Requirement, ...], known: frozenset[str]) -> bool:
    return all(len(known & set(group.of)) >= group.need for group in requirements)


def accepted(expression: Expression) -> tuple[Requirement, ...] | None:
    try:
        return normal_form(expression)
    except InvalidRequirement:
        return None


@given(expressions())
def test_the_normal_form_holds_in_exactly_the_states_in_which_the_expression_holds(
    expression: Expression,
) -> None:
    if (normal := accepted(expression)) is None:
        return
    assert [met(normal, known) for known in STATES] == [holds(expression, known) for known in STATES]


@given(expressions())
def test_no_group_of_a_normal_form_can_be_left_out(expression: Expression) -> None:
    for place in range(len(normal := accepted(expression) or ())):
        fewer = normal[:place] + normal[place + 1 :]
        assert any(met(fewer, known) and not met(normal, known) for known in STATES)


@given(expressions())
def test_groups_are_sorted_without_repeats_and_ask_for_no_more_than_they_hold(
    expression: Expression,
) -> None:
    normal = accepted(expression) or ()
    assert list(normal) == sorted(normal, key=lambda group: (group.of, group.need))
    for group in normal:
        assert group.of == tuple(sorted(set(group.of)))
        assert 1 <= group.need <= len(group.of)


@given(expressions())
def test_each_group_of_a_normal_form_is_its_own_normal_form(expression: Expression) -> None:
    for group in accepted(expression) or ():
        assert normal_form(AtLeast(group.need, group.of)) == (group,)


def test_a_reason_goes_to_every_group() -> None:
    assert normal_form(all_of("a", any_of("b", "c")), reason="So it is.") == (
        Requirement(("a",), reason="So it is."),
        Requirement(("b", "c"), reason="So it is."),
    )


def test_a_threshold_that_stands_alone_stays_whole() -> None:
    assert normal_form(AtLeast(2, ("c", "a", "b"))) == (Requirement(("a", "b", "c"), need=2),)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (any_of(), "empty"),
        (AtLeast(0, ("a",)), "asks for 0"),
        (AtLeast(3, ("a", "b")), "asks for 3"),
        (any_of("a", AtLeast(2, ("b",))), "asks for 2"),
    ],
)
def test_a_group_that_cannot_be_asked_for_is_refused(expression: Expression, said: str) -> None:
    with pytest.raises(InvalidRequirement, match=said):
        normal_form(expression)


def test_one_group_more_than_allowed_is_refused_quickly() -> None:
    with within(1), pytest.raises(InvalidRequirement, match=str(MAX_GROUPS)):
        normal_form(all_of(*(f"t{number}" for number in range(MAX_GROUPS + 1))))


def test_as_many_groups_as_allowed_are_made() -> None:
    assert len(normal_form(all_of(*(f"t{number}" for number in range(MAX_GROUPS))))) == MAX_GROUPS


def test_nesting_beyond_the_limit_is_refused() -> None:
    nested: Expression = "a"
    for _ in range(MAX_DEPTH):
        nested = any_of(nested)
    assert normal_form(nested) == (Requirement(("a",)),)
    with pytest.raises(InvalidRequirement, match="nested"):
        normal_form(any_of(nested))


def pairs(count: int) -> list[Expression]:
    return [all_of(f"a{number}", f"b{number}") for number in range(count)]


@pytest.mark.parametrize(
    "expression",
    [
        any_of(*pairs(40)),
        AtLeast(20, tuple(pairs(40))),
        AtLeast(39, tuple(pairs(300))),
        any_of(*(AtLeast(8, tuple(f"t{place + step}" for step in range(16))) for place in range(30))),
        all_of(*(any_of(*pairs(8)) for _ in range(200))),
        all_of(*(AtLeast(2, (f"t{place}", *pairs(3))) for place in range(200))),
    ],
)
def test_hostile_nesting_is_answered_within_two_seconds(expression: Expression) -> None:
    with within(2):
        accepted(expression)


def test_combining_drops_what_another_requirement_implies_and_keeps_the_order() -> None:
    plain, either = Requirement(("b",), reason="Plain."), Requirement(("a", "b"))
    other = Requirement(("c",))
    assert combine([other, either, plain]) == (other, plain)


def test_of_two_equal_requirements_the_first_keeps_its_reason() -> None:
    first, second = Requirement(("a",), reason="First."), Requirement(("a",), reason="Second.")
    assert combine([first, second]) == (first,)


def test_combining_more_groups_than_allowed_is_refused() -> None:
    with pytest.raises(InvalidRequirement):
        combine(Requirement((f"t{number}",)) for number in range(MAX_GROUPS + 1))


@given(st.lists(expressions(), max_size=3))
def test_combined_requirements_hold_exactly_when_all_of_them_hold(several: list[Expression]) -> None:
    given_ = [group for expression in several for group in accepted(expression) or ()]
    combined = combine(given_)
    assert [met(combined, known) for known in STATES] == [met(tuple(given_), known) for known in STATES]
    assert combine(combined) == combined


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("a", "A"),
        (any_of("a", "b"), "A or B"),
        (any_of("a", "b", "c"), "A, B or C"),
        (AtLeast(2, ("a", "b", "c")), "2 of A, B and C"),
        (all_of("a", any_of("b", "c")), "A, and B or C"),
    ],
)
def test_requirements_are_said_as_a_person_says_them(expression: Expression, words: str) -> None:
    assert in_words(normal_form(expression), str.upper) == words


def test_a_group_that_needs_all_of_its_topics_is_said_with_and() -> None:
    assert in_words([Requirement(("a", "b"), need=2)]) == "a and b"
