"""What is wrong, or worth a look, in the prerequisites of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeAlias, TypeVar

import strawberry

from graph_api.api.connection import After, Before, First, Last
from graph_api.api.context import Info
from graph_api.api.roadmap import Roadmap
from graph_api.api.soon import then
from graph_api.api.topic import Topic, TopicConnection
from graph_api.api.topics import BlockingSet, topics_by_slug
from graph_api.errors import BadInput
from graph_api.knowledge.diagnosis import Diagnosis as Found
from graph_api.knowledge.diagnosis import NeededOptional as FoundOptional
from graph_api.store.page import MAX_SIZE, Page

T = TypeVar("T")

Most: TypeAlias = Annotated[int, strawberry.argument(description="How many findings, 1 to 100.")]


def _some(findings: Sequence[T], first: int) -> Sequence[T]:
    """The first findings. Raises BadInput for a number outside 1 to MAX_SIZE."""
    if not 1 <= first <= MAX_SIZE:
        raise BadInput(f'"first" is {first}; it can be 1 to {MAX_SIZE}.')
    return findings[:first]


@strawberry.type(description="A prerequisite that other plain prerequisites of the same topic imply.")
class RedundantEdge:
    """An edge that says nothing new."""

    pair: strawberry.Private[tuple[str, str]]

    @strawberry.field(description="The topic that requires it.")
    def topic(self, info: Info) -> Topic:
        """One load."""
        return then(info.context.load.topic_by_slug.get(self.pair[0]), Topic.there)

    @strawberry.field(description="What is implied anyway.")
    def prerequisite(self, info: Info) -> Topic:
        """One load."""
        return then(info.context.load.topic_by_slug.get(self.pair[1]), Topic.there)


@strawberry.type(description="A required topic that cannot be learned without optional ones of its roadmap.")
class NeededOptional:
    """Optional topics that are not."""

    found: strawberry.Private[FoundOptional]
    need: int = strawberry.field(description="How many of the optional topics cannot be avoided.")

    @strawberry.field(description="The roadmap.")
    def roadmap(self, info: Info) -> Roadmap:
        """One load."""
        return then(info.context.load.roadmap_by_slug.get(self.found.roadmap), Roadmap.there)

    @strawberry.field(description="The required topic.")
    def topic(self, info: Info) -> Topic:
        """One load."""
        return then(info.context.load.topic_by_slug.get(self.found.topic), Topic.there)

    @strawberry.field(description="The optional topics.")
    def optional(self, info: Info) -> list[Topic]:
        """One load."""
        return topics_by_slug(info.context.load, self.found.optional)


@strawberry.type(description="Findings about the catalogue: what is out of reach, and what is worth a look.")
class Diagnosis:
    """The findings that a graph without unknown names can have."""

    found: strawberry.Private[Found]
    sound: bool = strawberry.field(description="Whether every topic can be learned.")

    @strawberry.field(description="Sets of topics that block each other.")
    async def blocking(self, first: Most = 20) -> list[BlockingSet]:
        """Computed with the diagnosis."""
        return [BlockingSet(slugs=slugs) for slugs in _some(self.found.blocking, first)]

    @strawberry.field(description="Every topic that is out of reach, by slug.")
    def unlearnable(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> TopicConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        return TopicConnection.of_slugs(self.found.unlearnable, page, info.context.load)

    @strawberry.field(description="The topics that are out of reach only because others are, by slug.")
    def downstream(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> TopicConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        return TopicConnection.of_slugs(self.found.downstream, page, info.context.load)

    @strawberry.field(description="Loops that no one has to go round, since alternatives avoid them.")
    async def avoidable_loops(self, first: Most = 20) -> list[BlockingSet]:
        """Computed with the diagnosis."""
        return [BlockingSet(slugs=slugs) for slugs in _some(self.found.avoidable_loops, first)]

    @strawberry.field(description="Prerequisites that others imply.")
    async def redundant(self, first: Most = 20) -> list[RedundantEdge]:
        """Computed with the diagnosis."""
        return [RedundantEdge(pair=pair) for pair in _some(self.found.redundant, first)]

    @strawberry.field(description="Topics that stand in no roadmap, by slug.")
    def unplaced(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> TopicConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        return TopicConnection.of_slugs(self.found.unplaced, page, info.context.load)

    @strawberry.field(description="Required topics that need optional ones of the same roadmap.")
    async def needed_optional(self, first: Most = 20) -> list[NeededOptional]:
        """Computed with the diagnosis."""
        return [
            NeededOptional(found=each, need=each.need) for each in _some(self.found.needed_optional, first)
        ]

    @classmethod
    def of(cls, found: Found) -> Diagnosis:
        """A diagnosis as the engine made it."""
        return cls(found=found, sound=found.sound)
