"""Where a topic stands for someone who knows certain topics, with the proof."""

from __future__ import annotations

from enum import Enum

import strawberry

from graph_api.api.context import Info
from graph_api.api.soon import then
from graph_api.api.topic import Topic
from graph_api.api.topics import BlockingSet, LearningWay, RequirementStatus
from graph_api.knowledge.state.proof import Status


@strawberry.enum(description="Where a topic can stand.")
class Standing(Enum):
    """The members of knowledge.proof.Standing."""

    KNOWN = strawberry.enum_value("KNOWN", description="It is known.")
    SKIPPED = strawberry.enum_value(
        "SKIPPED", description="It is skipped: not known, and nothing waits for it."
    )
    READY = strawberry.enum_value(
        "READY", description="It is not known, and all that it requires is met: it is in the outer fringe."
    )
    BLOCKED = strawberry.enum_value(
        "BLOCKED", description="Something that it requires must be learned first."
    )
    UNLEARNABLE = strawberry.enum_value(
        "UNLEARNABLE", description="Nothing that can be learned from here leads to it."
    )


@strawberry.type(description="Where a topic stands, and why.")
class TopicStatus:
    """A status and its proof."""

    found: strawberry.Private[Status]
    standing: Standing = strawberry.field(description="Where it stands.")

    @strawberry.field(description="The topic.")
    def topic(self, info: Info) -> Topic:
        """One load."""
        return then(info.context.load.topic_by_slug.get(self.found.topic), Topic.there)

    @strawberry.field(description="Every requirement: met by what, or the cheapest way to meet it.")
    async def requirements(self) -> list[RequirementStatus]:
        """Computed with the status."""
        pairs = zip(self.found.requirements, self.found.ways, strict=True)
        return [RequirementStatus.of(self.found.topic, met, way) for met, way in pairs]

    @strawberry.field(description="The requirements that are not met.")
    async def unmet(self) -> list[RequirementStatus]:
        """Computed with the status."""
        return [each for each in await self.requirements() if not each.satisfied]

    @strawberry.field(description="The cheapest way to the topic, itself included; null when there is none.")
    async def cheapest_way(self) -> LearningWay | None:
        """Computed with the status."""
        return LearningWay.of(self.found.way)

    @strawberry.field(description="For an unlearnable topic: the sets of topics that it is blocked by.")
    async def blocked_by(self) -> list[BlockingSet]:
        """Computed with the status."""
        return [BlockingSet(slugs=slugs) for slugs in self.found.blocked_by]

    @classmethod
    def of(cls, status: Status) -> TopicStatus:
        """A status as the engine found it."""
        return cls(found=status, standing=Standing[status.standing.name])
