"""Reads that belong to one revision.

Neo4j applies a commit record by record, and a statement sees whatever is there when it comes by: it may
see half of a write. So a writer takes the catalogue's lock when all is written but the revision, and then
announces its revision in a transaction of its own, before it commits. (Other writers it keeps out with a lock
of its own, from the start: who reads need not wait until a long import is ready to be committed.) Whoever
reads is then sure of what was read when

- the revision that it is to belong to was *settled* before: its commit had ended, and
- afterwards the clock still shows that revision, and none other is announced.

(A seqlock: readers never block writers, and read again when one came in between.) When its commit has ended
the writer tells that too; where it did not come to that, who must be sure takes the lock.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from neo4j import Record

from graph_api.errors import StoreError
from graph_api.store.cypher import clock
from graph_api.store.session import Database, Reading, Transaction, only

T = TypeVar("T")

TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class Clock:
    """A look at the clock."""

    revision: int
    announced: int

    def shows(self, revision: int) -> bool:
        """Whether it is this revision, and no commit of another can be under way."""
        return self.revision == self.announced == revision


async def look(database: Database) -> Clock:
    """What the clock shows."""
    return Clock(**only(await database.read(clock.CLOCK)))


def after(records: Sequence[Record]) -> Clock | None:
    """What the clock showed after the rows of a statement, where its record tells."""
    if len(records) != 1 or "announced" not in records[0].keys():  # noqa: SIM118 - a record has values
        return None
    return Clock(records[0]["revision"], records[0]["announced"])


_HELD: ContextVar[int | None] = ContextVar("held", default=None)
"""The revision that the lock is held at, by whoever this is a part of."""


async def settle(database: Database) -> int:
    """The current revision, whose commit has ended; what is not being committed yet is not waited for."""
    if (held := _HELD.get()) is not None:
        return held

    return await database.write(lambda transaction: _locked(transaction, database), seals=False)


async def _locked(transaction: Transaction, database: Database) -> int:
    """The revision once the catalogue's lock is held: every commit has ended, and none can begin.

    What was announced and then not committed is taken back.
    """
    shown = Clock(**only(await transaction.run(clock.LOCK_CATALOGUE)))
    if not shown.shows(shown.revision):
        await announce(database, shown.revision, ended=shown.revision)
    return shown.revision


async def announce(database: Database, revision: int, *, ended: int) -> None:
    """Tell what is about to be committed, and what has ended before; who calls holds the lock."""
    await database.put(clock.ANNOUNCE, revision=revision, ended=ended)


async def end(database: Database, revision: int) -> None:
    """Tell that the commit of a revision has ended. Nothing is lost where that cannot be told."""
    with suppress(StoreError):
        await database.put(clock.END, revision=revision)


async def read_at_once(database: Database, *readings: Reading) -> tuple[int, list[list[Any]]]:
    """What is kept of the records of several statements as of one revision, and that revision.

    Read again when a commit came in between; after TRIES times under the lock, where none can.
    """
    for _ in range(TRIES):
        revision = await settle(database)
        answers = await database.read_all(*readings)
        if (await look(database)).shows(revision):
            return revision, answers

    async def work(_: Transaction, revision: int) -> tuple[int, list[list[Any]]]:
        return revision, await database.read_all(*readings)

    return await undisturbed(database, work)


async def undisturbed(database: Database, work: Callable[[Transaction, int], Awaitable[T]]) -> T:
    """What `work` returns while the catalogue's lock is held at a revision, so that nobody can commit."""

    async def locked(transaction: Transaction) -> T:
        revision = await _locked(transaction, database)
        before = _HELD.set(revision)
        try:
            return await work(transaction, revision)
        finally:
            _HELD.reset(before)

    return await database.write(locked, seals=False)
