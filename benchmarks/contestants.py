"""Who is measured: each a program of its own over the same database, with the dialect that it is asked in."""

from __future__ import annotations

import secrets
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from benchmarks.database import Database
from benchmarks.dialects import Dialect, apollo, cypher, naive, ours
from benchmarks.processes import Server, free_port
from benchmarks.switches import all_off

SECRET: Final = secrets.token_hex(32)
"""What signs the tokens of this run."""

PATIENT: Final = {
    "NEO4J_TIMEOUT": "60",
    "OPERATION_TIMEOUT": "60",
    "QUEUE_TIMEOUT": "60",
    "QUEUE_TOLERANCE": "60",
    "MAX_CONCURRENT": "32",
}
"""Peers let everybody in and wait for ever; ours is not to send clients away while it is measured."""

_APOLLO: Final = Path(__file__).parent / "peers" / "apollo"
_OURS: Final = Dialect(ours.request, ours.content)
Command = Callable[[int, Path], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """One program: `command` takes its port and the folder of stored answers.

    `keeps` says that it holds parts of the content, which it has to read before it counts as warm.
    """

    name: str
    title: str
    dialect: Dialect
    command: Command
    keeps: bool = False
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def server(self, database: Database, folder: Path) -> Server:
        """Its server, not started yet; `folder` takes its log."""
        port = free_port()
        environment = database.environment() | PATIENT | {"AUTH_SECRET": SECRET, "NODE_ENV": "production"}
        return Server(
            self.command(port, folder),
            port=port,
            log=folder / f"{self.name}.log",
            environment=environment | dict(self.settings),
        )


def _python(module: str, *, stored: bool = False) -> Command:
    def command(port: int, folder: Path) -> list[str]:
        return [sys.executable, "-m", module, str(port), *([str(folder)] if stored else [])]

    return command


def _served(port: int, _: Path) -> list[str]:
    return [sys.executable, "-m", "graph_api", "serve", "--port", str(port)]


def earlier(folder: Path) -> Contestant:
    """Ours as it is in another checkout, run with the packages of this one."""
    command = [sys.executable, "-P", "-m", "graph_api", "serve", "--port"]
    return Contestant(
        name="earlier",
        title="ours, earlier",
        dialect=_OURS,
        command=lambda port, _: [*command, str(port)],
        keeps=True,
        settings={"PYTHONPATH": str(folder.resolve())},
    )


def _node(port: int, _: Path) -> list[str]:
    return [shutil.which("node") or "node", str(_APOLLO / "server.mjs"), str(port)]


def variant(name: str, title: str, settings: Mapping[str, str]) -> Contestant:
    """Ours with other settings."""
    keeps = settings != all_off()
    return Contestant(name=name, title=title, dialect=_OURS, command=_served, keeps=keeps, settings=settings)


OURS: Final = variant("ours", "ours", {})
UNCACHED: Final = variant("uncached", "ours, caches off", all_off())
APOLLO: Final = Contestant(
    name="apollo",
    title="@neo4j/graphql on Apollo Server",
    dialect=Dialect(apollo.request, apollo.content),
    command=_node,
)
NAIVE: Final = Contestant(
    name="naive",
    title="Strawberry and DataLoaders, the obvious way",
    dialect=Dialect(naive.request, naive.content),
    command=_python("benchmarks.peers.naive"),
)
CYPHER: Final = Contestant(
    name="cypher",
    title="one Cypher by hand",
    dialect=Dialect(cypher.request, cypher.content),
    command=_python("benchmarks.peers.cypher"),
)
BARE: Final = Contestant(
    name="bare",
    title="the stored answer of ours (the limit)",
    dialect=Dialect(lambda question: (f"/{question.kind}", {}), lambda *_: {}),
    command=_python("benchmarks.peers.bare", stored=True),
)
ALL: Final = (OURS, UNCACHED, APOLLO, NAIVE, CYPHER, BARE)


def lacking() -> str | None:
    """What is to be done before the peer in Node can run; None when nothing is."""
    if shutil.which("node") is None:
        return "One of the peers needs Node 20 or newer, and there is no node on the PATH."
    if not (_APOLLO / "node_modules").is_dir():
        return f"One of the peers is not installed; make bench does it, or: npm ci --prefix {_APOLLO}"
    return None
