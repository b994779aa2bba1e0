"""SIGTERM under load: what has begun is finished, sockets are closed with a code, and no write is lost."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from graph_api.app import connect as database_of
from graph_api.settings import Settings
from graph_api.store.cypher.clock import LOCK_WRITERS
from graph_api.store.session import Transaction
from tests.chaos.clients import WRITERS, Log, at_work, served
from tests.chaos.history import assert_revisions
from tests.chaos.server import server
from tests.conftest import Spare
from tests.pace import slower

SOCKETS: Final = 20
GRACE: Final = 10.0
SLACK: Final = 10.0
"""Seconds that a busy machine may take to start and to end what takes no time."""

RESTART: Final = 1012
"""The code of a close that says: try again, I am being restarted."""

ON_THE_WAY: Final = 0.5
"""Seconds; what is sent as the server closes an idle connection may find nobody, as always with HTTP.

On a slow machine, where what is sent takes longer to be seen, it is as much more.
"""

SUBSCRIBE: Final = {
    "id": "1",
    "type": "subscribe",
    "payload": {"query": "subscription { catalogueChanged { revision } }"},
}


@asynccontextmanager
async def writers_waiting(settings: Settings) -> AsyncIterator[asyncio.Event]:
    """Hold the lock of all writes until the event is set, or to the end."""
    taken, over = asyncio.Event(), asyncio.Event()

    async def hold(transaction: Transaction) -> None:
        await transaction.run(LOCK_WRITERS)
        taken.set()
        await over.wait()

    async with database_of(settings) as database:
        holding = asyncio.create_task(database.write(hold))
        await taken.wait()
        try:
            yield over
        finally:
            over.set()
            await holding


async def subscriber(address: str) -> ClientConnection:
    """Somebody who has subscribed to all changes."""
    url = f"{address.replace('http', 'ws')}/graphql"
    socket = await connect(url, subprotocols=[Subprotocol("graphql-transport-ws")])
    await socket.send(json.dumps({"type": "connection_init"}))
    assert json.loads(await socket.recv()) == {"type": "connection_ack"}
    await socket.send(json.dumps(SUBSCRIBE))
    return socket


async def listen(socket: ClientConnection) -> tuple[int, int | None]:
    """How many events it was told, and with which code it was closed."""
    told = 0
    try:
        while True:
            told += json.loads(await socket.recv())["type"] == "next"
    except ConnectionClosed:
        return told, socket.close_code


def answered_in_time(log: Log, signalled: float, on_the_way: float) -> None:
    """Every request that was under way for so many seconds at the signal had an answer."""
    early = [(signalled - sent, *why) for sent, *why in log.cut if sent < signalled - on_the_way]
    assert not early, f"without an answer, and sent so many seconds before: {early}"


async def test_what_has_begun_is_finished_and_no_write_is_lost(
    spare: Spare, chaotic: Settings, tmp_path: Path
) -> None:
    on_the_way = ON_THE_WAY * slower()
    async with server(spare.connection, tmp_path) as api:
        sockets = [await subscriber(api.address) for _ in range(SOCKETS)]
        listening = [asyncio.create_task(listen(socket)) for socket in sockets]
        async with at_work(api.address, ends=True) as log:
            await served(log)
            async with writers_waiting(chaotic) as unlock:
                await asyncio.sleep(on_the_way + 1)
                written, signalled = len(log.acknowledged) + len(log.tags), time.monotonic()
                api.terminate()
                await asyncio.sleep(1)
                assert len(log.acknowledged) + len(log.tags) == written
                unlock.set()
                code = await api.ended()
            took = time.monotonic() - signalled
        heard = await asyncio.gather(*listening)
    revision = await assert_revisions(chaotic, log)
    late = len(log.acknowledged) + len(log.tags) - written
    print(  # noqa: T201 - figures
        f"\nended {took:.1f} s after the signal, {late} writes meanwhile, {len(log.cut)} tries found nobody,"
        f" revision {revision}"
    )
    assert code == 0
    assert took < GRACE + SLACK
    assert late >= WRITERS, "what waited was made, and its writers know"
    answered_in_time(log, signalled, on_the_way)
    assert {close for _, close in heard} == {RESTART}
    assert all(told for told, _ in heard)
    assert "Traceback" not in api.told


async def test_a_write_that_cannot_be_made_in_time_does_not_keep_the_process(
    spare: Spare, chaotic: Settings, tmp_path: Path
) -> None:
    on_the_way = ON_THE_WAY * slower()
    async with server(spare.connection, tmp_path) as api:
        async with at_work(api.address, ends=True) as log:
            await served(log)
            async with writers_waiting(chaotic):
                await asyncio.sleep(on_the_way + 1)
                written, signalled = len(log.acknowledged) + len(log.tags), time.monotonic()
                api.terminate()
                code = await api.ended()
                took = time.monotonic() - signalled
        assert len(log.acknowledged) + len(log.tags) == written
    revision = await assert_revisions(chaotic, log)
    print(f"\nended {took:.1f} s after the signal, {dict(log.refusals)}, revision {revision}")  # noqa: T201 - figures
    assert code == 0
    assert took < GRACE + SLACK
    answered_in_time(log, signalled, on_the_way)
    assert log.refusals["UNAVAILABLE"] >= WRITERS, "they were told to look again"
    assert "Traceback" not in api.told
