"""GraphQL over HTTP: one request in, one answer out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry import Schema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from graph_api.endpoint.negotiation import EVENTS, GRAPHQL, JSON, answer_type
from graph_api.endpoint.request import GraphQLRequest, Refused, read_request
from graph_api.endpoint.sse import EventStream
from graph_api.endpoint.streams import Streams, body, executed, no_operation
from graph_api.endpoint.tokens import Identify, Identity, authorization_of
from graph_api.errors import Unauthenticated, Unavailable

_READS = (OperationType.QUERY,)
_ALL = (OperationType.QUERY, OperationType.MUTATION)


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL requests, after https://graphql.github.io/graphql-over-http.

    `context` makes what the resolvers of one request see; `identify` says who sent it, None for nobody,
    whom `require_auth` turns away. With `streams` it also answers by server-sent events.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        context: Callable[[Request, Identity | None], object],
        identify: Identify,
        require_auth: bool = False,
        streams: Streams | None = None,
    ) -> None:
        self._schema = schema
        self._context = context
        self._identify = identify
        self._require_auth = require_auth
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        response = await self.answer(request)
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """The answer to a request, whatever it is."""
        media_type = answer_type(request.headers.get("accept"), events=self._streams is not None)
        if media_type is None:
            return _refusal(Refused(406, f"An answer is {GRAPHQL} or {JSON}.", code="NOT_ACCEPTABLE"), JSON)
        try:
            identity = await self._sender(request)
            asked = await read_request(request)
            if self._streams is not None and media_type == EVENTS:
                answers = self._streams.answers(asked, request, identity)
                return EventStream(answers, limits=self._streams.limits, identity=identity)
            result = await self._execute(asked, self._context(request, identity))
        except Refused as refused:
            return _refusal(refused, JSON if media_type == EVENTS else media_type)
        return _response(body(result), _status(result, media_type), media_type)

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
            )
        except CannotGetOperationTypeError:
            return PreExecutionError(data=None, errors=[no_operation(asked)])
        except InvalidOperationTypeError as error:
            raise _refused_operation(error.operation_type) from None


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


def _refusal(refused: Refused, media_type: str) -> Response:
    error = {"message": str(refused), "extensions": {"code": refused.code}}
    return _response({"errors": [error]}, refused.status, media_type, refused.headers)


def _response(
    content: Mapping[str, Any], status: int, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        orjson.dumps(content),
        status_code=status,
        headers={"content-type": f"{media_type}; charset=utf-8", "vary": "accept", **(headers or {})},
    )
