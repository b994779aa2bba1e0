"""Errors as clients see them: a sentence, a stable code, and nothing of our insides."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from secrets import token_hex
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from graph_api.errors import RoadmapError

log = logging.getLogger(__name__)


def present(errors: Iterable[GraphQLError], *, executed: bool) -> list[dict[str, Any]]:
    """The errors of a result as JSON values. `executed` is False while the request was only prepared.

    What nobody foresaw is masked: it is logged once, however many fields met it, with an id that the
    client gets too.
    """
    numbers: dict[int, str] = {}
    return [_shown(error, numbers, executed=executed) for error in errors]


def _shown(error: GraphQLError, numbers: dict[int, str], *, executed: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"message": error.message}
    if error.locations:
        shown["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path is not None:
        shown["path"] = error.path
    cause = _cause(error)
    if isinstance(cause, RoadmapError):
        shown["message"] = str(cause)
        shown["extensions"] = {"code": cause.code, **cause.details}
    elif isinstance(error, GraphQLSyntaxError):
        shown["extensions"] = {"code": "GRAPHQL_PARSE_FAILED"}
    elif cause is None or (error.locations and not executed):
        shown["extensions"] = {"code": "BAD_USER_INPUT" if executed else "GRAPHQL_VALIDATION_FAILED"}
    else:
        shown |= _masked(error, cause, numbers)
    return shown


def _cause(error: GraphQLError) -> Exception | None:
    """What was raised below the GraphQL errors that wrap it."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _masked(error: GraphQLError, cause: Exception, numbers: dict[int, str]) -> dict[str, Any]:
    if id(cause) not in numbers:
        numbers[id(cause)] = token_hex(8)
        number = numbers[id(cause)]
        told = {"error_id": number, "path": error.path}
        log.error("Error %s at %s", number, error.path, exc_info=cause, extra=told)
    return {
        "message": "Something went wrong on our side.",
        "extensions": {"code": "INTERNAL", "errorId": numbers[id(cause)]},
    }
