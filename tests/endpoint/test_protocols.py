"""What a client may say before and after the body of a request, on the wire."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import pytest

from graph_api.endpoint.protocols import LARGEST_HEAD
from graph_api.endpoint.revision import LEAST_HEADER

START: Final = b"POST /graphql HTTP/1.1\r\nhost: api\r\ncontent-type: application/json\r\n"
QUERY: Final = b'{"query": "{ catalogue { revision } }"}'
PIECE: Final = 8_000


@pytest.fixture
def caller(base_url: str) -> Iterator[socket.socket]:
    """A connection to the server."""
    with socket.create_connection(("127.0.0.1", urlsplit(base_url).port or 0), timeout=10) as connection:
        yield connection


def answer(caller: socket.socket) -> tuple[int, bytes]:
    """The status and the body of the next answer, whose length is told."""
    said = b""
    while b"\r\n\r\n" not in said:
        piece = caller.recv(1 << 16)
        assert piece, said
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(fields[b"content-length"])
    while len(body) < length:
        body += caller.recv(1 << 16)
    return int(head.split(b" ")[1]), body


def is_refused(caller: socket.socket) -> bool:
    """Whether 431 comes and then nothing; what is still under way to a closed socket can cut that short."""
    try:
        return answer(caller)[0] == 431 and caller.recv(1) == b""
    except ConnectionResetError:
        return True


def send_in_pieces(caller: socket.socket, said: bytes) -> None:
    """Say it in readings of their own, until the server listens no more."""
    try:
        for start in range(0, len(said), PIECE):
            caller.sendall(said[start : start + PIECE])
    except (BrokenPipeError, ConnectionResetError):
        pass


def test_a_head_that_is_too_long_is_refused(caller: socket.socket) -> None:
    send_in_pieces(caller, START + b"x-long: " + b"a" * (LARGEST_HEAD + 10 * PIECE))
    assert is_refused(caller)


@pytest.mark.parametrize(("beyond", "status"), [(0, 200), (1, 431)])
def test_a_head_may_be_as_large_as_that_and_no_larger(
    caller: socket.socket, beyond: int, status: int
) -> None:
    said = (
        b"/graphql"
        + b"host"
        + b"api"
        + b"content-type"
        + b"application/json"
        + b"content-length"
        + b"39"
        + b"x"
    )
    assert len(QUERY) == 39
    filled = b"x: " + b"a" * (LARGEST_HEAD - len(said) + beyond) + b"\r\n"
    caller.sendall(START + filled + b"content-length: 39\r\n\r\n" + QUERY)
    assert answer(caller)[0] == status


def test_so_are_headers_without_end(caller: socket.socket) -> None:
    send_in_pieces(caller, START + b"x-a: 1\r\n" * (LARGEST_HEAD // 8 + 10_000))
    assert is_refused(caller)


def test_a_long_head_and_a_longer_body_are_taken(caller: socket.socket) -> None:
    long = b"x-long: " + b"a" * (LARGEST_HEAD // 2) + b"\r\n"
    body = QUERY + b" " * (3 * LARGEST_HEAD)
    for _ in range(3):  # on one connection: each head is counted by itself
        send_in_pieces(caller, START + long + b"content-length: %d\r\n\r\n" % len(body) + body)
        status, said = answer(caller)
        assert status == 200
        assert "data" in json.loads(said)


def test_requests_that_come_together_are_answered_in_their_order(caller: socket.socket) -> None:
    one = START + b"content-length: %d\r\n\r\n" % len(QUERY) + QUERY
    send_in_pieces(caller, one + one)
    assert answer(caller)[0] == 200
    assert answer(caller)[0] == 200


def test_what_follows_the_body_is_no_header(caller: socket.socket) -> None:
    trailer = LEAST_HEADER.encode() + b": no number\r\nauthorization: Bearer none\r\n"
    chunks = b"%x\r\n%s\r\n0\r\n" % (len(QUERY), QUERY)
    send_in_pieces(caller, START + b"transfer-encoding: chunked\r\n\r\n" + chunks + trailer + b"\r\n")
    assert answer(caller)[0] == 200


def test_nor_does_it_go_on_for_ever(caller: socket.socket) -> None:
    chunks = b"%x\r\n%s\r\n0\r\n" % (len(QUERY), QUERY)
    endless = b"x-after: " + b"a" * (10 * LARGEST_HEAD)
    send_in_pieces(caller, START + b"transfer-encoding: chunked\r\n\r\n" + chunks + endless)
    assert is_refused(caller)
