"""What can be read by key, now or then: each read gives the values of keys, and reads nothing for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    """A graph of some revision. A read gives values in the order of its keys, None where there is nothing."""

    def roadmap_by_slug(self, slugs: Sequence[str], lacks: Lacks, /) -> list[RoadmapNode | None]:
        """Roadmaps by slug, also by a former one."""

    def roadmap_by_id(self, keys: Sequence[str], lacks: Lacks, /) -> list[RoadmapNode | None]:
        """Roadmaps by id."""

    def section_by_id(self, keys: Sequence[str], lacks: Lacks, /) -> list[SectionNode | None]:
        """Sections by id."""

    def topic_by_slug(self, slugs: Sequence[str], lacks: Lacks, /) -> list[TopicNode | None]:
        """Topics by slug, also by a former one."""

    def neighbour_by_slug(self, slugs: Sequence[str], lacks: Lacks, /) -> list[TopicNode | None]:
        """The same of topics to which an edge of a topic has led."""

    def topic_by_id(self, keys: Sequence[str], lacks: Lacks, /) -> list[TopicNode | None]:
        """Topics by id."""

    def content_by_slug(self, slugs: Sequence[str], lacks: Lacks, /) -> list[Topic | None]:
        """Topics as their authors wrote them, by their slugs of that time."""

    def sections_by_roadmap(self, keys: Sequence[str], lacks: Lacks, /) -> list[list[SectionNode] | None]:
        """All sections of roadmaps, in order."""

    def requirements_by_topic(
        self, keys: Sequence[str], lacks: Lacks, /
    ) -> list[list[RequirementNode] | None]:
        """All requirements of topics."""

    def recommendations_by_topic(
        self, keys: Sequence[str], lacks: Lacks, /
    ) -> list[list[RecommendationNode] | None]:
        """What is recommended before topics, by slug."""

    def resources_by_topic(self, keys: Sequence[str], lacks: Lacks, /) -> list[list[ResourceNode] | None]:
        """What topics are learned from, in order."""

    def placements_by_topic(self, keys: Sequence[str], lacks: Lacks, /) -> list[list[PlacementNode] | None]:
        """Where topics stand, by the roadmap's slug."""

    def topics_by_section(self, asked: Sequence[Paged], lacks: Lacks, /) -> list[Slice[PlacedTopic] | None]:
        """Pages of the topics of sections."""

    def topics_by_roadmap(
        self, asked: Sequence[RoadmapTopics], lacks: Lacks, /
    ) -> list[Slice[PlacedTopic] | None]:
        """Pages of the topics of roadmaps: only optional ones, or not, or all."""

    def topic_count_by_section(self, keys: Sequence[str], lacks: Lacks, /) -> list[int | None]:
        """How many topics sections have."""

    def topic_count_by_roadmap(
        self, asked: Sequence[tuple[str, bool | None]], lacks: Lacks, /
    ) -> list[int | None]:
        """How many topics roadmaps have: only optional ones, or not, or all."""


Read: TypeAlias = Callable[[KeyedReader], Callable[[Sequence[K], Lacks], Sequence[V | None]]]
"""One of the reads of any reader."""
