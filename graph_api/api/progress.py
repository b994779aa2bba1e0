"""What learners record of topics, and when they did."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from graph_api.api.connection import Connection, Edge
from graph_api.api.context import Info
from graph_api.api.topic import Topic
from graph_api.store.learners import Event, Recorded
from graph_api.store.nodes import TopicNode
from graph_api.store.page import Entry


@strawberry.enum(description="What a learner can record of a topic.")
class ProgressStatus(Enum):
    """The members of store.learners.Status."""

    KNOWN = strawberry.enum_value("KNOWN", description="It is known.")
    LEARNING = strawberry.enum_value(
        "LEARNING", description="It is being learned. It does not count as known yet."
    )
    SKIPPED = strawberry.enum_value(
        "SKIPPED",
        description="It is passed over: it meets requirements, does not count as known, and is never"
        " brought up.",
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="Nothing is recorded: takes back whatever was. So it is for a new learner."
    )


@strawberry.enum(description="How a topic came to its status.")
class ProgressSource(Enum):
    """The members of store.learners.Source."""

    NAMED = strawberry.enum_value("NAMED", description="The learner named it.")
    PREREQUISITE = strawberry.enum_value(
        "PREREQUISITE", description="`includePrerequisites` marked it, as it leads to a topic that was named."
    )


@strawberry.type(description="A topic that a learner has recorded.")
class RecordedTopicEdge(Edge[Topic]):
    """An edge with what is recorded."""

    status: ProgressStatus = strawberry.field(description="What is recorded; never `UNKNOWN`.")
    since: datetime = strawberry.field(description="When it was recorded.")
    source: ProgressSource = strawberry.field(description="How it came.")

    @classmethod
    def of(cls, entry: Entry[tuple[Recorded, TopicNode]]) -> RecordedTopicEdge:
        """The edge of an entry."""
        recorded, _ = entry.value
        return cls(
            entry=entry,
            node=cls.node_of(entry.value),
            status=ProgressStatus[recorded.status.name],
            since=recorded.since,
            source=ProgressSource[recorded.source.name],
        )

    @classmethod
    def node_of(cls, value: tuple[Recorded, TopicNode]) -> Topic:
        """The topic of a read."""
        _, topic = value
        return Topic.of(topic)


@strawberry.type(description="A page of topics that a learner has recorded.")
class RecordedTopicConnection(Connection[Topic, RecordedTopicEdge]):
    """Recorded topics."""


@strawberry.type(description="An entry of a learner's history: a topic took a status.")
class ProgressEvent:
    """An event."""

    key: strawberry.Private[str]
    revision: int = strawberry.field(description="The learner's revision that it was part of.")
    at: datetime = strawberry.field(description="When.")
    status: ProgressStatus = strawberry.field(description="The status that it took.")
    source: ProgressSource = strawberry.field(description="How it came.")
    slug: str = strawberry.field(description="The topic's slug of then.")

    @strawberry.field(description="The topic as it is now; null when it was deleted.")
    async def topic(self, info: Info) -> Topic | None:
        """One load."""
        found = await info.context.load.topic_by_id.load(self.key)
        return None if found is None else Topic.of(found)

    @classmethod
    def of(cls, event: Event) -> ProgressEvent:
        """An event of a read."""
        return cls(
            key=event.topic,
            revision=event.revision,
            at=event.at,
            status=ProgressStatus[event.status.name],
            source=ProgressSource[event.source.name],
            slug=event.slug,
        )


@strawberry.type(description="An entry in a history.")
class ProgressEventEdge(Edge[ProgressEvent]):
    """An edge without more to say."""

    @classmethod
    def node_of(cls, value: Event) -> ProgressEvent:
        """The event of a read."""
        return ProgressEvent.of(value)


@strawberry.type(description="A page of a learner's history, the newest entry first.")
class ProgressEventConnection(Connection[ProgressEvent, ProgressEventEdge]):
    """Events."""
