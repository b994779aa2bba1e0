"""Roadmaps, their sections, and the places of topics in them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import partial
from typing import Annotated, Any, TypeAlias

import strawberry

from graph_api.api.connection import After, Before, Connection, Edge, First, Last
from graph_api.api.context import Info
from graph_api.api.cost import Cost, ListSize
from graph_api.api.follows import follows
from graph_api.api.history import HistoryConnection, HistoryEdge
from graph_api.api.node import Node, there
from graph_api.api.soon import then
from graph_api.api.together import alone, together
from graph_api.api.topic import Topic
from graph_api.formats.dot import dot
from graph_api.formats.mermaid import mermaid
from graph_api.knowledge.model import Topic as Content
from graph_api.store.moment import at, revision_of
from graph_api.store.nodes import PlacedTopic, PlacementNode, RoadmapNode, SectionNode
from graph_api.store.page import Entry, Page

Optional: TypeAlias = Annotated[
    bool | None,
    strawberry.argument(description="Only optional topics, or only required ones; both if left out."),
]
IncludeOptional: TypeAlias = Annotated[bool, strawberry.argument(description="Count optional topics too.")]


@strawberry.enum(description="The languages of pictures.")
class DiagramFormat(Enum):
    """What a diagram is written in."""

    MERMAID = strawberry.enum_value("MERMAID", description="A Mermaid flowchart.")
    DOT = strawberry.enum_value("DOT", description="A graph for Graphviz.")

    def draw(self, topics: Sequence[Content], optional: Sequence[str]) -> str:
        """The picture of these topics."""
        return (mermaid if self is DiagramFormat.MERMAID else dot)(topics, optional=optional)


Format: TypeAlias = Annotated[DiagramFormat, strawberry.argument(description="The format.")]


@strawberry.type(description="A roadmap: sections of topics, in order, for one aim.")
class Roadmap(Node):
    """A roadmap of the graph."""

    slug: str = strawberry.field(description="Names it for people and files; unique among roadmaps.")
    title: str = strawberry.field(description="What it is called.")
    summary: str = strawberry.field(description="What it leads to; may be empty.")
    language: str = strawberry.field(description="The language of its texts, a BCP 47 tag.")

    @strawberry.field(
        description="The revision of the content that is read: the one that was asked for, or that of now."
    )
    def revision(self, info: Info) -> int:
        """One look into the structure."""
        return then(info.context.structure_soon(at=revision_of(self.key)), lambda found: found.revision)

    @strawberry.field(description="Its sections, in order.", directives=[ListSize(assumed=10)])
    def sections(self, info: Info) -> list[Section]:
        """One load."""
        return then(
            info.context.load.sections_by_roadmap.get(self.key), lambda found: list(map(Section.of, found))
        )

    @strawberry.field(description="Its topics, section by section.", metadata=follows("placed"))
    def topics(
        self,
        info: Info,
        optional: Optional = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> PlacedTopicConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before, shape=(int,))
        load = info.context.load
        part = load.topics_by_roadmap.get((self.key, (page, optional)))
        count = partial(load.topic_count_by_roadmap.get, (self.key, optional))
        return then(part, lambda part: PlacedTopicConnection.of(part, PlacedTopicEdge, count))

    @strawberry.field(
        description="Hours of its required topics; one that nobody has estimated counts as one hour."
    )
    def hours(self, info: Info, include_optional: IncludeOptional = False) -> float:
        """One look into the structure."""
        structure = info.context.structure_soon(at=revision_of(self.key))
        return then(structure, lambda found: found.hours(self.slug, optional=include_optional))

    @strawberry.field(
        description="A picture of its topics and of what they require, as text of a format.",
        directives=[Cost(weight=50)],
    )
    async def diagram(self, info: Info, format: Format = DiagramFormat.MERMAID) -> str:  # noqa: A002 - the usual name
        """One load and one pure call."""
        then = revision_of(self.key)
        placed = dict((await info.context.structure(at=then)).roadmap(self.slug).placed())
        content = await info.context.load.content_by_slug.load_many([at(slug, then) for slug in placed])
        topics = [topic for topic in content if topic is not None]
        return format.draw(topics, [slug for slug, optional in placed.items() if optional])

    @strawberry.field(
        description="The writes that changed it or a topic that it places, newest first: those up to the"
        " revision that is read.",
        directives=[Cost(weight=10)],
    )
    async def history(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> HistoryConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before, shape=(int,))
        load = info.context.load
        part = await load.entries_by_roadmap.load((self.key, page))
        return HistoryConnection.of(part, HistoryEdge, lambda: load.entry_count_by_roadmap.load(self.key))

    @classmethod
    def there(cls, found: RoadmapNode | None) -> Roadmap:
        """The roadmap that an edge led to. Raises NotFound when it was deleted since."""
        return cls.of(there(found))

    @classmethod
    def of(cls, roadmap: RoadmapNode) -> Roadmap:
        """The roadmap of a read."""
        return cls(
            key=roadmap.id,
            slug=roadmap.slug,
            title=roadmap.title,
            summary=roadmap.summary,
            language=roadmap.language,
        )


def _topics(sections: Sequence[Section], info: Info, **bounds: Any) -> list[PlacedTopicConnection]:
    """One load."""
    page, load = Page.of(**bounds, shape=(int,)), info.context.load
    counts = [partial(load.topic_count_by_section.get, section.key) for section in sections]
    return then(
        load.topics_by_section.get_many([(section.key, page) for section in sections]),
        lambda parts: [
            PlacedTopicConnection.of(part, PlacedTopicEdge, count)
            for part, count in zip(parts, counts, strict=True)
        ],
    )


@strawberry.type(description="A titled part of one roadmap.")
class Section(Node):
    """A section of the graph."""

    roadmap_id: strawberry.Private[str]
    slug: str = strawberry.field(description="Names it within its roadmap.")
    title: str = strawberry.field(description="What it is called.")
    summary: str = strawberry.field(description="What it is about; may be empty.")
    optional: bool = strawberry.field(description="Whether the roadmap may be walked without it.")
    position: int = strawberry.field(description="Place in its roadmap, from 0.")

    @strawberry.field(description="The roadmap that it is a part of.")
    def roadmap(self, info: Info) -> Roadmap:
        """One load."""
        return then(info.context.load.roadmap_by_id.get(self.roadmap_id), Roadmap.there)

    @strawberry.field(
        description="Its topics, in order.",
        metadata={**follows("placed"), **together(_topics)},
    )
    def topics(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> PlacedTopicConnection:
        """One load."""
        return alone(_topics((self,), info, first=first, after=after, last=last, before=before))

    @classmethod
    def there(cls, found: SectionNode | None) -> Section:
        """The section that an edge led to. Raises NotFound when it was deleted since."""
        return cls.of(there(found))

    @classmethod
    def of(cls, section: SectionNode) -> Section:
        """The section of a read."""
        return cls(
            key=section.id,
            roadmap_id=section.roadmap_id,
            slug=section.slug,
            title=section.title,
            summary=section.summary,
            optional=section.optional,
            position=section.position,
        )


@strawberry.type(description="A place of a topic. Optional belongs to the place, not to the topic.")
class Placement:
    """A topic's place in one roadmap."""

    section_id: strawberry.Private[str]
    roadmap_id: strawberry.Private[str]
    position: int = strawberry.field(description="Place in its section, from 0.")
    optional: bool = strawberry.field(description="Whether the placement or its section is optional.")

    @strawberry.field(description="The section that holds the topic.", metadata=follows("outlines"))
    def section(self, info: Info) -> Section:
        """One load."""
        return then(info.context.load.section_by_id.get(self.section_id), Section.there)

    @strawberry.field(description="The roadmap of that section.", metadata=follows("outlines"))
    def roadmap(self, info: Info) -> Roadmap:
        """One load."""
        return then(info.context.load.roadmap_by_id.get(self.roadmap_id), Roadmap.there)

    @classmethod
    def of(cls, placement: PlacementNode) -> Placement:
        """The placement of a read."""
        return cls(
            section_id=placement.section_id,
            roadmap_id=placement.roadmap_id,
            position=placement.position,
            optional=placement.optional,
        )


@strawberry.type(description="A topic in a roadmap or a section, and its place there.")
class PlacedTopicEdge(Edge[Topic]):
    """An edge with a placement."""

    section_id: strawberry.Private[str]
    position: int = strawberry.field(description="Place in its section, from 0.")
    optional: bool = strawberry.field(description="Whether the placement or its section is optional.")

    @strawberry.field(description="The section that holds the topic here.")
    def section(self, info: Info) -> Section:
        """One load."""
        return then(info.context.load.section_by_id.get(self.section_id), Section.there)

    @classmethod
    def of(cls, entry: Entry[PlacedTopic]) -> PlacedTopicEdge:
        """The edge of an entry."""
        made = cls.__new__(cls)  # as a topic
        topic, made.section_id, made.position, _, made.optional = entry.value
        made.entry, made.node = entry, Topic.of(topic)
        return made

    @classmethod
    def node_of(cls, value: PlacedTopic) -> Topic:
        """The topic of a read."""
        return Topic.of(value.topic)


@strawberry.type(description="A page of the topics of a roadmap or a section.")
class PlacedTopicConnection(Connection[Topic, PlacedTopicEdge]):
    """Topics with their places."""


@strawberry.type(description="A roadmap in a list.")
class RoadmapEdge(Edge[Roadmap]):
    """An edge without more to say."""

    @classmethod
    def node_of(cls, value: RoadmapNode) -> Roadmap:
        """The roadmap of a read."""
        return Roadmap.of(value)


@strawberry.type(description="A page of roadmaps.")
class RoadmapConnection(Connection[Roadmap, RoadmapEdge]):
    """Roadmaps without more to say."""
