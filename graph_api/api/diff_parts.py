"""The parts of a difference between two states of a roadmap, and its effects on a learner."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import strawberry

from graph_api.knowledge import comparison
from graph_api.knowledge.comparison import Side
from graph_api.knowledge.model import Requirement as Group


@strawberry.enum(description="What became of something.")
class DiffKind(Enum):
    """The kinds of `comparison.Differs`."""

    ADDED = strawberry.enum_value("added", description="It is there afterwards, and was not before.")
    REMOVED = strawberry.enum_value("removed", description="It was there before, and is not afterwards.")
    CHANGED = strawberry.enum_value("changed", description="It is there on both sides, and not the same.")


@strawberry.type(description="The name of something that may not be there any more, or not yet.")
class DiffName:
    """A name."""

    slug: str = strawberry.field(description="Its slug.")
    title: str = strawberry.field(description="What it is called.")

    @classmethod
    def of(cls, named: comparison.Named) -> DiffName:
        """The name of a comparison."""
        return cls(slug=named.slug, title=named.title)

    @classmethod
    def maybe(cls, named: comparison.Named | None) -> DiffName | None:
        """The name, if there is one."""
        return None if named is None else cls.of(named)

    @classmethod
    def on(cls, side: Side, slug: str) -> DiffName:
        """The name of a topic on a side; a topic that nothing defines is called as its slug."""
        topic = side.topics.get(slug)
        return cls(slug=slug, title=slug if topic is None else topic.title)


@strawberry.type(description="A field that says something else.")
class FieldDiff:
    """Another value."""

    field: str = strawberry.field(description="Its name, as in the type that has it.")
    before: list[str] = strawberry.field(
        description="What it said, as texts: none for an empty value, several for tags and resources."
    )
    after: list[str] = strawberry.field(description="What it says, in the same way.")

    @classmethod
    def all(cls, changes: Sequence[comparison.FieldChange]) -> list[FieldDiff]:
        """The changes of a comparison."""
        return [cls(field=one.field, before=list(one.before), after=list(one.after)) for one in changes]


@strawberry.type(description="A section that is new, gone, moved, or says something else.")
class SectionDiff:
    """A section."""

    kind: DiffKind = strawberry.field(description="What became of it.")
    section: DiffName = strawberry.field(description="The section.")
    position_before: int | None = strawberry.field(description="Place in the roadmap before, from 0.")
    position_after: int | None = strawberry.field(description="Place in the roadmap afterwards, from 0.")
    moved: bool = strawberry.field(description="Whether it was moved among those that stay.")
    fields: list[FieldDiff] = strawberry.field(description="What it says otherwise.")

    @classmethod
    def of(cls, change: comparison.SectionChange) -> SectionDiff:
        """The change of a comparison."""
        return cls(
            kind=DiffKind(change.kind),
            section=DiffName.of(change.section),
            position_before=change.before,
            position_after=change.after,
            moved=change.moved,
            fields=FieldDiff.all(change.fields),
        )


@strawberry.type(description="A place of a topic in a roadmap.")
class DiffPlace:
    """A place."""

    section: str = strawberry.field(description="The section's slug.")
    position: int = strawberry.field(description="Place in the section, from 0.")
    optional: bool = strawberry.field(description="Whether the placement itself is optional.")

    @classmethod
    def maybe(cls, place: comparison.Place | None) -> DiffPlace | None:
        """The place of a comparison, if there is one."""
        if place is None:
            return None
        return cls(section=place.section, position=place.position, optional=place.optional)


@strawberry.type(description="A topic that was placed, taken out, moved, or made optional or required.")
class PlacementDiff:
    """A placement."""

    kind: DiffKind = strawberry.field(description="What became of the placement.")
    topic: DiffName = strawberry.field(description="The topic.")
    before: DiffPlace | None = strawberry.field(description="Its place before.")
    after: DiffPlace | None = strawberry.field(description="Its place afterwards.")
    moved: bool = strawberry.field(
        description="Whether it went to another section, or was moved among those that stay in its own."
    )

    @classmethod
    def of(cls, change: comparison.PlacementChange) -> PlacementDiff:
        """The change of a comparison."""
        return cls(
            kind=DiffKind(change.kind),
            topic=DiffName.of(change.topic),
            before=DiffPlace.maybe(change.before),
            after=DiffPlace.maybe(change.after),
            moved=change.moved,
        )


@strawberry.type(
    description="A topic that the roadmap places or rests on at one time only, or that says something else."
)
class TopicDiff:
    """A topic."""

    kind: DiffKind = strawberry.field(description="What became of it, as the roadmap sees it.")
    topic: DiffName = strawberry.field(description="The topic.")
    fields: list[FieldDiff] = strawberry.field(description="What it says otherwise.")

    @classmethod
    def of(cls, change: comparison.TopicChange) -> TopicDiff:
        """The change of a comparison."""
        return cls(
            kind=DiffKind(change.kind),
            topic=DiffName.of(change.topic),
            fields=FieldDiff.all(change.fields),
        )


@strawberry.type(description="A requirement as it is on one side: at least `need` of the topics `of`.")
class DiffRequirement:
    """A group."""

    need: int = strawberry.field(description="How many of them are enough.")
    of: list[DiffName] = strawberry.field(description="The topics that count, by slug.")
    reason: str = strawberry.field(description="Why, in one sentence; may be empty.")

    @classmethod
    def maybe(cls, side: Side, group: Group | None) -> DiffRequirement | None:
        """The group of a side, if there is one."""
        if group is None:
            return None
        of = [DiffName.on(side, slug) for slug in group.of]
        return cls(need=group.need, of=of, reason=group.reason)


@strawberry.type(
    description="A requirement of a topic that is new or gone, or whose need or reason is another one. One"
    " with other topics is another requirement."
)
class RequirementDiff:
    """A group of requirements."""

    kind: DiffKind = strawberry.field(description="What became of it.")
    topic: DiffName = strawberry.field(description="The topic that has it.")
    before: DiffRequirement | None = strawberry.field(description="It before.")
    after: DiffRequirement | None = strawberry.field(description="It afterwards.")

    @classmethod
    def of(cls, before: Side, after: Side, change: comparison.RequirementChange) -> RequirementDiff:
        """The change of a comparison of these sides."""
        return cls(
            kind=DiffKind(change.kind),
            topic=DiffName.of(change.topic),
            before=DiffRequirement.maybe(before, change.before),
            after=DiffRequirement.maybe(after, change.after),
        )


@strawberry.type(description="A recommendation that is new or gone, or whose reason is another one.")
class RecommendationDiff:
    """A recommendation."""

    kind: DiffKind = strawberry.field(description="What became of it.")
    topic: DiffName = strawberry.field(description="The topic that has it.")
    recommended: DiffName = strawberry.field(description="The topic that is better learned before.")
    reason_before: str | None = strawberry.field(
        description="Its reason before; null where it was not there."
    )
    reason_after: str | None = strawberry.field(description="Its reason afterwards; null where it is gone.")

    @classmethod
    def of(cls, before: Side, after: Side, change: comparison.RecommendationChange) -> RecommendationDiff:
        """The change of a comparison of these sides."""
        old, new = change.before, change.after
        names = [DiffName.on(side, one.topic) for side, one in ((after, new), (before, old)) if one]
        return cls(
            kind=DiffKind(change.kind),
            topic=DiffName.of(change.topic),
            recommended=names[0],
            reason_before=None if old is None else old.reason,
            reason_after=None if new is None else new.reason,
        )


@strawberry.type(description="The hours of the cheapest path to a roadmap's topics.")
class PathEffort:
    """An effort, with its proof."""

    hours: float = strawberry.field(description="Hours of all its topics together.")
    lower_bound_hours: float = strawberry.field(description="Proven: no path takes fewer hours.")
    optimal: bool = strawberry.field(description="Whether the hours are the lower bound.")

    @classmethod
    def maybe(cls, found: comparison.PathHours | None) -> PathEffort | None:
        """The effort that the engine found, if there is a path."""
        if found is None:
            return None
        return cls(hours=found.hours, lower_bound_hours=found.lower_bound, optimal=found.optimal)


@strawberry.type(description="What a difference means to someone who knows some topics.")
class RoadmapEffects:
    """Effects on a learner."""

    newly_ready: list[DiffName] = strawberry.field(
        description="Topics of the roadmap that are ready afterwards, and were not before or were not there."
    )
    newly_blocked: list[DiffName] = strawberry.field(
        description="Topics of the roadmap that were ready before, and wait for others now."
    )
    path_before: PathEffort | None = strawberry.field(
        description="The way to the roadmap's required topics before; null where there was none."
    )
    path_after: PathEffort | None = strawberry.field(
        description="The way to the roadmap's required topics afterwards; null where there is none."
    )
    vanished: list[DiffName] = strawberry.field(
        description="Known topics that are not in the graph any more, not under another name either."
    )

    @classmethod
    def of(cls, found: comparison.Effects) -> RoadmapEffects:
        """The effects that the engine found."""
        return cls(
            newly_ready=list(map(DiffName.of, found.newly_ready)),
            newly_blocked=list(map(DiffName.of, found.newly_blocked)),
            path_before=PathEffort.maybe(found.before),
            path_after=PathEffort.maybe(found.after),
            vanished=list(map(DiffName.of, found.vanished)),
        )
