"""What clients see when something is wrong on our side, and that it passes without a restart."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from graph_api.app import create_app
from graph_api.neo4j_local import Connection
from graph_api.settings import Settings
from graph_api.store.migrations import migrate
from graph_api.store.reader import GraphReader
from graph_api.store.session import Database
from tests.conftest import Client, in_process, settings_of
from tests.store.test_migrations import drop
from tests.store.test_session import PATIENCE

QUERY = "{ roadmaps { nodes { slug } } }"
SECRET = "the password is swordfish"


class Line:
    """A line to the database that can be cut and mended, at one address."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self.port = 0

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._call, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for call in [*self._calls]:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self._server.wait_closed()

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._calls.add(task)
        back, forth = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(self._copy(reader, forth), self._copy(back, writer))
        except (OSError, asyncio.CancelledError):
            pass  # it was cut
        finally:
            for end in (writer, forth):
                end.close()
                with suppress(OSError):
                    await end.wait_closed()
            self._calls.discard(task)

    @staticmethod
    async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
        sink.close()


@pytest.fixture
async def line(neo4j: Connection) -> AsyncIterator[Line]:
    """A whole line to the database of the tests."""
    parts = urlsplit(neo4j.uri)
    line = Line((parts.hostname or "", parts.port or 7687))
    await line.mend()
    yield line
    await line.cut()


@pytest.fixture
def far(neo4j: Connection, line: Line) -> Settings:
    """Settings that reach the database over the line."""
    over = Connection(uri=f"bolt://127.0.0.1:{line.port}", user=neo4j.user, password=neo4j.password)
    return settings_of(over, revision_poll=0.0)


async def statuses(client: Client) -> tuple[int, int]:
    """The status of liveness and of readiness."""
    live, ready = await client.http.get("/livez"), await client.http.get("/readyz")
    return live.status_code, ready.status_code


async def assert_unavailable(client: Client) -> None:
    began = time.monotonic()
    [error], status, ready = await asyncio.gather(
        client.errors(QUERY), statuses(client), client.http.get("/readyz")
    )
    assert time.monotonic() - began < PATIENCE
    assert error["message"] == "The database cannot be reached now."
    assert error["extensions"] == {"code": "UNAVAILABLE"}
    assert error["path"] == ["roadmaps"]
    assert status == (200, 503)
    assert ready.json() == {
        "status": "unavailable",
        "code": "UNAVAILABLE",
        "why": "The database cannot be reached now.",
    }


@pytest.mark.usefixtures("catalogue")
async def test_while_the_database_is_away_answers_say_so_and_later_they_are_there_again(
    far: Settings, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    async with in_process(create_app(far)) as client:
        expected = {"roadmaps": {"nodes": [{"slug": "baker"}, {"slug": "pizzaiolo"}]}}
        assert await client.ask(QUERY) == expected
        assert await statuses(client) == (200, 200)
        await line.cut()
        await assert_unavailable(client)
        await line.mend()
        assert await client.ask(QUERY) == expected
        assert await statuses(client) == (200, 200)
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.usefixtures("catalogue")
async def test_an_application_that_starts_before_its_database_recovers_by_itself(
    far: Settings, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    await line.cut()
    async with in_process(create_app(far)) as client:
        assert "The schema was not checked: The database cannot be reached now." in caplog.messages
        await assert_unavailable(client)
        await line.mend()
        assert (await client.ask("{ catalogue { revision } }"))["catalogue"] == {"revision": 1}
        assert await statuses(client) == (200, 200)
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_database_that_comes_late_and_bare_is_migrated_when_readiness_is_asked_for(
    far: Settings, line: Line, database: Database
) -> None:
    await line.cut()
    async with in_process(create_app(far)) as client:
        await drop(database)
        try:
            await line.mend()
            [error] = await client.errors("{ catalogue { revision } }")
            assert error["extensions"] == {"code": "MIGRATION"}
            assert (await client.http.get("/readyz")).json()["revision"] == 0
            assert (await client.ask("{ catalogue { revision } }"))["catalogue"] == {"revision": 0}
        finally:
            await migrate(database)


async def test_a_refused_user_is_told_without_the_password(neo4j: Connection) -> None:
    wrong = Connection(uri=neo4j.uri, user="stranger", password="swordfish")
    async with in_process(create_app(settings_of(wrong))) as client:
        [error] = await client.errors(QUERY)
        assert error["extensions"] == {"code": "DATABASE_ACCESS"}
        assert await statuses(client) == (200, 503)
        assert "swordfish" not in str(error) + (await client.http.get("/readyz")).text


@pytest.mark.usefixtures("catalogue")
async def test_readiness_tells_the_revision(client: Client) -> None:
    ready = (await client.http.get("/readyz")).json()
    assert 0 <= ready.pop("revisionAge") < PATIENCE
    assert ready == {"status": "ready", "revision": 1}
    assert (await client.http.get("/livez")).json() == {"status": "alive"}


async def broken(*_: object) -> dict[str, object]:
    raise ZeroDivisionError(SECRET)


@pytest.mark.usefixtures("catalogue")
async def test_what_nobody_foresaw_is_masked_and_logged_with_the_id_that_the_client_gets(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(GraphReader, "beside_topics", broken)
    response = await client.http.post(
        "/graphql", json={"query": '{ topic(slug: "flour") { title resources { url } } }'}
    )
    assert response.status_code == 200
    assert SECRET not in response.text
    answer = response.json()
    assert answer["data"] == {"topic": None}
    [error] = answer["errors"]
    number = error["extensions"].pop("errorId")
    assert error == {
        "message": "Something went wrong on our side.",
        "locations": [{"line": 1, "column": 32}],
        "path": ["topic", "resources"],
        "extensions": {"code": "INTERNAL"},
    }
    [record] = [record for record in caplog.records if record.exc_info]
    assert record.levelno == logging.ERROR
    assert number in record.getMessage()
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == SECRET


@pytest.mark.usefixtures("catalogue")
async def test_one_fault_that_many_fields_meet_is_logged_once(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(GraphReader, "beside_topics", broken)
    errors = await client.errors(
        '{ a: topic(slug: "flour") { resources { url } } b: topic(slug: "mixer") { resources { url } } }'
    )
    assert [error["path"][0] for error in errors] == ["a", "b"]
    assert len({error["extensions"]["errorId"] for error in errors}) == 1
    assert len([record for record in caplog.records if record.exc_info]) == 1


@pytest.mark.usefixtures("catalogue")
async def test_what_a_client_did_wrong_is_not_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    for query in ("{ topics(first: 0) { totalCount } }", "{ nothing }", "{", '{ node(id: "x") { id } }'):
        assert await client.errors(query)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.usefixtures("catalogue")
async def test_the_other_fields_of_an_answer_survive_a_fault(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GraphReader, "topics_by_slug", broken)
    answer = await client.answer('{ topic(slug: "flour") { title } roadmap(slug: "baker") { title } }')
    assert answer["data"] == {"topic": None, "roadmap": {"title": "Baker"}}
    assert [error["path"] for error in answer["errors"]] == [["topic"]]
