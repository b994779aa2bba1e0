"""Three replicas of ours over one database, and nginx in front of one, two and three of them."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from benchmarks import catalogue, database, visits, wire
from benchmarks.balancer import Balancer
from benchmarks.contestants import variant
from benchmarks.deck import Deck
from benchmarks.processes import Server
from benchmarks.writing import token

REPLICAS: Final = 3
PATIENCE: Final = 300.0
OK: Final = 200

SETTINGS: Final = {
    "OPERATIONS": str(visits.OPERATIONS),
    "OPERATION_TIMEOUT": "60",
    "MAX_CONCURRENT": "64",
}
"""Nobody is turned away, however busy the machine is: what is measured is the work."""
_WRITE: Final = (
    "mutation Write($slug: String!, $summary: String!) {"
    " updateTopic(input: { slug: $slug, summary: $summary }) { revision userErrors { code } } }"
)


@dataclass(slots=True, kw_only=True)
class Fleet:
    """Replicas over one database, and a balancer for each number of them."""

    data: database.Database
    replicas: list[Server]
    balancers: list[Balancer]
    deck: Deck = field(init=False)

    def __post_init__(self) -> None:
        self.deck = Deck(self.data.roadmaps, self.data.topic_ids())

    @property
    def ports(self) -> list[int]:
        """Those of the replicas."""
        return [replica.port for replica in self.replicas]


def begin(stack: ExitStack, folder: Path, logs: Path) -> Fleet:
    """Start it all; the stack ends it."""
    data = stack.enter_context(database.running(folder, catalogue.ROADMAPS))
    replicas = [_replica(stack, data, logs, number) for number in range(REPLICAS)]
    ports = [replica.port for replica in replicas]
    for port in ports:
        ready(port)
    balancers = [
        stack.enter_context(Balancer(ports[:count], folder=logs / f"nginx-{count}"))
        for count in range(1, REPLICAS + 1)
    ]
    return Fleet(data=data, replicas=replicas, balancers=balancers)


def _replica(stack: ExitStack, data: database.Database, logs: Path, number: int) -> Server:
    name = f"replica-{number}"
    return stack.enter_context(variant(name, name, SETTINGS).server(data, logs))


def ready(port: int) -> None:
    """Wait until a server answers: it listens long before. Raises TimeoutError after PATIENCE seconds."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise TimeoutError(f"The server at port {port} is not ready.")


def answered(port: int, request: bytes) -> tuple[bytes, str | None, str | None]:
    """Body, ETag and revision of the answer to a whole request."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        data = response.read()
    finally:
        connection.close()
    assert response.status == 200, f"{response.status}: {data[:500]!r}"
    return data, response.headers["etag"], response.headers["graph-revision"]


def written(port: int, slug: str, summary: str) -> int:
    body = {"query": _WRITE, "variables": {"slug": slug, "summary": summary}}
    answer, _ = wire.ask(port, "/graphql", body, token=token("editor", "editor"))
    assert answer["data"]["updateTopic"]["userErrors"] == []
    return int(answer["data"]["updateTopic"]["revision"])
