"""Reads of now: a KeyedReader over what is known, which reads what is not."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
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

_UNKNOWN: Final[Any] = object()
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
        read = len(self.uses & self._read.keys()) if self._has_read else 0
        entities_found(known=len(self.uses) - read, read=read)
        if self._has_read and structure is not None and not self._snapshot.late:
            self._entities.keep(structure.revision, self._read)

    async def settle(self) -> None:
        """Choose the revision of the request, before anything is answered from elsewhere."""
        await self._snapshot.structure()

    def elsewhere(self) -> None:
        """Let the answer hold only if no other revision has followed: so something else was answered."""
        self._snapshot.elsewhere()

    async def load(self, read: Read[K, V], keys: Sequence[K]) -> dict[K, V]:
        """The values of many keys: each round reads what the one before has lacked. Raises as `Database`."""
        compose = read(self)
        await self._snapshot.structure()
        while True:
            lacks: Lacks = defaultdict(set)
            found = {key: compose(key, lacks) for key in keys}
            if not lacks:
                return {key: value for key, value in found.items() if value is not None}
            await self._obtain({(table, key) for table, wanted in lacks.items() for key in wanted})

    def roadmap_by_slug(self, slug: str, lacks: Lacks) -> RoadmapNode | None:
        """A roadmap by its slug, also a former one."""
        now = (self._former or self._aliases()).roadmaps.get(slug, slug)
        return self._roadmap(self._find("roadmap_of_slug", now, lacks, by_id=False), lacks)

    def roadmap_by_id(self, key: str, lacks: Lacks) -> RoadmapNode | None:
        """A roadmap by its id."""
        return self._roadmap(key, lacks)

    def section_by_id(self, key: str, lacks: Lacks) -> SectionNode | None:
        """A section by its id."""
        outline = self._outline_of_section(key, lacks)
        return None if outline is None else outline.sections.get(key)

    def topic_by_slug(self, slug: str, lacks: Lacks) -> TopicNode | None:
        """A topic by its slug, also a former one."""
        now = (self._former or self._aliases()).topics.get(slug, slug)
        key = self._find("topic_of_slug", now, lacks, by_id=False)
        return None if key is None else self.topic_by_id(key, lacks)

    def topic_by_id(self, key: str, lacks: Lacks) -> TopicNode | None:
        """A topic by its id."""
        found: TopicNode | None = self._find("topic", key, lacks)
        return found

    def content_by_slug(self, slug: str, lacks: Lacks) -> Topic | None:
        """A topic as its authors wrote it."""
        self.unbound = True  # its requirements name others by slug
        found: Topic | None = self._find("content", slug, lacks)
        return found

    def sections_by_roadmap(self, key: str, lacks: Lacks) -> list[SectionNode] | None:
        """All sections of a roadmap, in order."""
        outline = self._find("outline", key, lacks)
        return None if outline is None else [*outline.sections.values()]

    def requirements_by_topic(self, key: str, lacks: Lacks) -> list[RequirementNode] | None:
        """All requirements of a topic."""
        needs: Sequence[Need] = self._find("requirements", key, lacks) or ()
        return [RequirementNode(need.need, self._there(need.of, lacks), need.reason) for need in needs]

    def recommendations_by_topic(self, key: str, lacks: Lacks) -> list[RecommendationNode] | None:
        """What is recommended before a topic, by slug."""
        advices: Sequence[Advice] = self._find("recommendations", key, lacks) or ()
        found = ((self.topic_by_id(advice.topic, lacks), advice.reason) for advice in advices)
        there = [RecommendationNode(topic, reason) for topic, reason in found if topic is not None]
        return sorted(there, key=lambda each: each.topic.slug)

    def resources_by_topic(self, key: str, lacks: Lacks) -> list[ResourceNode] | None:
        """What a topic is learned from, in order."""
        found: list[ResourceNode] | None = self._find("resources", key, lacks)
        return found

    def placements_by_topic(self, key: str, lacks: Lacks) -> list[PlacementNode] | None:
        """Where a topic stands."""
        self.unbound = True  # another roadmap may come to place it
        found: list[PlacementNode] | None = self._find("placements", key, lacks)
        return found

    def topics_by_section(self, asked: Paged, lacks: Lacks) -> Slice[PlacedTopic] | None:
        """A page of the topics of a section."""
        key, page = asked
        outline = self._outline_of_section(key, lacks)
        places = () if outline is None else outline.places.get(key, ())
        return self._placed(page.of_sorted(places, _position), _position, lacks)

    def topics_by_roadmap(self, asked: RoadmapTopics, lacks: Lacks) -> Slice[PlacedTopic] | None:
        """A page of the topics of a roadmap: only optional ones, or not, or all."""
        key, (page, optional) = asked
        places = _places(self._find("outline", key, lacks), optional)
        return self._placed(page.of_sorted(places, _place), _place, lacks)

    def topic_count_by_section(self, key: str, lacks: Lacks) -> int | None:
        """How many topics a section has."""
        outline = self._outline_of_section(key, lacks)
        return None if outline is None else len(outline.places.get(key, ()))

    def topic_count_by_roadmap(self, asked: tuple[str, bool | None], lacks: Lacks) -> int | None:
        """How many topics a roadmap has: only optional ones, or not, or all."""
        key, optional = asked
        return len(_places(self._find("outline", key, lacks), optional))

    def _find(self, table: str, key: str, lacks: Lacks, *, by_id: bool = True) -> Any:
        """What is known; None when there is nothing, or it is lacking. Of slugs what they lead to is used."""
        if by_id:
            self.uses.add(key)
        found = getattr(self._kept or self._tables(), table).get(key, _UNKNOWN)
        if found is _UNKNOWN:
            found = getattr(self._read, table).get(key, _UNKNOWN)
        if found is _UNKNOWN:
            lacks[table].add(key)
            return None
        if found is None:
            self.unbound = True  # it may come to be
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

    def _roadmap(self, key: str | None, lacks: Lacks) -> RoadmapNode | None:
        outline: Outline | None = None if key is None else self._find("outline", key, lacks)
        return None if outline is None else outline.roadmap

    def _outline_of_section(self, key: str, lacks: Lacks) -> Outline | None:
        of = self._find("roadmap_of_section", key, lacks)
        outline: Outline | None = None if of is None else self._find("outline", of, lacks)
        return outline

    def _placed(
        self, part: Slice[Place], order: Callable[[Place], tuple[int]], lacks: Lacks
    ) -> Slice[PlacedTopic]:
        return part.holding(
            [
                None
                if (topic := self.topic_by_id(at.topic, lacks)) is None
                else PlacedTopic(topic, at.section_id, at.position, order(at)[0], at.optional)
                for at in part.values
            ]
        )

    def _there(self, keys: Iterable[str], lacks: Lacks) -> tuple[TopicNode, ...]:
        topics = [self.topic_by_id(key, lacks) for key in keys]
        return tuple([topic for topic in topics if topic is not None])

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
            "roadmap_of_slug": self._fetch_named_roadmaps,
            "roadmap_of_section": self._fetch_roadmaps_of_sections,
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

    async def _fetch_named_roadmaps(self, slugs: list[str]) -> None:
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
        self._take(found.values())
        self._read.roadmap_of_slug |= _roadmap_ids(found, slugs)

    async def _fetch_roadmaps_of_sections(self, ids: list[str]) -> None:
        found = await self._reader.outlines_by_section(ids)
        self._take(found.values())
        self._read.roadmap_of_section |= _roadmap_ids(found, ids)

    async def _fetch_outlines(self, ids: list[str]) -> None:
        found = await self._reader.outlines_by_id(ids)
        self._take(found.values())
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

    def _take(self, outlines: Iterable[Outline]) -> None:
        for outline in outlines:
            key = outline.roadmap.id
            self._read.outline[key] = outline
            self._read.roadmap_of_slug[outline.roadmap.slug] = key
            self._read.roadmap_of_section |= dict.fromkeys(outline.sections, key)

    def _take_topics(self, topics: Topics) -> None:
        for some in (topics.near, topics.found):
            self._read.topic |= {topic.id: topic for topic in some}
            self._read.topic_of_slug |= {topic.slug: topic.id for topic in some}
        self._read.requirements |= topics.needs


def _roadmap_ids(found: Mapping[str, Outline], keys: Iterable[str]) -> dict[str, str | None]:
    return {key: found[key].roadmap.id if key in found else None for key in keys}


def _places(outline: Outline | None, optional: bool | None) -> list[Place]:
    every = [] if outline is None else [at for places in outline.places.values() for at in places]
    return every if optional is None else [at for at in every if at.optional == optional]


def _position(at: Place) -> tuple[int]:
    return (at.position,)


def _place(at: Place) -> tuple[int]:
    return (at.place,)
