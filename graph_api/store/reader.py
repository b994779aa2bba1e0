"""Reads: many keys in, {key: value} out, one statement each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any, Final, LiteralString, TypeVar

from neo4j import Record

from graph_api.knowledge.model import Topic
from graph_api.store.content import topic_content
from graph_api.store.cypher import clock, reads, whole
from graph_api.store.nodes import (
    A_SECTION,
    BESIDE,
    Advice,
    Along,
    Beside,
    Counts,
    Match,
    Need,
    NodeKind,
    Outline,
    Place,
    PlacementNode,
    ResourceNode,
    RoadmapNode,
    SectionNode,
    TopicNode,
    Topics,
)
from graph_api.store.page import Order, Page, Slice
from graph_api.store.search import queries
from graph_api.store.session import only
from graph_api.store.snapshot import Reads

T = TypeVar("T")

_EDGE: Final = 3
"""The values of an edge in a row, before the topic at its end."""
_SLUG: Final = 1
"""The place of the slug in the values of a node."""


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

    async def outlines_by_slug(self, slugs: Sequence[str]) -> dict[str, Outline]:
        """Outlines by the roadmap's slug; what a former one leads to, a structure tells."""
        return await self._outlines(reads.OUTLINES_BY_SLUG, slugs)

    async def outlines_by_id(self, ids: Sequence[str]) -> dict[str, Outline]:
        """Outlines by the roadmap's id."""
        return await self._outlines(reads.OUTLINES_BY_ID, ids)

    async def outlines_by_section(self, ids: Sequence[str]) -> dict[str, Outline]:
        """Outlines by the ids of sections."""
        return await self._outlines(reads.OUTLINES_BY_SECTION, ids)

    async def outlines_with_topics(
        self, slugs: Sequence[str], beyond: Iterable[str], *, needs: bool
    ) -> tuple[dict[str, Outline], Topics]:
        """Outlines by the roadmap's slug, the topics that they place, and those with the slugs `beyond`.

        With `needs`, also what the placed ones require.
        """
        along = Along.NEEDS if needs else Along.NOTHING
        record = await self._record(reads.OUTLINES_AND_TOPICS[along], keys=list(slugs), beyond=list(beyond))
        rows = record["rows"]
        placed = [place[0] for _, _, sections in rows for _, places in sections for place in places]
        outlines = {key: _outline(roadmap, sections, _first) for key, roadmap, sections in rows}
        topics = _topics(placed, along)
        return outlines, topics._replace(near=[*map(_topic, record["beyond"])])

    async def topics_by_slug(self, slugs: Sequence[str], along: Along = Along.NOTHING) -> Topics:
        """Topics by slug, with NOTHING or NEEDS."""
        return _topics(await self._rows(reads.TOPICS_BY_SLUG[along], keys=list(slugs)), along)

    async def topics_by_id(self, ids: Sequence[str], along: Along = Along.NOTHING) -> Topics:
        """Topics by id. Not with NEEDS alone."""
        return _topics(await self._rows(reads.TOPICS_BY_ID[along], keys=list(ids)), along)

    async def beside_topics(self, ids: Sequence[str], kinds: Sequence[str]) -> Beside:
        """What stands beside topics: of these kinds, or of all when several are asked for."""
        asked = tuple(kinds) if len(kinds) == 1 else BESIDE
        rows = await self._rows(reads.BESIDE_TOPICS[asked], keys=list(ids))
        tables = {
            kind: {row[0]: _MADE[kind](row[place]) for row in rows} for place, kind in enumerate(asked, 1)
        }
        advised = [leaves for row in rows for _, *leaves in row[1]] if "recommendations" in tables else []
        return Beside(tables, [*map(_topic, advised)])

    async def content_by_slug(self, slugs: Sequence[str]) -> dict[str, Topic]:
        """Topics as their authors wrote them, with all that they rest on, by slug."""
        return {
            row["topic"]["slug"]: topic_content(row)
            for row in await self._database.read(whole.CONTENT_OF_TOPICS, slugs=list(slugs))
        }

    async def roadmaps(self, page: Page, order: Order) -> Slice[RoadmapNode]:
        """A page of all roadmaps."""
        rising = order.descending == page.backward
        statement = reads.ROADMAPS_RISING if rising else reads.ROADMAPS_FALLING
        return await self._page(statement, page, order, RoadmapNode)

    async def count_roadmaps(self) -> int:
        """How many roadmaps there are."""
        return await self._count(reads.COUNT_ROADMAPS)

    async def topics(self, page: Page, order: Order, wanted: TopicFilter) -> Slice[TopicNode]:
        """A page of the topics that a filter lets through."""
        rising = order.descending == page.backward
        statement = reads.TOPICS_RISING if rising else reads.TOPICS_FALLING
        return await self._page(statement, page, order, TopicNode, **wanted.parameters())

    async def count_topics(self, wanted: TopicFilter) -> int:
        """How many topics a filter lets through."""
        return await self._count(reads.COUNT_TOPICS, **wanted.parameters())

    async def search(self, text: str, kinds: Collection[NodeKind], page: Page) -> Slice[Match]:
        """A page of the nodes of `kinds` that fit a text, the best first. One statement a query of the text:
        most often the first is answered with something; see `search.queries`.
        """
        statement = reads.MATCHES_RISING if page.backward else reads.MATCHES_FALLING
        bounds = {"after": page.after, "before": page.before, "limit": page.limit}
        for query in queries(text):
            rows = await self._rows(statement, query=query, kinds=list(kinds), **bounds)
            if rows or (page.is_bounded and await self._count_matches(query, kinds)):
                return page.cut([Match(*row) for row in rows], lambda match: (match.score, match.id))
        return Slice()

    async def count_search(self, text: str, kinds: Collection[NodeKind]) -> int:
        """How many nodes of `kinds` fit a text."""
        for query in queries(text):
            if count := await self._count_matches(query, kinds):
                return count
        return 0

    async def _count_matches(self, query: str, kinds: Collection[NodeKind]) -> int:
        return await self._count(reads.COUNT_MATCHES, query=query, kinds=list(kinds))

    async def revision(self) -> int:
        """The revision of the content."""
        return int(only(await self._database.read(clock.REVISION))["revision"])

    async def counts(self) -> Counts:
        """How much the graph holds."""
        return Counts(**only(await self._database.read(reads.COUNTS)))

    async def _outlines(self, statement: LiteralString, keys: Sequence[str]) -> dict[str, Outline]:
        rows = await self._rows(statement, keys=list(keys))
        return {key: _outline(roadmap, sections, str) for key, roadmap, sections in rows}

    async def _rows(self, statement: LiteralString, **parameters: object) -> list[list[Any]]:
        """The rows of a statement that answers with one record."""
        rows: list[list[Any]] = (await self._record(statement, **parameters))["rows"]
        return rows

    async def _record(self, statement: LiteralString, **parameters: object) -> Record:
        [record] = await self._database.read(statement, **parameters)
        return record

    async def _count(self, statement: LiteralString, **parameters: object) -> int:
        return int(only(await self._database.read(statement, **parameters))["count"])

    async def _page(
        self,
        statement: LiteralString,
        page: Page,
        order: Order,
        make: Callable[..., T],
        **parameters: object,
    ) -> Slice[T]:
        bounds = (page.before, page.after) if page.backward else (page.after, page.before)
        rows = await self._rows(
            statement,
            field=order.field,
            after=bounds[0],
            before=bounds[1],
            limit=page.limit,
            **parameters,
        )
        keyed = [((key, values[_SLUG]), make(*values)) for key, values in rows]
        return page.cut(keyed, lambda entry: entry[0]).map(lambda entry: entry[1])


def _outline(row: Sequence[Any], sections: Iterable[Sequence[Any]], topic: Callable[[Any], str]) -> Outline:
    """An outline; `topic` gives the id of what stands in a place."""
    nodes = [(SectionNode(*section), places) for section, places in sections]
    return Outline(
        RoadmapNode(*row),
        {section.id: section for section, _ in nodes},
        {section.id: _places(section, places, topic) for section, places in nodes},
    )


def _places(
    section: SectionNode, rows: Iterable[tuple[Any, int, bool]], topic: Callable[[Any], str]
) -> tuple[Place, ...]:
    id_, first, skippable = section.id, section.position * A_SECTION, section.optional
    return tuple(
        [
            _place((topic(at), id_, position, first + position, skippable or optional))
            for at, position, optional in rows
        ]
    )


_first: Final[Callable[[Any], str]] = itemgetter(0)
"""The id of the leaves of a topic."""

_place: Final[Callable[[Iterable[Any]], Place]] = partial(tuple.__new__, Place)
"""The place of its fields, as a topic of its leaves."""

_topic: Final[Callable[[Iterable[Any]], TopicNode]] = partial(tuple.__new__, TopicNode)
"""The topic of its leaves: hundreds are made for an answer, each in three fifths of the time of its class."""


_MADE: Final[Mapping[str, Callable[[Iterable[Any]], Sequence[Any]]]] = {
    "recommendations": lambda rows: tuple([Advice(topic, reason) for reason, topic, *_ in rows]),
    "resources": lambda rows: [ResourceNode(*row) for row in rows],
    "placements": lambda rows: [PlacementNode(*row) for row in rows],
}
"""What is made of the rows of each kind of what stands beside a topic; `recommendations` come first."""


def _topics(rows: list[list[Any]], along: Along) -> Topics:
    """The topics of rows, from which what came along is taken."""
    beside = [] if along is Along.NOTHING else [row.pop() for row in rows]
    found = [*map(_topic, rows)]
    if not along.needs:
        return Topics(found, [*map(_topic, chain.from_iterable(beside))], {})
    needs = {topic.id: _needs(edges) for topic, edges in zip(found, beside, strict=True)}
    ends = [edge[_EDGE:] for edges in beside for edge in edges] if along.near else []
    return Topics(found, [*map(_topic, ends)], needs)


def _needs(edges: Iterable[Sequence[Any]]) -> tuple[Need, ...]:
    """The groups of edges, which come group by group."""
    groups: list[tuple[int, list[str], str]] = []
    last: int | None = None
    of: list[str] = []
    for edge in edges:
        if edge[0] != last:
            last, of = edge[0], []
            groups.append((edge[1], of, edge[2]))
        of.append(edge[3])
    return tuple([_need((need, tuple(of), reason)) for need, of, reason in groups])


_need: Final[Callable[[Iterable[Any]], Need]] = partial(tuple.__new__, Need)
"""As a topic, of its leaves."""
