"""Topics by slug, for answers that the knowledge engine gives: it knows slugs alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import strawberry

from graph_api.api.context import Info
from graph_api.api.soon import then
from graph_api.api.topic import Requirement, Topic
from graph_api.knowledge.state.proof import Met, Way
from graph_api.loaders import Loaders
from graph_api.store.nodes import TopicNode


def topics_by_slug(load: Loaders, slugs: Iterable[str]) -> list[Topic]:
    """The topics of these slugs in their order, now or soon; one deleted in between is left out."""
    return then(load.topic_by_slug.get_many(list(slugs)), _those_there)


def _those_there(found: Sequence[TopicNode | None]) -> list[Topic]:
    return [Topic.of(topic) for topic in found if topic is not None]


@strawberry.type(description="A requirement of a topic, and the topics that count for it.")
class RequirementStatus:
    """A requirement and what meets it."""

    owner: strawberry.Private[str]
    met: strawberry.Private[Met]
    way: strawberry.Private[Way | None] = None
    satisfied: bool = strawberry.field(description="Whether enough is known or skipped.")

    @strawberry.field(description="The requirement.")
    async def requirement(self, info: Info) -> Requirement:
        """Two loads: the topics that count, and the reason."""
        load = info.context.load
        of = _those_there(await load.topic_by_slug.load_many(self.met.of))
        owner = await load.topic_by_slug.load(self.owner)
        stored = await load.requirements_by_topic.load(owner.id) if owner else []
        reason = stored[self.met.place].reason if self.met.place < len(stored) else ""
        return Requirement(need=self.met.need, of=of, reason=reason)

    @strawberry.field(description="The known topics that count for it.")
    def satisfied_by(self, info: Info) -> list[Topic]:
        """One load."""
        return topics_by_slug(info.context.load, self.met.satisfied_by)

    @strawberry.field(description="The skipped topics that count for it.")
    def skipped(self, info: Info) -> list[Topic]:
        """One load."""
        return topics_by_slug(info.context.load, self.met.skipped)

    @strawberry.field(description="The cheapest way to meet it; null when it is met, or cannot be.")
    async def cheapest_way(self) -> LearningWay | None:
        """Computed with the status."""
        return LearningWay.of(self.way)

    @classmethod
    def of(cls, owner: str, met: Met, way: Way | None = None) -> RequirementStatus:
        """A requirement of the topic `owner` as the engine found it."""
        return cls(owner=owner, met=met, way=way, satisfied=met.satisfied)


@strawberry.type(description="Topics to learn, one after another, of the fewest hours for their purpose.")
class LearningWay:
    """A short path."""

    slugs: strawberry.Private[Sequence[str]]
    hours: float = strawberry.field(description="Hours of all its topics together.")
    optimal: bool = strawberry.field(description="Whether it is proven that no way takes fewer hours.")

    @strawberry.field(description="Its topics, each learnable when those before it are known.")
    def topics(self, info: Info) -> list[Topic]:
        """One load."""
        return topics_by_slug(info.context.load, self.slugs)

    @classmethod
    def of(cls, way: Way | None) -> LearningWay | None:
        """The way that the engine found, if there is one."""
        if way is None:
            return None
        return cls(slugs=way.topics, hours=way.hours, optimal=way.optimal)


@strawberry.type(description="Topics that wait for each other: each needs another of them.")
class BlockingSet:
    """An irreducible blocking set."""

    slugs: strawberry.Private[Sequence[str]]

    @strawberry.field(description="The topics; where they form a loop, each needs the next one.")
    def topics(self, info: Info) -> list[Topic]:
        """One load."""
        return topics_by_slug(info.context.load, self.slugs)
