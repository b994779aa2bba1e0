"""Reads of the past: a KeyedReader over one revision in memory, which lacks nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graph_api.knowledge.model import Roadmap, Section, Topic
from graph_api.store.keyed import Lacks, Paged, RoadmapTopics
from graph_api.store.moment import at
from graph_api.store.nodes import (
    A_SECTION,
    PlacedTopic,
    PlacementNode,
    RecommendationNode,
    RequirementNode,
    ResourceNode,
    RoadmapNode,
    SectionNode,
    TopicNode,
)
from graph_api.store.page import Slice
from graph_api.store.past import Names, Past, section_key


@dataclass(frozen=True, eq=False)
class PastReader:
    """One revision as values. Keys are those of the present; the ids in the answers are of the past.

    The id of a node is lasting, so it is the same one then. A section goes by its roadmap's id and its
    slug of then. A slug is one of then, or else one of now, or an alias.
    """

    past: Past
    names: Names

    def roadmap_by_slug(self, slugs: Sequence[str], _: Lacks) -> list[RoadmapNode | None]:
        """Roadmaps by slug."""
        return [self._roadmap(self._roadmap_named(slug)) for slug in slugs]

    def roadmap_by_id(self, keys: Sequence[str], _: Lacks) -> list[RoadmapNode | None]:
        """Roadmaps by id."""
        return [self._roadmap(self._roadmap_of(key)) for key in keys]

    def section_by_id(self, keys: Sequence[str], _: Lacks) -> list[SectionNode | None]:
        """Sections by their keys."""
        return [None if (found := self._split(key)) is None else self._section_node(*found) for key in keys]

    def topic_by_slug(self, slugs: Sequence[str], _: Lacks) -> list[TopicNode | None]:
        """Topics by slug."""
        return [self._topic(self._topic_named(slug)) for slug in slugs]

    def neighbour_by_slug(self, slugs: Sequence[str], lacks: Lacks) -> list[TopicNode | None]:
        """Topics by slug."""
        return self.topic_by_slug(slugs, lacks)

    def topic_by_id(self, keys: Sequence[str], _: Lacks) -> list[TopicNode | None]:
        """Topics by id."""
        return [self._topic(self._topic_of(key)) for key in keys]

    def content_by_slug(self, slugs: Sequence[str], _: Lacks) -> list[Topic | None]:
        """Topics as their authors wrote them, by their slugs of then."""
        return [self.past.topics.get(slug) for slug in slugs]

    def sections_by_roadmap(self, keys: Sequence[str], _: Lacks) -> list[list[SectionNode] | None]:
        """All sections of roadmaps, in order."""
        return [[*self._sections(key)] for key in keys]

    def requirements_by_topic(self, keys: Sequence[str], _: Lacks) -> list[list[RequirementNode] | None]:
        """All requirements of topics."""
        return [[*self._requirements(key)] for key in keys]

    def recommendations_by_topic(
        self, keys: Sequence[str], _: Lacks
    ) -> list[list[RecommendationNode] | None]:
        """What is recommended before topics, by slug."""
        return [[*self._recommendations(key)] for key in keys]

    def resources_by_topic(self, keys: Sequence[str], _: Lacks) -> list[list[ResourceNode] | None]:
        """What topics are learned from, in order."""
        return [[*self._resources(key)] for key in keys]

    def placements_by_topic(self, keys: Sequence[str], _: Lacks) -> list[list[PlacementNode] | None]:
        """Where topics stand."""
        return [[*self._placements(key)] for key in keys]

    def topics_by_section(self, asked: Sequence[Paged], _: Lacks) -> list[Slice[PlacedTopic] | None]:
        """Pages of the topics of sections."""
        return [page.of_sorted([*self._placed_in_section(key)], _place) for key, page in asked]

    def topics_by_roadmap(self, asked: Sequence[RoadmapTopics], _: Lacks) -> list[Slice[PlacedTopic] | None]:
        """Pages of the topics of roadmaps: only optional ones, or not, or all."""
        return [page.of_sorted([*self._placed(key, optional)], _place) for key, (page, optional) in asked]

    def topic_count_by_section(self, keys: Sequence[str], _: Lacks) -> list[int | None]:
        """How many topics sections have."""
        return [None if (found := self._split(key)) is None else len(found[1].placements) for key in keys]

    def topic_count_by_roadmap(self, asked: Sequence[tuple[str, bool | None]], _: Lacks) -> list[int | None]:
        """How many topics roadmaps have: only optional ones, or not, or all."""
        return [len([*self._placed(*each)]) for each in asked]

    def touching(self, roadmap: str) -> list[str]:
        """The ids of the topics that a roadmap placed then."""
        found = self._roadmap_of(roadmap)
        return [] if found is None else [self.past.topic_ids[slug] for slug, _ in found.placed()]

    def _at(self, key: str) -> str:
        return at(key, self.past.revision)

    def _roadmap_of(self, key: str) -> Roadmap | None:
        slug = self.past.roadmap_slugs.get(key)
        return None if slug is None else self.past.roadmaps[slug]

    def _roadmap_named(self, slug: str) -> Roadmap | None:
        return self._roadmap_of(self.past.roadmap_key(slug, self.names) or "")

    def _topic_of(self, key: str) -> Topic | None:
        slug = self.past.topic_slugs.get(key)
        return None if slug is None else self.past.topics[slug]

    def _topic_named(self, slug: str) -> Topic | None:
        return self.past.topics.get(slug) or self._topic_of(self.names.topics.get(slug, ""))

    def _roadmap(self, said: Roadmap | None) -> RoadmapNode | None:
        if said is None:
            return None
        key = self._at(self.past.roadmap_ids[said.slug])
        return RoadmapNode(key, said.slug, said.title, said.summary, said.language)

    def _topic(self, said: Topic | None) -> TopicNode | None:
        return None if said is None else self._topic_node(said.slug)

    def _topic_node(self, slug: str) -> TopicNode:
        said = self.past.topics[slug]
        key = self._at(self.past.topic_ids[slug])
        return TopicNode(key, slug, said.title, said.summary, said.hours, list(said.tags))

    def _split(self, key: str) -> tuple[int, Section, str] | None:
        """The section of a key, its position, and its roadmap's id."""
        of, _, slug = key.partition("/")
        roadmap = self._roadmap_of(of)
        sections = () if roadmap is None else roadmap.sections
        found = (place for place in enumerate(sections) if place[1].slug == slug)
        return next(((position, section, of) for position, section in found), None)

    def _section_node(self, position: int, said: Section, of: str) -> SectionNode:
        key = self._at(section_key(of, said.slug))
        return SectionNode(
            key, said.slug, said.title, said.summary, said.optional, position, roadmap_id=self._at(of)
        )

    def _sections(self, key: str) -> Iterator[SectionNode]:
        roadmap = self._roadmap_of(key)
        for position, section in enumerate(() if roadmap is None else roadmap.sections):
            yield self._section_node(position, section, key)

    def _requirements(self, key: str) -> Iterator[RequirementNode]:
        topic = self._topic_of(key)
        for group in () if topic is None else topic.requires:
            of = tuple(self._topic_node(slug) for slug in group.of)
            yield RequirementNode(group.need, of, group.reason)

    def _recommendations(self, key: str) -> Iterator[RecommendationNode]:
        topic = self._topic_of(key)
        for each in sorted(() if topic is None else topic.recommends, key=lambda each: each.topic):
            yield RecommendationNode(self._topic_node(each.topic), each.reason)

    def _resources(self, key: str) -> Iterator[ResourceNode]:
        topic = self._topic_of(key)
        for each in () if topic is None else topic.resources:
            yield ResourceNode(each.url, each.title, each.kind)

    def _placements(self, key: str) -> Iterator[PlacementNode]:
        for node in self.past.places.get(self.past.topic_slugs.get(key, ""), ()):
            yield node._replace(roadmap_id=self._at(node.roadmap_id), section_id=self._at(node.section_id))

    def _placed_in_section(self, key: str) -> Iterator[PlacedTopic]:
        if (found := self._split(key)) is not None:
            _, section, of = found
            yield from self._places(of, section, 0)

    def _placed(self, key: str, optional: bool | None) -> Iterator[PlacedTopic]:
        roadmap = self._roadmap_of(key)
        for number, section in enumerate(() if roadmap is None else roadmap.sections):
            for place in self._places(key, section, number * A_SECTION):
                if optional is None or place.optional == optional:
                    yield place

    def _places(self, of: str, section: Section, first: int) -> Iterator[PlacedTopic]:
        key = self._at(section_key(of, section.slug))
        for position, placement in enumerate(section.placements):
            yield PlacedTopic(
                topic=self._topic_node(placement.topic),
                section_id=key,
                position=position,
                place=first + position,
                optional=section.optional or placement.optional,
            )


def _place(at: PlacedTopic) -> tuple[int]:
    return (at.place,)
