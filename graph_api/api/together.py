"""Fields that are resolved for all objects of a list in one call: one look for all of them, not one each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from graph_api.api.soon import then

T = TypeVar("T")

TOGETHER: Final = "together"


def together(resolve: Callable[..., Sequence[Any] | Awaitable[Sequence[Any]]]) -> Mapping[str, Any]:
    """The metadata of a field that `resolve` resolves for many objects, given them, and by their names the
    info and the arguments. It gives a value for each, in their order, or something to await.

    The field's own resolver asks it for one; the executor asks it for a list, where it can.
    """
    return {TOGETHER: resolve}


def alone(values: Sequence[T] | Awaitable[Sequence[T]]) -> T:
    """The value of the one object that was asked for."""
    return then(values, _only)


def _only(values: Sequence[T]) -> T:
    [value] = values
    return value
