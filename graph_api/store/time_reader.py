"""Reads at any time: keys of the present go to the graph, those of the past to their revision."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TypeVar

from graph_api.errors import BadInput, NotFound
from graph_api.store.entries import ChangeNode, EntryNode, EntryReader, Touched
from graph_api.store.keyed import Read
from graph_api.store.moment import MARK, split
from graph_api.store.page import Page, Slice
from graph_api.store.past import Archive
from graph_api.store.past_reader import PastReader
from graph_api.store.present_reader import PresentReader

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class TimeReader:
    """The graph of one request at any time.

    A key of a revision that cannot be read is absent from the answers, as one that was deleted is.
    """

    def __init__(self, present: PresentReader, archive: Archive, entries: EntryReader) -> None:
        self.present = present
        self._archive = archive
        self._entries = entries
        self._pasts: dict[int, asyncio.Task[PastReader]] = {}

    async def moment(self, revision: int) -> int | None:
        """A revision that can be read: None when it is the one of now. Raises as `Archive.at` does."""
        self.present.unbound = True
        await self.present.settle()
        if await self._archive.is_current(revision):
            self.present.elsewhere()
            return None
        await self.past(revision)
        return revision

    async def past(self, revision: int) -> PastReader:
        """The reads of a revision, found once. Raises as `Archive.at` does."""
        self.present.unbound = True
        if revision not in self._pasts:
            self._pasts[revision] = asyncio.create_task(self._open(revision))
        return await asyncio.shield(self._pasts[revision])

    async def load(self, read: Read[K, V], keys: Sequence[K]) -> Sequence[V | None]:
        """The values in the order of their keys, of whatever time each is; None where there is none."""
        if all(MARK not in (key if isinstance(key, str) else key[0]) for key in keys):  # type: ignore[index]  # with options
            return await self.present.load(read, keys)
        asked: dict[int | None, dict[K, K]] = defaultdict(dict)
        for key in keys:
            bare, revision = _split(key)
            asked[revision][key] = bare
        found: dict[K, V | None] = {}
        for revision, bares in asked.items():
            values = await self._load_at(revision, read, [*bares.values()])
            found |= zip(bares, values, strict=True)
        return [found[key] for key in keys]

    async def entries_of_roadmaps(self, ids: Sequence[str], page: Page) -> dict[str, Slice[EntryNode]]:
        """A page of what touched each roadmap, or one of the topics that it places (or placed then)."""
        self.present.unbound = True
        return await self._entries.of_roadmaps(await self._touched(ids), page)

    async def count_entries_of_roadmaps(self, ids: Sequence[str]) -> dict[str, int]:
        """How many writes touched each roadmap, or one of the topics that it places (or placed then)."""
        self.present.unbound = True
        return await self._entries.count_of_roadmaps(await self._touched(ids))

    async def changes_of_revisions(
        self, revisions: Sequence[str], page: Page
    ) -> dict[str, Slice[ChangeNode]]:
        """A page of what each write changed, by the number of its revision."""
        self.present.unbound = True
        return await self._entries.changes(revisions, page)

    async def count_changes_of_revisions(self, revisions: Sequence[str]) -> dict[str, int]:
        """How much each write changed."""
        self.present.unbound = True
        return await self._entries.count_changes(revisions)

    async def _touched(self, ids: Sequence[str]) -> list[Touched]:
        found = []
        for key in ids:
            roadmap, revision = split(key)
            if revision is None:
                found.append(Touched(key, roadmap))
            elif (past := await self._readable(revision)) is not None:
                found.append(Touched(key, roadmap, past.touching(roadmap), revision))
        return found

    async def _load_at(self, revision: int | None, read: Read[K, V], keys: Sequence[K]) -> Sequence[V | None]:
        if revision is None:
            return await self.present.load(read, keys)
        past = await self._readable(revision)
        return [None] * len(keys) if past is None else read(past)(keys, {})

    async def _readable(self, revision: int) -> PastReader | None:
        try:
            return await self.past(revision)
        except (BadInput, NotFound):
            return None

    async def _open(self, revision: int) -> PastReader:
        return PastReader(*await self._archive.at(revision))


def _split(key: K) -> tuple[K, int | None]:
    """A key of the present and its revision; the key may be one with options."""
    if isinstance(key, tuple):
        bare, revision = split(key[0])
        return (bare, *key[1:]), revision  # type: ignore[return-value]  # of the same kind
    return split(key)  # type: ignore[return-value, arg-type]  # a text, as keys without options are
