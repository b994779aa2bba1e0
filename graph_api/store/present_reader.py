"""Reads of now: a KeyedReader over what is known, which has the rest fetched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

from graph_api.knowledge.model import Aliases, Topic
from graph_api.store.entities import Entities
from graph_api.store.fetcher import NEIGHBOURS, Fetcher
from graph_api.store.keyed import Lacks, Paged, Read, RoadmapTopics
from graph_api.store.nodes import (
    Advice,
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
)
from graph_api.store.page import Slice
from graph_api.store.reach import NOWHERE, Reach
from graph_api.store.snapshot import Snapshot
from graph_api.telemetry.activity import entities_found

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_NO_ALIASES: Final = Aliases()


class PresentReader:
    """The graph of one request, as a KeyedReader.

    `reach` says what will be asked for after what is asked for: it is read along. `uses` holds the ids of
    the nodes that its answers were made of; `unbound` says that these are not all they depend on.
    """

    def __init__(self, snapshot: Snapshot, entities: Entities, reach: Reach = NOWHERE) -> None:
        self._snapshot = snapshot
        self._fetcher = Fetcher(snapshot, entities, reach)
        self._former: Aliases | None = None
        self.uses: set[str] = set()
        self.unbound = False

    @property
    def reach(self) -> Reach:
        """How far it looks."""
        return self._fetcher.reach

    @reach.setter
    def reach(self, reach: Reach) -> None:
        self._fetcher.reach = reach

    def keep(self) -> None:
        """Keep what was read for others: it is known to be of the snapshot's revision."""
        read = len(self.uses & self._fetcher.read.ids()) if self._fetcher.has_read else 0
        entities_found(known=len(self.uses) - read, read=read)
        self._fetcher.keep()

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
            await self._fetcher.obtain({(table, key) for table, wanted in lacks.items() for key in wanted})

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

    def neighbour_by_slug(self, slugs: Sequence[str], lacks: Lacks) -> list[TopicNode | None]:
        """Topics by slug to which an edge has led: less lies ahead of them."""
        lacking: Lacks = defaultdict(set)
        found = self.topic_by_slug(slugs, lacking)
        if lacking:
            lacks[NEIGHBOURS] |= lacking["topic_of_slug"]
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
        ends = [key for needs in every if needs for need in needs for key in need.of]
        topics = self.topic_by_id(ends, lacks)
        ahead = iter(topics)
        if not all(topics):
            return [[_required(need, ahead) for need in needs or ()] for needs in every]
        return [
            [_requirement((need, tuple(islice(ahead, len(of))), reason)) for need, of, reason in needs or ()]
            for needs in every
        ]

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
        parts = [
            page.of_sorted(places or (), _position) for (_, page), places in zip(asked, every, strict=True)
        ]
        return self._placed(parts, _position, lacks)

    def topics_by_roadmap(
        self, asked: Sequence[RoadmapTopics], lacks: Lacks
    ) -> list[Slice[PlacedTopic] | None]:
        """Pages of the topics of roadmaps: only optional ones, or not, or all."""
        outlines = self._of("outline", [key for key, _ in asked], lacks)
        parts = [
            page.of_sorted(_places(outline, optional), _place)
            for (_, (page, optional)), outline in zip(asked, outlines, strict=True)
        ]
        return self._placed(parts, _place, lacks)

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
        fetcher = self._fetcher
        kept, read = getattr(fetcher.kept or fetcher.settled(), table), getattr(fetcher.read, table)
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

    def _places_of_sections(self, keys: Sequence[str], lacks: Lacks) -> list[Sequence[Place] | None]:
        found = self._outlines("outline_of_section", keys, lacks)
        return [outline and outline.places.get(key) for key, outline in zip(keys, found, strict=True)]

    def _placed(
        self, parts: Sequence[Slice[Place]], order: Callable[[Place], tuple[int]], lacks: Lacks
    ) -> list[Slice[PlacedTopic] | None]:
        """The same parts with the topics of their places, of which those are left out that are not there."""
        # Each part takes as many of the topics as it has places: these end first, before another is taken.
        topics = iter(self.topic_by_id([at.topic for part in parts for at in part.values], lacks))
        return [
            part.holding(
                [
                    None if topic is None else _placed_topic((topic, section, position, at, optional))
                    for (_, section, position, _, optional), (at,), topic in zip(
                        part.values, map(order, part.values), topics, strict=False
                    )
                ]
            )
            for part in parts
        ]

    def _recommended(self, advices: Sequence[Advice], lacks: Lacks) -> list[RecommendationNode]:
        topics = self.topic_by_id([advice.topic for advice in advices], lacks)
        there = [
            RecommendationNode(topic, advice.reason)
            for topic, advice in zip(topics, advices, strict=True)
            if topic is not None
        ]
        return sorted(there, key=lambda each: each.topic.slug)


def _required(need: Need, topics: Iterator[TopicNode | None]) -> RequirementNode:
    """The requirement of the topics that come next, without those that are not there any more."""
    of = [topic for topic in islice(topics, len(need.of)) if topic is not None]
    return _requirement((need.need, tuple(of), need.reason))


_requirement: Final[Callable[[Iterable[Any]], RequirementNode]] = partial(tuple.__new__, RequirementNode)
_placed_topic: Final[Callable[[Iterable[Any]], PlacedTopic]] = partial(tuple.__new__, PlacedTopic)
"""These of their fields, made as a topic is in `reader`: a page has hundreds."""


def _roadmaps(outlines: Sequence[Outline | None]) -> list[RoadmapNode | None]:
    return [None if outline is None else outline.roadmap for outline in outlines]


def _places(outline: Outline | None, optional: bool | None) -> list[Place]:
    every = [] if outline is None else [at for places in outline.places.values() for at in places]
    return every if optional is None else [at for at in every if at.optional == optional]


def _position(at: Place) -> tuple[int]:
    return (at.position,)


def _place(at: Place) -> tuple[int]:
    return (at.place,)
