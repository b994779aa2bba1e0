"""Clients that say nothing, or nearly nothing, for long: nobody else notices.

SLOW_CLIENTS is how many of each kind; `make soak` brings thousands.
"""

from __future__ import annotations

import os
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest

CLIENTS: Final = int(os.environ.get("SLOW_CLIENTS", "100"))
REQUESTS: Final = 30
HEAD: Final = b"POST /graphql HTTP/1.1\r\nhost: api\r\ncontent-type: application/json\r\n"
SAID: Final = {
    "nothing": b"",
    "half a line": b"POST /graph",
    "endless headers": HEAD + b"x-a: 1\r\n",
    "half a body": HEAD + b"content-length: 500\r\n\r\n" + b'{"query": "{ __typ',
    "half a chunk": HEAD + b"transfer-encoding: chunked\r\n\r\n40\r\n{",
    "a WebSocket and no word": (
        b"GET /graphql HTTP/1.1\r\nhost: api\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        b"sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
    ),
}


@contextmanager
def slow_clients(base_url: str) -> Iterator[list[socket.socket]]:
    """CLIENTS of each kind, who have said what they say and are still there."""
    port = urlsplit(base_url).port
    with ExitStack() as stack:
        callers = []
        for said in SAID.values():
            for number in range(CLIENTS):
                caller = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
                caller.sendall(said)
                if number % 3 == 0 and said:
                    caller.shutdown(socket.SHUT_WR)  # half closed
                callers.append(caller)
        yield callers


def seconds(client: httpx.Client) -> float:
    """The median time of a small answer."""
    times = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        response = client.post("/graphql", json={"query": "{ catalogue { revision } }"})
        times.append(time.perf_counter() - began)
        assert response.json()["data"]["catalogue"]["revision"] >= 1
    return median(times)


@pytest.fixture
def enough_files() -> Iterator[None]:
    """Let this process open as many sockets as it needs: each has two ends here."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * CLIENTS * len(SAID) + 500)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("enough_files")
def test_slow_clients_slow_nobody_else_down(base_url: str) -> None:
    with httpx.Client(base_url=base_url, timeout=30) as client:
        seconds(client)
        alone = seconds(client)
        with slow_clients(base_url) as callers:
            beside = seconds(client)
            figures = f"median {alone * 1000:.1f} ms alone, {beside * 1000:.1f} ms beside {len(callers)}"
            print(figures)  # noqa: T201 - shown with -s
        assert beside < 3 * alone + 0.05
