"""Where requests and operations are watched: an id for each request, and an activity for each operation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from os import urandom
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph_api.endpoint.tokens import Identity
from graph_api.telemetry.activity import REQUEST, Activity, RequestId
from graph_api.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from graph_api.telemetry.traces import Traces

HEADER: Final = "x-request-id"
_RAW_HEADER: Final = HEADER.encode()
_SANE: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_FIRST: Final = frozenset({"http.response.start", "websocket.accept"})


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
        request = RequestId(_id(scope["headers"]))
        before = REQUEST.set(request)
        try:
            telling = self._telling(request.text, send)
            if self._observer.traces is None:
                await self._app(scope, receive, telling)
            else:
                with _traced(self._observer.traces, scope):
                    await self._app(scope, receive, telling)
        except Exception:
            self._observer.metrics.response(500)  # which the server answers
            raise
        finally:
            request.ended = True
            REQUEST.reset(before)

    def _telling(self, text: str, send: Send) -> Send:
        async def told(message: Message) -> None:
            kind = message["type"]
            if kind in _FIRST:
                message["headers"] = [*message.get("headers", ()), (_RAW_HEADER, text.encode())]
                if kind == "http.response.start":
                    self._observer.metrics.response(message["status"])
            await send(message)

        return told


def _traced(traces: Traces, scope: Scope) -> AbstractContextManager[object]:
    headers = Headers(scope=scope)
    if scope["type"] == "websocket":
        return traces.caller(headers)
    return traces.request(headers, scope["method"], scope["path"])


def _id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == _RAW_HEADER:
            return value.decode() if _SANE.fullmatch(value) else urandom(8).hex()
    return urandom(8).hex()
