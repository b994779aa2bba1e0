"""One home that every test of the real server shares, because a start takes six seconds."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from neo4j import GraphDatabase

from graph_api.neo4j_local import Connection, LocalNeo4j

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PARENT = Path(__file__).with_name("parent.py")


def eventually(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Whether `holds` comes true within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return holds()


def run(connection: Connection, statement: str, **parameters: object) -> list[dict[str, object]]:
    """Run one statement and return its rows."""
    auth = (connection.user, connection.password)
    with GraphDatabase.driver(connection.uri, auth=auth) as driver, driver.session() as session:
        return session.run(statement, parameters).data()


class Site:
    """A home with a store; every test leaves it startable, running or not."""

    def __init__(self, home: Path, cache: Path) -> None:
        self.home = home
        self.cache = cache
        self.local = self.handle()
        self.helpers: list[subprocess.Popen[str]] = []

    def handle(self, **options: object) -> LocalNeo4j:
        """Return a second handle, as another command has one."""
        return LocalNeo4j(home=self.home, cache=self.cache, **options)  # type: ignore[arg-type] # as given

    def running(self) -> Connection:
        """Return the connection of our own server, started when it is not there."""
        return self.local.start()

    def parent(self, *options: str) -> subprocess.Popen[str]:
        """Start another process that starts the server, and wait until it says so."""
        command = [sys.executable, str(PARENT), str(self.home), str(self.cache), *options]
        # As we see it, whether the package is installed or only found from here.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        helper = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        self.helpers.append(helper)
        assert helper.stdout
        with helper.stdout as told:
            assert told.readline() == "ready\n"
        return helper

    def write(self, value: str) -> None:
        """Commit one row."""
        run(self.running(), "CREATE (:Mark {value: $value})", value=value)

    def values(self) -> list[object]:
        """Return all rows ever written."""
        rows = run(self.running(), "MATCH (m:Mark) RETURN m.value AS value ORDER BY m.value")
        return [row["value"] for row in rows]


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, jar_cache: Path) -> Iterator[Site]:
    """A home whose name needs care; at the end nothing of it runs."""
    site = Site(tmp_path_factory.mktemp("site") / "höme of \"neo4j\" 'x'", jar_cache)
    try:
        yield site
    finally:
        for helper in site.helpers:
            helper.kill()
            helper.wait()
        site.local.stop()
        site.handle().shutdown()
