"""Reads of the history: its entries, newest first, and what each write changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from neo4j import Record

from graph_api.store.cypher import history
from graph_api.store.page import Page, Slice
from graph_api.store.session import only
from graph_api.store.snapshot import Reads

_FARTHEST: Final = 2**53


@dataclass(frozen=True, slots=True)
class EntryNode:
    """One write: the revision that it led to, when and by whom it was made, by what action, in a sentence."""

    number: int
    at: datetime
    by: str
    action: str
    summary: str


@dataclass(frozen=True, slots=True)
class ChangeNode:
    """What a write made of a topic or a roadmap: texts of `store.history`, None where it was not there."""

    kind: str
    slug: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Touched:
    """Whose entries are asked for: a roadmap and topics up to a revision; without topics those of now."""

    key: str
    roadmap: str
    topics: Sequence[str] | None = None
    until: int = _FARTHEST

    def row(self) -> dict[str, object]:
        """It as a row of a statement."""
        return {"key": self.key, "roadmap": self.roadmap, "topics": self.topics, "until": self.until}


class EntryReader:
    """The history as values. Every method sends one statement, and raises what `Database` raises."""

    def __init__(self, database: Reads) -> None:
        self._database = database

    async def all(self, page: Page) -> Slice[EntryNode]:
        """A page of all entries."""
        statement = history.ENTRIES_RISING if page.backward else history.ENTRIES_FALLING
        records = await self._database.read(statement, **_bounds(page))
        return page.cut([_entry(row) for row in records], _place)

    async def count(self) -> int:
        """How many entries there are."""
        return int(only(await self._database.read(history.COUNT_ENTRIES))["count"])

    async def of_roadmaps(self, touched: Sequence[Touched], page: Page) -> dict[str, Slice[EntryNode]]:
        """A page of the entries of each, by its key."""
        falling, rising = history.ENTRIES_OF_ROADMAPS_FALLING, history.ENTRIES_OF_ROADMAPS_RISING
        rows = [each.row() for each in touched]
        found: dict[str, list[EntryNode]] = defaultdict(list)
        statement = rising if page.backward else falling
        for row in await self._database.read(statement, rows=rows, **_bounds(page)):
            found[row["key"]].append(_entry(row))
        return {key: page.cut(entries, _place) for key, entries in found.items()}

    async def count_of_roadmaps(self, touched: Sequence[Touched]) -> dict[str, int]:
        """How many entries each has."""
        rows = [each.row() for each in touched]
        records = await self._database.read(history.COUNT_ENTRIES_OF_ROADMAPS, rows=rows)
        return {row["key"]: row["value"] for row in records}

    async def changes(self, revisions: Sequence[str], page: Page) -> dict[str, Slice[ChangeNode]]:
        """A page of what each write changed, by its number as a text."""
        found: dict[str, list[ChangeNode]] = defaultdict(list)
        records = await self._database.read(
            history.CHANGES_OF_REVISIONS,
            keys=[int(revision) for revision in revisions],
            after=page.after[0] if page.after else None,
            before=page.before[0] if page.before else None,
            sign=page.sign,
            limit=page.limit,
        )
        for row in records:
            found[str(row["number"])].append(ChangeNode(**row["value"]))
        return {key: page.cut(changes, _name) for key, changes in found.items()}

    async def count_changes(self, revisions: Sequence[str]) -> dict[str, int]:
        """How much each write changed."""
        keys = [int(revision) for revision in revisions]
        records = await self._database.read(history.COUNT_CHANGES_OF_REVISIONS, keys=keys)
        return {str(row["number"]): row["value"] for row in records}


def _bounds(page: Page) -> dict[str, object]:
    """What the numbers of a page lie between: they fall, so what comes after has lower ones."""
    return {
        "below": page.after[0] if page.after else _FARTHEST,
        "above": page.before[0] if page.before else -1,
        "limit": page.limit,
    }


def _entry(row: Record) -> EntryNode:
    value: dict[str, Any] = row["value"]
    return EntryNode(**{**value, "at": value["at"].to_native()})


def _place(entry: EntryNode) -> tuple[int]:
    return (entry.number,)


def _name(change: ChangeNode) -> tuple[str]:
    return (f"{change.kind} {change.slug}",)
