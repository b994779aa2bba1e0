"""The history: one entry for each write of content, newest first, with what it changed."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from graph_api.api.connection import After, Before, Connection, Edge, First, Last
from graph_api.api.context import Info
from graph_api.api.viewer import Role
from graph_api.store.entries import ChangeNode, EntryNode
from graph_api.store.page import Page


@strawberry.enum(description="What has a history.")
class HistoryKind(Enum):
    """The kinds of `ChangeNode.kind`."""

    TOPIC = strawberry.enum_value("Topic", description="A topic, with what it rests on.")
    ROADMAP = strawberry.enum_value("Roadmap", description="A roadmap, with its sections and placements.")


@strawberry.type(description="What a write made of one topic or roadmap.")
class HistoryChange:
    """A version."""

    kind: HistoryKind = strawberry.field(description="What it is.")
    slug: str = strawberry.field(description="Its slug after the write; the last one if it is gone.")
    before: str | None = strawberry.field(
        description="It before the write, as the text of a JSON object with all that its author wrote: a"
        " topic with its resources, requirements and recommendations, a roadmap with its sections and their"
        " placements. Null for a new one."
    )
    after: str | None = strawberry.field(
        description="It after the write, in the same way. Null for one that the write took away."
    )

    @classmethod
    def of(cls, change: ChangeNode) -> HistoryChange:
        """The change of a read."""
        return cls(kind=HistoryKind(change.kind), slug=change.slug, before=change.before, after=change.after)


@strawberry.type(description="One of the things that a write changed.")
class HistoryChangeEdge(Edge[HistoryChange]):
    """An edge without more to say."""

    @classmethod
    def node_of(cls, value: ChangeNode) -> HistoryChange:
        """The change of a read."""
        return HistoryChange.of(value)


@strawberry.type(description="A page of what a write changed.")
class HistoryChangeConnection(Connection[HistoryChange, HistoryChangeEdge]):
    """Versions."""


@strawberry.type(description="One write of content, and the revision that it led to.")
class HistoryEntry:
    """An entry of the history."""

    author: strawberry.Private[str]
    revision: int = strawberry.field(description="The revision of the content after it.")
    at: datetime = strawberry.field(description="When it was made.")
    action: str = strawberry.field(description="By what action: the name of a mutation, or `import`.")
    summary: str = strawberry.field(description="What it did, in a sentence.")

    @strawberry.field(description="Who made it. Only editors see this; null for everybody else.")
    async def by(self, info: Info) -> str | None:
        """Nothing is read."""
        viewer = info.context.viewer
        return self.author if viewer is not None and viewer.may(Role.EDITOR) else None

    @strawberry.field(description="All that it changed: roadmaps first, then topics, by slug.")
    async def changes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> HistoryChangeConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        load, key = info.context.load, str(self.revision)
        part = await load.changes_by_revision.load((key, page))
        return HistoryChangeConnection.of(
            part, HistoryChangeEdge, lambda: load.change_count_by_revision.load(key)
        )

    @classmethod
    def of(cls, entry: EntryNode) -> HistoryEntry:
        """The entry of a read."""
        return cls(
            author=entry.by,
            revision=entry.number,
            at=entry.at,
            action=entry.action,
            summary=entry.summary,
        )


@strawberry.type(description="An entry of the history in a list.")
class HistoryEdge(Edge[HistoryEntry]):
    """An edge without more to say."""

    @classmethod
    def node_of(cls, value: EntryNode) -> HistoryEntry:
        """The entry of a read."""
        return HistoryEntry.of(value)


@strawberry.type(description="A page of the history, newest first.")
class HistoryConnection(Connection[HistoryEntry, HistoryEdge]):
    """Entries without more to say."""
