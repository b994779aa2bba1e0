"""The values that a comparison gives: each says what was added, removed or changed, with both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from graph_api.knowledge.model import Recommendation, Requirement, Slug

Differs: TypeAlias = Literal["added", "removed", "changed"]
Texts: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Something that has a slug and a title: of afterwards, or of before where it is gone."""

    slug: Slug
    title: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Another value of a field, as texts: none for an empty value, several for tags and resources."""

    field: str
    before: Texts
    after: Texts


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section that came, went, says something else or stands elsewhere; positions count from 0."""

    kind: Differs
    section: Named
    before: int | None
    after: int | None
    moved: bool = False
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a roadmap: the section's slug, the position there from 0, the placement's own word."""

    section: Slug
    position: int
    optional: bool


@dataclass(frozen=True, slots=True)
class PlacementChange:
    """A topic that was placed, taken out, moved, or made optional or required."""

    kind: Differs
    topic: Named
    before: Place | None
    after: Place | None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class TopicChange:
    """A topic that the roadmap places or rests on on one side only, or that says something else."""

    kind: Differs
    topic: Named
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class RequirementChange:
    """A group of requirements of a topic that came or went, or whose need or reason is another one."""

    kind: Differs
    topic: Named
    before: Requirement | None
    after: Requirement | None


@dataclass(frozen=True, slots=True)
class RecommendationChange:
    """A recommendation before a topic that came or went, or whose reason is another one."""

    kind: Differs
    topic: Named
    before: Recommendation | None
    after: Recommendation | None


@dataclass(frozen=True, slots=True)
class RoadmapDiff:
    """What differs between two states of a roadmap; `before` or `after` is None where it is not there."""

    before: Named | None
    after: Named | None
    fields: tuple[FieldChange, ...] = ()
    sections: tuple[SectionChange, ...] = ()
    placements: tuple[PlacementChange, ...] = ()
    topics: tuple[TopicChange, ...] = ()
    requirements: tuple[RequirementChange, ...] = ()
    recommendations: tuple[RecommendationChange, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        parts = (self.sections, self.placements, self.topics, self.requirements, self.recommendations)
        return (self.before is None) == (self.after is None) and not self.fields and not any(parts)
