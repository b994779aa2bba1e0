"""What a client asks: a GraphQL request read from HTTP, or the reason why it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson
from starlette.datastructures import QueryParams

from graph_api.endpoint.heard import Heard
from graph_api.endpoint.negotiation import SHORT

METHODS: Final = ("GET", "POST")
MAX_BRACKETS: Final = 120_000
"""A million empty lists take no place in a body, and a lot of time to make; those in texts count too."""
_GET: Final = b"?"
_DIGITS: Final = 18
"""No body has a length of more."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of a request. `reads_only` says that its method may not change anything.

    `document_id` names a trusted document, whose text `query` is once it is looked up.
    """

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None
    reads_only: bool
    extensions: dict[str, Any] | None = None
    document_id: str | None = None


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


async def read_bytes(request: Heard, *, max_body_bytes: int) -> bytes:
    """What an HTTP request asks, in bytes, of whatever meaning. Raises Refused.

    Two with the same bytes ask the same: a body never begins with the mark of a query string.
    """
    if request.method == "GET":
        query: bytes = request.scope["query_string"]
        return _GET + query
    if request.method == "POST":
        return await _body(request, max_body_bytes)
    raise Refused(
        405,
        "Ask by GET or POST.",
        code="METHOD_NOT_ALLOWED",
        headers={"allow": ", ".join(METHODS)},
    )


def read_request(said: bytes) -> GraphQLRequest:
    """The GraphQL request that these bytes ask. Raises Refused."""
    if said.startswith(_GET):
        return _from_query(QueryParams(said.removeprefix(_GET)))
    if said.count(b"[") + said.count(b"{") > MAX_BRACKETS:
        raise Refused(400, f"The body has more than {MAX_BRACKETS} brackets.", code="LIMIT_EXCEEDED")
    return _from_parameters(_json(said, what="The body"), reads_only=False)


def _from_query(query: QueryParams) -> GraphQLRequest:
    parameters: dict[str, object] = dict(query)
    for name in ("variables", "extensions"):
        if text := parameters.get(name):
            parameters[name] = _json(str(text).encode(), what=f'The parameter "{name}"')
    return _from_parameters(parameters, reads_only=True)


async def _body(request: Heard, limit: int) -> bytes:
    sent = request.header("content-type") or ""
    (_check_content_type if len(sent) <= SHORT else _check_content_type.__wrapped__)(sent)
    length = request.header("content-length") or ""
    if length.isdecimal() and (len(length) > _DIGITS or int(length) > limit):
        raise _too_large(limit)
    body, more = bytearray(), True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The request ended early.")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise _too_large(limit)
    if body.startswith(_GET):
        raise Refused(400, "The body is not JSON.", code="BAD_JSON")
    return bytes(body)


def _too_large(limit: int) -> Refused:
    return Refused(413, f"The body has more than {limit} bytes.", code="BODY_TOO_LARGE")


@lru_cache(maxsize=50)
def _check_content_type(header: str) -> None:
    """Raise Refused for any but JSON in UTF-8."""
    name, *parameters = (part.strip().lower() for part in header.split(";"))
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
    query, document = _document(parameters)
    variables = parameters.get("variables")
    name, extensions = parameters.get("operationName"), parameters.get("extensions")
    if variables is not None and not isinstance(variables, dict):
        raise Refused(400, '"variables" is not an object.')
    if name is not None and not isinstance(name, str):
        raise Refused(400, '"operationName" is not a text.')
    if extensions is not None and not isinstance(extensions, dict):
        raise Refused(400, '"extensions" is not an object.')
    return GraphQLRequest(query, variables, name or None, reads_only, extensions, document)


def _document(parameters: Mapping[str, object]) -> tuple[str, str | None]:
    """The text of the document, or the id of a trusted one."""
    query, document = parameters.get("query"), parameters.get("documentId")
    if document is None:
        if not isinstance(query, str) or not query.strip():
            raise Refused(400, '"query" is missing, or not a text.')
        return query, None
    if not isinstance(document, str):
        raise Refused(400, '"documentId" is not a text.')
    if query is not None:
        raise Refused(400, 'A request has "query" or "documentId", not both.')
    return "", document
