"""Writes of sections and of the order in them."""

from __future__ import annotations

import strawberry
from strawberry import UNSET

from graph_api.api.context import Info
from graph_api.api.cost import Cost
from graph_api.api.mutations.inputs import SLUG, ContentInput, Given, changes, given, new_slug
from graph_api.api.mutations.outcome import DeletePayload, deleted, made
from graph_api.api.mutations.roadmaps import RoadmapPayload, roadmap_written
from graph_api.formats.roadmap1 import values
from graph_api.knowledge.edit import (
    ChangeSection,
    CreateSection,
    DeleteSection,
    Edit,
    OrderTopics,
    RenameSection,
)

ROADMAP = "The slug of its roadmap."


@strawberry.input(description="A new section, without topics.")
class CreateSectionInput(ContentInput):
    """Input of createSection."""

    roadmap: str = strawberry.field(description=ROADMAP)
    slug: str = strawberry.field(description="Names it within its roadmap.")
    title: str = strawberry.field(description="What it is called.")
    summary: str = strawberry.field(default="", description="What it is about.")
    optional: bool = strawberry.field(
        default=False, description="Whether the roadmap may be walked without it."
    )
    position: int | None = strawberry.field(default=None, description="Place from 0; the last if left out.")

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        names = ("slug", "title", "summary", "optional")
        section = values.section(given(**{name: getattr(self, name) for name in names}))
        return CreateSection(self.roadmap, section, self.position)


@strawberry.input(description="Other values for some of a section's attributes; what is left out stays.")
class UpdateSectionInput(ContentInput):
    """Input of updateSection."""

    roadmap: str = strawberry.field(description=ROADMAP)
    slug: str = strawberry.field(description=SLUG)
    title: str | None = strawberry.field(default=UNSET, description="What it is called.")
    summary: str | None = strawberry.field(default=UNSET, description="What it is about.")
    optional: bool | None = strawberry.field(
        default=UNSET, description="Whether the roadmap may be walked without it."
    )

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        fields = given(title=self.title, summary=self.summary, optional=self.optional)
        return ChangeSection(self.roadmap, self.slug, changes("section", fields))


@strawberry.input(description="Another slug. The former one stays an alias.")
class RenameSectionInput(ContentInput):
    """Input of renameSection."""

    roadmap: str = strawberry.field(description=ROADMAP)
    slug: str = strawberry.field(description=SLUG)
    to: str = strawberry.field(description="The new slug.")

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        return RenameSection(self.roadmap, self.slug, new_slug(self.to, "to"))


@strawberry.input(description="Another order of all topics of a section.")
class ReorderTopicsInput(ContentInput):
    """Input of reorderTopics."""

    roadmap: str = strawberry.field(description=ROADMAP)
    section: str = strawberry.field(description="The slug of the section.")
    order: list[str] = strawberry.field(description="The slugs of all its topics, each once.")

    def edit(self) -> Edit:
        """The edit."""
        return OrderTopics(self.roadmap, self.section, tuple(self.order))


@strawberry.input(description="A section that is to go.")
class DeleteSectionInput(ContentInput):
    """Input of deleteSection."""

    roadmap: str = strawberry.field(description=ROADMAP)
    slug: str = strawberry.field(description=SLUG)
    detach: bool = strawberry.field(
        default=False,
        description="Take its topics out of the roadmap; without this, a section with topics is not deleted.",
    )

    def edit(self) -> Edit:
        """The edit."""
        return DeleteSection(self.roadmap, self.slug, self.detach)


@strawberry.type
class SectionMutations:
    """The part of the mutation root that is about sections."""

    @strawberry.mutation(description="Create a section.", directives=[Cost(weight=50)])
    async def create_section(self, info: Info, input: Given[CreateSectionInput]) -> RoadmapPayload:
        """One edit."""
        return await roadmap_written(info, input, input.roadmap)

    @strawberry.mutation(
        description="Change a section's title, summary or being optional.", directives=[Cost(weight=50)]
    )
    async def update_section(self, info: Info, input: Given[UpdateSectionInput]) -> RoadmapPayload:
        """One edit."""
        return await roadmap_written(info, input, input.roadmap)

    @strawberry.mutation(
        description="Give a section another slug within its roadmap.", directives=[Cost(weight=50)]
    )
    async def rename_section(self, info: Info, input: Given[RenameSectionInput]) -> RoadmapPayload:
        """One edit."""
        return await roadmap_written(info, input, input.roadmap)

    @strawberry.mutation(
        description="Put the topics of a section in another order.", directives=[Cost(weight=50)]
    )
    async def reorder_topics(self, info: Info, input: Given[ReorderTopicsInput]) -> RoadmapPayload:
        """One edit."""
        return await roadmap_written(info, input, input.roadmap)

    @strawberry.mutation(description="Delete a section.", directives=[Cost(weight=50)])
    async def delete_section(self, info: Info, input: Given[DeleteSectionInput]) -> DeletePayload:
        """One edit."""
        return deleted(await made(info, input), input.slug)
