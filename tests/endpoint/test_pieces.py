"""Introspection in pieces: the same answer, and whoever comes meanwhile does not wait for its end."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import pytest
from graphql import OperationType, execute_sync, parse

from graph_api.endpoint import pieces
from graph_api.endpoint.pieces import Pieces
from graph_api.endpoint.pipeline import Pipeline
from graph_api.endpoint.request import GraphQLRequest
from tests.endpoint.guarded import SCHEMA, Slow
from tests.endpoint.test_introspection import WHOLE

MIXED: Final = """{
  hello __typename wait(number: 3)
  __schema { queryType { ...T } types { ...T } }
  a: __type(name: "Query") { ...T }
  b: __type(name: "Nobody") { ...T }
}
fragment T on __Type { kind name fields { name args { name type { name ofType { name } } } } }"""


async def told(query: str) -> Any:
    """The data, as the endpoint's own executor makes it."""
    slow = Slow()
    slow.open.set()
    asked = GraphQLRequest(query, None, None, reads_only=True)
    result = await Pipeline(SCHEMA).execute(asked, slow, [OperationType.QUERY])
    assert result.errors is None
    return result.data


@pytest.fixture
def finest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of one object each."""
    monkeypatch.setattr(pieces, "PIECE_SECONDS", 1e-9)


async def test_the_answer_is_that_of_graphql_core() -> None:
    assert await told(WHOLE) == execute_sync(SCHEMA._schema, parse(WHOLE)).data


@pytest.mark.usefixtures("finest")
async def test_it_is_so_in_the_smallest_pieces() -> None:
    assert await told(WHOLE) == execute_sync(SCHEMA._schema, parse(WHOLE)).data


@pytest.mark.usefixtures("finest")
async def test_it_may_stand_beside_other_fields_and_keeps_their_order() -> None:
    data = await told(MIXED)
    assert list(data) == ["hello", "__typename", "wait", "__schema", "a", "b"]
    assert (data["hello"], data["wait"], data["b"]) == ("world", 3, None)
    assert data["a"] in data["__schema"]["types"]


@pytest.mark.usefixtures("finest")
async def test_others_have_a_round_of_the_loop_between_pieces() -> None:
    rounds = 0

    async def count() -> None:
        nonlocal rounds
        while True:
            await asyncio.sleep(0)
            rounds += 1

    counting = asyncio.create_task(count())
    data = await told("{ __schema { types { name } } }")
    counting.cancel()
    assert rounds >= len(data["__schema"]["types"])


@pytest.mark.usefixtures("finest")
async def test_one_that_is_ended_leaves_the_others_alone() -> None:
    ended, going = (asyncio.create_task(told(WHOLE)) for _ in range(2))
    await asyncio.sleep(0.002)
    ended.cancel()
    assert await going == execute_sync(SCHEMA._schema, parse(WHOLE)).data
    with pytest.raises(asyncio.CancelledError):
        await ended


async def test_an_error_belongs_to_whoever_waits() -> None:
    made = Pieces()
    bad, good = made.later(lambda: 1 // 0), made.later(lambda: 7)
    with pytest.raises(ZeroDivisionError):
        await bad
    assert await good == 7
    assert made.over


async def test_what_nobody_waits_for_any_more_is_not_done() -> None:
    made, done = Pieces(), []
    given_up, wanted = made.later(lambda: done.append(1)), made.later(lambda: done.append(2))
    given_up.cancel()
    await wanted
    assert done == [2]
