"""Selections that are written out as functions: which are, when, and that documents share them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, ExecutionResult, execute, parse

from graph_api.endpoint.execution import PlannedExecutor, unrolled
from graph_api.endpoint.execution.selection import WORTH
from graph_api.endpoint.execution.unrolled import LONGEST
from tests.endpoint.bags import Stock, told


@strawberry.type
class Leaf:
    """All that can stand in an answer as it is."""

    text: str
    maybe: str | None
    whole: int
    number: float
    flag: bool
    texts: list[str]


@strawberry.type
class Query:
    """Many leaves."""

    @strawberry.field
    def leaves(self) -> list[Leaf | None]:
        """Such as fit, and each value otherwise once."""
        return [Leaf(**{**FITTING, **each}) for each in ({}, *ODD, *WRONG)]


FITTING: Mapping[str, Any] = {
    "text": "t",
    "maybe": None,
    "whole": 2**31 - 1,
    "number": 0.5,
    "flag": True,
    "texts": ["a", "b"],
}
ODD: list[dict[str, Any]] = [
    {"maybe": "there"},
    {"texts": []},
    {"texts": ("in", "a tuple")},
    {"whole": -(2**31)},
    {"number": 1e308},
]
WRONG: list[dict[str, Any]] = [
    {"text": None},
    {"text": 1},
    {"whole": 2**31},
    {"whole": True},
    {"number": float("nan")},
    {"number": float("-inf")},
    {"number": 7},
    {"flag": 1},
    {"texts": ["a", None]},
    {"texts": [1]},
]
SCHEMA = strawberry.Schema(Query)
ALL = " ".join(FITTING)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many fields each selection had that was written out."""
    found: list[int] = []
    original = unrolled.unrolled

    def noted(steps: Any) -> Any:
        do = original(steps)
        if do is not None:
            found.append(len(steps))
        return do

    monkeypatch.setattr("graph_api.endpoint.execution.selection.unrolled", noted)
    unrolled._maker.cache_clear()
    yield found
    unrolled._maker.cache_clear()


def answer(executor: type[PlannedExecutor], document: DocumentNode) -> bytes:
    result = execute(SCHEMA._schema, document, executor_class=executor)
    assert isinstance(result, ExecutionResult)
    return told(result, [])


def test_a_selection_is_written_out_when_it_was_done_often(made: list[int]) -> None:
    document = parse(f"{{ leaves {{ {ALL} }} }}")
    lists = WORTH // len([{}, *ODD, *WRONG])
    for _ in range(lists):
        answer(PlannedExecutor, document)
    assert made == []
    for _ in range(5):
        answer(PlannedExecutor, document)
    assert made == [len(FITTING)]


@pytest.mark.parametrize("name", [*FITTING, "__typename", ALL])
def test_it_answers_whatever_its_fields_hold_as_step_by_step(name: str, made: list[int]) -> None:
    document = parse(f"{{ leaves {{ {name} }} }}")
    expected = answer(Stock, document)
    for _ in range(WORTH):
        assert answer(PlannedExecutor, document) == expected
    assert len(made) == 1
    assert answer(PlannedExecutor, document) == expected


def test_documents_that_select_the_same_fields_share_what_is_written(made: list[int]) -> None:
    for alias in ("one", "other"):
        document = parse(f"{{ leaves {{ {alias}: text flag }} }}")
        answers = {answer(PlannedExecutor, document) for _ in range(WORTH)}
        assert answers == {answer(Stock, document)}
    assert len(made) == 2
    assert unrolled._maker.cache_info().misses == 1


def test_a_long_selection_is_done_step_by_step(made: list[int]) -> None:
    names = " ".join(f"a{number}: text" for number in range(LONGEST + 1))
    document = parse(f"{{ leaves {{ {names} }} }}")
    expected = answer(Stock, document)
    for _ in range(2 * WORTH):
        assert answer(PlannedExecutor, document) == expected
    assert made == []
