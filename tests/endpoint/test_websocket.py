"""GraphQL over WebSocket: the protocol, what closes a socket with which code, and what never does."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from graph_api.api.schema import Schema
from graph_api.endpoint.documents import extensions
from graph_api.endpoint.events import EventExecutor, Starts
from graph_api.endpoint.http import GraphQLEndpoint
from graph_api.endpoint.messages import PROTOCOL
from graph_api.endpoint.sockets import WebSockets
from graph_api.endpoint.streams import Limits, Streams
from graph_api.endpoint.tokens import Identity
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


def build(*, limits: Limits = LIMITS, require_auth: bool = False) -> Starlette:
    """An application of nothing but the endpoint."""
    schema = Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=[*extensions(introspection=True), Starts],
        execution_context_class=EventExecutor,
    )
    streams = Streams(schema, context=make_context, limits=limits)
    http = GraphQLEndpoint(
        schema, context=make_context, identify=identify, require_auth=require_auth, streams=streams
    )
    sockets = WebSocketEndpoint(streams, identify=identify, require_auth=require_auth)
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


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The server of most tests."""
    with served(build()) as (address, _):
        yield address


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


async def test_a_subscription_is_answered_event_by_event_and_then_completed(address: str) -> None:
    async with peer(address) as client:
        assert client.connection.subprotocol == PROTOCOL
        await client.subscribe("a", "subscription { ticks(until: 2) { number } }")
        for number in range(2):
            payload = {"data": {"ticks": {"number": number}}}
            assert await client.hear() == {"id": "a", "type": "next", "payload": payload}
        assert await client.hear() == {"id": "a", "type": "complete"}


@pytest.mark.parametrize(
    ("query", "variables", "data"),
    [
        ("{ hello }", None, {"hello": "hello"}),
        ("mutation ($n: Int!) { add(number: $n) }", {"n": 1}, {"add": 2}),
    ],
)
async def test_queries_and_mutations_are_answered_once(
    address: str, query: str, variables: object, data: object
) -> None:
    async with peer(address) as client:
        await client.subscribe("a", query, variables=variables, operationName=None)
        assert await client.hear() == {"id": "a", "type": "next", "payload": {"data": data}}
        assert await client.hear() == {"id": "a", "type": "complete"}


async def test_a_ping_is_answered_at_any_time_and_a_pong_is_not(address: str) -> None:
    async with peer(address, init=False) as client:
        await client.say({"type": "pong"}, {"type": "ping", "payload": {"a": 1}})
        assert await client.hear() == {"type": "pong"}


SUBSCRIBE: Final = {"id": "a", "type": "subscribe", "payload": {"query": "{ hello }"}}


@pytest.mark.parametrize(
    "message",
    [
        "",
        "nonsense",
        "{",
        "1",
        "null",
        '"ping"',
        "[]",
        '[{"type": "ping"}]',
        '{"type": "ping", "payload": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"type": "ping", "payload": []}',
        '{"type": "pong", "payload": 1}',
        "{}",
        '{"type": null}',
        '{"type": {}}',
        '{"type": "connection_ack"}',
        '{"type": "start"}',
        '{"type": "complete"}',
        '{"type": "complete", "id": 1}',
        json.dumps({**SUBSCRIBE, "id": ""}),
        json.dumps({**SUBSCRIBE, "id": 1}),
        json.dumps({**SUBSCRIBE, "payload": None}),
        json.dumps({**SUBSCRIBE, "payload": []}),
        json.dumps({**SUBSCRIBE, "payload": {"query": 1}}),
        json.dumps({**SUBSCRIBE, "payload": {"query": "{ hello }", "variables": []}}),
        json.dumps({**SUBSCRIBE, "payload": {"query": "{ hello }", "operationName": 1}}),
        json.dumps({**SUBSCRIBE, "payload": {"query": "{ hello }", "extensions": "x"}}),
    ],
)
async def test_a_bad_message_closes_with_4400(address: str, message: str) -> None:
    async with peer(address) as client:
        await client.say(message)
        code, reason = await client.closed()
        assert code == 4400
        assert reason


@pytest.mark.parametrize(
    "payload", [[], "x", {"authorization": 1}, {"authorization": "Bearer 9", "Authorization": "Bearer 9"}]
)
async def test_a_bad_first_message_closes_with_4400(address: str, payload: object) -> None:
    async with peer(address, init=False) as client:
        await client.say({"type": "connection_init", "payload": payload})
        assert (await client.closed())[0] == 4400


async def test_bytes_close_with_4400(address: str) -> None:
    async with peer(address) as client:
        await client.connection.send(b'{"type": "ping"}')
        assert await client.closed() == (4400, "A message is text, not bytes.")


async def test_a_message_that_is_too_long_closes_with_1009_in_one_frame_or_many(address: str) -> None:
    long = '{"type": "ping"}' + " " * FRAME
    async with peer(address) as client:
        await client.say(long)
        assert (await client.closed())[0] == 1009
    async with peer(address) as client:
        await client.connection.send([long[start : start + 1000] for start in range(0, len(long), 1000)])
        assert (await client.closed())[0] == 1009


async def test_an_operation_before_the_acknowledgement_closes_with_4401(address: str) -> None:
    async with peer(address, init=False) as client:
        await client.say(SUBSCRIBE)
        assert await client.closed() == (4401, "Unauthorized")


async def test_another_subprotocol_closes_with_4406(address: str) -> None:
    for offered in (["graphql-ws"], None):
        async with peer(address, init=False, subprotocols=offered) as client:
            assert await client.closed() == (4406, "Subprotocol not acceptable")


async def test_a_client_that_never_begins_closes_with_4408(address: str) -> None:
    async with peer(address, init=False) as client:
        assert await client.closed() == (4408, "Connection initialisation timeout")


async def test_an_id_that_is_taken_closes_with_4409_and_ends_all_operations(address: str) -> None:
    async with peer(address) as client:
        await client.subscribe("a", "subscription { ticks(every: 5) { number } }")
        await client.hear()
        await client.say(SUBSCRIBE)
        assert await client.closed() == (4409, "Subscriber for a already exists")
        await until(lambda: COUNTERS.open == 0)


async def test_a_second_beginning_closes_with_4429(address: str) -> None:
    async with peer(address) as client:
        await client.say({"type": "connection_init"})
        assert await client.closed() == (4429, "Too many initialisation requests")


async def test_the_token_of_the_first_message_counts_and_else_that_of_the_header(address: str) -> None:
    for token, header, lasts in [("100", None, 100), (None, "Bearer 200", 200), ("100", "Bearer 200", 100)]:
        COUNTERS.identities.clear()
        headers = {} if header is None else {"authorization": header}
        async with peer(address, token=token, additional_headers=headers) as client:
            await client.subscribe("a", "{ hello }")
            await client.hear()
        [identity] = set(COUNTERS.identities)
        assert identity is not None
        assert identity.expires_at == pytest.approx(time.time() + lasts, abs=5)


@pytest.mark.parametrize(
    ("token", "close"),
    [("nonsense", (4403, "The token cannot be read.")), ("away", (1013, "The keys cannot be had now."))],
)
async def test_a_token_that_cannot_be_trusted_closes_with_4403(
    address: str, token: str, close: tuple[int, str]
) -> None:
    async with peer(address, init=False) as client:
        await client.say({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
        assert await client.closed() == close


async def test_where_a_token_is_needed_none_closes_with_4403() -> None:
    with served(build(require_auth=True)) as (address, _):
        async with peer(address, init=False) as client:
            await client.say({"type": "connection_init"})
            assert await client.closed() == (4403, "Forbidden")
        async with peer(address, token="100") as client:
            await client.subscribe("a", "{ hello }")
            assert (await client.hear())["type"] == "next"


async def test_a_token_that_expires_ends_its_subscriptions(address: str) -> None:
    async with peer(address, token="0.5") as client:
        await client.subscribe("a", "subscription { ticks(every: 0.1) { number } }")
        began = time.monotonic()
        assert await client.closed() == (4403, "Token expired")
        assert 0.1 < time.monotonic() - began < 1.5
        await until(lambda: COUNTERS.open == 0)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Query { hello }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription ($n: Int!) { ticks(until: $n) { number } }", "BAD_USER_INPUT"),
        ("subscription { refused }", "BAD_USER_INPUT"),
        ("subscription { broken(after: 0) }", "INTERNAL"),
        ("{ unprintable }", "INTERNAL"),
    ],
)
async def test_an_operation_that_cannot_be_executed_ends_alone(address: str, query: str, code: str) -> None:
    async with peer(address) as client:
        await client.subscribe("other", "subscription { ticks(every: 0.02) { number } }")
        await client.subscribe("bad", query)
        heard = [await client.hear() for _ in range(5)]
        assert {message["type"] for message in heard if message["id"] == "other"} == {"next"}
        [refused] = [message for message in heard if message["id"] == "bad"]
        assert refused["type"] == "error"
        [error] = refused["payload"]
        assert error["extensions"]["code"] == code
        assert "secret" not in error["message"]
        await client.subscribe("bad", "{ hello }")
        while (message := await client.hear())["id"] == "other":
            pass
        assert message["payload"] == {"data": {"hello": "hello"}}, "the id is free again"


async def test_a_field_that_fails_is_part_of_an_answer_and_a_source_that_fails_ends_its_operation(
    address: str,
) -> None:
    async with peer(address) as client:
        await client.subscribe("a", "{ broken hello }")
        payload = (await client.hear())["payload"]
        assert payload["data"] == {"broken": None, "hello": "hello"}
        assert payload["errors"][0]["extensions"]["code"] == "INTERNAL"
        assert (await client.hear())["type"] == "complete"
        await client.subscribe("b", "subscription { broken }")
        assert (await client.hear())["payload"] == {"data": {"broken": 0}}
        failed = await client.hear()
        assert failed["type"] == "error"
        assert failed["payload"][0]["extensions"]["code"] == "INTERNAL"


async def test_to_complete_an_operation_closes_its_source_and_frees_its_id(address: str) -> None:
    async with peer(address) as client:
        for _ in range(2):
            await client.subscribe("a", "subscription { ticks(every: 5) { number } }")
            assert (await client.hear())["payload"]["data"]["ticks"]["number"] == 0
            assert COUNTERS.open == 1
            await client.say({"id": "a", "type": "complete"}, {"id": "never", "type": "complete"})
        await client.subscribe("slow", "{ slow }")
        await client.say({"id": "slow", "type": "complete"}, {"type": "ping"})
        assert await client.hear() == {"type": "pong"}
        await until(lambda: COUNTERS.open == 0)


async def test_a_client_that_leaves_ends_all_its_operations(address: str) -> None:
    async with peer(address) as client:
        for name in ("a", "b"):
            await client.subscribe(name, "subscription { ticks(every: 5) { number } }")
            await client.hear()
        assert COUNTERS.open == 2
        client.connection.transport.abort()
    await until(lambda: COUNTERS.open == 0)


async def test_operations_are_limited_for_a_socket_and_for_the_process(address: str) -> None:
    query = "subscription { ticks(every: 5) { number } }"
    async with peer(address) as one, peer(address) as two, peer(address) as three:
        for client in (one, two):
            for name in ("a", "b", "c"):
                await client.subscribe(name, query)
                assert (await client.hear())["type"] == "next"
        for client in (one, three):
            await client.subscribe("d", query)
            refused = await client.hear()
            assert refused["type"] == "error"
            assert refused["payload"][0]["extensions"] == {"code": "TOO_MANY_OPERATIONS"}
        await one.say({"id": "a", "type": "complete"})
        await until(lambda: COUNTERS.open == 5)
        await three.subscribe("d", query)
        assert (await three.hear())["type"] == "next"
    await until(lambda: COUNTERS.open == 0)


async def test_each_event_has_a_context_of_its_own(address: str) -> None:
    async with peer(address) as client:
        await client.subscribe("a", "subscription { ticks(until: 3) { context } }")
        numbers = [(await client.hear())["payload"]["data"]["ticks"]["context"] for _ in range(3)]
        assert len(set(numbers)) == 3


@pytest.mark.parametrize(
    ("selection", "executed"), [("context", 1), ("context asker", 2)], ids=["not asked who", "asked who"]
)
async def test_an_event_is_executed_once_for_all_who_ask_the_same_unless_it_depends_on_them(
    address: str, selection: str, executed: int
) -> None:
    query = f"subscription {{ ticks(until: 1, shared: true) {{ {selection} }} }}"
    async with peer(address) as one, peer(address) as two, peer(address, token="9") as other:
        await one.subscribe("b", "subscription { ticks(every: 5) { number } }")
        await one.hear()
        COUNTERS.executed, askers = 0, []
        for client in (one, two, other):
            await client.subscribe("a", query)
            askers.append((await client.hear())["payload"]["data"]["ticks"].get("asker"))
        assert askers == ([None, None, "ada"] if "asker" in selection else [None] * 3)
        assert COUNTERS.executed == executed


async def test_a_reader_that_stops_is_dropped_with_4290_and_little_is_kept_for_it(address: str) -> None:
    async with peer(address, max_queue=1) as client, peer(address) as other:
        await client.subscribe("a", "subscription { ticks { text(size: 100000) } }")
        await client.hear()
        client.connection.transport.pause_reading()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        await until(lambda: COUNTERS.open == 0)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000, "kilobytes"
        await other.subscribe("a", "{ hello }")
        assert (await other.hear())["type"] == "next", "others notice nothing"
        client.connection.transport.resume_reading()
        assert await client.closed() == (4290, "Too slow")


async def test_a_reader_that_never_reads_again_loses_its_connection() -> None:
    with served(build()) as (address, server):
        async with peer(address, max_queue=1) as client:
            [protocol] = server.server_state.connections
            protocol.close_timeout = 0.2  # type: ignore[union-attr]  # it is a WebSocket's
            await client.subscribe("a", "subscription { ticks { text(size: 100000) } }")
            await client.hear()
            client.connection.transport.pause_reading()
            await until(lambda: not server.server_state.connections)
            client.connection.transport.abort()


async def test_a_server_that_ends_closes_with_1012() -> None:
    with served(build()) as (address, server):
        async with peer(address) as client:
            await client.subscribe("a", "subscription { ticks(every: 5) { number } }")
            await client.hear()
            server.should_exit = True
            assert (await client.closed())[0] == 1012
    assert COUNTERS.open == 0


def test_a_schema_without_the_executor_is_refused() -> None:
    with pytest.raises(TypeError, match="EventExecutor"):
        Streams(Schema(query=Query), context=make_context)
