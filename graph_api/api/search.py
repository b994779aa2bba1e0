"""Full-text search over everything that has a title."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import Annotated, Any, TypeAlias, cast

import strawberry

from graph_api.api.connection import Connection, Edge
from graph_api.api.roadmap import Roadmap, Section
from graph_api.api.topic import Topic
from graph_api.loaders import Loaders
from graph_api.store.nodes import Match, NodeKind, RoadmapNode, SectionNode, TopicNode
from graph_api.store.page import Entry, Slice

AnyNode: TypeAlias = RoadmapNode | SectionNode | TopicNode
SearchResult: TypeAlias = Annotated[
    Roadmap | Section | Topic, strawberry.union("SearchResult", description="What a search can find.")
]


@strawberry.enum(description="What to search for.")
class SearchKind(Enum):
    """The kinds of nodes that have a title."""

    ROADMAP = strawberry.enum_value("Roadmap", description="Roadmaps.")
    SECTION = strawberry.enum_value("Section", description="Sections of roadmaps.")
    TOPIC = strawberry.enum_value("Topic", description="Topics.")

    @property
    def node_kind(self) -> NodeKind:
        """The label of these nodes."""
        return cast("NodeKind", self.value)


@strawberry.type(description="Something that a search found.")
class SearchResultEdge(Edge[SearchResult]):
    """An edge with a score."""

    score: float = strawberry.field(description="How well it fits: higher is better, within one search.")

    @classmethod
    def of(cls, entry: Entry[tuple[Match, AnyNode]]) -> SearchResultEdge:
        """The edge of an entry."""
        found, node = entry.value
        return cls(cursor=entry.cursor, node=node_of(node), score=found.score)

    @staticmethod
    async def load_nodes(part: Slice[Match], load: Loaders) -> Slice[tuple[Match, AnyNode]]:
        """The matches with their nodes: one load a kind. A node deleted in between is left out."""
        nodes = await asyncio.gather(
            *(load_node(load, entry.value.kind, entry.value.id) for entry in part.entries)
        )
        entries = tuple(
            Entry((entry.value, node), entry.cursor)
            for entry, node in zip(part.entries, nodes, strict=True)
            if node is not None
        )
        return Slice(entries, part.has_previous, part.has_next)


@strawberry.type(description="A page of what a search found, the best first.")
class SearchResultConnection(Connection[SearchResult, SearchResultEdge]):
    """What a search found."""


def node_of(found: AnyNode) -> Roadmap | Section | Topic:
    """The API's view of a node."""
    match found:
        case RoadmapNode():
            return Roadmap.of(found)
        case SectionNode():
            return Section.of(found)
        case TopicNode():
            return Topic.of(found)


async def load_node(load: Loaders, kind: NodeKind, key: str) -> AnyNode | None:
    """A node by its kind and own id; None when it is not there."""
    loaders: dict[NodeKind, Any] = {
        "Roadmap": load.roadmap_by_id,
        "Section": load.section_by_id,
        "Topic": load.topic_by_id,
    }
    found: AnyNode | None = await loaders[kind].load(key)
    return found
