"""What can be read by key, now or then: each read gives the value of one key, and reads nothing for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, TypeVar

from graph_api.knowledge.model import Topic
from graph_api.store.nodes import (
    PlacedTopic,
    PlacementNode,
    RecommendationNode,
    RequirementNode,
    ResourceNode,
    RoadmapNode,
    SectionNode,
    TopicNode,
)
from graph_api.store.page import Page, Slice

K = TypeVar("K")
V = TypeVar("V")

Lacks: TypeAlias = dict[str, set[str]]
"""What is not known yet: keys by table. A value is only good when nothing was lacking for it."""

Paged: TypeAlias = tuple[str, Page]
RoadmapTopics: TypeAlias = tuple[str, tuple[Page, bool | None]]


class KeyedReader(Protocol):
    """A graph of some revision. A read gives None where there is nothing of its key."""

    def roadmap_by_slug(self, slug: str, lacks: Lacks, /) -> RoadmapNode | None:
        """A roadmap by its slug, also a former one."""

    def roadmap_by_id(self, key: str, lacks: Lacks, /) -> RoadmapNode | None:
        """A roadmap by its id."""

    def section_by_id(self, key: str, lacks: Lacks, /) -> SectionNode | None:
        """A section by its id."""

    def topic_by_slug(self, slug: str, lacks: Lacks, /) -> TopicNode | None:
        """A topic by its slug, also a former one."""

    def topic_by_id(self, key: str, lacks: Lacks, /) -> TopicNode | None:
        """A topic by its id."""

    def content_by_slug(self, slug: str, lacks: Lacks, /) -> Topic | None:
        """A topic as its authors wrote it, by its slug of that time."""

    def sections_by_roadmap(self, key: str, lacks: Lacks, /) -> list[SectionNode] | None:
        """All sections of a roadmap, in order."""

    def requirements_by_topic(self, key: str, lacks: Lacks, /) -> list[RequirementNode] | None:
        """All requirements of a topic."""

    def recommendations_by_topic(self, key: str, lacks: Lacks, /) -> list[RecommendationNode] | None:
        """What is recommended before a topic, by slug."""

    def resources_by_topic(self, key: str, lacks: Lacks, /) -> list[ResourceNode] | None:
        """What a topic is learned from, in order."""

    def placements_by_topic(self, key: str, lacks: Lacks, /) -> list[PlacementNode] | None:
        """Where a topic stands, by the roadmap's slug."""

    def topics_by_section(self, asked: Paged, lacks: Lacks, /) -> Slice[PlacedTopic] | None:
        """A page of the topics of a section."""

    def topics_by_roadmap(self, asked: RoadmapTopics, lacks: Lacks, /) -> Slice[PlacedTopic] | None:
        """A page of the topics of a roadmap: only optional ones, or not, or all."""

    def topic_count_by_section(self, key: str, lacks: Lacks, /) -> int | None:
        """How many topics a section has."""

    def topic_count_by_roadmap(self, asked: tuple[str, bool | None], lacks: Lacks, /) -> int | None:
        """How many topics a roadmap has: only optional ones, or not, or all."""


Read: TypeAlias = Callable[[KeyedReader], Callable[[K, Lacks], V | None]]
"""One of the reads of any reader."""
