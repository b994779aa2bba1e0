"""Two states of a roadmap beside each other, and what the difference means to a learner."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

import strawberry

from graph_api.api.context import Context, Info
from graph_api.api.cost import Cost
from graph_api.api.diff_parts import (
    DiffName,
    FieldDiff,
    PlacementDiff,
    RecommendationDiff,
    RequirementDiff,
    RoadmapEffects,
    SectionDiff,
    TopicDiff,
)
from graph_api.api.viewer import Role
from graph_api.errors import BadInput
from graph_api.knowledge import comparison
from graph_api.knowledge.comparison import Side
from graph_api.store.learners import Status
from graph_api.store.past import side_of

_MOST_SLUGS: Final = 10_000

FromRevision: TypeAlias = Annotated[
    int, strawberry.argument(name="from", description="The revision of the content to compare with.")
]
ToRevision: TypeAlias = Annotated[
    int | None, strawberry.argument(description="The revision to look at; that of now if left out.")
]
KnownThroughout: TypeAlias = Annotated[
    list[str],
    strawberry.argument(
        description="Slugs of the topics that the learner knows, of any time. Without any, what the viewer"
        " has recorded counts."
    ),
]
ToOptional: TypeAlias = Annotated[
    bool, strawberry.argument(description="Lead the paths of the effects to optional topics too.")
]


@dataclass(frozen=True, slots=True)
class Learns:
    """Whom a difference has its effects on: what they know and skip, and whether optional topics count."""

    known: Sequence[str] = ()
    skipped: Sequence[str] = ()
    include_optional: bool = False

    @classmethod
    async def of(cls, context: Context, known: Sequence[str], *, include_optional: bool) -> Learns:
        """Who knows these topics, or the viewer without any. Raises BadInput for too many."""
        if len(known) > _MOST_SLUGS:
            raise BadInput(f"known may name {_MOST_SLUGS} topics, not more.")
        viewer = context.viewer
        if known or viewer is None or not viewer.may(Role.LEARNER):
            return cls(known, include_optional=include_optional)
        recorded = await context.learner()
        return cls(recorded.of(Status.KNOWN), recorded.of(Status.SKIPPED), include_optional)

    def effects(self, before: Side, after: Side) -> comparison.Effects:
        """What the difference between two sides means to them. Raises UnknownSlugs."""
        return comparison.effects(
            before, after, self.known, skipped=self.skipped, include_optional=self.include_optional
        )

    def there(self, before: Side, after: Side) -> Learns:
        """The same without topics that are on neither side, as what was recorded later is not."""

        def kept(slugs: Sequence[str]) -> list[str]:
            return [slug for slug in slugs if before.find(slug) or after.find(slug)]

        return Learns(kept(self.known), kept(self.skipped), self.include_optional)


@strawberry.type(
    description="What differs between two states of a roadmap: of it, and of the topics that it places or"
    " rests on. Topics, sections and the roadmap itself are followed through other slugs."
)
class RoadmapDiff:
    """A difference."""

    sides: strawberry.Private[tuple[Side, Side]]
    learner: strawberry.Private[Learns]
    before: DiffName | None = strawberry.field(description="The roadmap before; null where it was not there.")
    after: DiffName | None = strawberry.field(description="The roadmap afterwards; null where it is gone.")
    empty: bool = strawberry.field(description="Whether nothing differs.")
    fields: list[FieldDiff] = strawberry.field(description="What the roadmap itself says otherwise.")
    sections: list[SectionDiff] = strawberry.field(
        description="Sections that are new, changed or moved, in order, and then those that are gone."
    )
    placements: list[PlacementDiff] = strawberry.field(
        description="Placements that are new, changed or moved, in order, and then those that are gone."
    )
    topics: list[TopicDiff] = strawberry.field(
        description="Topics that are new to the roadmap or changed, by slug, and then those that are gone."
    )
    requirements: list[RequirementDiff] = strawberry.field(
        description="What its topics require otherwise, topic by topic."
    )
    recommendations: list[RecommendationDiff] = strawberry.field(
        description="What is recommended before its topics otherwise, topic by topic."
    )

    @strawberry.field(description="What that means to the learner.", directives=[Cost(weight=50)])
    async def effects(self, info: Info) -> RoadmapEffects:
        """One pure call."""
        return RoadmapEffects.of(await info.context.compute(lambda: self.learner.effects(*self.sides)))

    @classmethod
    async def between(
        cls, context: Context, before: Side, after: Side, *, learner: Learns | None = None
    ) -> RoadmapDiff:
        """The difference between two sides, compared off the event loop."""
        diff = await context.compute(lambda: comparison.compare(before, after))
        return cls(
            sides=(before, after),
            learner=learner or Learns(),
            before=DiffName.maybe(diff.before),
            after=DiffName.maybe(diff.after),
            empty=diff.empty,
            fields=FieldDiff.all(diff.fields),
            sections=list(map(SectionDiff.of, diff.sections)),
            placements=list(map(PlacementDiff.of, diff.placements)),
            topics=list(map(TopicDiff.of, diff.topics)),
            requirements=[RequirementDiff.of(before, after, one) for one in diff.requirements],
            recommendations=[RecommendationDiff.of(before, after, one) for one in diff.recommendations],
        )


async def roadmap_diff(
    context: Context,
    slug: str,
    from_revision: int,
    to_revision: int | None,
    *,
    known: Sequence[str],
    include_optional: bool,
) -> RoadmapDiff | None:
    """The difference of a roadmap between two revisions; None when neither has it. Raises as `Archive.at`."""
    learner = await Learns.of(context, known, include_optional=include_optional)
    now = to_revision if to_revision is not None else (await context.structure()).revision
    before, _ = await context.archive.at(from_revision)
    after, names = await context.archive.at(now)
    key = after.roadmap_key(slug, names) or before.roadmap_key(slug, names)
    if key is None:
        return None
    sides = await asyncio.to_thread(lambda: (side_of(before, names, key), side_of(after, names, key)))
    if not known:
        learner = learner.there(*sides)
    return await RoadmapDiff.between(context, *sides, learner=learner)
