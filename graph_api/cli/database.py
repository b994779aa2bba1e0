"""Which database a command works on: the one of the settings, or the local one, started when it must be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from graph_api.errors import AccessDenied, ConfigurationError, Unavailable

if TYPE_CHECKING:
    from graph_api.neo4j_local import Connection, LocalNeo4j
    from graph_api.settings import Settings
    from graph_api.store.session import Database

WHOLE_SECONDS: Final = 3600.0


def local_neo4j(settings: Settings) -> LocalNeo4j:
    """The local Neo4j of the settings, running or not."""
    from graph_api.neo4j_local import LocalNeo4j

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
        with _naming(settings.neo4j_uri):
            yield settings
        return
    from graph_api.cli.progress import database_progress

    local = local_neo4j(settings)
    try:
        with database_progress() as draw:
            connection = local.start(progress=draw)
        yield _with(settings, connection)
    finally:
        local.stop()


def whole(settings: Settings) -> Database:
    """The database for work on the whole content, which takes longer than a request of the API may."""
    from graph_api.app import connect

    return connect(settings.model_copy(update={"neo4j_timeout": max(settings.neo4j_timeout, WHOLE_SECONDS)}))


@contextmanager
def _naming(uri: str) -> Iterator[None]:
    """Refuse an address that is none, and say which one it was when its server does not let us in."""
    try:
        parts = urlsplit(uri)
        whole = bool(parts.hostname) and parts.port != 0 and not any(map(str.isspace, uri))
    except ValueError:
        whole = False
    if not whole or "@" in parts.netloc:
        raise ConfigurationError("NEO4J_URI is not an address; one looks like neo4j://db.example.org:7687.")
    try:
        yield
    except (Unavailable, AccessDenied) as error:
        raise type(error)(f"{error} NEO4J_URI is {uri}.") from error


def _with(settings: Settings, connection: Connection) -> Settings:
    from pydantic import SecretStr

    return settings.model_copy(
        update={
            "neo4j_uri": connection.uri,
            "neo4j_user": connection.user,
            "neo4j_password": SecretStr(connection.password),
        }
    )
