"""What an operation comes to, and how it is told."""

from __future__ import annotations

from typing import Any

from graphql import ExecutionResult

from graph_api.endpoint.presentation import present


class NotExecuted(ExecutionResult):
    """The result of an operation that was refused before anything was executed."""


def executed(result: ExecutionResult) -> bool:
    """Whether execution began: what fails before that has no data and no error with a path."""
    if isinstance(result, NotExecuted):
        return False
    return result.data is not None or any(error.path is not None for error in result.errors or ())


def body(result: ExecutionResult) -> dict[str, Any]:
    """A result as JSON values."""
    shown: dict[str, Any] = {}
    if result.errors:
        # The source of a subscription fails with a path, which nothing has that is only prepared.
        prepared = not isinstance(result, NotExecuted) or any(error.path for error in result.errors)
        shown["errors"] = present(result.errors, executed=prepared)
    if executed(result):
        shown["data"] = result.data
    if result.extensions:
        shown["extensions"] = result.extensions
    return shown
