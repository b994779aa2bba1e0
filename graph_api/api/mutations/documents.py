"""Whole roadmap files, written as one change."""

from __future__ import annotations

from typing import Final

import strawberry

from graph_api.api.context import Info
from graph_api.api.cost import Cost
from graph_api.api.difference import KnownThroughout, Learns, RoadmapDiff, ToOptional
from graph_api.api.mutations.inputs import Given
from graph_api.api.mutations.outcome import ContentPayload, Outcome, attempt
from graph_api.api.roadmap import Roadmap
from graph_api.errors import InvalidDocument
from graph_api.formats import roadmap1
from graph_api.knowledge.change import Change, Difference
from graph_api.knowledge.comparison import sides
from graph_api.store.writer import Writing, Written

NAME: Final = "document"


@strawberry.input(description="A roadmap file of the format roadmap/1, as text.")
class ApplyRoadmapInput:
    """Input of applyRoadmap."""

    document: str = strawberry.field(description="The file, YAML or JSON.")
    prune: bool = strawberry.field(
        default=False, description="Remove what the file no longer names; without this it stays."
    )
    dry_run: bool = strawberry.field(
        default=False, description="Check everything and say what would change, and write nothing."
    )
    expected_revision: int | None = strawberry.field(
        default=None,
        description="The revision that the change is made for; another current one is a CONFLICT."
        " Any will do if left out.",
    )


@strawberry.type(description="Slugs of what a change creates, changes and removes, each sorted.")
class ChangedSlugs:
    """A difference."""

    created: list[str] = strawberry.field(description="New ones.")
    changed: list[str] = strawberry.field(description="Those that are not what they were.")
    removed: list[str] = strawberry.field(description="Those that are gone.")

    @classmethod
    def of(cls, difference: Difference) -> ChangedSlugs:
        """A difference as a change has it."""
        return cls(
            created=[*difference.created], changed=[*difference.changed], removed=[*difference.removed]
        )


@strawberry.type(description="What a whole document changes, or would change.")
class ApplyRoadmapPayload(ContentPayload):
    """A payload with a roadmap and the change."""

    slug: strawberry.Private[str | None]
    change: strawberry.Private[Change | None]

    @strawberry.field(description="The roadmap as it is now; null when there is none.")
    async def roadmap(self, info: Info) -> Roadmap | None:
        """One load."""
        found = None if self.slug is None else await info.context.load.roadmap_by_slug.load(self.slug)
        return None if found is None else Roadmap.of(found)

    @strawberry.field(description="The change in one sentence; null when it was refused.")
    async def summary(self) -> str | None:
        """Counted by the change."""
        return None if self.change is None else self.change.summary()

    @strawberry.field(description="Topics that differ.")
    async def topics(self) -> ChangedSlugs:
        """Said by the change."""
        return ChangedSlugs.of(Difference() if self.change is None else self.change.topics)

    @strawberry.field(description="Roadmaps that differ.")
    async def roadmaps(self) -> ChangedSlugs:
        """Said by the change."""
        return ChangedSlugs.of(Difference() if self.change is None else self.change.roadmaps)

    @strawberry.field(
        description="What the file no longer names, in sentences: removed with `prune`, kept without."
    )
    async def unnamed(self) -> list[str]:
        """Said by the change."""
        return [] if self.change is None else list(self.change.unnamed.sentences())

    @strawberry.field(
        description="What differs in the roadmap, and what that means to a learner; null when it was"
        " refused.",
        directives=[Cost(weight=50)],
    )
    async def diff(
        self,
        info: Info,
        known: KnownThroughout = (),  # type: ignore[assignment]  # GraphQL's default is an empty list
        include_optional: ToOptional = False,
    ) -> RoadmapDiff | None:
        """One pure call."""
        if self.change is None or self.slug is None:
            return None
        slug = self.change.after.aliases.roadmaps.get(self.slug, self.slug)
        learner = await Learns.of(info.context, known, include_optional=include_optional)
        return await RoadmapDiff.between(info.context, *sides(self.change, slug), learner=learner)

    @classmethod
    def of(cls, outcome: Outcome, slug: str | None) -> ApplyRoadmapPayload:
        """The payload of a write."""
        return cls(
            revision=outcome.revision, user_errors=outcome.user_errors, slug=slug, change=outcome.change
        )


@strawberry.type
class DocumentMutations:
    """The part of the mutation root that is about whole documents."""

    @strawberry.mutation(
        description="Write a whole roadmap file: all of it, or nothing.", directives=[Cost(weight=500)]
    )
    async def apply_roadmap(self, info: Info, input: Given[ApplyRoadmapInput]) -> ApplyRoadmapPayload:
        """One import."""
        slug: str | None = None

        async def work(writing: Writing) -> Written:
            nonlocal slug
            data, writer = input.document.encode(), info.context.writer
            try:
                document = await info.context.compute(lambda: roadmap1.parse(data, name=NAME))
                slug = document.roadmap.slug
                return await writer.import_documents([document], writing=writing, prune=input.prune)
            except InvalidDocument as error:
                raise error.at(NAME) from None

        outcome = await attempt(info, work, input.expected_revision, dry_run=input.dry_run)
        return ApplyRoadmapPayload.of(outcome, slug)
