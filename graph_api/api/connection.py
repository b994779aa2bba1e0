"""Relay connections: what every list that is read in pages has in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, Self, TypeAlias, TypeVar

import strawberry

from graph_api.api.soon import then
from graph_api.store.page import MAX_SIZE, Entry, Slice, cursor

NodeType = TypeVar("NodeType")
EdgeType = TypeVar("EdgeType")

_SIZE = f"1 to {MAX_SIZE}"
First: TypeAlias = Annotated[
    int | None, strawberry.argument(description=f"How many entries from the start, {_SIZE}; 20 if left out.")
]
After: TypeAlias = Annotated[
    str | None, strawberry.argument(description="Only entries after the one with this cursor.")
]
Last: TypeAlias = Annotated[
    int | None, strawberry.argument(description=f"How many entries from the end, {_SIZE}.")
]
Before: TypeAlias = Annotated[
    str | None, strawberry.argument(description="Only entries before the one with this cursor.")
]


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """The page info of Relay's specification."""

    has_next_page: bool = strawberry.field(description="Whether more entries follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether entries come before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first entry, if there is one.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last entry, if there is one.")

    @classmethod
    def of(cls, part: Slice[Any]) -> PageInfo:
        """The page info of a slice."""
        return cls(
            has_next_page=part.has_next,
            has_previous_page=part.has_previous,
            start_cursor=cursor(part.key(0)) if part.values else None,
            end_cursor=cursor(part.key(len(part.values) - 1)) if part.values else None,
        )


@strawberry.type
class Edge(Generic[NodeType]):
    """An entry of a connection; special connections add fields to theirs."""

    entry: strawberry.Private[Entry[Any]]
    node: NodeType = strawberry.field(description="The entry itself.")

    @strawberry.field(description="Stands for this entry's place in `after` and `before`.")
    def cursor(self) -> str:
        """Its sort key, opaque."""
        return self.entry.cursor

    @classmethod
    def node_of(cls, value: Any, /) -> NodeType:
        """The API's view of what a read gave."""
        raise NotImplementedError

    @classmethod
    def of(cls, entry: Entry[Any]) -> Self:
        """The edge of an entry."""
        return cls(entry=entry, node=cls.node_of(entry.value))


@strawberry.type
class Connection(Generic[NodeType, EdgeType]):
    """A page of a list. What clients do not ask for is not made: neither edges, nor nodes, nor the count."""

    part: strawberry.Private[Slice[Any]]
    edge: strawberry.Private[type[Edge[Any]]]
    count: strawberry.Private[Callable[[], Awaitable[int] | int]]

    @strawberry.field(description="The entries with their cursors.")
    def edges(self) -> list[EdgeType]:
        """One of each entry."""
        return [self.edge.of(entry) for entry in self.part.entries]  # type: ignore[misc]  # an EdgeType is an Edge

    @strawberry.field(description="The entries alone.")
    def nodes(self) -> list[NodeType]:
        """One of each entry."""
        return [*map(self.edge.node_of, self.part.values)]

    @strawberry.field(description="Where this page lies.")
    def page_info(self) -> PageInfo:
        """That of the slice."""
        return PageInfo.of(self.part)

    @strawberry.field(description="How many entries the whole list has.")
    def total_count(self) -> int:
        """Count at last."""
        return then(self.count(), int)

    @classmethod
    def of(cls, part: Slice[Any], edge: type[Edge[Any]], count: Callable[[], Awaitable[int] | int]) -> Self:
        """The connection of a slice, with edges of this type."""
        made = cls.__new__(cls)  # as a topic, of which each may have one
        made.part, made.edge, made.count = part, edge, count
        return made
