"""Which database a command works on: the one of the settings, or the local one, started when it must be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from graph_api.cli.screen import database_progress
from graph_api.neo4j_local import Connection, LocalNeo4j
from graph_api.settings import Settings


def local_neo4j(settings: Settings) -> LocalNeo4j:
    """The local Neo4j of the settings, running or not."""
    return LocalNeo4j(
        home=settings.neo4j_home.expanduser(),
        cache=settings.neo4j_cache.expanduser(),
        mirror=settings.neo4j_mirror,
        port=settings.neo4j_port,
        jvm=settings.neo4j_jvm,
    )


@contextmanager
def running(settings: Settings) -> Iterator[Settings]:
    """Settings that name a running database.

    A local one that is started here is stopped at the end; one that ran already is left running.
    """
    if settings.neo4j_uri is not None:
        yield settings
        return
    local = local_neo4j(settings)
    try:
        with database_progress() as draw:
            connection = local.start(progress=draw)
        yield _with(settings, connection)
    finally:
        local.stop()


def _with(settings: Settings, connection: Connection) -> Settings:
    return settings.model_copy(
        update={
            "neo4j_uri": connection.uri,
            "neo4j_user": connection.user,
            "neo4j_password": SecretStr(connection.password),
        }
    )
