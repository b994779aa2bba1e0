"""The application: routes, middleware and lifespan as data, given to one constructor."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from os import PathLike, stat_result
from pathlib import Path
from typing import Any, TypedDict

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from graph_api import web
from graph_api.api.context import Context
from graph_api.api.schema import build_schema
from graph_api.api.viewer import Viewer
from graph_api.endpoint.documents import extensions
from graph_api.endpoint.events import EventExecutor, Starts
from graph_api.endpoint.headers import SecurityHeaders
from graph_api.endpoint.health import health_routes
from graph_api.endpoint.http import GraphQLEndpoint
from graph_api.endpoint.keys import KeySet
from graph_api.endpoint.operations import read_operations
from graph_api.endpoint.sockets import WebSockets
from graph_api.endpoint.streams import Limits, Streams
from graph_api.endpoint.tokens import Identity, Keys, Secret, Verifier
from graph_api.endpoint.websocket import WebSocketEndpoint
from graph_api.errors import ConfigurationError, MigrationError, RoadmapError
from graph_api.settings import Settings
from graph_api.store.feed import Feed
from graph_api.store.learners import LearnerStore
from graph_api.store.migrations import migrate, pending
from graph_api.store.past import Archive
from graph_api.store.reader import GraphReader
from graph_api.store.session import Database
from graph_api.store.structure import StructureCache
from graph_api.store.writer import GraphWriter

log = logging.getLogger(__name__)

GRAPHQL_PATH = "/graphql"
GRAPHIQL_PATH = "/graphiql"

SOLVER_NICENESS = 10


class State(TypedDict):
    """What the lifespan hands to every request."""

    database: Database
    structures: StructureCache
    writer: GraphWriter
    learners: LearnerStore
    feed: Feed
    archive: Archive
    solvers: Executor


def create_app(settings: Settings) -> Starlette:
    """The ASGI application over the database that the settings name.

    It starts without the database too: then it answers UNAVAILABLE and recovers by itself.
    """
    operations = [operation.as_dict() for operation in read_operations(settings.operations)]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[State]:
        async with connect(settings) as database:
            await _migrate_if_reachable(database)
            with ThreadPoolExecutor(settings.solver_threads, "solver", _step_back) as solvers:
                structures = StructureCache(database, poll=settings.revision_poll)
                async with Feed(database, structures, poll=settings.feed_poll) as feed:
                    yield State(
                        database=database,
                        structures=structures,
                        writer=GraphWriter(database, structures),
                        learners=LearnerStore(database),
                        feed=feed,
                        archive=Archive(database),
                        solvers=solvers,
                    )

    async def offered(_: Request) -> Response:
        return JSONResponse(operations)

    async def ready(request: Request) -> Mapping[str, object]:
        database: Database = request.state.database
        if await pending(database):  # it was away when we started, or it is another one now
            await migrate(database)
        return {"revision": await GraphReader(database).revision()}

    return Starlette(
        routes=[
            Route("/", lambda _: RedirectResponse(f"{GRAPHIQL_PATH}/")),
            *_graphql_routes(settings),
            Route(f"{GRAPHIQL_PATH}/operations.json", offered),
            Mount(GRAPHIQL_PATH, _Assets(directory=web.GRAPHIQL, html=True)),
            *health_routes(ready),
        ],
        middleware=[Middleware(SecurityHeaders)],
        lifespan=lifespan,
        max_body_size=settings.max_body_bytes,
    )


def server_options(settings: Settings) -> dict[str, Any]:
    """What uvicorn must be told, beside the application, for WebSockets that keep within their bounds."""
    return {
        "ws": WebSockets,
        "ws_max_size": settings.max_body_bytes,
        "ws_ping_interval": settings.keepalive,
        "ws_ping_timeout": settings.send_timeout,
        "ws_per_message_deflate": False,  # its tables would be most of what a socket takes
    }


def connect(settings: Settings) -> Database:
    """The database that the settings name. Raises ConfigurationError for an address that is none."""
    assert settings.neo4j_uri is not None  # noqa: S101 - the caller has started a local one otherwise
    assert settings.neo4j_password is not None  # noqa: S101 - Settings.read has checked it
    return Database.connect(
        settings.neo4j_uri,
        user=settings.neo4j_user,
        password=settings.neo4j_password.get_secret_value(),
        database=settings.neo4j_database,
        timeout=settings.neo4j_timeout,
    )


class _Assets(StaticFiles):
    """Built files: those with a hash in their name never change, the page itself may."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file with a cache life that fits its name."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        lasting = Path(full_path).parent.name == "assets"
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return response


def _step_back() -> None:
    """Let the event loop go first where both want a processor; only Linux has niceness by thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), SOLVER_NICENESS)


def _graphql_routes(settings: Settings) -> list[BaseRoute]:
    """One path for requests, event streams and WebSockets."""
    extended = (*extensions(introspection=settings.introspection), Starts)
    schema = build_schema(extended, executor=EventExecutor)
    limits = Limits(
        init_seconds=settings.init_timeout,
        send_seconds=settings.send_timeout,
        keepalive_seconds=settings.keepalive,
        operations=settings.max_operations,
        streams=settings.max_streams,
    )
    streams = Streams(schema, context=_context, limits=limits)
    identify, required = _verifier(settings).identify, settings.require_auth
    endpoint = GraphQLEndpoint(
        schema, context=_context, identify=identify, require_auth=required, streams=streams
    )
    sockets = WebSocketEndpoint(streams, identify=identify, require_auth=required)
    return [Route(GRAPHQL_PATH, endpoint), WebSocketRoute(GRAPHQL_PATH, sockets)]


def _verifier(settings: Settings) -> Verifier:
    """What checks tokens, after the settings. Raises ConfigurationError when nobody could ever come in."""
    keys: Keys | None = None
    if settings.auth_jwks_url is not None:
        keys = KeySet(settings.auth_jwks_url, algorithm=settings.auth_algorithm)
    elif settings.auth_secret is not None:
        keys = Secret(settings.auth_secret.get_secret_value().encode())
    elif settings.require_auth:
        raise ConfigurationError("REQUIRE_AUTH needs AUTH_SECRET or AUTH_JWKS_URL, to check tokens with.")
    return Verifier(
        keys,
        algorithm=settings.auth_algorithm,
        audience=settings.auth_audience,
        issuer=settings.auth_issuer,
    )


def _context(connection: HTTPConnection, identity: Identity | None) -> Context:
    state = connection.state
    return Context(
        database=state.database,
        structures=state.structures,
        solvers=state.solvers,
        writer=state.writer,
        learners=state.learners,
        feed=state.feed,
        archive=state.archive,
        asker=None if identity is None else Viewer.of(identity.subject, identity.roles),
    )


async def _migrate_if_reachable(database: Database) -> None:
    try:
        await migrate(database)
    except MigrationError:
        raise
    except RoadmapError as error:
        log.warning("The schema was not checked: %s", error)
