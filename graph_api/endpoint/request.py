"""What a client asks: a GraphQL request read from HTTP, or the reason why it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

METHODS: Final = ("GET", "POST")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of a request. `reads_only` says that its method may not change anything."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None
    reads_only: bool


class Refused(Exception):
    """A request that is not one of GraphQL over HTTP; `status` and `headers` are those of the answer."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "BAD_REQUEST",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


async def read_request(request: Request) -> GraphQLRequest:
    """The GraphQL request of an HTTP request. Raises Refused."""
    if request.method == "GET":
        return _from_query(request)
    if request.method == "POST":
        return _from_parameters(await _body(request), reads_only=False)
    raise Refused(
        405,
        "Ask by GET or POST.",
        code="METHOD_NOT_ALLOWED",
        headers={"allow": ", ".join(METHODS)},
    )


def _from_query(request: Request) -> GraphQLRequest:
    parameters: dict[str, object] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if text := parameters.get(name):
            parameters[name] = _json(str(text).encode(), what=f'The parameter "{name}"')
    return _from_parameters(parameters, reads_only=True)


async def _body(request: Request) -> object:
    _check_content_type(request.headers.get("content-type"))
    try:
        return _json(await request.body(), what="The body")
    except ClientDisconnect:
        raise Refused(400, "The request ended early.") from None
    except HTTPException as error:
        raise Refused(error.status_code, "The body is too large.", code="BODY_TOO_LARGE") from None


def _check_content_type(header: str | None) -> None:
    name, *parameters = (part.strip().lower() for part in (header or "").split(";"))
    charset = next((value[8:].strip('"') for value in parameters if value.startswith("charset=")), "utf-8")
    if name != "application/json" or charset not in {"utf-8", "utf8"}:
        raise Refused(
            415,
            "A request by POST is application/json in UTF-8.",
            code="UNSUPPORTED_MEDIA_TYPE",
            headers={"accept-post": "application/json"},
        )


def _json(data: bytes, *, what: str) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise Refused(400, f"{what} is not JSON.", code="BAD_JSON") from None


def _from_parameters(parameters: object, *, reads_only: bool) -> GraphQLRequest:
    if not isinstance(parameters, dict):
        raise Refused(400, "A request is a JSON object.")
    query, variables = parameters.get("query"), parameters.get("variables")
    name, extensions = parameters.get("operationName"), parameters.get("extensions")
    if not isinstance(query, str) or not query.strip():
        raise Refused(400, '"query" is missing, or not a text.')
    if variables is not None and not isinstance(variables, dict):
        raise Refused(400, '"variables" is not an object.')
    if name is not None and not isinstance(name, str):
        raise Refused(400, '"operationName" is not a text.')
    if extensions is not None and not isinstance(extensions, dict):
        raise Refused(400, '"extensions" is not an object.')
    return GraphQLRequest(query, variables, name or None, reads_only)
