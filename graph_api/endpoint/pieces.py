"""Introspection in pieces: it waits for nothing, so that all other requests would wait until it is done."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from inspect import isawaitable
from typing import Any, Final
from weakref import WeakKeyDictionary

from graphql import GraphQLObjectType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

PIECE_SECONDS: Final = 0.001
"""A piece ends after the first object that is done later than this, in time of this thread on a processor."""


class Pieces:
    """What an event loop has to do of the introspection of all requests: one piece in each of its rounds."""

    def __init__(self) -> None:
        self._ahead: deque[tuple[asyncio.Future[Any], Callable[[], Any]]] = deque()
        self._coming = False
        self._until = 0.0

    @property
    def under_way(self) -> bool:
        """Whether a piece is."""
        return self._until > 0.0

    @property
    def over(self) -> bool:
        """Whether whatever comes now is for another piece."""
        return time.thread_time() >= self._until

    def later(self, work: Callable[[], Any]) -> asyncio.Future[Any]:
        """What `work` will return in its turn."""
        done = asyncio.get_running_loop().create_future()
        self._ahead.append((done, work))
        self._come()
        return done

    def _come(self) -> None:
        if not self._coming:
            self._coming = True
            asyncio.get_running_loop().call_soon(self._work)

    def _work(self) -> None:
        self._coming = False
        self._until = time.thread_time() + PIECE_SECONDS
        while self._ahead:
            _settle(*self._ahead.popleft())
            if self.over:
                break
        self._until = 0.0
        if self._ahead:
            self._come()


def _settle(done: asyncio.Future[Any], work: Callable[[], Any]) -> None:
    if done.cancelled():
        return
    try:
        done.set_result(work())
    except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
        done.set_exception(error)


_PIECES: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Pieces]] = WeakKeyDictionary()


def in_pieces(kind: GraphQLObjectType, work: Callable[[], Any]) -> Any:
    """What `work` makes of an object of this type: at once, or a coroutine of it if the piece is over.

    Only the types of introspection are executed in pieces.
    """
    if not kind.name.startswith("__"):
        return work()
    pieces = _PIECES.setdefault(asyncio.get_running_loop(), Pieces())
    if not pieces.over:
        return work()
    wait = _within if pieces.under_way else _to_its_end
    return wait(pieces.later(work))


async def _within(done: asyncio.Future[Any]) -> Any:
    found = await done
    return await found if isawaitable(found) else found


async def _to_its_end(done: asyncio.Future[Any]) -> Any:
    """Whoever waits may leave; it costs little, and half of it would leave coroutines that nobody awaits."""
    return await asyncio.shield(asyncio.create_task(_within(done)))


class InPieces(StrawberryGraphQLCoreExecutionContext):
    """Executes introspection in pieces, and everything else as ever."""

    def execute_fields(self, parent_type: GraphQLObjectType, *others: Any) -> Any:
        """The fields of an object; of one of introspection perhaps later."""
        return in_pieces(parent_type, partial(super().execute_fields, parent_type, *others))
