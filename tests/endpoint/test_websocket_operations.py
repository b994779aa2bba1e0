"""Operations over WebSocket: who may, what ends one and no other, how many, and readers that are too slow."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator

import pytest

from tests.endpoint.socket_api import COUNTERS, build, peer, served, until


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The server of most tests."""
    with served(build()) as (address, _):
        yield address


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
        ("", "GRAPHQL_PARSE_FAILED"),
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
