"""What revisions have touched: added up from any of the last ones, and nothing where there is a gap."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_api.knowledge.model import Topic
from graph_api.store.touches import NEWEST, Touches


def touches_of(*revisions: Iterable[str], start: int = 1, kept: int = 100) -> Touches:
    """The revisions after `start`, and what each has touched."""
    touches = Touches(kept=kept)
    touches.note(start, None, since=-1)
    for number, ids in enumerate(revisions, start=start):
        touches.note(number + 1, ids, since=number)
    return touches


def test_what_was_touched_since_a_revision_is_all_of_the_later_ones() -> None:
    touches = touches_of("a", "bc", "a")
    assert touches.revision == 4
    assert touches.since(4) == frozenset()
    assert touches.since(3) == frozenset("a")
    assert touches.since(2) == touches.since(1) == frozenset("abc")


def test_a_revision_before_the_first_and_one_to_come_are_not_known() -> None:
    touches = touches_of("a", "b", start=7)
    assert touches.since(6) is None
    assert touches.since(10) is None
    assert touches.since(-1) is None


def test_a_process_that_has_seen_nothing_knows_what_followed_nothing() -> None:
    assert Touches().since(0) == frozenset()
    assert Touches().since(1) is None


def test_several_revisions_noted_at_once_may_each_have_touched_all_of_it() -> None:
    touches = touches_of("a")
    touches.note(5, "bc", since=2)
    assert touches.since(4) == touches.since(3) == touches.since(2) == frozenset("bc")
    assert touches.since(1) == frozenset("abc")


@pytest.mark.parametrize("ids", [None, "a"])
def test_after_a_gap_another_era_begins_and_nothing_of_before_is_known(ids: str | None) -> None:
    touches = touches_of("a", "b")
    era = touches.era
    touches.note(9, ids, since=3 if ids is None else 8)
    assert touches.era is not era
    assert touches.revision == 9
    assert touches.since(3) is None
    assert touches.since(8) is None
    assert touches.since(9) == frozenset()
    touches.note(10, "c", since=9)
    assert touches.since(9) == frozenset("c")


def test_a_database_that_was_set_back_begins_another_era() -> None:
    touches = touches_of("a", "b", "c")
    era = touches.era
    touches.note(2, None, since=4)
    assert touches.era is not era
    assert touches.revision == 2
    assert touches.since(4) is None
    assert touches.since(1) is None


def test_the_oldest_go_when_there_are_too_many() -> None:
    touches = touches_of("ab", "cd", "ef", kept=4)
    assert touches.since(1) is None
    assert touches.since(2) == frozenset("cdef")
    touches.note(5, "ghijk", since=4)
    assert touches.since(4) is None, "one revision alone was too many"
    assert touches.since(5) == frozenset()
    touches.note(6, "l", since=5)
    assert touches.since(5) == frozenset("l")


@given(
    st.lists(st.tuples(st.integers(0, 3), st.frozensets(st.sampled_from("abcdef"), max_size=4)), max_size=12),
    st.integers(1, 20),
)
def test_what_is_said_is_the_union_of_what_was_noted_or_nothing(
    noted: list[tuple[int, frozenset[str]]], kept: int
) -> None:
    touches = Touches(kept=kept)
    touches.note(0, None, since=-1)
    steps: list[frozenset[str]] = []
    for revisions, ids in noted:
        touches.note(len(steps) + revisions, ids, since=len(steps))
        steps += [ids] * revisions
    for revision in range(len(steps) + 1):
        expected = frozenset[str]().union(*steps[revision:])
        held = sum(map(len, steps[revision:]))
        assert touches.since(revision) == (expected if held <= kept else None)


FLOUR, MEAL, SALT = Topic("flour", "Flour"), Topic("meal", "Meal"), Topic("salt", "Salt")


def test_what_topics_have_become_is_that_of_the_last_write_that_touched_them() -> None:
    touches = touches_of()
    touches.note(2, "ab", since=1, topics={"a": FLOUR, "b": SALT})
    assert (touches.topic("a"), touches.topic("b"), touches.topic("c")) == (FLOUR, SALT, None)
    touches.note(3, "a", since=2, topics={"a": MEAL})
    assert (touches.topic("a"), touches.topic("b")) == (MEAL, SALT)
    touches.note(4, "a", since=3)
    assert (touches.topic("a"), touches.topic("b")) == (None, SALT), "it went, or nobody told"


@pytest.mark.parametrize("ids", [None, "c"])
def test_after_a_gap_nobody_knows_what_topics_have_become(ids: str | None) -> None:
    touches = touches_of()
    touches.note(2, "a", since=1, topics={"a": FLOUR})
    touches.note(9, ids, since=8)
    assert touches.topic("a") is None


def test_only_of_the_newest_topics_it_is_known_what_they_have_become() -> None:
    touches = touches_of(kept=10 * NEWEST)
    many = {str(number): FLOUR for number in range(NEWEST)}
    touches.note(2, many, since=1, topics=many)
    touches.note(3, ["new"], since=2, topics={"new": SALT})
    assert touches.topic("0") is None
    assert (touches.topic("1"), touches.topic("new")) == (FLOUR, SALT)
