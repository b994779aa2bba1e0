"""The one execution point: what it promises when all is well, and what it says when it is not."""

from __future__ import annotations

import asyncio
import socket
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
from neo4j import AsyncSession
from pydantic import SecretStr

from graph_api.app import connect
from graph_api.errors import (
    AccessDenied,
    BadInput,
    ConfigurationError,
    MigrationError,
    OutOfTime,
    RoadmapError,
    StoreError,
    Unavailable,
)
from graph_api.neo4j_local import Connection
from graph_api.settings import Settings
from graph_api.store.operation import operation
from graph_api.store.session import Database, Reading, Transaction, only
from tests.conftest import Spare, settings_of

PATIENCE = 10.0
"""Seconds after which nobody waits for a server that is away: two attempts to connect, on a noisy machine."""


def database_at(uri: str, *, password: str = "x" * 8, timeout: float = 10.0) -> Database:
    return Database.connect(uri, user="neo4j", password=password, timeout=timeout)


async def marks(database: Database) -> list[int]:
    rows = await database.read("MATCH (m:OfTests&Mark) RETURN m.value AS value ORDER BY value")
    return [row["value"] for row in rows]


async def mark(database: Database, value: int) -> None:
    await database.write(lambda t: t.run("CREATE (:OfTests:Mark {value: $value})", value=value))


@pytest.fixture
async def unmarked(database: Database) -> AsyncIterator[Database]:
    yield database
    await database.write(lambda t: t.run("MATCH (m:OfTests&Mark) DELETE m"))


async def test_a_reachable_database_verifies(database: Database) -> None:
    await database.verify()
    assert [row["x"] for row in await database.read("RETURN $x AS x", x=[1, "a", None])] == [[1, "a", None]]


async def test_several_statements_of_one_read_answer_in_their_order(database: Database) -> None:
    one, two = await database.read_all(
        Reading("UNWIND [1, 2] AS x RETURN x"),
        Reading("RETURN $y AS y", {"y": "b"}, each=lambda record: record["y"]),
    )
    assert [row["x"] for row in one] == [1, 2]
    assert two == ["b"]


async def test_every_statement_is_counted(database: Database) -> None:
    assert database.statements == 0
    await database.read("RETURN 1")
    assert database.statements == 1
    await database.read_all(Reading("RETURN 1"), Reading("RETURN 2"))
    assert database.statements == 3

    async def work(transaction: Transaction) -> None:
        await transaction.run("RETURN 1")
        await transaction.run("RETURN 2")

    await database.write(work)
    assert database.statements == 5


async def test_a_read_sees_every_earlier_write_of_the_process(unmarked: Database) -> None:
    for value in range(20):
        await mark(unmarked, value)
        assert await marks(unmarked) == list(range(value + 1))


async def test_a_write_reads_what_it_wrote(unmarked: Database) -> None:
    async def work(transaction: Transaction) -> int:
        await transaction.run("CREATE (:OfTests:Mark {value: 1})")
        return len(await transaction.run("MATCH (m:OfTests&Mark) RETURN m"))

    assert await unmarked.write(work) == 1


async def test_a_write_that_raises_leaves_nothing(unmarked: Database) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.run("CREATE (:OfTests:Mark {value: 1})")
        raise BadInput("On second thoughts, no.")

    with pytest.raises(BadInput, match="second thoughts"):
        await unmarked.write(work)
    assert await marks(unmarked) == []


async def test_a_read_may_not_write(unmarked: Database) -> None:
    with pytest.raises(StoreError, match="refused a statement"):
        await unmarked.read("CREATE (:OfTests:Mark {value: 1})")
    assert await marks(unmarked) == []


async def test_a_statement_that_is_none_is_a_store_error_that_names_its_code(database: Database) -> None:
    with pytest.raises(StoreError, match=r"Neo\.ClientError\.Statement\.SyntaxError") as caught:
        await database.read("MATCH (secret_name RETURN")
    assert type(caught.value) is StoreError
    assert "secret_name" not in str(caught.value)


async def test_a_statement_that_takes_too_long_is_ended(neo4j: Connection) -> None:
    began = time.monotonic()
    async with database_at(neo4j.uri, password=neo4j.password, timeout=0.5) as database:
        with pytest.raises(Unavailable):
            await database.read(
                "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b % 7)"
            )
    assert time.monotonic() - began < PATIENCE


async def test_a_wrong_password_is_access_denied_and_is_not_told(neo4j: Connection) -> None:
    async with database_at(neo4j.uri, password="not-the-password") as database:
        with pytest.raises(AccessDenied) as caught:
            await database.read("RETURN 1")
    assert str(caught.value) == "The database refuses the user or the password."
    assert "not-the-password" not in "".join(traceback.format_exception(caught.value))
    async with connect(settings_of(neo4j)) as database:
        await database.verify()  # or the server would count more wrong ones, and lock the user for a while


async def test_a_user_who_is_locked_out_after_too_many_wrong_passwords_is_denied_too(
    neo4j: Connection,
) -> None:
    async with Database.connect(neo4j.uri, user="stranger", password="x" * 8) as database:
        for _ in range(5):
            with pytest.raises(AccessDenied):
                await database.verify()


async def test_a_server_that_is_away_or_silent_is_unavailable_in_a_few_seconds(closed_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ports = [closed_port, silent.getsockname()[1]]
        began = time.monotonic()
        async with AsyncExitStack() as stack:
            absent = [
                await stack.enter_async_context(database_at(f"bolt://127.0.0.1:{port}")) for port in ports
            ]
            asked = [database.read("RETURN 1") for database in absent for _ in range(20)]
            answers = await asyncio.gather(*asked, return_exceptions=True)
    assert time.monotonic() - began < PATIENCE
    assert {str(answer) for answer in answers} == {"The database cannot be reached now."}
    assert {type(answer) for answer in answers} == {Unavailable}


async def test_a_statement_alone_is_sent_again_over_another_connection(
    database: Database, settings: Settings
) -> None:
    await asyncio.gather(*(database.read("RETURN 1") for _ in range(3)))
    async with connect(settings) as other:
        with suppress(Unavailable):  # its own is among them
            await other.read(
                "CALL dbms.listConnections() YIELD connectionId, connector WHERE connector = 'bolt'"
                " WITH collect(connectionId) AS ids CALL dbms.killConnections(ids) YIELD connectionId AS id"
                " RETURN count(id)"
            )
    assert [record["one"] for record in await database.read("RETURN 1 AS one")] == [1]
    assert await database.put("MERGE (m:OfTests:Mark) SET m.value = 7 RETURN m.value AS value")
    assert [
        row["value"] for row in await database.read("MATCH (m:OfTests&Mark) RETURN m.value AS value")
    ] == [7]
    await database.write(lambda t: t.run("MATCH (m:OfTests&Mark) DELETE m"))


@pytest.mark.parametrize("uri", ["bolt+x://localhost", "localhost", "bolt://a?b=c"])
def test_an_address_of_another_kind_is_a_configuration_error(uri: str) -> None:
    with pytest.raises(ConfigurationError, match="database address cannot be used"):
        database_at(uri)


async def test_a_database_that_the_server_does_not_have_is_a_store_error(neo4j: Connection) -> None:
    settings = settings_of(neo4j, neo4j_database="nowhere")
    async with connect(settings) as database:
        with pytest.raises(StoreError) as caught:
            await database.read("RETURN 1")
    assert isinstance(caught.value, RoadmapError)


async def test_a_killed_database_is_unavailable_and_is_found_again_when_it_is_back(spare: Spare) -> None:
    async with connect(settings_of(spare.connection)) as database:
        await mark(database, 1)
        await asyncio.to_thread(spare.kill)
        began = time.monotonic()
        asked = [database.read("RETURN 1"), mark(database, 2)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert time.monotonic() - began < PATIENCE
        assert {str(answer) for answer in answers} == {"The database cannot be reached now."}
        await asyncio.to_thread(spare.start)
        assert await marks(database) == [1]
        await mark(database, 3)
        assert await marks(database) == [1, 3]
        await database.write(lambda t: t.run("MATCH (m:OfTests&Mark) DELETE m"))


def test_a_database_without_its_catalogue_is_not_migrated() -> None:
    with pytest.raises(MigrationError, match="not migrated"):
        only([])


def test_a_secret_shows_in_no_setting(settings: Settings) -> None:
    assert isinstance(settings.neo4j_password, SecretStr)
    assert settings.neo4j_password.get_secret_value() not in repr(settings)


def idle(database: Database) -> list[AsyncSession]:
    return [session for sessions in database._idle.values() for session in sessions]


async def test_a_session_serves_one_statement_after_another_and_keeps_no_connection(
    neo4j: Connection,
) -> None:
    async with database_at(neo4j.uri, password=neo4j.password) as database:
        await database.read("RETURN 1 AS x")
        [first] = idle(database)
        for _ in range(3):
            await database.read("UNWIND range(1, 5000) AS x RETURN x")
        assert idle(database) == [first]
        await asyncio.gather(*(database.read("RETURN $x AS x", x=x) for x in range(5)))
        sessions = idle(database)
        assert len(sessions) == 5
        assert all(session._connection is None for session in sessions), (
            "else they would be taken from the pool"
        )
    assert idle(database) == []
    assert all(session.closed() for session in sessions)


@pytest.mark.parametrize("ends", ["it fails", "its operation is ended", "its task is cancelled"])
async def test_a_session_that_was_left_before_its_end_serves_nobody_again(
    neo4j: Connection, ends: str
) -> None:
    slow = "UNWIND range(1, 100000000) AS x WITH x WHERE x < 0 RETURN x"
    async with database_at(neo4j.uri, password=neo4j.password) as database:
        await database.read("RETURN 1 AS x")
        [first] = idle(database)
        if ends == "it fails":
            with pytest.raises(StoreError):
                await database.read("THIS IS NO CYPHER")
        else:
            with operation() as running:
                task = asyncio.create_task(database.read(slow))
                await asyncio.sleep(0.2)
                if ends == "its operation is ended":
                    running.end()
                else:
                    task.cancel()
                with pytest.raises((OutOfTime, asyncio.CancelledError)):
                    await task
        assert idle(database) == []
        assert first.closed()
        assert only(await database.read("RETURN 2 AS x")) == {"x": 2}


async def test_a_session_that_serves_again_sees_every_write_before(unmarked: Database) -> None:
    for value in range(5):
        await unmarked.read("RETURN 1 AS x")
        await mark(unmarked, value)
        assert await marks(unmarked) == [*range(value + 1)]
