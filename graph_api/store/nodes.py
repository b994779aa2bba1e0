"""What a read gives: the graph's nodes and places as frozen values, with the ids that they have there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

NodeKind: TypeAlias = Literal["Roadmap", "Section", "Topic"]


@dataclass(frozen=True, slots=True)
class RoadmapNode:
    """A roadmap, without its sections."""

    id: str
    slug: str
    title: str
    summary: str
    language: str


@dataclass(frozen=True, slots=True)
class SectionNode:
    """A section and its place in its roadmap, without its topics."""

    id: str
    slug: str
    title: str
    summary: str
    optional: bool
    position: int
    roadmap_id: str


@dataclass(frozen=True, slots=True)
class ResourceNode:
    """Something to learn a topic from."""

    url: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class TopicNode:
    """A topic, without what it is connected to. `hours` is None where nobody has estimated them."""

    id: str
    slug: str
    title: str
    summary: str
    hours: float | None
    tags: list[str]


@dataclass(frozen=True, slots=True)
class PlacedTopic:
    """A topic in a section; `place` orders it among all that were asked for."""

    topic: TopicNode
    section_id: str
    position: int
    place: int
    optional: bool


@dataclass(frozen=True, slots=True)
class PlacementNode:
    """Where a topic stands; optional when the placement or its section is."""

    roadmap_id: str
    section_id: str
    position: int
    optional: bool


@dataclass(frozen=True, slots=True)
class RequirementNode:
    """One group of requirements: at least `need` of the topics `of`."""

    need: int
    of: tuple[TopicNode, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class RecommendationNode:
    """A topic that is better learned before, and why."""

    topic: TopicNode
    reason: str


@dataclass(frozen=True, slots=True)
class Match:
    """A node that a search found, and how well it fits (a higher score is better)."""

    kind: NodeKind
    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the graph holds, at a revision of its content."""

    revision: int
    roadmaps: int
    sections: int
    topics: int
    requirements: int
    resources: int
