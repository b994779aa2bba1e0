"""The reads of one request: all of one revision, or known not to be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import LiteralString, Protocol, TypeVar

from neo4j import Record

from graph_api.store import clock
from graph_api.store.session import Database, Transaction
from graph_api.store.structure import Structure, locked_structure
from graph_api.store.structure_cache import StructureCache

T = TypeVar("T")


class Reads(Protocol):
    """What a reader needs of a database."""

    async def read(self, statement: LiteralString, **parameters: object) -> list[Record]:
        """All records of one reading statement."""


class Snapshot:
    """A database for the reads of one request.

    The revision is the one of the structure, chosen before anything else is read; afterwards `holds` tells
    whether the clock still shows it, so that all that was read is of it (see `clock`). Statements that show
    the clock after their rows have told already. `era` is the one in which it was chosen, see `Touches`.
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
        self._chosen = structure
        self.era = structures.era
        self._locked = structure is not None
        self._choosing: asyncio.Task[Structure] | None = None
        self._read = False
        self._reads = self._sure = 0
        self._moved = self._untold = False

    def known(self) -> Structure | None:
        """The structure of the revision, if it is chosen already or can be without asking the database."""
        if self._chosen is None and self._choosing is None:
            self._choose(self._structures.fresh(at_least=self._at_least))
        return self._chosen

    async def structure(self) -> Structure:
        """The structure of the revision. Raises what `Database` raises."""
        if (known := self.known()) is not None:
            return known
        if self._choosing is None:
            self._choosing = asyncio.create_task(self._structures.current(at_least=self._at_least))
        structure = await asyncio.shield(self._choosing)
        if self._chosen is None:
            self._choose(structure)
        return structure

    def _choose(self, structure: Structure | None) -> None:
        self._chosen, self.era = structure, self._structures.era

    async def read(self, statement: LiteralString, **parameters: object) -> list[Record]:
        """All records of one reading statement."""
        structure = await self.structure()
        self._read = True
        records = await self._database.read(statement, **parameters)
        self._reads += 1
        shown = clock.after(records)
        self._untold |= shown is None
        self._moved |= shown is not None and not shown.shows(structure.revision)
        return records

    def elsewhere(self) -> None:
        """Count something that was asked of the database by another way as read."""
        self._read = self._untold = True

    async def holds(self) -> bool:
        """Whether all that was read is of the revision; what came from memory is, in any case."""
        self._sure = self._reads
        if self._locked or not (self._untold or self._moved):
            return True
        if self._moved:
            self._structures.expire()
            return False
        return await self._structures.still((await self.structure()).revision)

    @property
    def has_read(self) -> bool:
        """Whether anything was asked of the database, which may be of another revision."""
        return self._read

    @property
    def late(self) -> bool:
        """Whether something has come since `holds` was asked, which says nothing of it.

        Execution ends with a field that fails, while those beside it still read.
        """
        return self._reads > self._sure


async def undisturbed(
    database: Database, structures: StructureCache, work: Callable[[Snapshot], Awaitable[T]]
) -> T:
    """What `work` returns with a snapshot while nobody can write: the last resort of who reads for long."""

    async def locked(transaction: Transaction, revision: int) -> T:
        structure = structures.kept(revision) or await locked_structure(transaction, revision)
        return await work(Snapshot(database, structures, structure=structure))

    async with structures.patience:
        return await clock.undisturbed(database, locked)
