"""The application: routes, middleware and lifespan as data, given to one constructor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from graph_api import web
from graph_api.app.assets import Assets
from graph_api.app.graphql import GRAPHQL_PATH, graphql_routes, trusted_documents
from graph_api.app.lifespan import SOLVER_NICENESS, State, connect, running
from graph_api.endpoint.answers import Answers
from graph_api.endpoint.execution.parts import Parts
from graph_api.endpoint.headers import SecurityHeaders
from graph_api.endpoint.health import health_routes, metrics_route
from graph_api.endpoint.observation import ObservedRequests, Observer
from graph_api.endpoint.operations import read_operations
from graph_api.endpoint.origins import Origins
from graph_api.endpoint.protocols import Requests, WebSockets
from graph_api.errors import ConfigurationError
from graph_api.settings import Settings
from graph_api.store.readiness import Readiness
from graph_api.telemetry.metrics import Metrics
from graph_api.telemetry.traces import Traces, open_traces

if TYPE_CHECKING:
    from graph_api.endpoint.buckets import Buckets

__all__ = [
    "GRAPHIQL_PATH",
    "GRAPHQL_PATH",
    "SOLVER_NICENESS",
    "State",
    "connect",
    "create_app",
    "metrics_served",
    "server_options",
    "trusted_documents",
]

GRAPHIQL_PATH = "/graphiql"


def create_app(settings: Settings, *, traces: Traces | None = None) -> Starlette:
    """The ASGI application over the database that the settings name.

    It starts without the database too: then it answers UNAVAILABLE and recovers by itself. Its
    `state.metrics` are the metrics; without `traces` the settings say where they go.
    """
    operations = [operation.as_dict() for operation in read_operations(settings.operations)]
    rates = _buckets(settings)
    metrics = Metrics(names=(str(operation["name"]) for operation in operations))
    answers = Answers(settings.answers_megabytes * 1_000_000)
    parts = Parts(settings.parts_megabytes * 1_000_000)
    observer = Observer(metrics, traces=traces or open_traces(settings.otel_exporter_otlp_endpoint))

    async def offered(_: Request) -> Response:
        return JSONResponse(operations)

    async def ready(request: Request) -> Mapping[str, object]:
        readiness: Readiness = request.state.readiness
        return await readiness.facts()

    app = Starlette(
        routes=[
            *graphql_routes(settings, observer, rates, answers, parts),
            Route("/", lambda _: RedirectResponse(f"{GRAPHIQL_PATH}/")),
            Route(f"{GRAPHIQL_PATH}/operations.json", offered),
            Mount(GRAPHIQL_PATH, Assets(directory=web.GRAPHIQL, html=True)),
            *health_routes(ready),
            *([metrics_route(metrics)] if settings.metrics and settings.metrics_port is None else []),
        ],
        middleware=[
            *_proxies(settings),
            Middleware(ObservedRequests, observer=observer),
            Middleware(SecurityHeaders),
            *Origins(settings.origins).middleware(),
        ],
        lifespan=lambda _: running(
            settings, metrics=metrics, observer=observer, rates=rates, answers=answers, parts=parts
        ),
    )
    app.state.metrics = metrics
    return app


def server_options(settings: Settings) -> dict[str, Any]:
    """What uvicorn must be told, beside the application, for clients that keep within their bounds."""
    return {
        "http": Requests,
        "proxy_headers": False,  # the application does it, see `_proxies`
        "ws": WebSockets,
        "ws_max_size": settings.max_body_bytes,
        "ws_ping_interval": settings.keepalive,
        "ws_ping_timeout": settings.send_timeout,
        "ws_per_message_deflate": False,  # its tables would be most of what a socket takes
    }


@contextmanager
def metrics_served(app: Starlette, settings: Settings) -> Iterator[None]:
    """The metrics of an application on a port of their own, if the settings name one.

    Raises ConfigurationError when it is taken.
    """
    if settings.metrics_port is None:
        yield
        return
    metrics: Metrics = app.state.metrics
    with ExitStack() as stack:
        try:
            stack.enter_context(metrics.served(settings.api_host, settings.metrics_port))
        except OSError as error:
            where = f"{settings.api_host}:{settings.metrics_port}"
            raise ConfigurationError(f"METRICS_PORT: cannot listen on {where}: {error.strerror}.") from None
        yield


def _proxies(settings: Settings) -> list[Middleware]:
    """What puts the client in the place of a proxy that is trusted to name it."""
    if not settings.proxies:
        return []
    options: dict[str, Any] = {"trusted_hosts": list(settings.proxies)}
    return [Middleware(ProxyHeadersMiddleware, **options)]


def _buckets(settings: Settings) -> Buckets | None:
    if not settings.rate_limit:
        return None
    from graph_api.endpoint.buckets import Buckets  # much to import where nobody is limited

    redis = None if settings.redis_url is None else settings.redis_url.get_secret_value()
    return Buckets(settings.rate_limit, burst=settings.rate_limit_burst, redis=redis)
