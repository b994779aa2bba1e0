"""GraphQL over HTTP: one request in, one answer out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry import Schema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from graph_api.endpoint.guard import Guard
from graph_api.endpoint.negotiation import EVENTS, GRAPHQL, JSON, answer_type
from graph_api.endpoint.observation import Observer
from graph_api.endpoint.origins import check_shape
from graph_api.endpoint.request import GraphQLRequest, Refused, read_request
from graph_api.endpoint.sse import EventStream
from graph_api.endpoint.streams import Streams, body, executed, no_operation
from graph_api.endpoint.tokens import Identify, Identity, authorization_of
from graph_api.errors import Unauthenticated, Unavailable

MAX_BODY_BYTES: Final = 1_000_000
_READS = (OperationType.QUERY,)
_ALL = (OperationType.QUERY, OperationType.MUTATION)


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL requests, after https://graphql.github.io/graphql-over-http.

    `context` makes what the resolvers of one request see; `identify` says who sent it, None for nobody,
    whom `require_auth` turns away. With `streams` it also answers by server-sent events. A body of more than
    `max_body_bytes` is refused; a limit of Starlette's own for this route would answer first, in plain text.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        context: Callable[[Request, Identity | None], object],
        identify: Identify,
        require_auth: bool = False,
        streams: Streams | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
        observer: Observer | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._observer = observer or Observer()
        self._schema = schema
        self._context = context
        self._identify = identify
        self._require_auth = require_auth
        self._streams = streams
        self._max_body_bytes = max_body_bytes
        self._guard = guard or Guard()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        response = await self.answer(request)
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """The answer to a request, whatever it is."""
        media_type = answer_type(request.headers.get("accept"), events=self._streams is not None)
        if media_type is None:
            return self._refusal(
                Refused(406, f"An answer is {GRAPHQL} or {JSON}.", code="NOT_ACCEPTABLE"), JSON
            )
        try:
            check_shape(request)
            identity = await self._sender(request)
            asked = await read_request(request, max_body_bytes=self._max_body_bytes)
            asked = self._guard.documents.resolve(asked)
            if self._streams is not None and media_type == EVENTS:
                answers = self._streams.answers(asked, request, identity)
                return EventStream(answers, limits=self._streams.limits, identity=identity)
            with self._observer.activity(asked.query, "http", identity).entered() as activity:
                context = self._context(request, identity)
                result = await self._guard.run(lambda: self._execute(asked, context))
                shown = body(result)
                activity.answered(shown, executed=executed(result))
        except Refused as refused:
            return self._refusal(refused, JSON if media_type == EVENTS else media_type)
        headers = self._guard.headers(asked, result, context, identity)
        return _response(shown, _status(result, media_type), media_type, headers)

    async def _sender(self, request: Request) -> Identity | None:
        authorization = authorization_of(request.headers)
        try:
            identity = await self._identify(authorization)
        except Unauthenticated as error:
            raise _challenge(str(error), 'Bearer error="invalid_token"') from None
        except Unavailable as error:
            raise Refused(503, str(error), code=error.code) from None
        if identity is None and self._require_auth:
            raise _challenge("This server answers nobody without a token.", "Bearer")
        return identity

    async def _execute(self, asked: GraphQLRequest, context: object) -> ExecutionResult:
        try:
            return await self._schema.execute(
                asked.query,
                variable_values=asked.variables,
                operation_name=asked.operation_name,
                context_value=context,
                allowed_operation_types=_READS if asked.reads_only else _ALL,
                operation_extensions=asked.extensions,
            )
        except CannotGetOperationTypeError:
            return PreExecutionError(data=None, errors=[no_operation(asked)])
        except InvalidOperationTypeError as error:
            raise _refused_operation(error.operation_type) from None

    def _refusal(self, refused: Refused, media_type: str) -> Response:
        self._observer.metrics.refused([refused.code])
        error = {"message": str(refused), "extensions": {"code": refused.code}}
        return _response({"errors": [error]}, refused.status, media_type, refused.headers)


def _challenge(message: str, challenge: str) -> Refused:
    return Refused(401, message, code=Unauthenticated.code, headers={"www-authenticate": challenge})


def _refused_operation(kind: OperationType) -> Refused:
    if kind is OperationType.MUTATION:
        return Refused(405, "A mutation needs POST.", code="METHOD_NOT_ALLOWED", headers={"allow": "POST"})
    return Refused(
        400, "A subscription needs a WebSocket, or Accept: text/event-stream.", code="UNSUPPORTED_OPERATION"
    )


def _status(result: ExecutionResult, media_type: str) -> int:
    return 400 if media_type == GRAPHQL and not executed(result) else 200


def _response(
    content: Mapping[str, Any], status: int, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        orjson.dumps(content),
        status_code=status,
        headers={"content-type": f"{media_type}; charset=utf-8", "vary": "accept", **(headers or {})},
    )
