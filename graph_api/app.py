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
from typing import TypedDict

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from graph_api import web
from graph_api.api.context import Context
from graph_api.api.schema import build_schema
from graph_api.endpoint.documents import extensions
from graph_api.endpoint.headers import SecurityHeaders
from graph_api.endpoint.health import health_routes
from graph_api.endpoint.http import GraphQLEndpoint
from graph_api.endpoint.operations import read_operations
from graph_api.errors import MigrationError, RoadmapError
from graph_api.settings import Settings
from graph_api.store.migrations import migrate, pending
from graph_api.store.reader import GraphReader
from graph_api.store.session import Database
from graph_api.store.structure import StructureCache

log = logging.getLogger(__name__)

GRAPHQL_PATH = "/graphql"
GRAPHIQL_PATH = "/graphiql"

SOLVER_NICENESS = 10


class State(TypedDict):
    """What the lifespan hands to every request."""

    database: Database
    reader: GraphReader
    structures: StructureCache
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
                yield State(
                    database=database,
                    reader=GraphReader(database),
                    structures=StructureCache(database, poll=settings.revision_poll),
                    solvers=solvers,
                )

    async def offered(_: Request) -> Response:
        return JSONResponse(operations)

    async def ready(request: Request) -> Mapping[str, object]:
        database: Database = request.state.database
        if await pending(database):  # it was away when we started, or it is another one now
            await migrate(database)
        return {"revision": await GraphReader(database).revision()}

    schema = build_schema(extensions(introspection=settings.introspection))
    return Starlette(
        routes=[
            Route("/", lambda _: RedirectResponse(f"{GRAPHIQL_PATH}/")),
            Route(GRAPHQL_PATH, GraphQLEndpoint(schema, context=_context)),
            Route(f"{GRAPHIQL_PATH}/operations.json", offered),
            Mount(GRAPHIQL_PATH, _Assets(directory=web.GRAPHIQL, html=True)),
            *health_routes(ready),
        ],
        middleware=[Middleware(SecurityHeaders)],
        lifespan=lifespan,
        max_body_size=settings.max_body_bytes,
    )


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


def _context(request: Request) -> Context:
    state = request.state
    return Context(reader=state.reader, structures=state.structures, solvers=state.solvers)


async def _migrate_if_reachable(database: Database) -> None:
    try:
        await migrate(database)
    except MigrationError:
        raise
    except RoadmapError as error:
        log.warning("The schema was not checked: %s", error)
