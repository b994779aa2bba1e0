"""Full-text search over everything that has a title."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from enum import Enum
from typing import Annotated, Any, TypeAlias, cast

import strawberry

from graph_api.api.connection import Connection, Edge
from graph_api.api.roadmap import Roadmap, Section
from graph_api.api.soon import soon
from graph_api.api.topic import Topic
from graph_api.loaders import Loader, Loaders
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
        found, _ = entry.value
        return cls(entry=entry, node=cls.node_of(entry.value), score=found.score)

    @classmethod
    def node_of(cls, value: tuple[Match, AnyNode]) -> Roadmap | Section | Topic:
        """The node of a match."""
        _, node = value
        return node_of(node)

    @staticmethod
    async def load_nodes(part: Slice[Match], load: Loaders) -> Slice[tuple[Match, AnyNode]]:
        """The matches with their nodes: one load a kind. A node deleted in between is left out."""
        nodes = await soon(load_nodes(load, [(match.kind, match.id) for match in part.values]))
        return part.holding(
            [None if node is None else (match, node) for match, node in zip(part.values, nodes, strict=True)]
        )


@strawberry.type(description="A page of what a search found, the best first.")
class SearchResultConnection(Connection[SearchResult, SearchResultEdge]):
    """What a search found."""


def node_of(found: AnyNode) -> Roadmap | Section | Topic:
    """The API's view of a node."""
    match found:
        case TopicNode():
            return Topic.of(found)
        case SectionNode():
            return Section.of(found)
        case RoadmapNode():
            return Roadmap.of(found)


def load_node(load: Loaders, kind: NodeKind, key: str) -> AnyNode | Awaitable[AnyNode | None] | None:
    """A node by its kind and own id, now or soon; None when it is not there."""
    return _loader(load, kind).get(key)


def load_nodes(
    load: Loaders, wanted: Sequence[tuple[NodeKind, str]]
) -> list[AnyNode | None] | Awaitable[list[AnyNode | None]]:
    """The same for many, in their order: one read a kind."""
    keys: dict[NodeKind, list[str]] = {kind: [] for kind, _ in wanted}
    for kind, key in wanted:
        keys[kind].append(key)
    found = [_loader(load, kind).get_many(some) for kind, some in keys.items()]
    kinds = [kind for kind, _ in wanted]
    if any(isinstance(each, Awaitable) for each in found):
        return _all(found, [*keys], kinds)
    return _in_order(cast("list[list[AnyNode | None]]", found), [*keys], kinds)


async def _all(
    found: Sequence[list[AnyNode | None] | Awaitable[list[AnyNode | None]]],
    of: Sequence[NodeKind],
    kinds: Sequence[NodeKind],
) -> list[AnyNode | None]:
    return _in_order(await asyncio.gather(*map(soon, found)), of, kinds)


def _in_order(
    found: Sequence[list[AnyNode | None]], of: Sequence[NodeKind], kinds: Sequence[NodeKind]
) -> list[AnyNode | None]:
    """What was found of each of the kinds `of`, in the order of `kinds`."""
    ahead = {kind: iter(nodes) for kind, nodes in zip(of, found, strict=True)}
    return [next(ahead[kind]) for kind in kinds]


def _loader(load: Loaders, kind: NodeKind) -> Loader[str, Any]:
    match kind:
        case "Roadmap":
            return load.roadmap_by_id
        case "Section":
            return load.section_by_id
        case "Topic":
            return load.topic_by_id
