"""Many clients in one small process of its own: each sends its next request when its last one is answered.

    python benchmarks/load.py < TASK > OUTCOME

TASK is a pickled `Task`, OUTCOME a JSON object; see `Outcome`. It uses the standard library alone, so that it
starts at once, and looks at each answer no further than it must.
"""

from __future__ import annotations

import gc
import json
import pickle
import selectors
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from time import perf_counter, process_time
from typing import Final

CHUNK: Final = 1 << 18
PATIENCE: Final = 60.0
"""Seconds after which a server that does not answer counts as broken."""


@dataclass(slots=True, kw_only=True)
class Task:
    """What to send. `requests` are whole HTTP requests, sent in their order by `clients` connections.

    The connections take turns with `ports`. It ends after `seconds`, or when no request is left unless they
    `repeat`. `kinds` gives each request a number below ten, to tell their times apart. `before` are
    requests to `before_port`, one sent and answered, untimed, before each timed one. `beside` are sent to
    `beside_port` by a connection of their own, one every `beside_seconds`; their kind is 9.
    """

    ports: Sequence[int]
    requests: Sequence[bytes]
    kinds: bytes = b""
    clients: int = 1
    seconds: float = 1.0
    repeat: bool = False
    before: Sequence[bytes] = ()
    before_port: int = 0
    beside: Sequence[bytes] = ()
    beside_port: int = 0
    beside_seconds: float = 1.0


@dataclass(slots=True)
class Outcome:
    """What came of it: seconds it took, those of CPU that this process used, and milliseconds by kind.

    `received` are bytes.

    `exhausted` says that there were not enough requests for the time.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    received: int = 0
    exhausted: bool = False
    times: dict[int, list[float]] = field(default_factory=dict)

    def note(self, kind: int, began: float, now: float, answer: bytes) -> None:
        """Count an answer. Raises ValueError for one that is not right, which makes the whole window void."""
        if not _good(answer):
            raise ValueError(f"An answer is not right: {answer[:2000]!r}")
        self.times.setdefault(kind, []).append((now - began) * 1000)
        self.received += len(answer)


def _good(answer: bytes) -> bool:
    if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304")) or b'"errors":' in answer:
        return False
    return b'"userErrors"' not in answer or b'"userErrors":[]' in answer


class Connection:
    """One connection, kept alive; at most one request is under way."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.kind = 0
        self.began = 0.0
        self._held = b""
        self._wanted = -1

    def send(self, request: bytes, kind: int) -> None:
        """Send a request; it is small enough for the kernel to take whole."""
        self.kind, self.began = kind, perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """The whole answer, or None while more is to come. Raises ConnectionError when it is cut off."""
        chunk = self.socket.recv(CHUNK)
        if not chunk:
            waited = perf_counter() - self.began
            raise ConnectionError(f"Port {self.port} closed a connection {waited:.1f} s after a request.")
        held = self._held + chunk if self._held else chunk
        if self._wanted < 0:
            self._wanted = _length(held)
        if self._wanted < 0 or len(held) < self._wanted:
            self._held = held
            return None
        self._held, self._wanted = b"", -1
        return held

    def ask(self, request: bytes, kind: int) -> bytes:
        """Send a request and wait for its answer."""
        self.send(request, kind)
        while (answer := self.receive()) is None:
            pass
        return answer


def _length(held: bytes) -> int:
    """How long the whole answer is, from its head; -1 while that is not there."""
    end = held.find(b"\r\n\r\n")
    if end < 0:
        return -1
    for line in held[:end].split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return end + 4 + int(line[15:])
    if held.startswith(b"HTTP/1.1 304"):
        return end + 4
    raise ValueError(f"An answer without Content-Length: {held[:200]!r}")


def run(task: Task) -> Outcome:
    """Do what a task says."""
    outcome = Outcome()
    supply = _supply(task)
    began, used = perf_counter(), process_time()
    if task.before:
        _alternate(task, supply, outcome, began)
    else:
        _together(task, supply, outcome, began)
    outcome.seconds, outcome.cpu = perf_counter() - began, process_time() - used
    outcome.exhausted = next(supply, None) is None
    return outcome


def _supply(task: Task) -> Iterator[tuple[bytes, int]]:
    kinds = task.kinds or bytes(len(task.requests))
    while True:
        yield from zip(task.requests, kinds, strict=True)
        if not task.repeat:
            return


def _alternate(task: Task, supply: Iterator[tuple[bytes, int]], outcome: Outcome, began: float) -> None:
    """A request that is not timed, then one that is, until the time or the requests are used up."""
    other, connection = Connection(task.before_port), Connection(task.ports[0])
    for first, (request, kind) in zip(task.before, supply, strict=False):
        if perf_counter() - began > task.seconds:
            return
        answer = other.ask(first, 0)
        if not _good(answer):
            raise ValueError(f"What comes before failed: {answer[:2000]!r}")
        answer = connection.ask(request, kind)
        outcome.note(kind, connection.began, perf_counter(), answer)


def _together(task: Task, supply: Iterator[tuple[bytes, int]], outcome: Outcome, began: float) -> None:
    """All clients at once; what is under way when the time is over is still waited for."""
    selector = selectors.DefaultSelector()
    waiting = 0
    for number in range(task.clients):
        connection = Connection(task.ports[number % len(task.ports)])
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        waiting += _next(connection, supply)
    deadline = began + task.seconds
    timer = _Timer(task, selector, deadline)
    while waiting or timer.busy:
        events = selector.select(timer.left())
        now = perf_counter()
        for key, _ in events:
            connection = key.data
            if (answer := connection.receive()) is None:
                continue
            outcome.note(connection.kind, connection.began, now, answer)
            if connection is timer.connection:
                timer.busy = False
            elif now >= deadline or not _next(connection, supply):
                _end(connection, selector)
                waiting -= 1
        timer.tick(now)
        if not events and waiting and now > deadline + PATIENCE:
            raise TimeoutError("The server no longer answers.")


def _next(connection: Connection, supply: Iterator[tuple[bytes, int]]) -> bool:
    """Send the next request, if there is one."""
    following = next(supply, None)
    if following is None:
        return False
    connection.send(*following)
    return True


def _end(connection: Connection, selector: selectors.BaseSelector) -> None:
    """Close a connection that has nothing left to send, before its server does it for being idle."""
    selector.unregister(connection.socket)
    connection.socket.close()


class _Timer:
    """What is sent beside, one at a time, at set times."""

    def __init__(self, task: Task, selector: selectors.BaseSelector, deadline: float) -> None:
        self.busy = False
        self.connection: Connection | None = None
        self._selector, self._requests = selector, iter(task.beside)
        self._every, self._deadline = task.beside_seconds, deadline
        self._due = perf_counter() + task.beside_seconds / 2
        if task.beside:
            self.connection = Connection(task.beside_port)
            selector.register(self.connection.socket, selectors.EVENT_READ, self.connection)

    def left(self) -> float:
        """Seconds that the loop may wait."""
        if self.connection is None or self.busy:
            return PATIENCE
        return max(0.0, min(self._due, self._deadline) - perf_counter())

    def tick(self, now: float) -> None:
        """Send what is due; when the time is over and the last one answered, be done."""
        if self.connection is None or self.busy:
            return
        if now >= self._deadline:
            _end(self.connection, self._selector)
            self.connection = None
            return
        if now < self._due:
            return
        self._due += self._every
        if (request := next(self._requests, None)) is not None:
            self.busy = True
            self.connection.send(request, 9)


def main() -> None:
    """Read a task, do it, and tell the outcome."""
    task = pickle.load(sys.stdin.buffer)
    gc.disable()
    json.dump(asdict(run(task)), sys.stdout)


if __name__ == "__main__":
    main()
