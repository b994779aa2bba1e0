"""The root of all subscriptions, and what each of their events says."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Hashable
from contextlib import aclosing
from typing import Annotated, TypeAlias

import strawberry

from graph_api.api.context import Context, Info
from graph_api.api.learner import Learner
from graph_api.api.roadmap import Roadmap
from graph_api.api.topic import Topic
from graph_api.api.viewer import Role
from graph_api.errors import UnknownSlugs
from graph_api.store.changes import CatalogueEvent, RoadmapEvent
from graph_api.store.nodes import RoadmapNode

Since: TypeAlias = Annotated[
    int | None,
    strawberry.argument(
        description="The revision last seen: if there was a change since, the first event comes at once."
    ),
]


@strawberry.type(description="The content has changed.")
class CatalogueChange:
    """A change of the content, or several that came close together."""

    event: strawberry.Private[CatalogueEvent]
    revision: int = strawberry.field(description="The revision after it; what is read here is not older.")
    everything: bool = strawberry.field(
        description="More than what is listed may have changed: it is too much to list, or not recorded."
    )

    @property
    def event_key(self) -> Hashable:
        """Everybody is given the same event."""
        return self.event

    @strawberry.field(description="The roadmaps that were created or changed.")
    async def roadmaps(self, info: Info) -> list[Roadmap]:
        """One load."""
        ids = [each.id for each in self.event.roadmaps.values() if not each.gone]
        found = await info.context.load.roadmap_by_id.load_many(ids)
        return [Roadmap.of(each) for each in found if each is not None]

    @strawberry.field(description="The topics that were created or changed, or what they rest on was.")
    async def topics(self, info: Info) -> list[Topic]:
        """One load."""
        return await _topics([each.id for each in self.event.topics.values() if not each.gone], info)

    @strawberry.field(description="The slugs of roadmaps that were deleted.")
    def deleted_roadmaps(self) -> list[str]:
        """Told by the history."""
        return sorted(each.slug for each in self.event.roadmaps.values() if each.gone)

    @strawberry.field(description="The slugs of topics that were deleted.")
    def deleted_topics(self) -> list[str]:
        """Told by the history."""
        return sorted(each.slug for each in self.event.topics.values() if each.gone)

    @classmethod
    def of(cls, event: CatalogueEvent) -> CatalogueChange:
        """The change of an event."""
        return cls(event=event, revision=event.revision, everything=event.everything)


@strawberry.type(description="A roadmap has changed, or topics in it have.")
class RoadmapChange:
    """A change of one roadmap, or several that came close together."""

    event: strawberry.Private[RoadmapEvent]
    revision: int = strawberry.field(description="The revision after it; what is read here is not older.")
    everything: bool = strawberry.field(
        description="More than what is listed may have changed: it is too much to list, or not recorded."
    )

    @property
    def event_key(self) -> Hashable:
        """Everybody who follows the roadmap is told the same."""
        return self.event

    @strawberry.field(
        description="The roadmap as it is now, under its slug of now; null when it was deleted."
    )
    async def roadmap(self, info: Info) -> Roadmap | None:
        """One load."""
        found = await info.context.load.roadmap_by_id.load(self.event.id)
        return None if found is None else Roadmap.of(found)

    @strawberry.field(description="Whether it was deleted.")
    async def deleted(self, info: Info) -> bool:
        """One load."""
        return await info.context.load.roadmap_by_id.load(self.event.id) is None

    @strawberry.field(description="The topics in it that were created or changed, or what they rest on was.")
    async def topics(self, info: Info) -> list[Topic]:
        """One load."""
        return await _topics(self.event.topics, info)

    @classmethod
    def of(cls, event: RoadmapEvent) -> RoadmapChange:
        """The change of an event."""
        return cls(event=event, revision=event.revision, everything=event.everything)


@strawberry.type(description="What the learner has recorded has changed, on whatever device.")
class KnowledgeChange:
    """A change of one learner's progress, or several that came close together."""

    revision: int = strawberry.field(description="The learner's own clock after it.")

    @strawberry.field(description="The learner as of now: what is recorded, and what follows from it.")
    async def learner(self, info: Info) -> Learner:
        """One read."""
        return Learner.of(await info.context.learner())


@strawberry.type(description="Everything that can be followed. Each event is read anew.")
class Subscription:
    """The subscription root."""

    @strawberry.subscription(description="Each change of the content; changes that come fast come together.")
    async def catalogue_changed(
        self, info: Info, since: Since = None
    ) -> AsyncGenerator[CatalogueChange, None]:
        """One event of the feed."""
        async with aclosing(info.context.feed.catalogue(since=since)) as events:
            async for event in events:
                yield CatalogueChange.of(event)

    @strawberry.subscription(
        description="Each change of a roadmap or of a topic in it, also when it is renamed or deleted."
    )
    async def roadmap_changed(
        self,
        info: Info,
        slug: Annotated[str, strawberry.argument(description="Its slug.")],
        since: Since = None,
    ) -> AsyncIterator[RoadmapChange]:
        """One event of the feed."""
        return _roadmap_changes(info.context, await _roadmap(slug, info), since)

    @strawberry.subscription(
        description="Each change of what the learner of the token has recorded. Needs the role learner."
    )
    async def knowledge_changed(self, info: Info, since: Since = None) -> AsyncIterator[KnowledgeChange]:
        """One event of the feed."""
        return _knowledge_changes(info.context, info.context.require(Role.LEARNER).id, since)


async def _roadmap(slug: str, info: Info) -> RoadmapNode:
    """The roadmap to follow. Raises UnknownSlugs."""
    found: RoadmapNode | None = await info.context.load.roadmap_by_slug.load(slug)
    if found is not None:
        return found
    (await info.context.structure()).roadmap(slug)  # raises with suggestions
    raise UnknownSlugs("roadmap", {slug: []})  # it came into being just now


async def _roadmap_changes(
    context: Context, roadmap: RoadmapNode, since: int | None
) -> AsyncGenerator[RoadmapChange, None]:
    async with aclosing(context.feed.roadmap(roadmap, since=since)) as events:
        async for event in events:
            yield RoadmapChange.of(event)


async def _knowledge_changes(
    context: Context, learner: str, since: int | None
) -> AsyncGenerator[KnowledgeChange, None]:
    async with aclosing(context.feed.learner(learner, since=since)) as revisions:
        async for revision in revisions:
            yield KnowledgeChange(revision=revision)


async def _topics(ids: Collection[str], info: Info) -> list[Topic]:
    """Topics by id; those that are gone again are left out."""
    found = await info.context.load.topic_by_id.load_many(list(ids))
    return [Topic.of(each) for each in found if each is not None]
