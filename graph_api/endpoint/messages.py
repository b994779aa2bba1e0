"""The messages of graphql-transport-ws that clients send, and how a server ends such a conversation.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from graph_api.endpoint.request import GraphQLRequest

PROTOCOL: Final = "graphql-transport-ws"
_REASON_BYTES: Final = 123
"""What RFC 6455 leaves for a reason in a close frame."""


class Close(Exception):
    """The end of a socket: a close code and its reason in words."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:_REASON_BYTES].decode(errors="ignore")

    @classmethod
    def bad_message(cls, why: str) -> Close:
        """For what is no message of the protocol."""
        return cls(4400, why)

    @classmethod
    def unauthorized(cls) -> Close:
        """For an operation before the connection was acknowledged."""
        return cls(4401, "Unauthorized")

    @classmethod
    def forbidden(cls, why: str) -> Close:
        """For a token that cannot be trusted, or no token where one is needed."""
        return cls(4403, why)

    @classmethod
    def expired(cls) -> Close:
        """For a token whose time is over."""
        return cls(4403, "Token expired")

    @classmethod
    def not_acceptable(cls) -> Close:
        """For another subprotocol than ours."""
        return cls(4406, "Subprotocol not acceptable")

    @classmethod
    def silent(cls) -> Close:
        """For a client that does not begin."""
        return cls(4408, "Connection initialisation timeout")

    @classmethod
    def taken(cls, id: str) -> Close:  # noqa: A002 - the protocol's name
        """For an operation whose id another one has."""
        return cls(4409, f"Subscriber for {id} already exists")

    @classmethod
    def too_slow(cls) -> Close:
        """For a client that does not read what it is sent. The protocol has no code for that."""
        return cls(4290, "Too slow")

    @classmethod
    def begun_twice(cls) -> Close:
        """For a second connection_init."""
        return cls(4429, "Too many initialisation requests")

    @classmethod
    def later(cls, why: str) -> Close:
        """For what cannot be told now; registered as "Try Again Later"."""
        return cls(1013, why)


@dataclass(frozen=True, slots=True)
class Init:
    """The first message; `authorization` has the form of the HTTP header."""

    authorization: str | None


@dataclass(frozen=True, slots=True)
class Ping:
    """To be answered at once."""


@dataclass(frozen=True, slots=True)
class Pong:
    """Needs no answer."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """An operation of any kind, under an id of the client's choice."""

    id: str
    asked: GraphQLRequest


@dataclass(frozen=True, slots=True)
class Complete:
    """The client wants no more of an operation."""

    id: str


Message: TypeAlias = Init | Ping | Pong | Subscribe | Complete


def read_message(text: str | None) -> Message:
    """The message that a frame holds; None for a frame of bytes. Raises Close."""
    if text is None:
        raise Close.bad_message("A message is text, not bytes.")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Close.bad_message("The message is not JSON.") from None
    if not isinstance(message, dict):
        raise Close.bad_message("A message is a JSON object.")
    match message.get("type"):
        case "connection_init":
            return Init(_authorization(_record(message, "payload", of="the message")))
        case "ping" | "pong" as name:
            _record(message, "payload", of="the message")
            return Ping() if name == "ping" else Pong()
        case "subscribe":
            return Subscribe(_id(message), _asked(_record(message, "payload", of="the message")))
        case "complete":
            return Complete(_id(message))
    raise Close.bad_message("The message has no type that clients may send.")


def _id(message: Mapping[str, Any]) -> str:
    id = message.get("id")  # noqa: A001 - the protocol's name
    if not isinstance(id, str) or not id:
        raise Close.bad_message('"id" is not a text.')
    return id


def _record(holder: Mapping[str, Any], name: str, *, of: str) -> dict[str, Any] | None:
    value = holder.get(name)
    if value is not None and not isinstance(value, dict):
        raise Close.bad_message(f'"{name}" of {of} is not an object.')
    return value


def _asked(payload: dict[str, Any] | None) -> GraphQLRequest:
    if payload is None:
        raise Close.bad_message('"payload" is missing.')
    query, document, name = (_text(payload, each) for each in ("query", "documentId", "operationName"))
    if (query is None) == (document is None):
        raise Close.bad_message('The payload has "query" or "documentId", and not both.')
    extensions = _record(payload, "extensions", of="the payload")
    variables = _record(payload, "variables", of="the payload")
    return GraphQLRequest(query or "", variables, name or None, False, extensions, document)


def _text(payload: Mapping[str, Any], name: str) -> str | None:
    value = payload.get(name)
    if value is not None and not isinstance(value, str):
        raise Close.bad_message(f'"{name}" of the payload is not a text.')
    return value


def _authorization(payload: dict[str, Any] | None) -> str | None:
    given = [value for name, value in (payload or {}).items() if name.lower() == "authorization"]
    if not given or given == [None]:
        return None
    if len(given) > 1 or not isinstance(given[0], str):
        raise Close.bad_message('"authorization" of the payload is not one text.')
    return given[0]
