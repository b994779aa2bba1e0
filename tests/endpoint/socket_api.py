"""A small API over WebSocket and events, as `serve` serves it, and a client that speaks the protocol."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute
from strawberry import Schema
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from graph_api.endpoint.guard import Guard
from graph_api.endpoint.http import GraphQLEndpoint
from graph_api.endpoint.messages import PROTOCOL
from graph_api.endpoint.pipeline import Pipeline
from graph_api.endpoint.protocols import WebSockets
from graph_api.endpoint.streams import Limits, Streams
from graph_api.endpoint.tokens import Identity
from graph_api.endpoint.trusted import TrustedDocuments
from graph_api.endpoint.websocket import WebSocketEndpoint
from graph_api.errors import BadInput, Unauthenticated, Unavailable

FRAME: Final = 20_000
"""Bytes that a message may have here."""

LIMITS: Final = Limits(
    init_seconds=0.2, send_seconds=0.3, keepalive_seconds=0.2, operations=3, streams=6, events_at_once=4
)


@dataclass
class Context:
    """Each has a number, and notices when it is asked for the identity."""

    number: int
    identity: Identity | None = None
    personal: bool = False

    def subject(self) -> str | None:
        self.personal = True
        return None if self.identity is None else self.identity.subject


@dataclass
class Counters:
    """What the server's thread does, looked at from the test's."""

    contexts: int = 0
    open: int = 0
    executed: int = 0
    identities: list[Identity | None] = field(default_factory=list)


COUNTERS = Counters()


def make_context(_: HTTPConnection, identity: Identity | None) -> Context:
    COUNTERS.contexts += 1
    COUNTERS.identities.append(identity)
    return Context(COUNTERS.contexts, identity)


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "hello"

    @strawberry.field
    async def slow(self) -> str:
        await asyncio.sleep(5)
        return "late"

    @strawberry.field
    def broken(self) -> str | None:
        raise ZeroDivisionError("a secret")

    @strawberry.field
    def unprintable(self) -> str:
        return "\ud800"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def add(self, number: int) -> int:
        return number + 1


@strawberry.type
class Tick:
    number: int
    shared: strawberry.Private[bool] = False

    @property
    def event_key(self) -> int | None:
        return self.number if self.shared else None

    @strawberry.field
    def context(self, info: strawberry.Info[Context, None]) -> int:
        COUNTERS.executed += 1
        return info.context.number

    @strawberry.field
    def asker(self, info: strawberry.Info[Context, None]) -> str | None:
        return info.context.subject()

    @strawberry.field
    def text(self, size: int) -> str:
        return "x" * size


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(
        self, until: int = 1_000_000, every: float = 0.0, shared: bool = False
    ) -> AsyncIterator[Tick]:
        COUNTERS.open += 1
        try:
            for number in range(until):
                yield Tick(number=number, shared=shared)
                await asyncio.sleep(every)
        finally:
            COUNTERS.open -= 1

    @strawberry.subscription
    async def refused(self) -> AsyncIterator[int]:
        raise BadInput("Not like this.")
        yield 1

    @strawberry.subscription
    async def broken(self, after: int = 1) -> AsyncIterator[int]:
        for number in range(after):
            yield number
        raise ZeroDivisionError("a secret")


async def identify(authorization: str | None) -> Identity | None:
    """Knows everybody: the token says how long it lasts."""
    match (authorization or "").removeprefix("Bearer ").split():
        case []:
            return None
        case ["away"]:
            raise Unavailable("The keys cannot be had now.")
        case [seconds]:
            try:
                return Identity("ada", frozenset(), time.time() + float(seconds))
            except ValueError:
                pass
    raise Unauthenticated("The token cannot be read.")


def build(
    *,
    limits: Limits = LIMITS,
    require_auth: bool = False,
    documents: TrustedDocuments | None = None,
) -> Starlette:
    """An application of nothing but the endpoint."""
    trusted = documents or TrustedDocuments()
    pipeline = Pipeline(Schema(query=Query, mutation=Mutation, subscription=Subscription))
    streams = Streams(pipeline, context=make_context, limits=limits)
    http = GraphQLEndpoint(
        pipeline,
        context=make_context,
        identify=identify,
        require_auth=require_auth,
        streams=streams,
        guard=Guard(documents=trusted),
    )
    sockets = WebSocketEndpoint(streams, identify=identify, require_auth=require_auth, documents=trusted)
    return Starlette(routes=[Route("/graphql", http), WebSocketRoute("/graphql", sockets)])


@contextmanager
def served(app: Starlette) -> Iterator[tuple[str, uvicorn.Server]]:
    """Where an application is served, as `serve` does it, and the server, in a thread of ours."""
    config = uvicorn.Config(
        app, log_level="error", ws=WebSockets, ws_max_size=FRAME, ws_per_message_deflate=False
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.005)
            yield "{}:{}".format(*listener.getsockname()), server
        finally:
            server.should_exit = True
            thread.join()


class Peer:
    """A client that speaks the protocol word by word."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, *messages: object) -> None:
        for message in messages:
            await self.connection.send(message if isinstance(message, str) else json.dumps(message))

    async def subscribe(self, name: str, query: str, **payload: object) -> None:
        await self.say({"id": name, "type": "subscribe", "payload": {"query": query, **payload}})

    async def hear(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(self.connection.recv(), 3))
        return message

    async def closed(self) -> tuple[int | None, str | None]:
        """The code and reason of the server's close frame, once what comes before it is read."""
        with suppress(ConnectionClosed):
            while True:
                await asyncio.wait_for(self.connection.recv(), 3)
        return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def peer(
    address: str, *, init: bool = True, token: str | None = None, **options: Any
) -> AsyncIterator[Peer]:
    """A client, acknowledged unless it does not ask for it."""
    options = {"subprotocols": [Subprotocol(PROTOCOL)], "max_size": None, "compression": None, **options}
    async with connect(f"ws://{address}/graphql", **options) as connection:
        found = Peer(connection)
        if init:
            payload = {} if token is None else {"payload": {"Authorization": f"Bearer {token}"}}
            await found.say({"type": "connection_init", **payload})
            assert await found.hear() == {"type": "connection_ack"}
        yield found


async def until(condition: Any) -> None:
    """Wait until something holds, three seconds at the most."""
    for _ in range(300):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("It never came to hold.")


SUBSCRIBE: Final = {"id": "a", "type": "subscribe", "payload": {"query": "{ hello }"}}
