"""Commands run in this process, and in one of their own where the process itself is the point."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from graph_api.app import connect
from graph_api.cli import main
from graph_api.neo4j_local import Connection
from graph_api.store.reader import GraphReader
from tests.conftest import settings_of, wipe
from tests.example import FILES

COMMAND: Final = [sys.executable, "-m", "graph_api"]


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it told."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting but the defaults; a home of its own, should a command start a database by mistake."""
    for name in list(os.environ):
        if name.startswith(("API_", "AUTH_", "NEO4J_", "REQUIRE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NEO4J_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def no_time_to_lose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing takes long enough to be told: what a command says is the same on a slow machine."""
    monkeypatch.setattr("graph_api.cli.progress.LONG_SECONDS", math.inf)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Result]]:
    """Run a command in this process."""
    before = signal.getsignal(signal.SIGTERM)

    def run(*arguments: object) -> Result:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        code = ended.value.code
        return Result(code if isinstance(code, int) else 0, *capfd.readouterr())

    yield run
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def graph(neo4j: Connection, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """The database of the tests, empty, as the one that the settings name."""
    for name, value in environment_of(neo4j).items():
        monkeypatch.setenv(name, value)
    graph = Graph(neo4j)
    graph.wipe()
    return graph


def environment_of(connection: Connection) -> Mapping[str, str]:
    """The variables that name a database."""
    return {
        "NEO4J_URI": connection.uri,
        "NEO4J_USER": connection.user,
        "NEO4J_PASSWORD": connection.password,
    }


class Graph:
    """A look into the database, past the command line."""

    def __init__(self, connection: Connection) -> None:
        self._settings = settings_of(connection)

    def wipe(self) -> None:
        """Take all content out."""

        async def work() -> None:
            async with connect(self._settings) as database:
                await wipe(database)

        asyncio.run(work())

    def revision(self) -> int:
        """The revision of the catalogue."""

        async def work() -> int:
            async with connect(self._settings) as database:
                return await GraphReader(database).revision()

        return asyncio.run(work())

    def topics(self) -> set[str]:
        """The slugs of all topics."""

        async def work() -> set[str]:
            async with connect(self._settings) as database:
                return {row["slug"] for row in await database.read("MATCH (t:Topic) RETURN t.slug AS slug")}

        return asyncio.run(work())


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with the worked example."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a roadmap file with one section of these topics, each the YAML of an item."""

    def write(slug: str, *topics: str) -> Path:
        path = tmp_path / f"{slug}.yaml"
        items = "".join(f"  - {topic}\n" for topic in topics)
        head = (
            f"format: roadmap/1\nslug: {slug}\ntitle: {slug.title()}\nsections:\n- slug: all\n  title: All\n"
        )
        path.write_text(f"{head}  topics:\n{items}", encoding="utf-8")
        return path

    return write


def process(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, in the present environment."""
    command = [*COMMAND, *map(str, arguments)]
    options = {"capture_output": True, "timeout": 60, **options}
    return subprocess.run(command, text=True, check=False, **options)
