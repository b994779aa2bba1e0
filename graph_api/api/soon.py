"""Values that are there at once or later: a field waits only for what must be read."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Awaitable, Callable, Generator
from types import CoroutineType
from typing import Any, Generic, TypeVar, cast, overload

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
    if isinstance(value, (Future, CoroutineType, Later)):
        return cast("U", Later(value, make))
    return make(value)  # type: ignore[arg-type]  # it is there: no type tells what cannot be awaited


async def soon(value: T | Awaitable[T]) -> T:
    """A value that is there at once or later."""
    return await value if isinstance(value, Awaitable) else value


class Later(Generic[T, U]):
    """What will be made of a value that is not there yet: to be awaited once, or closed."""

    __slots__ = ("_make", "_value")

    def __init__(self, value: Awaitable[T], make: Callable[[T], U]) -> None:
        self._value = value
        self._make = make

    def __await__(self) -> Generator[Any, None, U]:
        made = self._make((yield from self._value.__await__()))
        if isinstance(made, (Future, CoroutineType, Later)):
            made = yield from made.__await__()
        return made

    def close(self) -> None:
        """Wait for nothing: a coroutine that had not begun begins no more. What others wait for goes on."""
        if isinstance(self._value, (CoroutineType, Later)):
            self._value.close()
