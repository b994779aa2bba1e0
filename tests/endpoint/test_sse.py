"""GraphQL over server-sent events: how a stream begins, goes on and ends."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from graph_api.endpoint.negotiation import EVENTS, GRAPHQL, JSON, answer_type
from tests.endpoint.socket_api import COUNTERS, build, served, until

Event = tuple[str, Any]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The server of these tests."""
    with served(build()) as (address, _):
        yield address


@asynccontextmanager
async def stream(
    address: str, query: str, *, method: str = "POST", token: str | None = None, **headers: str
) -> AsyncIterator[httpx.Response]:
    """The answer to an operation while it is under way."""
    headers = {"accept": EVENTS, **headers}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    asked: dict[str, Any] = {"json": {"query": query}} if method == "POST" else {"params": {"query": query}}
    async with (
        httpx.AsyncClient(timeout=3) as http,
        http.stream(method, f"http://{address}/graphql", headers=headers, **asked) as response,
    ):
        yield response


async def events(response: httpx.Response) -> AsyncIterator[Event]:
    """The events of a stream; comments are events without a name."""
    name, data = "", ""
    async for line in response.aiter_lines():
        if line.startswith(":"):
            yield "", None
        elif line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data:"):
            data = line.removeprefix("data:").strip()
        elif not line and name:
            yield name, json.loads(data) if data else None
            name = ""


async def heard(response: httpx.Response) -> list[Event]:
    """All events of a stream that ends, without comments."""
    return [event async for event in events(response) if event[0]]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_subscription_is_answered_event_by_event_and_then_completed(
    address: str, method: str
) -> None:
    query = "subscription { ticks(until: 2) { number } }"
    async with stream(address, query, method=method) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-cache, no-transform"
        assert response.headers["x-accel-buffering"] == "no"
        assert await heard(response) == [
            ("next", {"data": {"ticks": {"number": 0}}}),
            ("next", {"data": {"ticks": {"number": 1}}}),
            ("complete", None),
        ]


async def test_queries_are_answered_once_and_mutations_by_post_alone(address: str) -> None:
    async with stream(address, "{ hello }", method="GET") as response:
        assert await heard(response) == [("next", {"data": {"hello": "hello"}}), ("complete", None)]
    mutation = "mutation { add(number: 1) }"
    async with stream(address, mutation) as response:
        assert await heard(response) == [("next", {"data": {"add": 2}}), ("complete", None)]
    async with stream(address, mutation, method="GET") as response:
        [(_, refused), (last, _)] = await heard(response)
        assert refused["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"
        assert "data" not in refused
        assert last == "complete"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { refused }", "BAD_USER_INPUT"),
        ("subscription { broken(after: 0) }", "INTERNAL"),
    ],
)
async def test_what_cannot_be_executed_is_told_by_an_event(address: str, query: str, code: str) -> None:
    async with stream(address, query) as response:
        assert response.status_code == 200
        [(name, refused), (last, _)] = await heard(response)
        assert (name, last) == ("next", "complete")
        assert refused["errors"][0]["extensions"]["code"] == code


async def test_what_is_no_graphql_request_has_the_status_that_it_has_elsewhere(address: str) -> None:
    async with stream(address, " ") as response:
        assert response.status_code == 400
        assert response.headers["content-type"].startswith(JSON)
    async with stream(address, "{ hello }", token="nonsense") as response:
        assert response.status_code == 401


async def test_a_stream_without_events_shows_that_it_is_alive(address: str) -> None:
    async with stream(address, "subscription { ticks(every: 5) { number } }") as response:
        names = []
        async for name, _ in events(response):
            names.append(name)
            if len(names) == 4:
                break
        assert sorted(names) == ["", "", "", "next"]


async def test_a_client_that_leaves_closes_the_source(address: str) -> None:
    async with stream(address, "subscription { ticks(every: 5) { number } }") as response:
        lines = response.aiter_lines()  # kept, for the client leaves when it is forgotten
        await anext(lines)
        await until(lambda: COUNTERS.open == 1)
    await until(lambda: COUNTERS.open == 0)


async def test_a_token_that_expires_ends_the_stream(address: str) -> None:
    async with stream(address, "subscription { ticks(every: 0.1) { number } }", token="0.5") as response:
        *before, (name, refused), (last, _) = await heard(response)
        assert before
        assert (name, last) == ("next", "complete")
        assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    await until(lambda: COUNTERS.open == 0)


async def test_a_reader_that_stops_is_dropped(address: str) -> None:
    host, port = address.split(":")
    query = json.dumps({"query": "subscription { ticks { text(size: 100000) } }"})
    head = f"POST /graphql HTTP/1.1\r\nhost: {host}\r\naccept: {EVENTS}\r\ncontent-type: {JSON}\r\n"
    with socket.create_connection((host, int(port))) as client:
        client.sendall(f"{head}content-length: {len(query)}\r\n\r\n{query}".encode())
        await until(lambda: COUNTERS.open == 1)
        await until(lambda: COUNTERS.open == 0)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (EVENTS, EVENTS),
        (f"{EVENTS}, {JSON};q=0.5", EVENTS),
        ("text/*", EVENTS),
        (f"{EVENTS}, {JSON}", JSON),
        (f"{EVENTS};q=0.9, {GRAPHQL}", GRAPHQL),
        ("*/*", JSON),
        (None, JSON),
        ("text/html", None),
    ],
)
def test_a_stream_is_for_those_who_like_it_best(accept: str | None, expected: str | None) -> None:
    assert answer_type(accept, events=True) == expected


def test_nobody_has_a_stream_where_there_are_none() -> None:
    assert answer_type(EVENTS) is None
