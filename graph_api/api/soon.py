"""Values that are there at once or later: a field waits only for what must be read."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Awaitable, Callable
from types import CoroutineType
from typing import TypeVar, cast, overload

T = TypeVar("T")
U = TypeVar("U")


@overload
def then(value: Awaitable[T], make: Callable[[T], U]) -> U: ...


@overload
def then(value: T | Awaitable[T], make: Callable[[T], U]) -> U: ...


def then(value: T | Awaitable[T], make: Callable[[T], U]) -> U:
    """What `make` makes of a value: at once if it is there, or else something to await.

    It is typed as the field that it is for: GraphQL awaits whatever can be awaited.
    """
    if isinstance(value, (Future, CoroutineType)):
        return cast("U", _later(value, make))
    return make(value)  # type: ignore[arg-type]  # it is there: no type tells what cannot be awaited


async def soon(value: T | Awaitable[T]) -> T:
    """A value that is there at once or later."""
    return await value if isinstance(value, Awaitable) else value


async def _later(value: Awaitable[T], make: Callable[[T], U]) -> U:
    made = make(await value)
    return await made if isinstance(made, (Future, CoroutineType)) else made
