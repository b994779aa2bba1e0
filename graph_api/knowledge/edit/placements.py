"""Topics placed in roadmaps, moved, put in order and taken out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph_api.errors import BadInput
from graph_api.knowledge.edit.scope import (
    Scope,
    TopicWithinRoadmap,
    inserted,
    reordered,
    roadmap,
    section,
    topic,
    with_roadmaps,
    with_section,
)
from graph_api.knowledge.edit.topics import displaced
from graph_api.knowledge.model import Catalogue, Placement, Roadmap, Slug


def _placement(of: Roadmap, slug: Slug) -> tuple[Slug, Placement] | None:
    """The section of a topic in a roadmap, and its placement there."""
    places = ((each.slug, at) for each in of.sections for at in each.placements)
    return next((place for place in places if place[1].topic == slug), None)


def _placed(of: Roadmap, slug: Slug) -> tuple[Slug, Placement]:
    if (found := _placement(of, slug)) is None:
        raise BadInput(f'The roadmap "{of.slug}" has no topic "{slug}".').at("topic")
    return found


@dataclass(frozen=True, slots=True)
class PlaceTopic(TopicWithinRoadmap):
    """A topic gets a place in a roadmap that does not have it; the last one when it has no position."""

    topic: Slug
    roadmap: Slug
    section: Slug
    position: int | None = None
    optional: bool = False

    def __str__(self) -> str:
        return f"Placed {self.topic} in the section {self.section} of {self.roadmap}."

    def apply(self, before: Catalogue) -> Catalogue:
        """The topic stands there."""
        of = roadmap(before, self.roadmap, "roadmap")
        into = section(before, of, self.section, "section")
        slug = topic(before, self.topic, "topic").slug
        if (there := _placement(of, slug)) is not None:
            raise BadInput(f'"{slug}" is in the section "{there[0]}" of "{of.slug}" already.').at("topic")
        placements = inserted(into.placements, Placement(slug, self.optional), self.position)
        return with_section(before, of, replace(into, placements=placements))


@dataclass(frozen=True, slots=True)
class MoveTopic(TopicWithinRoadmap):
    """A topic of a roadmap gets another place there, or another word on being optional, or both.

    Without a section it stays in its own; without a position it keeps it there, or is the last one of
    the other section. A position counts without the topic itself.
    """

    topic: Slug
    roadmap: Slug
    section: Slug | None = None
    position: int | None = None
    optional: bool | None = None

    def __str__(self) -> str:
        return f"Moved {self.topic} within {self.roadmap}."

    def apply(self, before: Catalogue) -> Catalogue:
        """The topic stands there."""
        of = roadmap(before, self.roadmap, "roadmap")
        slug = topic(before, self.topic, "topic").slug
        home, former = _placed(of, slug)
        into = section(before, of, self.section or home, "section").slug
        held = next(each for each in of.sections if each.slug == home).placements
        position = held.index(former) if self.position is None and into == home else self.position
        placement = former if self.optional is None else replace(former, optional=self.optional)
        left = displaced(of, slug)
        target = next(each for each in left.sections if each.slug == into)
        placements = inserted(target.placements, placement, position)
        return with_section(before, left, replace(target, placements=placements))


@dataclass(frozen=True, slots=True)
class RemoveTopic(TopicWithinRoadmap):
    """A topic leaves a roadmap; it stays in the graph."""

    topic: Slug
    roadmap: Slug

    def __str__(self) -> str:
        return f"Removed {self.topic} from {self.roadmap}."

    def apply(self, before: Catalogue) -> Catalogue:
        """The roadmap does not have the topic."""
        of = roadmap(before, self.roadmap, "roadmap")
        slug = topic(before, self.topic, "topic").slug
        _placed(of, slug)
        return with_roadmaps(before, displaced(of, slug))


@dataclass(frozen=True, slots=True)
class OrderTopics:
    """Another order of all topics of a section."""

    roadmap: Slug
    section: Slug
    order: tuple[Slug, ...]

    def __str__(self) -> str:
        return f"Put the topics of the section {self.section} of {self.roadmap} in another order."

    @property
    def scope(self) -> Scope:
        """The roadmap, and the topics that the order names."""
        return Scope(topics=frozenset(self.order), roadmaps=frozenset({self.roadmap}))

    def apply(self, before: Catalogue) -> Catalogue:
        """The topics stand in this order."""
        of = roadmap(before, self.roadmap, "roadmap")
        held = section(before, of, self.section, "section")
        order = tuple(before.aliases.topics.get(slug, slug) for slug in self.order)
        placements = reordered({at.topic: at for at in held.placements}, order, "order")
        return with_section(before, of, replace(held, placements=placements))
