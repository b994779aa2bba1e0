"""A local Neo4j for the benchmark alone, with the catalogue in it as it was just after its import."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import catalogue
from graph_api.neo4j_local import Connection, LocalNeo4j
from graph_api.settings import Settings

JVM: Final = "server"
AT_ONCE: Final = 50
"""Roadmaps that are imported as one change; they rest on earlier ones alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database that runs: its process, how to reach it, and how many roadmaps it holds."""

    pid: int
    connection: Connection
    roadmaps: int

    def environment(self) -> dict[str, str]:
        """What names it to a server, beside this process's own environment."""
        return os.environ | {
            "NEO4J_URI": self.connection.uri,
            "NEO4J_USER": self.connection.user,
            "NEO4J_PASSWORD": self.connection.password,
        }

    def topic_ids(self) -> dict[str, str]:
        """The id of each topic by its slug."""
        from neo4j import GraphDatabase

        auth = (self.connection.user, self.connection.password)
        with GraphDatabase.driver(self.connection.uri, auth=auth) as driver:
            records, _, _ = driver.execute_query("MATCH (t:Topic) RETURN t.slug AS slug, t.id AS id")
        return {record["slug"]: record["id"] for record in records}


@contextmanager
def running(folder: Path, roadmaps: int) -> Iterator[Database]:
    """A database with so many roadmaps, each time from the same state; it ends with the block.

    The first time the catalogue is imported, by our own import; then a copy of the closed home is kept in
    `folder`, and later runs start with a copy of that.
    """
    kept = folder / f"imported-{roadmaps}-{_version()}"
    home = folder / f"neo4j-{roadmaps}"
    if not kept.exists():
        _import(kept, folder / f"catalogue-{roadmaps}", roadmaps)
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(kept, home)
    local = _local(home)
    connection = local.start()
    try:
        found = local.status().running
        if found is None:
            raise RuntimeError("The database has ended.")
        yield Database(pid=found.java.pid, connection=connection, roadmaps=roadmaps)
    finally:
        local.stop()


def _local(home: Path) -> LocalNeo4j:
    settings = Settings.read()
    return LocalNeo4j(
        home=home, cache=settings.neo4j_cache.expanduser(), mirror=settings.neo4j_mirror, jvm=JVM
    )


def _import(kept: Path, files: Path, roadmaps: int) -> None:
    """Import into a home beside, which gets its name only when all went well; older ones go."""
    print(f"    importing {roadmaps} roadmaps, this once", flush=True)
    for old in (*kept.parent.glob(f"imported-{roadmaps}-*"), files):
        shutil.rmtree(old, ignore_errors=True)
    catalogue.write(files, roadmaps)
    draft = kept.with_name(f"{kept.name}.part")
    local = _local(draft)
    connection = local.start()
    try:
        environment = Database(pid=0, connection=connection, roadmaps=roadmaps).environment()
        names = sorted(files.iterdir())
        for start in range(0, roadmaps, AT_ONCE):
            _bring_in(names[start : start + AT_ONCE], environment)
            print(f"    {min(start + AT_ONCE, roadmaps)} are in", flush=True)
    finally:
        local.stop()
    draft.rename(kept)


def _bring_in(files: list[Path], environment: dict[str, str]) -> None:
    """Import files as one change. Raises RuntimeError with what the import said."""
    command = [sys.executable, "-m", "graph_api", "import", *map(str, files)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The import failed: {done.stderr[-2000:]}")


def _version() -> str:
    """Changes with what is imported and with what imports it into the graph."""
    import graph_api.store.migrations

    found = hashlib.sha256()
    for module in (catalogue, graph_api.store.migrations):
        found.update(Path(str(module.__file__)).read_bytes())
    return found.hexdigest()[:12]
