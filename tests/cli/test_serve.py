"""The life of `graph-api serve` and of its database: starts, ends, violent ends, and what is left."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
from neo4j import GraphDatabase

from graph_api.neo4j_local import LocalNeo4j
from graph_api.neo4j_local.process import Process
from tests.conftest import told_address
from tests.pace import affordable

from .conftest import COMMAND, Result, process

Run = Callable[..., Result]

END_SECONDS: Final = 5.0
START_SECONDS: Final = 120.0
LOOK_SECONDS: Final = 0.05


def _hear_ctrl_c() -> None:
    """Be as in the foreground: where the tests run in the background, a shell has told them to ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Served:
    """A `serve` of its own process group, as a shell starts it."""

    def __init__(self, log: Path, *options: object) -> None:
        self.log = log
        command = [*COMMAND, "serve", "--port", "0", *map(str, options)]
        with log.open("wb") as told:
            self.process = subprocess.Popen(
                command,
                stdout=told,
                stderr=told,
                start_new_session=True,
                preexec_fn=_hear_ctrl_c,  # noqa: PLW1509 - it sets one signal, and waits for no thread
            )

    @property
    def told(self) -> str:
        """What it has told so far."""
        return self.log.read_text("utf-8")

    @property
    def address(self) -> str:
        """Where it answers, as soon as it tells: from then on requests wait for it."""
        while self.process.poll() is None:
            if address := told_address(self.told):
                return address
            time.sleep(LOOK_SECONDS)
        pytest.fail(f"It has ended: {self.told}")

    def ask(self, query: str, **headers: str) -> Any:
        """The data of an answer without errors; waits while it starts."""
        address = f"{self.address}/graphql"
        answer = httpx.post(address, json={"query": query}, headers=headers, timeout=START_SECONDS)
        told = answer.json()
        assert "errors" not in told, told
        return told["data"]

    def end(self, number: signal.Signals) -> int:
        """Send a signal to its process group, as a terminal does, and return its exit code."""
        os.killpg(self.process.pid, number)
        try:
            return self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            pytest.fail(f"It goes on: {self.told}")


class Site:
    """A home and what runs on it."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.cache = cache
        self.served: list[Served] = []

    def serve(self, *options: object) -> Served:
        """Start one more; returns at once."""
        self.served.append(Served(self.folder / f"log-{len(self.served)}", *options))
        return self.served[-1]

    def database(self) -> tuple[Process, Process]:
        """The processes of the database that runs now: Java and its guard."""
        running = LocalNeo4j(home=self.home, cache=self.cache).status().running
        assert running
        return running.java, running.guard


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for all, since the first start takes longest."""
    return tmp_path_factory.mktemp("serve")


@pytest.fixture
def site(folder: Path, jar_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A home with a database of its own; at the end nothing runs on it."""
    site = Site(folder, jar_cache)
    monkeypatch.setenv("NEO4J_HOME", str(site.home))
    monkeypatch.setenv("NEO4J_CACHE", str(site.cache))
    yield site
    for served in site.served:
        if served.process.poll() is None:
            served.end(signal.SIGTERM)
    LocalNeo4j(home=site.home, cache=site.cache).shutdown()


def gone(processes: tuple[Process, ...], *, since: float) -> float:
    """Seconds from a moment until all of these have ended."""
    while any(each.alive for each in processes):
        assert affordable(time.monotonic() - since, END_SECONDS), "Something is left running."
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - since


@contextmanager
def catalogue_locked(site: Site) -> Iterator[Callable[[], None]]:
    """Hold the lock of all writes, as another process would, until it is called."""
    running = LocalNeo4j(home=site.home, cache=site.cache).status().running
    assert running
    password = (site.home / "password").read_text().strip()
    with (
        GraphDatabase.driver(running.uri, auth=("neo4j", password)) as driver,
        driver.session() as session,
        session.begin_transaction() as transaction,
    ):
        transaction.run("MATCH (c:Catalogue) SET c.held = true").consume()
        yield transaction.rollback


QUERY: Final = "{ catalogue { revision } roadmaps { totalCount } }"
ANSWER: Final = {"catalogue": {"revision": 1}, "roadmaps": {"totalCount": 2}}


def half_a_request(address: str) -> socket.socket:
    """A request whose body never ends."""
    caller = socket.create_connection(("127.0.0.1", urlsplit(address).port or 0))
    caller.sendall(b"POST /graphql HTTP/1.1\r\nhost: api\r\ncontent-type: application/json\r\n")
    caller.sendall(b"content-length: 99\r\n\r\n{")
    return caller


def test_kill_9_leaves_no_java_and_a_second_serve_shares_the_database(
    site: Site, files: Path, run: Run
) -> None:
    begun = time.monotonic()
    first = site.serve("--seed", files)
    assert first.ask(QUERY) == ANSWER
    started = time.monotonic() - begun
    for line in (f"{first.address}/graphql", f"{first.address}/graphiql/", f"{first.address}/readyz"):
        assert re.search(rf" {line}$", first.told, re.MULTILINE)
    assert httpx.get(f"{first.address}/readyz").json()["revision"] == 1
    assert "Tokens    graph-api token --role editor\n" in first.told
    token = run("token", "--role", "learner", "--subject", "ada").out.strip()
    assert first.ask("{ viewer { id } }", authorization=f"Bearer {token}") == {"viewer": {"id": "ada"}}

    second = site.serve()
    assert second.ask(QUERY) == ANSWER
    assert second.end(signal.SIGTERM) == 0
    assert first.ask(QUERY) == ANSWER
    status = run("db", "status")
    assert (status.code, status.err) == (0, "")
    assert f"as long as process {first.process.pid} (" in status.out
    refused = run("db", "stop")
    assert refused.code == 1
    assert f"belongs to process {first.process.pid}; stop that process." in refused.err

    database, begun = site.database(), time.monotonic()
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    ended = gone(database, since=begun)
    print(f"serve: first start {started:.1f} s, kill -9 to the end of Java {ended:.1f} s")  # noqa: T201 - figures


def test_the_next_start_finds_all_data_and_ctrl_c_ends_everything_within_five_seconds(
    site: Site, files: Path
) -> None:
    begun = time.monotonic()
    served = site.serve("--seed", files)
    assert served.ask(QUERY) == ANSWER
    started = time.monotonic() - begun
    assert "Nothing changes. The catalogue is at revision 1.\n" in served.told
    with half_a_request(served.address):
        database, begun = site.database(), time.monotonic()
        assert served.end(signal.SIGINT) == 0
        ended = gone(database, since=begun)
    assert "Traceback" not in served.told
    print(f"serve: next start {started:.1f} s, Ctrl-C to the end of all {ended:.1f} s")  # noqa: T201 - figures


def test_a_database_that_does_not_run_is_told_and_deleted_only_on_a_clear_word(site: Site, run: Run) -> None:
    stopped = run("db", "status")
    assert stopped.code == 3
    assert stopped.out.startswith(f"Neo4j is not running. Its home is {site.home} (")
    assert run("db", "stop").err == "Neo4j was not running.\n"
    assert process("db", "reset", input="n\n").returncode == 1
    assert (site.home / "data").exists()
    assert run("db", "reset", "--yes").err == "The local Neo4j is empty again.\n"
    assert not (site.home / "data").exists()


def test_a_write_that_is_under_way_is_finished_before_the_end(site: Site) -> None:
    """SIGTERM while a write waits for the lock of another: it is answered, made, and there afterwards."""
    served = site.serve()
    served.ask(QUERY)
    token = process("token", "--role", "editor").stdout.strip()
    mutation = (
        'mutation { createTopic(input: {slug: "late", title: "Late"}) { revision userErrors { code } } }'
    )
    with catalogue_locked(site) as unlock, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(served.ask, mutation, authorization=f"Bearer {token}")
        time.sleep(1)
        os.killpg(served.process.pid, signal.SIGTERM)
        time.sleep(1)
        unlock()
        assert answer.result()["createTopic"]["userErrors"] == []
    assert served.process.wait(START_SECONDS) == 0
    again = site.serve()
    there = again.ask('{ catalogue { revision } topic(slug: "late") { title } }')
    assert there == {"catalogue": {"revision": 1}, "topic": {"title": "Late"}}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_start_that_is_interrupted_leaves_nothing_running(
    number: signal.Signals, code: int, site: Site
) -> None:
    served = site.serve()
    lock = site.home / "lock"
    while not lock.exists() or lock.read_text() != str(served.process.pid):
        time.sleep(LOOK_SECONDS)  # from then on it works on its database
    time.sleep(0.3)
    begun = time.monotonic()
    assert (served.end(number), served.told) == (code, "")
    assert affordable(time.monotonic() - begun, END_SECONDS)
    assert LocalNeo4j(home=site.home, cache=site.cache).status().running is None


def test_a_server_that_comes_later_is_waited_for(
    site: Site, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", f"bolt://127.0.0.1:{closed_port}")
    monkeypatch.setenv("NEO4J_PASSWORD", "x")
    served = site.serve()
    assert httpx.get(f"{served.address}/livez", timeout=START_SECONDS).status_code == 200
    assert served.end(signal.SIGINT) == 0
    assert served.told.startswith("The database cannot be reached now. The API waits for it.\n")
