"""Reads at any time: keys of the present go to the graph, those of the past to their revision."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from graph_api.errors import BadInput, NotFound
from graph_api.knowledge.model import Topic
from graph_api.store.entries import ChangeNode, EntryNode, EntryReader, Touched
from graph_api.store.moment import at, split
from graph_api.store.nodes import (
    PlacedTopic,
    PlacementNode,
    RecommendationNode,
    RequirementNode,
    ResourceNode,
    RoadmapNode,
    SectionNode,
    TopicNode,
)
from graph_api.store.page import Page, Slice
from graph_api.store.past import Archive
from graph_api.store.past_reader import PastReader

T = TypeVar("T")


class KeyedReader(Protocol):
    """What can be read by keys, now or then: many keys in, {key: value} out; see `GraphReader`."""

    async def roadmaps_by_slug(self, slugs: Sequence[str]) -> dict[str, RoadmapNode]:
        """Roadmaps by slug."""

    async def roadmaps_by_id(self, ids: Sequence[str]) -> dict[str, RoadmapNode]:
        """Roadmaps by id."""

    async def sections_by_id(self, ids: Sequence[str]) -> dict[str, SectionNode]:
        """Sections by id."""

    async def topics_by_slug(self, slugs: Sequence[str]) -> dict[str, TopicNode]:
        """Topics by slug."""

    async def topics_by_id(self, ids: Sequence[str]) -> dict[str, TopicNode]:
        """Topics by id."""

    async def content_by_slug(self, slugs: Sequence[str]) -> dict[str, Topic]:
        """Topics as their authors wrote them."""

    async def sections_by_roadmap(self, ids: Sequence[str]) -> dict[str, list[SectionNode]]:
        """All sections of roadmaps."""

    async def requirements_by_topic(self, ids: Sequence[str]) -> dict[str, list[RequirementNode]]:
        """All requirements of topics."""

    async def recommendations_by_topic(self, ids: Sequence[str]) -> dict[str, list[RecommendationNode]]:
        """What is recommended before topics."""

    async def resources_by_topic(self, ids: Sequence[str]) -> dict[str, list[ResourceNode]]:
        """What topics are learned from."""

    async def placements_by_topic(self, ids: Sequence[str]) -> dict[str, list[PlacementNode]]:
        """Where topics stand."""

    async def topics_of_sections(self, ids: Sequence[str], page: Page) -> dict[str, Slice[PlacedTopic]]:
        """A page of the topics of each section."""

    async def topics_of_roadmaps(
        self, ids: Sequence[str], wanted: tuple[Page, bool | None]
    ) -> dict[str, Slice[PlacedTopic]]:
        """A page of the topics of each roadmap."""

    async def count_topics_of_sections(self, ids: Sequence[str]) -> dict[str, int]:
        """How many topics each section has."""

    async def count_topics_of_roadmaps(self, ids: Sequence[str], optional: bool | None) -> dict[str, int]:
        """How many topics each roadmap has."""


class TimeReader:
    """The graph of one request at any time, with the interface of a KeyedReader.

    A key of a revision that cannot be read is absent from the answers, as one that was deleted is.
    """

    def __init__(self, present: KeyedReader, archive: Archive, entries: EntryReader) -> None:
        self._present = present
        self._archive = archive
        self._entries = entries
        self._pasts: dict[int, asyncio.Task[PastReader]] = {}

    async def moment(self, revision: int) -> int | None:
        """A revision that can be read: None when it is the one of now. Raises as `Archive.at` does."""
        if await self._archive.is_current(revision):
            return None
        await self.past(revision)
        return revision

    async def past(self, revision: int) -> PastReader:
        """The reads of a revision, found once. Raises as `Archive.at` does."""
        if revision not in self._pasts:
            self._pasts[revision] = asyncio.create_task(self._open(revision))
        return await asyncio.shield(self._pasts[revision])

    async def roadmaps_by_slug(self, slugs: Sequence[str]) -> dict[str, RoadmapNode]:
        """Roadmaps by slug."""
        return await self._read(slugs, lambda then, keys: then.roadmaps_by_slug(keys))

    async def roadmaps_by_id(self, ids: Sequence[str]) -> dict[str, RoadmapNode]:
        """Roadmaps by id."""
        return await self._read(ids, lambda then, keys: then.roadmaps_by_id(keys))

    async def sections_by_id(self, ids: Sequence[str]) -> dict[str, SectionNode]:
        """Sections by id."""
        return await self._read(ids, lambda then, keys: then.sections_by_id(keys))

    async def topics_by_slug(self, slugs: Sequence[str]) -> dict[str, TopicNode]:
        """Topics by slug."""
        return await self._read(slugs, lambda then, keys: then.topics_by_slug(keys))

    async def topics_by_id(self, ids: Sequence[str]) -> dict[str, TopicNode]:
        """Topics by id."""
        return await self._read(ids, lambda then, keys: then.topics_by_id(keys))

    async def content_by_slug(self, slugs: Sequence[str]) -> dict[str, Topic]:
        """Topics as their authors wrote them."""
        return await self._read(slugs, lambda then, keys: then.content_by_slug(keys))

    async def sections_by_roadmap(self, ids: Sequence[str]) -> dict[str, list[SectionNode]]:
        """All sections of roadmaps."""
        return await self._read(ids, lambda then, keys: then.sections_by_roadmap(keys))

    async def requirements_by_topic(self, ids: Sequence[str]) -> dict[str, list[RequirementNode]]:
        """All requirements of topics."""
        return await self._read(ids, lambda then, keys: then.requirements_by_topic(keys))

    async def recommendations_by_topic(self, ids: Sequence[str]) -> dict[str, list[RecommendationNode]]:
        """What is recommended before topics."""
        return await self._read(ids, lambda then, keys: then.recommendations_by_topic(keys))

    async def resources_by_topic(self, ids: Sequence[str]) -> dict[str, list[ResourceNode]]:
        """What topics are learned from."""
        return await self._read(ids, lambda then, keys: then.resources_by_topic(keys))

    async def placements_by_topic(self, ids: Sequence[str]) -> dict[str, list[PlacementNode]]:
        """Where topics stand."""
        return await self._read(ids, lambda then, keys: then.placements_by_topic(keys))

    async def topics_of_sections(self, ids: Sequence[str], page: Page) -> dict[str, Slice[PlacedTopic]]:
        """A page of the topics of each section."""
        return await self._read(ids, lambda then, keys: then.topics_of_sections(keys, page))

    async def topics_of_roadmaps(
        self, ids: Sequence[str], wanted: tuple[Page, bool | None]
    ) -> dict[str, Slice[PlacedTopic]]:
        """A page of the topics of each roadmap."""
        return await self._read(ids, lambda then, keys: then.topics_of_roadmaps(keys, wanted))

    async def count_topics_of_sections(self, ids: Sequence[str]) -> dict[str, int]:
        """How many topics each section has."""
        return await self._read(ids, lambda then, keys: then.count_topics_of_sections(keys))

    async def count_topics_of_roadmaps(self, ids: Sequence[str], optional: bool | None) -> dict[str, int]:
        """How many topics each roadmap has."""
        return await self._read(ids, lambda then, keys: then.count_topics_of_roadmaps(keys, optional))

    async def entries_of_roadmaps(self, ids: Sequence[str], page: Page) -> dict[str, Slice[EntryNode]]:
        """A page of what touched each roadmap, or one of the topics that it places (or placed then)."""
        return await self._entries.of_roadmaps(await self._touched(ids), page)

    async def count_entries_of_roadmaps(self, ids: Sequence[str]) -> dict[str, int]:
        """How many writes touched each roadmap, or one of the topics that it places (or placed then)."""
        return await self._entries.count_of_roadmaps(await self._touched(ids))

    async def changes_of_revisions(
        self, revisions: Sequence[str], page: Page
    ) -> dict[str, Slice[ChangeNode]]:
        """A page of what each write changed, by the number of its revision."""
        return await self._entries.changes(revisions, page)

    async def count_changes_of_revisions(self, revisions: Sequence[str]) -> dict[str, int]:
        """How much each write changed."""
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

    async def _read(
        self,
        keys: Sequence[str],
        ask: Callable[[KeyedReader, Sequence[str]], Awaitable[Mapping[str, T]]],
    ) -> dict[str, T]:
        asked: dict[int | None, list[str]] = defaultdict(list)
        for key in keys:
            bare, revision = split(key)
            asked[revision].append(bare)
        found: dict[str, T] = {}
        for revision, bare_keys in asked.items():
            then = self._present if revision is None else await self._readable(revision)
            if then is not None:
                values = await ask(then, bare_keys)
                found |= {at(key, revision): value for key, value in values.items()}
        return found

    async def _readable(self, revision: int) -> PastReader | None:
        try:
            return await self.past(revision)
        except (BadInput, NotFound):
            return None

    async def _open(self, revision: int) -> PastReader:
        return PastReader(*await self._archive.at(revision))
