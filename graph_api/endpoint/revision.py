"""Revisions: queries all of whose answer is of one, and clients that have seen one already."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol, Self, TypeGuard, TypeVar

from graph_api.endpoint.request import Refused
from graph_api.endpoint.told import knows
from graph_api.errors import StoreError
from graph_api.telemetry.activity import repeated

T = TypeVar("T")

TRIES: Final = 3
PATIENCE: Final = 10.0
"""Seconds that a client waits for a revision at the most, while the database does not answer."""

HEADER: Final = "graph-revision"
REVISION: Final = "revision"
"""The header of an answer, and the entry of its `extensions`, with the revision that it was made from."""
LEAST_HEADER: Final = "graph-min-revision"
LEAST: Final = "minRevision"
"""The header, and the entry of a request's `extensions`, with a revision that the client has seen."""

_LARGEST: Final = 2**53
_DIGITS: Final = 16


class OneRevision(Protocol):
    """A context that knows whether all that was read through it belongs to one revision."""

    @property
    def revision(self) -> int | None:
        """That revision; None while none is known."""

    async def holds(self) -> bool:
        """Whether all that was read through it is of one revision."""

    def again(self) -> Self:
        """A context of the same request that has not read anything yet."""

    def follow(self, later: Self) -> None:
        """Be what a later context of the same request has become."""

    async def alone(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns while nothing can change."""


class Revisions(Protocol):
    """The revisions that a process sees."""

    @property
    def era(self) -> object:
        """Another one when what follows cannot be told from what was before: revisions begin anew."""

    def known(self) -> int | None:
        """The current one, where that needs no look."""

    async def now(self) -> int:
        """The current one, as this process may see it. Raises Unavailable."""

    async def reach(self, revision: int) -> bool:
        """Wait until a revision is reached; False when it is not, for long. Raises Unavailable."""

    def unchanged(self, nodes: Iterable[str], *, since: int) -> bool:
        """Whether these nodes are known to be the same since a revision, until that of `now`."""


async def at_once(context: object, execute: Callable[[object], Awaitable[T]]) -> T:
    """What executing a query gives, with a context that knows its revision; with any other it is simply run.

    After TRIES times in which a change came in between, the changes are made to wait.
    """
    if not _is_of_one(context):
        return await execute(context)
    first = context
    for _ in range(TRIES):
        result = await execute(context)
        if await context.holds():
            first.follow(context)
            return result
        repeated()
        context = context.again()
    result = await context.alone(lambda: execute(context))
    first.follow(context)
    return result


def _is_of_one(context: object) -> TypeGuard[OneRevision]:
    return knows(context, "revision", "holds", "again", "follow", "alone")


def stamped(body: Mapping[str, Any], revision: int | None) -> dict[str, Any]:
    """An answer that tells the revision that it was made from, as the last of its extensions."""
    if revision is None:
        return dict(body)
    return {**body, "extensions": {**body.get("extensions", {}), REVISION: revision}}


def least_revision(header: str | None, extensions: Mapping[str, Any] | None = None) -> int:
    """The revision that a client has seen, 0 if it says none. Raises Refused for what is none."""
    if header is None and extensions is None:
        return 0
    said: list[Any] = []
    if header is not None:
        said.append(int(header) if header.isdecimal() and len(header) <= _DIGITS else None)
    if extensions is not None and extensions.get(LEAST) is not None:
        said.append(extensions[LEAST])
    for value in said:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
            raise Refused(400, f"{LEAST_HEADER} and extensions.{LEAST} are revisions: 0, 1, 2 and so on.")
    return max(said, default=0)


async def reached(revisions: Revisions, least: int) -> None:
    """Wait until a revision is reached that a client has seen. Raises Refused when it is not."""
    there = False
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                there = await revisions.reach(least)
    except StoreError as error:
        raise Refused(503, str(error), code=error.code) from None
    if not there:
        raise Refused(
            503,
            f"This server has not come to revision {least} yet; try again in a moment.",
            code="REVISION_NOT_REACHED",
            headers={"retry-after": "1"},
        )
