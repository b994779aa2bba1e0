"""Whether a process can answer: the database, its migrations, and how old what it knows may be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from graph_api.errors import Unavailable
from graph_api.store.flight import Flight
from graph_api.store.migrations import migrate, pending
from graph_api.store.session import Database
from graph_api.store.structure_cache import StructureCache

ANSWER_SECONDS: Final = 5.0
OLDEST_SECONDS: Final = 15.0


_REACHING: Final = "The database cannot be reached now."
_MIGRATING: Final = "The database is being migrated."
_READING: Final = "The catalogue is being read."


class Readiness:
    """What whoever routes requests asks for; one look at a time, however many ask.

    A look that takes longer than `answer` seconds goes on, and the next one who asks may find it ended:
    migrations may take their time. While only the structure takes long, which is read again after a write,
    the process counts as ready until the last revision was seen more than `oldest` seconds ago.
    """

    def __init__(
        self,
        database: Database,
        structures: StructureCache,
        *,
        answer: float = ANSWER_SECONDS,
        oldest: float = OLDEST_SECONDS,
    ) -> None:
        self._database = database
        self._structures = structures
        self._answer = answer
        self._oldest = oldest
        self._looks = Flight(self._look)
        self._doing = _REACHING

    async def facts(self) -> Mapping[str, object]:
        """The revision, and the seconds since this process last saw the clock show it.

        Raises Unavailable, MigrationError for migrations of another version, or what else `Database` raises.
        """
        try:
            async with asyncio.timeout(self._answer):
                await self._looks.result(since=time.monotonic())
        except TimeoutError:
            if self._doing is not _READING or self._structures.age() > self._oldest:
                raise Unavailable(self._doing) from None
        return {"revision": self._structures.revision, "revisionAge": round(self._structures.age(), 3)}

    async def _look(self, _: float) -> None:
        self._doing = _REACHING
        if await pending(self._database):  # it was away when we started, or it is another one now
            self._doing = _MIGRATING
            await migrate(self._database)
        self._doing = _READING
        await self._structures.current()
