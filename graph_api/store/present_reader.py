"""Reads of now: a KeyedReader over what is known, which reads what is not."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from graph_api.knowledge.model import Aliases, Topic
from graph_api.store.entities import Entities, Tables
from graph_api.store.keyed import Lacks, Paged, Read, RoadmapTopics
from graph_api.store.nodes import (
    Advice,
    Along,
    Need,
    Outline,
    Place,
    PlacedTopic,
    PlacementNode,
    RecommendationNode,
    RequirementNode,
    ResourceNode,
    RoadmapNode,
    SectionNode,
    TopicNode,
    Topics,
)
from graph_api.store.page import Slice
from graph_api.store.reach import MOST, NOWHERE, Reach
from graph_api.store.reader import GraphReader
from graph_api.store.snapshot import Snapshot
from graph_api.telemetry.activity import entities_found

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_NOTHING: Final = Tables.empty()
_NO_ALIASES: Final = Aliases()


class PresentReader:
    """The graph of one request, as a KeyedReader.

    `reach` says what will be asked for after what is asked for: it is read along. `uses` holds the ids of
    the nodes that its answers were made of; `unbound` says that these are not all they depend on.
    """

    def __init__(self, snapshot: Snapshot, entities: Entities, reach: Reach = NOWHERE) -> None:
        self._snapshot = snapshot
        self._reader = GraphReader(snapshot)
        self._entities = entities
        self._read = Tables.empty()
        self._kept: Tables | None = None
        self._former: Aliases | None = None
        self._has_read = False
        self._coming: dict[tuple[str, str], asyncio.Future[None]] = {}
        self.reach = reach
        self.uses: set[str] = set()
        self.unbound = False

    def keep(self) -> None:
        """Keep what was read for others: it is known to be of the snapshot's revision."""
        structure = self._snapshot.known()
        read = len(self.uses & self._read.ids()) if self._has_read else 0
        entities_found(known=len(self.uses) - read, read=read)
        if self._has_read and structure is not None and not self._snapshot.late:
            self._entities.keep(structure.revision, self._read)

    async def settle(self) -> None:
        """Choose the revision of the request, before anything is answered from elsewhere."""
        await self._snapshot.structure()

    def elsewhere(self) -> None:
        """Let the answer hold only if no other revision has followed: so something else was answered."""
        self._snapshot.elsewhere()

    async def load(self, read: Read[K, V], keys: Sequence[K]) -> Sequence[V | None]:
        """The values in the order of their keys: each round reads what the one before has lacked.

        Raises what `Database` raises.
        """
        compose = read(self)
        await self._snapshot.structure()
        while True:
            lacks: Lacks = defaultdict(set)
            found = compose(keys, lacks)
            if not lacks:
                return found
            await self._obtain({(table, key) for table, wanted in lacks.items() for key in wanted})

    def roadmap_by_slug(self, slugs: Sequence[str], lacks: Lacks) -> list[RoadmapNode | None]:
        """Roadmaps by slug, also by a former one."""
        former = (self._former or self._aliases()).roadmaps
        return _roadmaps(self._outlines("outline_of_slug", [former.get(slug, slug) for slug in slugs], lacks))

    def roadmap_by_id(self, keys: Sequence[str], lacks: Lacks) -> list[RoadmapNode | None]:
        """Roadmaps by id."""
        return _roadmaps(self._of("outline", keys, lacks))

    def section_by_id(self, keys: Sequence[str], lacks: Lacks) -> list[SectionNode | None]:
        """Sections by id."""
        found = self._outlines("outline_of_section", keys, lacks)
        return [outline and outline.sections.get(key) for key, outline in zip(keys, found, strict=True)]

    def topic_by_slug(self, slugs: Sequence[str], lacks: Lacks) -> list[TopicNode | None]:
        """Topics by slug, also by a former one."""
        former = (self._former or self._aliases()).topics
        now = [former.get(slug, slug) for slug in slugs] if former else slugs
        found: list[TopicNode | None] = self._find("topic_of_slug", now, lacks)
        self.uses.update([topic.id for topic in found if topic is not None])
        return found

    def topic_by_id(self, keys: Sequence[str], lacks: Lacks) -> list[TopicNode | None]:
        """Topics by id."""
        return self._of("topic", keys, lacks)

    def content_by_slug(self, slugs: Sequence[str], lacks: Lacks) -> list[Topic | None]:
        """Topics as their authors wrote them."""
        self.unbound = True  # their requirements name others by slug
        return self._find("content", slugs, lacks)

    def sections_by_roadmap(self, keys: Sequence[str], lacks: Lacks) -> list[list[SectionNode] | None]:
        """All sections of roadmaps, in order."""
        outlines = self._of("outline", keys, lacks)
        return [None if outline is None else [*outline.sections.values()] for outline in outlines]

    def requirements_by_topic(self, keys: Sequence[str], lacks: Lacks) -> list[list[RequirementNode] | None]:
        """All requirements of topics."""
        every: list[Sequence[Need] | None] = self._of("requirements", keys, lacks)
        return [self._required(needs or (), lacks) for needs in every]

    def recommendations_by_topic(
        self, keys: Sequence[str], lacks: Lacks
    ) -> list[list[RecommendationNode] | None]:
        """What is recommended before topics, by slug."""
        every: list[Sequence[Advice] | None] = self._of("recommendations", keys, lacks)
        return [self._recommended(advices or (), lacks) for advices in every]

    def resources_by_topic(self, keys: Sequence[str], lacks: Lacks) -> list[list[ResourceNode] | None]:
        """What topics are learned from, in order."""
        return self._of("resources", keys, lacks)

    def placements_by_topic(self, keys: Sequence[str], lacks: Lacks) -> list[list[PlacementNode] | None]:
        """Where topics stand."""
        self.unbound = True  # another roadmap may come to place them
        return self._of("placements", keys, lacks)

    def topics_by_section(self, asked: Sequence[Paged], lacks: Lacks) -> list[Slice[PlacedTopic] | None]:
        """Pages of the topics of sections."""
        every = self._places_of_sections([key for key, _ in asked], lacks)
        return [
            self._placed(page.of_sorted(places or (), _position), _position, lacks)
            for (_, page), places in zip(asked, every, strict=True)
        ]

    def topics_by_roadmap(
        self, asked: Sequence[RoadmapTopics], lacks: Lacks
    ) -> list[Slice[PlacedTopic] | None]:
        """Pages of the topics of roadmaps: only optional ones, or not, or all."""
        outlines = self._of("outline", [key for key, _ in asked], lacks)
        return [
            self._placed(page.of_sorted(_places(outline, optional), _place), _place, lacks)
            for (_, (page, optional)), outline in zip(asked, outlines, strict=True)
        ]

    def topic_count_by_section(self, keys: Sequence[str], lacks: Lacks) -> list[int | None]:
        """How many topics sections have."""
        every = self._places_of_sections(keys, lacks)
        return [None if places is None else len(places) for places in every]

    def topic_count_by_roadmap(
        self, asked: Sequence[tuple[str, bool | None]], lacks: Lacks
    ) -> list[int | None]:
        """How many topics roadmaps have: only optional ones, or not, or all."""
        outlines = self._of("outline", [key for key, _ in asked], lacks)
        return [
            len(_places(outline, optional)) for (_, optional), outline in zip(asked, outlines, strict=True)
        ]

    def _find(self, table: str, keys: Sequence[str], lacks: Lacks) -> list[Any]:
        """What is known at these keys, in their order; None where there is nothing, or it is lacking."""
        kept, read = getattr(self._kept or self._tables(), table), getattr(self._read, table)
        found = [*map((kept or read).get, keys)]
        if None in found:
            for place, key in enumerate(keys):
                if found[place] is None:
                    found[place] = read.get(key)
                    if key not in read:
                        lacks[table].add(key)
                    elif found[place] is None:
                        self.unbound = True  # it may come to be
        return found

    def _of(self, table: str, keys: Sequence[str], lacks: Lacks) -> list[Any]:
        """The same in a table whose keys are the ids of what is used."""
        self.uses.update(keys)
        return self._find(table, keys, lacks)

    def _outlines(self, table: str, keys: Sequence[str], lacks: Lacks) -> list[Outline | None]:
        """The same of outlines by other keys."""
        found: list[Outline | None] = self._find(table, keys, lacks)
        self.uses.update([outline.roadmap.id for outline in found if outline is not None])
        return found

    def _aliases(self) -> Aliases:
        """The former slugs, as soon as the revision of this request is chosen."""
        structure = self._snapshot.known()
        if structure is None:
            return _NO_ALIASES
        self._former = structure.aliases
        return self._former

    def _tables(self) -> Tables:
        """What others have read at the revision of this request, as soon as that is chosen."""
        if self._kept is None:
            structure = self._snapshot.known()
            if structure is None:
                return _NOTHING
            self._kept = self._entities.at(structure.revision) or _NOTHING
        return self._kept

    def _places_of_sections(self, keys: Sequence[str], lacks: Lacks) -> list[Sequence[Place] | None]:
        found = self._outlines("outline_of_section", keys, lacks)
        return [outline and outline.places.get(key) for key, outline in zip(keys, found, strict=True)]

    def _placed(
        self, part: Slice[Place], order: Callable[[Place], tuple[int]], lacks: Lacks
    ) -> Slice[PlacedTopic]:
        topics = self.topic_by_id([at.topic for at in part.values], lacks)
        return part.holding(
            [
                None
                if topic is None
                else PlacedTopic(topic, at.section_id, at.position, order(at)[0], at.optional)
                for at, topic in zip(part.values, topics, strict=True)
            ]
        )

    def _recommended(self, advices: Sequence[Advice], lacks: Lacks) -> list[RecommendationNode]:
        topics = self.topic_by_id([advice.topic for advice in advices], lacks)
        there = [
            RecommendationNode(topic, advice.reason)
            for topic, advice in zip(topics, advices, strict=True)
            if topic is not None
        ]
        return sorted(there, key=lambda each: each.topic.slug)

    def _required(self, needs: Sequence[Need], lacks: Lacks) -> list[RequirementNode]:
        topics = iter(self.topic_by_id([key for need in needs for key in need.of], lacks))
        return [
            RequirementNode(
                need.need,
                tuple([topic for topic in islice(topics, len(need.of)) if topic is not None]),
                need.reason,
            )
            for need in needs
        ]

    async def _obtain(self, lacking: set[tuple[str, str]]) -> None:
        """Read what is lacking in tables at these keys; what another load is reading is waited for.

        Who waits looks again afterwards, whatever became of that read.
        """
        coming = {self._coming[place] for place in lacking & self._coming.keys()}
        mine = lacking - self._coming.keys()
        if mine:
            done = asyncio.get_running_loop().create_future()
            self._coming |= dict.fromkeys(mine, done)
            try:
                await self._fetch_all(mine)
            finally:
                for place in mine:
                    del self._coming[place]
                done.set_result(None)
        if coming:
            await asyncio.wait(coming)

    async def _fetch_all(self, places: Iterable[tuple[str, str]]) -> None:
        self._has_read = True
        wanted: defaultdict[str, list[str]] = defaultdict(list)
        for table, key in sorted(places):
            wanted[table].append(key)
        if len(wanted) == 1:  # most often; a task of its own would begin and end a round later each
            [(table, keys)] = wanted.items()
            await self._fetch(table, keys)
        else:
            await asyncio.gather(*(self._fetch(table, keys) for table, keys in wanted.items()))

    async def _fetch(self, table: str, keys: list[str]) -> None:
        """Read what is lacking in a table, with whatever comes along. One statement."""
        fetches: dict[str, Callable[[list[str]], Awaitable[None]]] = {
            "outline_of_slug": self._fetch_named_outlines,
            "outline_of_section": self._fetch_outlines_of_sections,
            "outline": self._fetch_outlines,
            "topic_of_slug": self._fetch_ahead,
            "content": self._fetch_content,
            "topic": self._fetch_topics,
            "requirements": self._fetch_needs,
            "recommendations": self._fetch_recommendations,
            "resources": self._fetch_resources,
            "placements": self._fetch_placements,
        }
        await fetches[table](keys)

    async def _fetch_named_outlines(self, slugs: list[str]) -> None:
        placed = self.reach.topics_of(await self._snapshot.structure(), slugs)
        lacking = self._unknown(dict.fromkeys(placed, self.reach.requirements > 0))
        if len(placed) < 2 * len(lacking) and len(placed) <= MOST:
            along = self.reach.along
            found, topics = await self._reader.outlines_with_topics(slugs, along)
            self._take_topics(topics)
            if not self.reach.ends_within(along):
                await self._fetch_ahead(placed)
        else:
            found, _ = await asyncio.gather(
                self._reader.outlines_by_slug(slugs), self._fetch_ahead(placed[:MOST])
            )
        self._take_outlines(found)
        self._read.outline_of_slug |= dict.fromkeys(slug for slug in slugs if slug not in found)

    async def _fetch_outlines_of_sections(self, ids: list[str]) -> None:
        found = await self._reader.outlines_by_section(ids)
        self._take_outlines(found)
        self._read.outline_of_section |= dict.fromkeys(key for key in ids if key not in found)

    async def _fetch_outlines(self, ids: list[str]) -> None:
        found = await self._reader.outlines_by_id(ids)
        self._take_outlines(found)
        self._read.outline |= dict.fromkeys(key for key in ids if key not in found)

    async def _fetch_ahead(self, slugs: list[str]) -> None:
        """Read topics by slug, and what will be asked for after them; nothing that is known."""
        reached = self.reach.from_topics(await self._snapshot.structure(), slugs)
        if ahead := self._unknown(reached):
            await self._fetch_slugs(ahead)

    def _unknown(self, topics: Mapping[str, bool]) -> Mapping[str, bool]:
        """Those slugs whose topic was not read, or not what it requires where that is wanted."""
        for tables in (self._read, self._tables()):
            topics = {slug: needs for slug, needs in topics.items() if not tables.knows(slug, needs=needs)}
        return topics

    async def _fetch_slugs(self, slugs: Mapping[str, bool]) -> None:
        along = Along.NEEDS if any(slugs.values()) else Along.NOTHING
        self._take_topics(await self._reader.topics_by_slug([*slugs], along))
        self._read.topic_of_slug |= dict.fromkeys(slugs.keys() - self._read.topic_of_slug.keys())

    async def _fetch_content(self, slugs: list[str]) -> None:
        found = await self._reader.content_by_slug(slugs)
        self._read.content |= {slug: found.get(slug) for slug in slugs}

    async def _fetch_topics(self, ids: list[str]) -> None:
        await self._fetch_ids(ids, self.reach.along)

    async def _fetch_needs(self, ids: list[str]) -> None:
        await self._fetch_ids(ids, Along.BOTH)

    async def _fetch_ids(self, ids: list[str], along: Along) -> None:
        topics = await self._reader.topics_by_id(ids, along)
        self._take_topics(topics)
        gone = {*ids}.difference(topic.id for topic in topics.found)
        self._read.topic |= dict.fromkeys(gone)
        if along.needs:
            self._read.requirements |= dict.fromkeys(gone, ())
        if not self.reach.ends_within(along):
            await self._fetch_ahead([topic.slug for topic in topics.found])

    async def _fetch_recommendations(self, ids: list[str]) -> None:
        found = await self._reader.recommendations_by_topic(ids)
        self._read.recommendations |= {key: tuple(found.get(key, ())) for key in ids}

    async def _fetch_resources(self, ids: list[str]) -> None:
        found = await self._reader.resources_by_topic(ids)
        self._read.resources |= {key: found.get(key, []) for key in ids}

    async def _fetch_placements(self, ids: list[str]) -> None:
        found = await self._reader.placements_by_topic(ids)
        self._read.placements |= {key: found.get(key, []) for key in ids}

    def _take_outlines(self, found: Mapping[str, Outline]) -> None:
        self._read.take("outline", {outline.roadmap.id: outline for outline in found.values()})

    def _take_topics(self, topics: Topics) -> None:
        for some in (topics.near, topics.found):
            self._read.take("topic", {topic.id: topic for topic in some})
        self._read.take("requirements", topics.needs)


def _roadmaps(outlines: Sequence[Outline | None]) -> list[RoadmapNode | None]:
    return [None if outline is None else outline.roadmap for outline in outlines]


def _places(outline: Outline | None, optional: bool | None) -> list[Place]:
    every = [] if outline is None else [at for places in outline.places.values() for at in places]
    return every if optional is None else [at for at in every if at.optional == optional]


def _position(at: Place) -> tuple[int]:
    return (at.position,)


def _place(at: Place) -> tuple[int]:
    return (at.place,)
