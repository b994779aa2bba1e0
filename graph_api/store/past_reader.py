"""Reads of the past: the methods of GraphReader that take keys, answered from memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from graph_api.knowledge.model import Roadmap, Section, Topic
from graph_api.store.moment import at
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
from graph_api.store.past import Names, Past, section_key

T = TypeVar("T")

_A_SECTION = 1_000_000


@dataclass(frozen=True, eq=False)
class PastReader:
    """One revision as values. Keys are those of the present; the ids in the answers are of the past.

    The id of a node is lasting, so it is the same one then. A section goes by its roadmap's id and its
    slug of then. A slug is one of then, or else one of now, or an alias.
    """

    past: Past
    names: Names

    async def roadmaps_by_slug(self, slugs: Sequence[str]) -> dict[str, RoadmapNode]:
        """Roadmaps by slug."""
        return self._all(slugs, lambda slug: self._roadmap(self._roadmap_named(slug)))

    async def roadmaps_by_id(self, ids: Sequence[str]) -> dict[str, RoadmapNode]:
        """Roadmaps by id."""
        return self._all(ids, lambda key: self._roadmap(self._roadmap_of(key)))

    async def sections_by_id(self, ids: Sequence[str]) -> dict[str, SectionNode]:
        """Sections by key."""
        return self._all(ids, self._section)

    async def topics_by_slug(self, slugs: Sequence[str]) -> dict[str, TopicNode]:
        """Topics by slug."""
        return self._all(slugs, lambda slug: self._topic(self._topic_named(slug)))

    async def topics_by_id(self, ids: Sequence[str]) -> dict[str, TopicNode]:
        """Topics by id."""
        return self._all(ids, lambda key: self._topic(self._topic_of(key)))

    async def content_by_slug(self, slugs: Sequence[str]) -> dict[str, Topic]:
        """Topics as their authors wrote them, by slug of then."""
        return self._all(slugs, self.past.topics.get)

    async def sections_by_roadmap(self, ids: Sequence[str]) -> dict[str, list[SectionNode]]:
        """All sections of roadmaps, in order, by the roadmap's id."""
        return self._lists(ids, self._sections)

    async def requirements_by_topic(self, ids: Sequence[str]) -> dict[str, list[RequirementNode]]:
        """All requirements of topics, by the topic's id."""
        return self._lists(ids, self._requirements)

    async def recommendations_by_topic(self, ids: Sequence[str]) -> dict[str, list[RecommendationNode]]:
        """What is recommended before topics, by slug, by the topic's id."""
        return self._lists(ids, self._recommendations)

    async def resources_by_topic(self, ids: Sequence[str]) -> dict[str, list[ResourceNode]]:
        """What topics are learned from, in order, by the topic's id."""
        return self._lists(ids, self._resources)

    async def placements_by_topic(self, ids: Sequence[str]) -> dict[str, list[PlacementNode]]:
        """Where topics stand, by the topic's id."""
        return self._lists(ids, self._placements)

    async def topics_of_sections(self, ids: Sequence[str], page: Page) -> dict[str, Slice[PlacedTopic]]:
        """A page of the topics of each section, by the section's key."""
        return _pages(self._lists(ids, self._placed_in_section), page)

    async def topics_of_roadmaps(
        self, ids: Sequence[str], wanted: tuple[Page, bool | None]
    ) -> dict[str, Slice[PlacedTopic]]:
        """A page of the topics of each roadmap by the roadmap's id: only optional ones, or not, or all."""
        page, optional = wanted
        return _pages(self._lists(ids, lambda key: self._placed(key, optional)), page)

    async def count_topics_of_sections(self, ids: Sequence[str]) -> dict[str, int]:
        """How many topics each section has."""
        found = self._all(ids, self._split)
        return {key: len(section.placements) for key, (_, section, _) in found.items()}

    async def count_topics_of_roadmaps(self, ids: Sequence[str], optional: bool | None) -> dict[str, int]:
        """How many topics each roadmap has: only optional ones, or not, or all."""
        there = [key for key in ids if key in self.past.roadmap_slugs]
        return {key: len([*self._placed(key, optional)]) for key in there}

    def touching(self, roadmap: str) -> list[str]:
        """The ids of the topics that a roadmap placed then."""
        found = self._roadmap_of(roadmap)
        return [] if found is None else [self.past.topic_ids[slug] for slug, _ in found.placed()]

    def _all(self, keys: Iterable[str], find: Callable[[str], T | None]) -> dict[str, T]:
        found = ((key, find(key)) for key in keys)
        return {key: value for key, value in found if value is not None}

    def _lists(self, keys: Iterable[str], find: Callable[[str], Iterable[T]]) -> dict[str, list[T]]:
        found = ((key, [*find(key)]) for key in keys)
        return {key: values for key, values in found if values}

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

    def _section(self, key: str) -> SectionNode | None:
        found = self._split(key)
        return None if found is None else self._section_node(*found)

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
            yield replace(node, roadmap_id=self._at(node.roadmap_id), section_id=self._at(node.section_id))

    def _placed_in_section(self, key: str) -> Iterator[PlacedTopic]:
        if (found := self._split(key)) is not None:
            _, section, of = found
            yield from self._places(of, section, 0)

    def _placed(self, key: str, optional: bool | None) -> Iterator[PlacedTopic]:
        roadmap = self._roadmap_of(key)
        for number, section in enumerate(() if roadmap is None else roadmap.sections):
            for place in self._places(key, section, number * _A_SECTION):
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


def _pages(lists: dict[str, list[PlacedTopic]], page: Page) -> dict[str, Slice[PlacedTopic]]:
    cut = {key: page.of_sorted(placed, lambda at: (at.place,)) for key, placed in lists.items()}
    return {key: part for key, part in cut.items() if part.entries}
