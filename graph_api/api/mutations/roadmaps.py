"""Writes of roadmaps and of the order in them."""

from __future__ import annotations

import strawberry
from strawberry import UNSET

from graph_api.api.context import Info
from graph_api.api.cost import Cost
from graph_api.api.mutations.inputs import SLUG, ContentInput, Given, changes, given, new_slug
from graph_api.api.mutations.outcome import ContentPayload, DeletePayload, deleted, made
from graph_api.api.roadmap import Roadmap
from graph_api.api.soon import then
from graph_api.formats.roadmap1 import values
from graph_api.knowledge.edit import (
    ChangeRoadmap,
    CreateRoadmap,
    DeleteRoadmap,
    Edit,
    OrderSections,
    RenameRoadmap,
)


@strawberry.type(description="A roadmap after a write.")
class RoadmapPayload(ContentPayload):
    """A payload with a roadmap."""

    slug: strawberry.Private[str]

    @strawberry.field(description="The roadmap as it is now; null when there is none of this slug.")
    def roadmap(self, info: Info) -> Roadmap | None:
        """One load. Where that fails, the rest of the payload still tells that the write was made."""
        found = info.context.load.roadmap_by_slug.get(self.slug)
        return then(found, lambda found: None if found is None else Roadmap.of(found))


@strawberry.input(description="A new roadmap, without sections.")
class CreateRoadmapInput(ContentInput):
    """Input of createRoadmap."""

    slug: str = strawberry.field(description="Lower-case letters and digits, with single hyphens between.")
    title: str = strawberry.field(description="What it is called.")
    summary: str = strawberry.field(default="", description="What it leads to.")
    language: str = strawberry.field(default="en", description="The language of its texts, a BCP 47 tag.")

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        names = ("slug", "title", "summary", "language")
        return CreateRoadmap(values.roadmap(given(**{name: getattr(self, name) for name in names})))


@strawberry.input(description="Other values for some of a roadmap's attributes; what is left out stays.")
class UpdateRoadmapInput(ContentInput):
    """Input of updateRoadmap."""

    slug: str = strawberry.field(description=SLUG)
    title: str | None = strawberry.field(default=UNSET, description="What it is called.")
    summary: str | None = strawberry.field(default=UNSET, description="What it leads to.")
    language: str | None = strawberry.field(
        default=UNSET, description="The language of its texts, a BCP 47 tag."
    )

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        fields = given(title=self.title, summary=self.summary, language=self.language)
        return ChangeRoadmap(self.slug, changes("roadmap", fields))


@strawberry.input(description="Another slug. The former one stays an alias, so that links and files survive.")
class RenameRoadmapInput(ContentInput):
    """Input of renameRoadmap."""

    slug: str = strawberry.field(description=SLUG)
    to: str = strawberry.field(description="The new slug.")

    def edit(self) -> Edit:
        """The edit. Raises InvalidValues."""
        return RenameRoadmap(self.slug, new_slug(self.to, "to"))


@strawberry.input(description="Another order of all sections of a roadmap.")
class ReorderSectionsInput(ContentInput):
    """Input of reorderSections."""

    roadmap: str = strawberry.field(description="The slug of the roadmap.")
    order: list[str] = strawberry.field(description="The slugs of all its sections, each once.")

    def edit(self) -> Edit:
        """The edit."""
        return OrderSections(self.roadmap, tuple(self.order))


@strawberry.input(description="A roadmap that is to go with its sections. Its topics stay: they are shared.")
class DeleteRoadmapInput(ContentInput):
    """Input of deleteRoadmap."""

    slug: str = strawberry.field(description=SLUG)

    def edit(self) -> Edit:
        """The edit."""
        return DeleteRoadmap(self.slug)


async def roadmap_written(info: Info, input: ContentInput, slug: str) -> RoadmapPayload:
    """Make the edit of an input; `slug` is that of the roadmap that it is about."""
    outcome = await made(info, input)
    return RoadmapPayload(revision=outcome.revision, user_errors=outcome.user_errors, slug=slug)


@strawberry.type
class RoadmapMutations:
    """The part of the mutation root that is about roadmaps."""

    @strawberry.mutation(description="Create a roadmap.", directives=[Cost(weight=50)])
    async def create_roadmap(self, info: Info, input: Given[CreateRoadmapInput]) -> RoadmapPayload:
        """One edit."""
        return await roadmap_written(info, input, input.slug)

    @strawberry.mutation(
        description="Change a roadmap's title, summary or language.", directives=[Cost(weight=50)]
    )
    async def update_roadmap(self, info: Info, input: Given[UpdateRoadmapInput]) -> RoadmapPayload:
        """One edit."""
        return await roadmap_written(info, input, input.slug)

    @strawberry.mutation(description="Give a roadmap another slug.", directives=[Cost(weight=50)])
    async def rename_roadmap(self, info: Info, input: Given[RenameRoadmapInput]) -> RoadmapPayload:
        """One edit."""
        return await roadmap_written(info, input, input.slug)

    @strawberry.mutation(
        description="Put the sections of a roadmap in another order.", directives=[Cost(weight=50)]
    )
    async def reorder_sections(self, info: Info, input: Given[ReorderSectionsInput]) -> RoadmapPayload:
        """One edit."""
        return await roadmap_written(info, input, input.roadmap)

    @strawberry.mutation(description="Delete a roadmap.", directives=[Cost(weight=50)])
    async def delete_roadmap(self, info: Info, input: Given[DeleteRoadmapInput]) -> DeletePayload:
        """One edit."""
        return deleted(await made(info, input), input.slug)
