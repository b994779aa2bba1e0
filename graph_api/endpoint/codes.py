"""The codes that the endpoint itself answers with; those of `errors` are told there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means, what a client may do about it, and the HTTP status of such an answer, in words."""

    means: str
    advice: str
    status: str


CODES: Final[Mapping[str, Code]] = {
    "GRAPHQL_PARSE_FAILED": Code(
        "the document is not GraphQL",
        "correct it",
        "400, or 200 when `application/json` is accepted alone",
    ),
    "GRAPHQL_VALIDATION_FAILED": Code(
        "the document does not fit the schema, or names no single operation",
        "correct it",
        "the same",
    ),
    "LIMIT_EXCEEDED": Code(
        "the document, or its variables, ask for more than a [limit](limits.md) allows;"
        " `limit`, `allowed` and `found` say which",
        "ask for less at once",
        "the same",
    ),
    "BAD_REQUEST": Code("the body is not an object with `query`", "correct it", "400"),
    "BAD_JSON": Code("the body, or a parameter, is not JSON", "correct it", "400"),
    "BODY_TOO_LARGE": Code("the body is longer than `MAX_BODY_BYTES`", "send less at once", "413"),
    "METHOD_NOT_ALLOWED": Code(
        "neither GET nor POST, or a mutation by GET", "use a method that `Allow` names", "405"
    ),
    "NOT_ACCEPTABLE": Code("`Accept` takes no type that there is", "accept `application/json`", "406"),
    "UNSUPPORTED_MEDIA_TYPE": Code(
        "a POST that is not `application/json` in UTF-8", "send `Content-Type: application/json`", "415"
    ),
    "UNSUPPORTED_OPERATION": Code(
        "a subscription by plain HTTP",
        "use a WebSocket, or `Accept: text/event-stream`",
        "400",
    ),
    "TOO_MANY_OPERATIONS": Code(
        "a WebSocket has `MAX_OPERATIONS` under way, or the process `MAX_STREAMS`",
        "end some first, or come back later",
        "200, in the stream",
    ),
    "PERSISTED_DOCUMENT_NOT_SUPPORTED": Code(
        "a `documentId`, where no documents are trusted", "send the document itself", "400"
    ),
    "PERSISTED_DOCUMENT_NOT_FOUND": Code(
        "no trusted document has this id", "use one that was published here", "404"
    ),
    "PERSISTED_DOCUMENT_REQUIRED": Code(
        "a document that is not trusted, where no others are executed",
        "name a trusted one by `documentId`",
        "403, or 200 in a stream",
    ),
    "CSRF_BLOCKED": Code(
        "a GET with cookies that a page of another site could have caused",
        "send one of the headers that the message names",
        "403",
    ),
    "RATE_LIMITED": Code(
        "the caller has spent what it may; `retryAfter` says how many seconds to wait",
        "wait; ask for less",
        "429, or 200 in a stream",
    ),
    "SERVICE_OVERLOADED": Code(
        "too many operations are under way", "come back after `Retry-After` seconds", "503"
    ),
    "REVISION_NOT_REACHED": Code(
        "the server has waited, and not come to the revision that the client has seen elsewhere",
        "try again in a moment, or say no revision",
        "503, or 200 in a stream",
    ),
    "INTERNAL": Code(
        "what nobody foresaw; `errorId` stands in our log too", "tell us the id", "200, or as it happens"
    ),
}
"""Every one, in the order of docs/errors.md, whose second table is made of them."""
