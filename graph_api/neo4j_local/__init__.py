"""The zero-Docker default: a real Neo4j Community as a child process.

    with LocalNeo4j(home=Path(".neo4j"), cache=Path("~/.cache/roadmap-graph-api").expanduser()) as connection:
        ...  # connection.uri, connection.user, connection.password

Everything that goes wrong is a LocalDatabaseError with one sentence that says what to do.
"""

from __future__ import annotations

from graph_api.neo4j_local.config import Jvm
from graph_api.neo4j_local.connection import Connection
from graph_api.neo4j_local.home import Running
from graph_api.neo4j_local.pins import NEO4J_VERSION
from graph_api.neo4j_local.progress import Report, Step, silent
from graph_api.neo4j_local.server import LocalNeo4j, Status

__all__ = [
    "NEO4J_VERSION",
    "Connection",
    "Jvm",
    "LocalNeo4j",
    "Report",
    "Running",
    "Status",
    "Step",
    "silent",
]
