"""Reads: many keys in, {key: value} out, one statement each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString, TypeVar

from graph_api.knowledge.model import Topic
from graph_api.store.content import topic_content
from graph_api.store.cypher import clock, reads, whole
from graph_api.store.nodes import (
    Counts,
    Match,
    NodeKind,
    PlacedTopic,
    PlacementNode,
    RecommendationNode,
    RequirementNode,
    ResourceNode,
    RoadmapNode,
    SectionNode,
    TopicNode,
)
from graph_api.store.page import Order, Page, Slice
from graph_api.store.session import only
from graph_api.store.snapshot import Reads

T = TypeVar("T")

_FARTHEST: Final = 2**53


@dataclass(frozen=True, slots=True)
class TopicFilter:
    """What topics must be; None lets everything through."""

    roadmap: str | None = None
    section: str | None = None
    optional: bool | None = None
    tags: tuple[str, ...] = ()
    min_hours: float | None = None
    max_hours: float | None = None

    def parameters(self) -> dict[str, object]:
        """The filter as parameters of a statement."""
        return {name: getattr(self, name) for name in self.__slots__}


class GraphReader:
    """The graph as values. A key that the graph does not have is absent from the answer.

    Every method sends one statement, and raises what `Database` raises.
    """

    def __init__(self, database: Reads) -> None:
        self._database = database

    async def roadmaps_by_slug(self, slugs: Sequence[str]) -> dict[str, RoadmapNode]:
        """Roadmaps by slug."""
        return await self._by_key(reads.ROADMAPS_BY_SLUG, slugs, _roadmap)

    async def roadmaps_by_id(self, ids: Sequence[str]) -> dict[str, RoadmapNode]:
        """Roadmaps by id."""
        return await self._by_key(reads.ROADMAPS_BY_ID, ids, _roadmap)

    async def sections_by_id(self, ids: Sequence[str]) -> dict[str, SectionNode]:
        """Sections by id."""
        return await self._by_key(reads.SECTIONS_BY_ID, ids, _section)

    async def topics_by_slug(self, slugs: Sequence[str]) -> dict[str, TopicNode]:
        """Topics by slug."""
        return await self._by_key(reads.TOPICS_BY_SLUG, slugs, _topic)

    async def topics_by_id(self, ids: Sequence[str]) -> dict[str, TopicNode]:
        """Topics by id."""
        return await self._by_key(reads.TOPICS_BY_ID, ids, _topic)

    async def sections_by_roadmap(self, ids: Sequence[str]) -> dict[str, list[SectionNode]]:
        """All sections of roadmaps, in order, by the roadmap's id."""
        return await self._lists(reads.SECTIONS_BY_ROADMAP, ids, _section)

    async def requirements_by_topic(self, ids: Sequence[str]) -> dict[str, list[RequirementNode]]:
        """All requirements of topics, by the topic's id."""
        return await self._lists(reads.REQUIREMENTS_OF_TOPICS, ids, _requirement)

    async def recommendations_by_topic(self, ids: Sequence[str]) -> dict[str, list[RecommendationNode]]:
        """What is recommended before topics, by slug, by the topic's id."""
        return await self._lists(reads.RECOMMENDATIONS_OF_TOPICS, ids, _recommendation)

    async def resources_by_topic(self, ids: Sequence[str]) -> dict[str, list[ResourceNode]]:
        """What topics are learned from, in order, by the topic's id."""
        return await self._lists(reads.RESOURCES_OF_TOPICS, ids, lambda row: ResourceNode(**row))

    async def placements_by_topic(self, ids: Sequence[str]) -> dict[str, list[PlacementNode]]:
        """Where topics stand, by the topic's id."""
        return await self._lists(reads.PLACEMENTS_OF_TOPICS, ids, lambda row: PlacementNode(**row))

    async def content_by_slug(self, slugs: Sequence[str]) -> dict[str, Topic]:
        """Topics as their authors wrote them, with all that they rest on, by slug."""
        return {
            row["topic"]["slug"]: topic_content(row)
            for row in await self._database.read(whole.CONTENT_OF_TOPICS, slugs=list(slugs))
        }

    async def topics_of_sections(self, ids: Sequence[str], page: Page) -> dict[str, Slice[PlacedTopic]]:
        """A page of the topics of each section, by the section's id."""
        rows = await self._lists(reads.TOPICS_OF_SECTIONS, ids, _placed, **_places(page))
        return {key: page.cut(placed, _place) for key, placed in rows.items()}

    async def topics_of_roadmaps(
        self, ids: Sequence[str], wanted: tuple[Page, bool | None]
    ) -> dict[str, Slice[PlacedTopic]]:
        """A page of the topics of each roadmap by the roadmap's id: only optional ones, or not, or all."""
        page, optional = wanted
        rows = await self._lists(reads.TOPICS_OF_ROADMAPS, ids, _placed, optional=optional, **_places(page))
        return {key: page.cut(placed, _place) for key, placed in rows.items()}

    async def count_topics_of_sections(self, ids: Sequence[str]) -> dict[str, int]:
        """How many topics each section has."""
        return await self._by_key(reads.COUNT_TOPICS_OF_SECTIONS, ids, int)

    async def count_topics_of_roadmaps(self, ids: Sequence[str], optional: bool | None) -> dict[str, int]:
        """How many topics each roadmap has: only optional ones, or not, or all."""
        return await self._by_key(reads.COUNT_TOPICS_OF_ROADMAPS, ids, int, optional=optional)

    async def roadmaps(self, page: Page, order: Order) -> Slice[RoadmapNode]:
        """A page of all roadmaps."""
        rising = order.descending == page.backward
        statement = reads.ROADMAPS_RISING if rising else reads.ROADMAPS_FALLING
        return await self._page(statement, page, order, _roadmap)

    async def count_roadmaps(self) -> int:
        """How many roadmaps there are."""
        return int(only(await self._database.read(reads.COUNT_ROADMAPS))["count"])

    async def topics(self, page: Page, order: Order, wanted: TopicFilter) -> Slice[TopicNode]:
        """A page of the topics that a filter lets through."""
        rising = order.descending == page.backward
        statement = reads.TOPICS_RISING if rising else reads.TOPICS_FALLING
        return await self._page(statement, page, order, _topic, **wanted.parameters())

    async def count_topics(self, wanted: TopicFilter) -> int:
        """How many topics a filter lets through."""
        return int(only(await self._database.read(reads.COUNT_TOPICS, **wanted.parameters()))["count"])

    async def search(self, text: str, kinds: Collection[NodeKind], page: Page) -> Slice[Match]:
        """A page of the nodes of `kinds` that fit a text, the best first."""
        query = search_query(text)
        if not query:
            return Slice()
        records = await self._database.read(
            reads.SEARCH,
            query=query,
            kinds=list(kinds),
            after=page.after,
            before=page.before,
            sign=page.sign,
            limit=page.limit,
        )
        matches = [Match(kind=row["kind"], id=row["id"], score=row["score"]) for row in records]
        return page.cut(matches, lambda match: (match.score, match.id))

    async def count_search(self, text: str, kinds: Collection[NodeKind]) -> int:
        """How many nodes of `kinds` fit a text."""
        query = search_query(text)
        if not query:
            return 0
        records = await self._database.read(reads.COUNT_SEARCH, query=query, kinds=list(kinds))
        return int(only(records)["count"])

    async def revision(self) -> int:
        """The revision of the content."""
        return int(only(await self._database.read(clock.REVISION))["revision"])

    async def counts(self) -> Counts:
        """How much the graph holds."""
        return Counts(**only(await self._database.read(reads.COUNTS)))

    async def _by_key(
        self, statement: LiteralString, keys: Sequence[str], make: Callable[[Any], T], **parameters: object
    ) -> dict[str, T]:
        records = await self._database.read(statement, keys=list(keys), **parameters)
        return {row["key"]: make(row["value"]) for row in records}

    async def _lists(
        self, statement: LiteralString, keys: Sequence[str], make: Callable[[Any], T], **parameters: object
    ) -> dict[str, list[T]]:
        lists: dict[str, list[T]] = defaultdict(list)
        for row in await self._database.read(statement, keys=list(keys), **parameters):
            lists[row["key"]].append(make(row["value"]))
        return lists

    async def _page(
        self,
        statement: LiteralString,
        page: Page,
        order: Order,
        make: Callable[[Any], T],
        **parameters: object,
    ) -> Slice[T]:
        bounds = (page.before, page.after) if page.backward else (page.after, page.before)
        records = await self._database.read(
            statement,
            field=order.field,
            after=bounds[0],
            before=bounds[1],
            limit=page.limit,
            **parameters,
        )
        keyed = [(row["key"], row["value"]["slug"], make(row["value"])) for row in records]
        cut = page.cut(keyed, lambda entry: entry[:2])
        return cut.map(lambda entry: entry[2])


_WORD: Final = re.compile(r"\w+", re.UNICODE)
_MOST_WORDS: Final = 16
_SHORT_WORD: Final = 4


def search_query(text: str) -> str:
    """A text of a person as a Lucene query: each word itself, as a beginning, or with a slip in it.

    Only letters, digits and underscores come through, so nothing of the query language does; at most
    _MOST_WORDS words count. Empty when the text has no word.
    """
    words = [word.lower() for word in _WORD.findall(text)[:_MOST_WORDS]]
    return " ".join(f"({word}^4 OR {word}*^2 OR {word}~{_slips(word)})" for word in words)


def _slips(word: str) -> int:
    """How many letters of a word may be wrong."""
    return 2 if len(word) > _SHORT_WORD else 1


def _roadmap(row: Mapping[str, Any]) -> RoadmapNode:
    return RoadmapNode(**row)


def _section(row: Mapping[str, Any]) -> SectionNode:
    return SectionNode(**row)


def _topic(row: Mapping[str, Any]) -> TopicNode:
    return TopicNode(**row)


def _placed(row: Mapping[str, Any]) -> PlacedTopic:
    return PlacedTopic(**{**row, "topic": _topic(row["topic"])})


def _requirement(row: Mapping[str, Any]) -> RequirementNode:
    return RequirementNode(row["need"], tuple(map(_topic, row["of"])), row["reason"])


def _recommendation(row: Mapping[str, Any]) -> RecommendationNode:
    return RecommendationNode(_topic(row["topic"]), row["reason"])


def _place(placed: PlacedTopic) -> tuple[int]:
    return (placed.place,)


def _places(page: Page) -> dict[str, object]:
    return {
        "after": page.after[0] if page.after else -1,
        "before": page.before[0] if page.before else _FARTHEST,
        "sign": page.sign,
        "limit": page.limit,
    }
