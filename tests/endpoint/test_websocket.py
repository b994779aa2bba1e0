"""GraphQL over WebSocket: the protocol, and what closes a socket with which code."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from graph_api.endpoint.messages import PROTOCOL
from tests.endpoint.socket_api import COUNTERS, FRAME, SUBSCRIBE, build, peer, served, until


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The server of most tests."""
    with served(build()) as (address, _):
        yield address


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
