"""Where requests and operations are watched: an id for each request, and an activity for each operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from os import urandom
from typing import TYPE_CHECKING, Final

from graphql import DocumentNode, OperationDefinitionNode
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.extensions import SchemaExtension

from graph_api.endpoint.documents import cost_of
from graph_api.endpoint.tokens import Identity
from graph_api.telemetry.activity import REQUEST, Activity, RequestId, current
from graph_api.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from graph_api.telemetry.traces import Traces

HEADER: Final = "x-request-id"
_RAW_HEADER: Final = HEADER.encode()
_SANE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Observer:
    """The metrics and the traces of an application."""

    def __init__(self, metrics: Metrics | None = None, *, traces: Traces | None = None) -> None:
        self.metrics = metrics or Metrics()
        self.traces = traces

    def activity(self, query: str, transport: str, identity: Identity | None) -> Activity:
        """An operation that begins now."""
        return Activity(
            metrics=self.metrics,
            query=query,
            transport=transport,
            roles=() if identity is None else tuple(sorted(identity.roles)),
            span=None if self.traces is None else self.traces.operation(),
        )

    def stream(self, query: str, connection: HTTPConnection, identity: Identity | None) -> Activity:
        """A streamed operation that begins now, and that this task works for."""
        transport = "websocket" if connection.scope["type"] == "websocket" else "sse"
        activity = self.activity(query, transport, identity)
        activity.enter()
        self.metrics.streams.inc()
        return activity

    def ended(self, activity: Activity) -> None:
        """A streamed operation has ended."""
        self.metrics.streams.dec()
        activity.end()


class ObservedRequests:
    """Middleware: gives each request an id, the client's own if it is sane, and counts the answers."""

    def __init__(self, app: ASGIApp, *, observer: Observer) -> None:
        self._app = app
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the answer, or the handshake of a WebSocket, tells its id."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request = RequestId(_id(headers.get(HEADER)))
        before = REQUEST.set(request)
        try:
            with self._traced(scope, headers):
                await self._app(scope, receive, self._telling(request.text, send))
        except Exception:
            self._observer.metrics.response(500)  # which the server answers
            raise
        finally:
            request.ended = True
            REQUEST.reset(before)

    def _telling(self, text: str, send: Send) -> Send:
        async def told(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.accept"}:
                message["headers"] = [*message.get("headers", ()), (_RAW_HEADER, text.encode())]
            if message["type"] == "http.response.start":
                self._observer.metrics.response(message["status"])
            await send(message)

        return told

    def _traced(self, scope: Scope, headers: Headers) -> AbstractContextManager[object]:
        traces = self._observer.traces
        if traces is None:
            return nullcontext()
        if scope["type"] == "websocket":
            return traces.caller(headers)
        return traces.request(headers, scope["method"], scope["path"])


def _id(given: str | None) -> str:
    return given if given is not None and _SANE.fullmatch(given) else urandom(8).hex()


class Observed(SchemaExtension):
    """Notes what an operation is called and of which type it is, as soon as its document is parsed."""

    def on_validate(self) -> Iterator[None]:
        """Look at the document, valid or not, and then at its price."""
        activity, context = current(), self.execution_context
        if activity is not None and context.graphql_document is not None:
            node = _operation(context.graphql_document, context.operation_name)
            if node is not None:
                activity.name = None if node.name is None else node.name.value
                activity.kind = node.operation.value
        yield
        if activity is not None and (priced := cost_of(context)) is not None:
            activity.cost = priced.requested


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation of this name, or the only one."""
    for node in document.definitions:
        if not isinstance(node, OperationDefinitionNode):
            continue
        if name is None or (node.name is not None and node.name.value == name):
            return node
    return None
