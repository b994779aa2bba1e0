"""Values that are not there yet: how they are awaited, at the very moments at which graphql-core does."""

from __future__ import annotations

from collections.abc import Awaitable
from types import CoroutineType
from typing import Any

from graphql import Executor, GraphQLOutputType
from graphql.pyutils import gather_with_cancel

from graph_api.endpoint.execution.field import Field, Handle, Place


async def gathered(results: Any, pending: list[Any]) -> Any:
    """The dict or list `results`, when what it holds at the keys or indices `pending` has come."""
    if len(pending) == 1:
        [only] = pending
        results[only] = await results[only]
        return results
    found = await gather_with_cancel(*(results[key] for key in pending))
    for key, value in zip(pending, found, strict=True):
        results[key] = value
    return results


async def resolved(
    executor: Executor[Any],
    field: Field,
    kind: GraphQLOutputType,
    complete: Handle,
    value: Awaitable[Any],
    place: Place,
) -> Any:
    """The answer of a field or entry whose value must be awaited first."""
    try:
        completed = complete(executor, field, await value, place)
        if type(completed) is CoroutineType:
            completed = await completed
    except Exception as error:  # noqa: BLE001 - any error of a resolver is one of the answer
        field.failed(executor, error, kind, place)
        return None
    return completed


async def completed_later(
    executor: Executor[Any], field: Field, kind: GraphQLOutputType, completed: Awaitable[Any], place: Place
) -> Any:
    """The answer of a field or entry that waits for something inside of it."""
    try:
        return await completed
    except Exception as error:  # noqa: BLE001 - any error of a resolver is one of the answer
        field.failed(executor, error, kind, place)
        return None
