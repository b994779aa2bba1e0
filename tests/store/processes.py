"""Processes as far as reading goes, and their requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph_api.knowledge.edit import (
    Edit,
)
from graph_api.store.entities import Entities
from graph_api.store.present_reader import PresentReader
from graph_api.store.session import Database
from graph_api.store.snapshot import Snapshot
from graph_api.store.structure_cache import StructureCache
from graph_api.store.writer import GraphWriter, Writing
from tests.store.keyed import reading, there

EDITING = Writing(by="ada", action="edit")


@dataclass
class Process:
    """A process as far as reading goes, with what it keeps from request to request."""

    database: Database
    structures: StructureCache
    entities: Entities

    @classmethod
    def of(cls, database: Database, *, poll: float = 0.0, kept: int = 100_000) -> Process:
        structures = StructureCache(database, poll=poll)
        return cls(database, structures, Entities(structures.touches, kept=kept))

    def request(self) -> Request:
        """A request that has just come."""
        snapshot = Snapshot(self.database, self.structures)
        return Request(snapshot, PresentReader(snapshot, self.entities))

    async def edit(self, *edits: Edit) -> None:
        """Make edits here."""
        writer = GraphWriter(self.database, self.structures)
        for edit in edits:
            await writer.edit(edit, writing=EDITING)

    async def ask(self, name: str, *keys: Any) -> dict[Any, Any]:
        """The answer to a whole request."""
        request = self.request()
        found = await request.ask(name, *keys)
        assert await request.end()
        return found


@dataclass
class Request:
    """One request."""

    snapshot: Snapshot
    reader: PresentReader

    async def ask(self, name: str, *keys: Any) -> dict[Any, Any]:
        return there(keys, await self.reader.load(reading(name), keys))

    async def end(self) -> bool:
        """Whether what was read holds; if so, others may use it."""
        held = await self.snapshot.holds()
        if held:
            self.reader.keep()
        return held
