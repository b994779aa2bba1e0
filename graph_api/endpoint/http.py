"""GraphQL over HTTP: one request in, one answer out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry import Schema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from graph_api.endpoint.negotiation import GRAPHQL, JSON, answer_type
from graph_api.endpoint.presentation import present
from graph_api.endpoint.request import GraphQLRequest, Refused, read_request

_READS = (OperationType.QUERY,)
_ALL = (OperationType.QUERY, OperationType.MUTATION)


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL requests, after https://graphql.github.io/graphql-over-http.

    `context` makes what the resolvers of one request see.
    """

    def __init__(self, schema: Schema, *, context: Callable[[Request], object]) -> None:
        self._schema = schema
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        response = await self.answer(request)
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """The answer to a request, whatever it is."""
        media_type = answer_type(request.headers.get("accept"))
        if media_type is None:
            return _refusal(Refused(406, f"An answer is {GRAPHQL} or {JSON}.", code="NOT_ACCEPTABLE"), JSON)
        try:
            asked = await read_request(request)
            result = await self._execute(asked, self._context(request))
        except Refused as refused:
            return _refusal(refused, media_type)
        return _response(_body(result), _status(result, media_type), media_type)

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
            name = f' named "{asked.operation_name}"' if asked.operation_name else ""
            return PreExecutionError(
                data=None, errors=[GraphQLError(f"The document has no operation{name}.")]
            )
        except InvalidOperationTypeError as error:
            raise _refused_operation(error.operation_type) from None


def _refused_operation(kind: OperationType) -> Refused:
    if kind is OperationType.MUTATION:
        return Refused(405, "A mutation needs POST.", code="METHOD_NOT_ALLOWED", headers={"allow": "POST"})
    return Refused(400, "A subscription needs a WebSocket.", code="UNSUPPORTED_OPERATION")


def _executed(result: ExecutionResult) -> bool:
    """Whether execution began: what fails before that has no data and no error with a path."""
    if isinstance(result, PreExecutionError):
        return False
    return result.data is not None or any(error.path is not None for error in result.errors or ())


def _status(result: ExecutionResult, media_type: str) -> int:
    return 400 if media_type == GRAPHQL and not _executed(result) else 200


def _body(result: ExecutionResult) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if result.errors:
        prepared = not isinstance(result, PreExecutionError)
        body["errors"] = present(result.errors, executed=prepared)
    if _executed(result):
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    return body


def _refusal(refused: Refused, media_type: str) -> Response:
    error = {"message": str(refused), "extensions": {"code": refused.code}}
    return _response({"errors": [error]}, refused.status, media_type, refused.headers)


def _response(
    body: Mapping[str, Any], status: int, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        orjson.dumps(body),
        status_code=status,
        headers={"content-type": f"{media_type}; charset=utf-8", "vary": "accept", **(headers or {})},
    )
