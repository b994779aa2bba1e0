"""The reads of one request: all of one revision, or known not to be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import LiteralString, Protocol, TypeVar

from neo4j import Record

from graph_api.store import clock
from graph_api.store.session import Database, Transaction
from graph_api.store.structure import Structure, StructureCache, locked_structure

T = TypeVar("T")


class Reads(Protocol):
    """What a reader needs of a database."""

    async def read(self, statement: LiteralString, **parameters: object) -> list[Record]:
        """All records of one reading statement."""


class Snapshot:
    """A database for the reads of one request.

    The revision is the one of the structure, chosen before anything else is read; afterwards `holds`
    tells whether the clock still shows it, so that all that was read is of it (see `clock`).
    """

    def __init__(
        self,
        database: Database,
        structures: StructureCache,
        *,
        at_least: int = 0,
        structure: Structure | None = None,
    ) -> None:
        """With a structure, its revision is the chosen one, and the caller sees to it that none follows."""
        self._database = database
        self._structures = structures
        self._at_least = at_least
        self._given = structure
        self._read = False

    async def structure(self) -> Structure:
        """The structure of the revision. Raises what `Database` raises."""
        return await asyncio.shield(self._structure) if self._given is None else self._given

    async def read(self, statement: LiteralString, **parameters: object) -> list[Record]:
        """All records of one reading statement."""
        await self.structure()
        self._read = True
        return await self._database.read(statement, **parameters)

    async def holds(self) -> bool:
        """Whether all that was read is of the revision; what came from memory is, in any case."""
        return (
            not self._read
            or self._given is not None
            or await self._structures.still((await self.structure()).revision)
        )

    @cached_property
    def _structure(self) -> asyncio.Task[Structure]:
        return asyncio.create_task(self._structures.current(at_least=self._at_least))


async def undisturbed(
    database: Database, structures: StructureCache, work: Callable[[Snapshot], Awaitable[T]]
) -> T:
    """What `work` returns with a snapshot while nobody can write: the last resort of who reads for long."""

    async def locked(transaction: Transaction, revision: int) -> T:
        structure = structures.kept(revision) or await locked_structure(transaction, revision)
        return await work(Snapshot(database, structures, structure=structure))

    async with structures.patience:
        return await clock.undisturbed(database, locked)
