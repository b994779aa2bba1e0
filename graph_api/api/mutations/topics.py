"""Writes of topics: what they are, what they rest on, what they are learned from."""

from __future__ import annotations

import strawberry
from strawberry import UNSET

from graph_api.api.context import Info
from graph_api.api.cost import Cost
from graph_api.api.mutations.inputs import (
    SLUG,
    ContentInput,
    Given,
    RecommendationInput,
    RequirementInput,
    ResourceInput,
    changes,
    given,
    new_slug,
)
from graph_api.api.mutations.outcome import ContentPayload, DeletePayload, deleted, made
from graph_api.api.soon import then
from graph_api.api.topic import Topic
from graph_api.formats.roadmap1 import values
from graph_api.knowledge.edit import ChangeTopic, CreateTopic, DeleteTopic, Edit, MergeTopics, RenameTopic


@strawberry.type(description="A topic after a write.")
class TopicPayload(ContentPayload):
    """A payload with a topic."""

    slug: strawberry.Private[str]

    @strawberry.field(description="The topic as it is now; null when there is none of this slug.")
    def topic(self, info: Info) -> Topic | None:
        """One load. Where that fails, the rest of the payload still tells that the write was made."""
        found = info.context.load.topic_by_slug.get(self.slug)
        return then(found, lambda found: None if found is None else Topic.of(found))


@strawberry.input(description="A new topic. It stands in no roadmap until it is placed.")
class CreateTopicInput(ContentInput):
    """Input of createTopic."""

    slug: str = strawberry.field(description="Lower-case letters and digits, with single hyphens between.")
    title: str = strawberry.field(description="What it is called.")
    summary: str = strawberry.field(default="", description="What it is about.")
    hours: float | None = strawberry.field(
        default=None, description="Hours to learn it, knowing what it requires."
    )
    tags: list[str] = strawberry.field(default_factory=list, description="Keywords, each once.")
    resources: list[ResourceInput] = strawberry.field(
        default_factory=list, description="What to learn it from, each address once, the best first."
    )
    requires: list[RequirementInput] = strawberry.field(
        default_factory=list, description="What must be known before: every one of these."
    )
    recommends: list[RecommendationInput] = strawberry.field(
        default_factory=list, description="What is better known before; it never blocks."
    )

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        names = ("slug", "title", "summary", "hours", "tags", "resources", "requires", "recommends")
        return CreateTopic(values.topic(given(**{name: getattr(self, name) for name in names})))


@strawberry.input(description="Other values for some of a topic's attributes; what is left out stays.")
class UpdateTopicInput(ContentInput):
    """Input of updateTopic."""

    slug: str = strawberry.field(description=SLUG)
    title: str | None = strawberry.field(default=UNSET, description="What it is called.")
    summary: str | None = strawberry.field(default=UNSET, description="What it is about.")
    hours: float | None = strawberry.field(
        default=UNSET, description="Hours to learn it, knowing what it requires; null: nobody knows."
    )

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        fields = given(title=self.title, summary=self.summary, hours=self.hours)
        return ChangeTopic(self.slug, changes("topic", fields))


@strawberry.input(description="All requirements of a topic, in place of the former ones.")
class SetRequirementsInput(ContentInput):
    """Input of setRequirements."""

    slug: str = strawberry.field(description=SLUG)
    requires: list[RequirementInput] = strawberry.field(
        description="What must be known before: every one of these."
    )

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        return ChangeTopic(self.slug, changes("topic", given(requires=self.requires)))


@strawberry.input(description="All recommendations of a topic, in place of the former ones.")
class SetRecommendationsInput(ContentInput):
    """Input of setRecommendations."""

    slug: str = strawberry.field(description=SLUG)
    recommends: list[RecommendationInput] = strawberry.field(description="What is better known before.")

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        return ChangeTopic(self.slug, changes("topic", given(recommends=self.recommends)))


@strawberry.input(description="All resources of a topic, in place of the former ones.")
class SetResourcesInput(ContentInput):
    """Input of setResources."""

    slug: str = strawberry.field(description=SLUG)
    resources: list[ResourceInput] = strawberry.field(description="Each address once, the best first.")

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        return ChangeTopic(self.slug, changes("topic", given(resources=self.resources)))


@strawberry.input(description="All tags of a topic, in place of the former ones.")
class SetTagsInput(ContentInput):
    """Input of setTags."""

    slug: str = strawberry.field(description=SLUG)
    tags: list[str] = strawberry.field(description="Keywords, each once.")

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        return ChangeTopic(self.slug, changes("topic", given(tags=self.tags)))


@strawberry.input(
    description="Another slug. The former one stays an alias: links, files and progress survive."
)
class RenameTopicInput(ContentInput):
    """Input of renameTopic."""

    slug: str = strawberry.field(description=SLUG)
    to: str = strawberry.field(description="The new slug.")

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        return RenameTopic(self.slug, new_slug(self.to, "to"))


@strawberry.input(
    description="Two topics become one. It keeps the words of `into`, has what both require and are learned"
    " from, and is known by whoever knows either."
)
class MergeTopicsInput(ContentInput):
    """Input of mergeTopics."""

    slug: str = strawberry.field(description="The topic that goes; its slug becomes an alias.")
    into: str = strawberry.field(description="The topic that stays.")

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        return MergeTopics(self.slug, self.into)


@strawberry.input(description="A topic that is to go, out of every roadmap too.")
class DeleteTopicInput(ContentInput):
    """Input of deleteTopic."""

    slug: str = strawberry.field(description=SLUG)
    detach: bool = strawberry.field(
        default=False,
        description="Take it out of what requires it; without this, such a topic is not deleted.",
    )

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        return DeleteTopic(self.slug, self.detach)


async def _written(info: Info, input: ContentInput, slug: str) -> TopicPayload:
    outcome = await made(info, input)
    return TopicPayload(revision=outcome.revision, user_errors=outcome.user_errors, slug=slug)


@strawberry.type
class TopicMutations:
    """The part of the mutation root that is about topics."""

    @strawberry.mutation(description="Create a topic.", directives=[Cost(weight=50)])
    async def create_topic(self, info: Info, input: Given[CreateTopicInput]) -> TopicPayload:
        """One edit."""
        return await _written(info, input, input.slug)

    @strawberry.mutation(
        description="Change a topic's title, summary or hours.", directives=[Cost(weight=50)]
    )
    async def update_topic(self, info: Info, input: Given[UpdateTopicInput]) -> TopicPayload:
        """One edit."""
        return await _written(info, input, input.slug)

    @strawberry.mutation(description="Set what a topic requires.", directives=[Cost(weight=50)])
    async def set_requirements(self, info: Info, input: Given[SetRequirementsInput]) -> TopicPayload:
        """One edit."""
        return await _written(info, input, input.slug)

    @strawberry.mutation(description="Set what is recommended before a topic.", directives=[Cost(weight=50)])
    async def set_recommendations(self, info: Info, input: Given[SetRecommendationsInput]) -> TopicPayload:
        """One edit."""
        return await _written(info, input, input.slug)

    @strawberry.mutation(description="Set what a topic is learned from.", directives=[Cost(weight=50)])
    async def set_resources(self, info: Info, input: Given[SetResourcesInput]) -> TopicPayload:
        """One edit."""
        return await _written(info, input, input.slug)

    @strawberry.mutation(description="Set a topic's tags.", directives=[Cost(weight=50)])
    async def set_tags(self, info: Info, input: Given[SetTagsInput]) -> TopicPayload:
        """One edit."""
        return await _written(info, input, input.slug)

    @strawberry.mutation(
        description="Give a topic another slug, wherever it is named.", directives=[Cost(weight=50)]
    )
    async def rename_topic(self, info: Info, input: Given[RenameTopicInput]) -> TopicPayload:
        """One edit."""
        return await _written(info, input, input.slug)

    @strawberry.mutation(description="Make one topic of two.", directives=[Cost(weight=50)])
    async def merge_topics(self, info: Info, input: Given[MergeTopicsInput]) -> TopicPayload:
        """One edit."""
        return await _written(info, input, input.into)

    @strawberry.mutation(description="Delete a topic.", directives=[Cost(weight=50)])
    async def delete_topic(self, info: Info, input: Given[DeleteTopicInput]) -> DeletePayload:
        """One edit."""
        return deleted(await made(info, input), input.slug)
