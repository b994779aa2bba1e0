"""What becomes of an operation that takes too long, and of all that it does in the database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import httpx
import pytest
from aiodataloader import DataLoader
from starlette.requests import HTTPConnection

from graph_api.app import create_app
from graph_api.endpoint.deadline import Deadline, within
from graph_api.endpoint.guard import Guard
from graph_api.endpoint.pipeline import Pipeline
from graph_api.endpoint.request import GraphQLRequest
from graph_api.endpoint.streams import Answer, Streams
from graph_api.errors import OutOfTime
from graph_api.knowledge.model import Catalogue
from graph_api.settings import Settings
from graph_api.store.operation import apart, current, operation
from graph_api.store.session import Database, Transaction
from tests.conftest import in_process
from tests.endpoint.conftest import over, post
from tests.endpoint.guarded import SCHEMA, Slow, build

SLOW = "UNWIND range(1, 2000000000) AS far WITH far WHERE far < 0 RETURN count(*) AS n"
SECONDS = 0.3


def guard(seconds: float = SECONDS, *, grace: float = 1.0) -> Guard:
    return Guard(deadline=Deadline(seconds, scope=operation, grace=grace))


async def under_way(database: Database) -> int:
    """How many transactions of the server run the slow statement."""
    with apart():
        rows = await database.read(
            "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery = $query RETURN count(*) AS n",
            query=SLOW,
        )
    return int(rows[0]["n"])


async def until(fact: Callable[[], Awaitable[bool]], *, seconds: float = 3.0) -> None:
    async with asyncio.timeout(seconds):
        while not await fact():  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.02)


def assert_late(answer: httpx.Response) -> None:
    assert answer.status_code == 504
    [error] = answer.json()["errors"]
    assert error["extensions"] == {"code": "TIMEOUT"}
    assert "data" not in answer.json()


async def test_an_operation_that_takes_too_long_is_ended_with_504() -> None:
    slow = Slow()
    async with over(build(slow, guard())) as http:
        began = time.monotonic()
        assert_late(await post(http, {"query": "{ wait }"}))
        assert time.monotonic() - began < 3 * SECONDS
        assert slow.inside == 0
        assert (await post(http, {"query": "{ hello }"})).status_code == 200


async def test_its_transaction_ends_with_it_whichever_task_has_begun_it(database: Database) -> None:
    async def load(keys: list[int]) -> list[int]:
        return [(await database.read(SLOW))[0]["n"] for _ in keys]

    slow = Slow()
    slow.work = lambda: DataLoader(load).load(1)  # it loads in a task of its own
    assert await under_way(database) == 0
    async with over(build(slow, guard(1.5))) as http:
        asked = asyncio.create_task(post(http, {"query": "{ work }"}))
        await until(lambda: _is(under_way(database), 1))
        assert_late(await asked)
        await until(lambda: _is(under_way(database), 0))


async def test_a_write_that_is_not_committed_yet_is_rolled_back(empty: Database) -> None:
    async def write() -> int:
        async def work(transaction: Transaction) -> int:
            await transaction.run("CREATE (:Topic {slug: 'never'})")
            await transaction.run(SLOW)
            return 1

        return await empty.write(work)

    slow = Slow(work=write)
    async with over(build(slow, guard())) as http:
        assert_late(await post(http, {"query": "mutation { work }"}))
    await until(lambda: _is(under_way(empty), 0))
    assert await empty.read("MATCH (t:Topic {slug: 'never'}) RETURN t") == []


async def test_a_write_that_is_committed_is_told_of_however_late(empty: Database) -> None:
    async def write() -> int:
        async def work(transaction: Transaction) -> int:
            await transaction.run("CREATE (:Topic {slug: 'late'})")
            return 1

        made = await empty.write(work)
        await asyncio.sleep(2 * SECONDS)
        await empty.read("RETURN 1")  # what the payload reads is not ended either
        return made

    slow = Slow(work=write)
    async with over(build(slow, guard(grace=5))) as http:
        answer = await post(http, {"query": "mutation { work }"})
    assert answer.json() == {"data": {"work": 1}}
    await empty.write(lambda transaction: transaction.run("MATCH (t:Topic {slug: 'late'}) DETACH DELETE t"))


async def test_a_commit_that_nobody_can_wait_for_is_not_called_a_failure() -> None:
    went_on = asyncio.Event()

    async def write() -> int:
        current().seal()
        await asyncio.sleep(2 * SECONDS)
        went_on.set()
        return 1

    async with over(build(Slow(work=write), guard(grace=0.01))) as http:
        answer = await post(http, {"query": "mutation { work }"})
        assert_late(answer)
        assert "may yet be made" in answer.json()["errors"][0]["message"]
        async with asyncio.timeout(2):
            await went_on.wait()


async def test_a_mutation_that_waits_for_the_lock_of_the_catalogue_writes_nothing(
    settings: Settings,
    catalogue: Catalogue,  # noqa: ARG001 - it is what the database holds
    database: Database,
) -> None:
    hurried = settings.model_copy(update={"operation_timeout": SECONDS})
    locked, release = asyncio.Event(), asyncio.Event()

    async def hold(transaction: Transaction) -> None:
        await transaction.run("MATCH (c:Catalogue) SET c.held = true REMOVE c.held")
        locked.set()
        await release.wait()

    holding = asyncio.create_task(database.write(hold))
    await locked.wait()
    try:
        async with in_process(create_app(hurried)) as client:
            http = client.as_("editor")
            body = {
                "query": 'mutation { createTopic(input: {slug: "x", title: "X", hours: 1}) { revision } }'
            }
            assert_late(await http.http.post("/graphql", json=body, headers=http.headers))
    finally:
        release.set()
        await holding
    [[revision]] = await database.read("MATCH (c:Catalogue) RETURN c.revision")
    assert revision == 1
    assert await database.read("MATCH (t:Topic {slug: 'x'}) RETURN t") == []


async def test_a_streamed_operation_is_ended_too(database: Database) -> None:
    async def read() -> int:
        return int((await database.read(SLOW))[0]["n"])

    await database.verify()
    [answer] = await streamed("{ work }", Slow(work=read))
    assert answer.refused
    assert answer.body["errors"][0]["extensions"] == {"code": "TIMEOUT"}
    await until(lambda: _is(under_way(database), 0))


async def test_a_streamed_write_that_is_committed_is_told_of_however_late() -> None:
    async def write() -> int:
        current().seal()
        await asyncio.sleep(2 * SECONDS)
        return 1

    [answer] = await streamed("mutation { work }", Slow(work=write))
    assert answer.body == {"data": {"work": 1}}


async def streamed(query: str, slow: Slow) -> list[Answer]:
    deadline = partial(within, SECONDS, operation)
    streams = Streams(Pipeline(SCHEMA), context=lambda *_: slow, deadline=deadline)
    asked = GraphQLRequest(query, None, None, reads_only=False)
    connection = HTTPConnection({"type": "websocket"})
    return [answer async for answer in streams.answers(asked, connection, None)]


async def test_what_others_wait_for_too_is_not_ended(database: Database) -> None:
    with operation() as ended:
        with apart():
            shared = asyncio.create_task(database.read("RETURN 1 AS n"))
        own = asyncio.create_task(database.read("RETURN 2 AS n"))
        await asyncio.sleep(0)
        assert ended.end()
        with pytest.raises(OutOfTime):
            await own
        assert (await shared)[0]["n"] == 1
        with pytest.raises(OutOfTime):
            await database.read("RETURN 3 AS n")


async def test_an_ended_operation_can_no_longer_be_sealed() -> None:
    with operation() as one:
        assert one.end()
        with pytest.raises(OutOfTime):
            one.seal()


async def _is(value: Awaitable[int], expected: int) -> bool:
    return await value == expected
