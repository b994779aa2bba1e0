"""One real Neo4j for all tests, quickly emptied and seeded again, and the API over it in this process."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import httpx
import hypothesis
import jwt
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from graph_api.app import connect, create_app
from graph_api.endpoint.protocols import Requests
from graph_api.formats.roadmap1 import parse
from graph_api.knowledge.change import Document
from graph_api.knowledge.model import Catalogue
from graph_api.neo4j_local import Connection, LocalNeo4j
from graph_api.neo4j_local.process import Process
from graph_api.settings import Settings
from graph_api.store.migrations import migrate
from graph_api.store.session import Database, Transaction
from graph_api.store.structure_cache import StructureCache
from graph_api.store.writer import GraphWriter
from tests.example import CATALOGUE, DOCUMENTS

ROOT: Final = Path(__file__).parents[1]

# How fast a machine is, and what runs beside the tests, says nothing of what they test.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")

SECRET: Final = "a secret of the tests, 32 bytes or more"
"""What the API of the tests checks tokens with."""

DAY: Final = 86_400
"""Seconds: no token of the tests expires while they run, unless it is to."""


def token_of(*roles: str, subject: str = "ada", secret: str = SECRET, **claims: Any) -> str:
    """A token that the API of the tests takes, unless the claims say otherwise; None leaves one out."""
    name = "roadmap-graph-api"
    given = {
        "sub": subject,
        "roles": roles,
        "iss": name,
        "aud": name,
        "exp": int(time.time()) + DAY,
        **claims,
    }
    said = {claim: value for claim, value in given.items() if value is not None}
    return jwt.encode(said, secret, "HS256")


@pytest.fixture(scope="session")
def jar_cache() -> Path:
    """The user's own cache, so that a machine downloads the jars once."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "roadmap-graph-api"


def told_address(log: str) -> str | None:
    """Where a `serve` answers, as soon as it has told; its port is of its own choice."""
    said = re.search(r"^API +(http://\S+)/graphql\n", log, re.MULTILINE)
    return None if said is None else said[1]


@pytest.fixture
def closed_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def neo4j(tmp_path_factory: pytest.TempPathFactory, jar_cache: Path) -> Iterator[Connection]:
    """A migrated Neo4j: the one that NEO4J_URI names, if it is ours to empty, or one of our own."""
    if uri := os.environ.get("NEO4J_URI"):
        user, password = os.environ.get("NEO4J_USER", "neo4j"), os.environ["NEO4J_PASSWORD"]
        connection = Connection(uri=uri, user=user, password=password)
        asyncio.run(_claim(connection))
        yield connection
        return
    with LocalNeo4j(home=tmp_path_factory.mktemp("neo4j") / "home", cache=jar_cache) as connection:
        asyncio.run(_claim(connection))
        yield connection


async def _claim(connection: Connection) -> None:
    """Migrate a server of the tests. One that holds anything else is left alone: tests empty theirs."""
    async with connect(settings_of(connection, neo4j_timeout=60.0)) as database:
        [[held]] = await database.read("RETURN EXISTS { (n) } AND NOT EXISTS { (:OfTests) } AS held")
        if held:
            pytest.exit(f"{connection.uri} holds data that is not of these tests, and they would delete it.")
        await database.define("MERGE (:OfTests)")
        await migrate(database)


def settings_of(connection: Connection, **other: Any) -> Settings:
    """Settings that name this server, whatever the environment says."""
    return Settings(
        neo4j_uri=connection.uri,
        neo4j_user=connection.user,
        neo4j_password=SecretStr(connection.password),
        operations=ROOT / "schema" / "operations",
        **{"warm_up": False, **other},
    )


@pytest.fixture(scope="session")
def settings(neo4j: Connection) -> Settings:
    """How the API of the tests runs: it asks for the revision each time."""
    return settings_of(neo4j, revision_poll=0.0, auth_secret=SecretStr(SECRET))


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The database, with whatever content the test before has left."""
    async with connect(settings) as database:
        yield database


async def wipe(database: Database, *, then: str = "") -> None:
    """Empty the content: what remains are the migrations and the catalogue at revision 0.

    `then` names what will be imported next, for `holds`.
    """

    async def work(transaction: Transaction) -> None:
        await transaction.run("MATCH (n:!(Migration|Catalogue|Writing|OfTests)) DETACH DELETE n")
        await transaction.run(
            "MATCH (c:Catalogue) SET c = {key: 'catalogue', revision: 0, content: $name}", name=then
        )

    await database.write(work)


async def holds(database: Database, name: str) -> bool:
    """Whether the content is what was imported under this name, and nothing was written since."""
    [[held]] = await database.read(
        "MATCH (c:Catalogue) RETURN c.revision = 1 AND c.content = $name AS held", name=name
    )
    return bool(held)


async def seed(database: Database, documents: Sequence[Document], *, name: str) -> None:
    """Make these documents the whole content, at revision 1, unless it still is.

    A test that writes past GraphWriter must not leave the revision at 1.
    """
    if not await holds(database, name):
        await wipe(database, then=name)
        await GraphWriter(database).import_documents(documents)


@pytest.fixture
async def empty(database: Database) -> Database:
    """The database without content."""
    await wipe(database)
    return database


class Spare:
    """A second server, on a port that stays, for tests that take it away."""

    def __init__(self, home: Path, cache: Path, port: int) -> None:
        self.home = home
        self.port = port
        self._local = LocalNeo4j(home=home, cache=cache, port=port)
        self.connection = self._local.start()
        asyncio.run(_claim(self.connection))

    def kill(self) -> None:
        """End it as a power cut would."""
        running = self._local.status().running
        assert running is not None
        running.java.signal(signal.SIGKILL)
        while running.java.alive or running.guard.alive:
            time.sleep(0.05)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let it do nothing for a while: its connections stay, and nobody answers."""
        java = self.java
        java.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            java.signal(signal.SIGCONT)

    @property
    def java(self) -> Process:
        """Its process."""
        running = self._local.status().running
        assert running is not None
        return running.java

    def start(self) -> None:
        """Bring it back, in this thread."""
        self.connection = self._local.start()

    def stop(self) -> None:
        """End it."""
        self._local.stop()


@pytest.fixture(scope="session")
def spare_server(tmp_path_factory: pytest.TempPathFactory, jar_cache: Path) -> Iterator[Spare]:
    """The second server; use `spare`, which is sure to run."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    spare = Spare(tmp_path_factory.mktemp("spare") / "home", jar_cache, port)
    try:
        yield spare
    finally:
        spare.stop()


@pytest.fixture
def spare(spare_server: Spare) -> Spare:
    """The second server, running."""
    spare_server.start()
    return spare_server


@pytest.fixture
async def catalogue(database: Database) -> Catalogue:
    """The worked example, which is now the whole content of the database, at revision 1."""
    await seed(database, DOCUMENTS, name="example")
    return CATALOGUE


@dataclass(frozen=True)
class Client:
    """The API in this process. `database` is the one that it uses, with its count of statements."""

    http: httpx.AsyncClient
    database: Database
    structures: StructureCache
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_(self, *roles: str, subject: str = "ada") -> Client:
        """The same API, asked with a token."""
        return replace(self, headers={"authorization": f"Bearer {token_of(*roles, subject=subject)}"})

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer that has no errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def errors(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """The errors of an answer that has some."""
        errors: list[dict[str, Any]] = (await self.answer(query, **variables))["errors"]
        return errors

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer, with its data and its errors."""
        body = {"query": query, "variables": variables}
        response = await self.http.post("/graphql", json=body, headers=self.headers)
        answer: dict[str, Any] = response.json()
        return answer

    async def statements(self, query: str, **variables: Any) -> int:
        """How many statements a query without errors costs."""
        before = self.database.statements
        await self.ask(query, **variables)
        return self.database.statements - before


@asynccontextmanager
async def in_process(app: Starlette) -> AsyncIterator[Client]:
    """An application that has started, and a client that calls it directly."""
    async with app.router.lifespan_context(app) as state:
        assert state is not None

        async def stateful(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state)}, receive, send)

        transport = httpx.ASGITransport(app=stateful)
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as http:
            yield Client(http, state["database"], state["structures"])


@pytest.fixture(scope="session")
def app(settings: Settings) -> Starlette:
    """The application; each test starts it anew."""
    return create_app(settings)


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[Client]:
    """The API over the database, with whatever content it has."""
    async with in_process(app) as client:
        yield client


@pytest.fixture(scope="session")
def seed_documents() -> list[Document]:
    """The roadmap files that ship with the project."""
    return [parse(path.read_bytes(), name=path.name) for path in sorted((ROOT / "seed").glob("*.yaml"))]


@contextmanager
def serving(app: Starlette, *, log_level: str = "warning") -> Iterator[str]:
    """The address of an application that a thread of ours serves on the loopback interface."""
    server = uvicorn.Server(uvicorn.Config(app, http=Requests, log_level=log_level, lifespan="on"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="uvicorn")
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "The server ended before it was ready."
                time.sleep(0.01)
            yield "http://{}:{}".format(*listener.getsockname())
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def base_url(settings: Settings, seed_documents: list[Document]) -> Iterator[str]:
    """The address of a live server over the roadmaps that ship with the project."""

    async def prepare() -> None:
        async with connect(settings) as database:
            await seed(database, seed_documents, name="seed")

    asyncio.run(prepare())
    with serving(create_app(settings)) as address:
        yield address
