"""What an edit touches, and how it finds it: a part of the catalogue is enough for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from graph_api.errors import BadInput, UnknownSlugs
from graph_api.knowledge.model import Catalogue, Roadmap, Section, Slug, Topic

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the catalogue that an edit must see, by slugs or aliases that may name nothing.

    topics     these topics
    roadmaps   these roadmaps
    referring  topics that require or recommend one of these topics, and roadmaps that place one
    """

    topics: frozenset[Slug] = frozenset()
    roadmaps: frozenset[Slug] = frozenset()
    referring: frozenset[Slug] = frozenset()


class Edit(Protocol):
    """A small change. Its text is a sentence for the history."""

    @property
    def scope(self) -> Scope:
        """What it must see."""

    def apply(self, before: Catalogue) -> Catalogue:
        """What it makes of `before`, a part of the catalogue that holds its scope.

        Pure; it knows nothing of what can be learned afterwards. Raises UnknownSlugs (without
        suggestions: it does not see all slugs), BadInput and StillRequired; each names its `field`.
        """


class WithinRoadmap:
    """The scope of an edit that sees its `roadmap` alone."""

    __slots__ = ()
    roadmap: Slug

    @property
    def scope(self) -> Scope:
        """The roadmap."""
        return Scope(roadmaps=frozenset({self.roadmap}))


class TopicWithinRoadmap:
    """The scope of an edit that sees its `topic` and its `roadmap`."""

    __slots__ = ()
    topic: Slug
    roadmap: Slug

    @property
    def scope(self) -> Scope:
        """The topic and the roadmap."""
        return Scope(topics=frozenset({self.topic}), roadmaps=frozenset({self.roadmap}))


def topic(before: Catalogue, slug: Slug, *field: str) -> Topic:
    """The topic of a slug or alias. Raises UnknownSlugs."""
    found = before.topics.get(before.aliases.topics.get(slug, slug))
    if found is None:
        raise UnknownSlugs("topic", {slug: ()}).at(*field)
    return found


def roadmap(before: Catalogue, slug: Slug, *field: str) -> Roadmap:
    """The roadmap of a slug or alias. Raises UnknownSlugs."""
    found = before.roadmaps.get(before.aliases.roadmaps.get(slug, slug))
    if found is None:
        raise UnknownSlugs("roadmap", {slug: ()}).at(*field)
    return found


def section(before: Catalogue, of: Roadmap, slug: Slug, *field: str) -> Section:
    """The section of a slug or alias within its roadmap. Raises UnknownSlugs."""
    named = before.aliases.sections.get((of.slug, slug), slug)
    found = next((each for each in of.sections if each.slug == named), None)
    if found is None:
        raise UnknownSlugs("section", {slug: ()}).at(*field)
    return found


def refuse_taken(kind: str, slug: Slug, there: Mapping[Slug, object], aliases: Mapping[Slug, Slug]) -> None:
    """Raise BadInput when a new slug names something already, or did so formerly."""
    if slug in there:
        raise BadInput(f'There is a {kind} "{slug}" already.').at("slug")
    if slug in aliases:
        raise BadInput(f'"{slug}" is a former slug of the {kind} "{aliases[slug]}".').at("slug")


def with_topics(before: Catalogue, *topics: Topic) -> Catalogue:
    """The catalogue with these topics in place of those of their slugs."""
    return replace(before, topics={**before.topics, **{each.slug: each for each in topics}})


def with_roadmaps(before: Catalogue, *roadmaps: Roadmap) -> Catalogue:
    """The catalogue with these roadmaps in place of those of their slugs."""
    return replace(before, roadmaps={**before.roadmaps, **{each.slug: each for each in roadmaps}})


def with_section(before: Catalogue, of: Roadmap, changed: Section) -> Catalogue:
    """The catalogue with this section in place of the one of its slug."""
    sections = tuple(changed if each.slug == changed.slug else each for each in of.sections)
    return with_roadmaps(before, replace(of, sections=sections))


def without(values: Mapping[Slug, V], *slugs: Slug) -> dict[Slug, V]:
    """The values without those of these slugs."""
    return {slug: value for slug, value in values.items() if slug not in slugs}


def inserted(values: tuple[V, ...], value: V, position: int | None) -> tuple[V, ...]:
    """The values with one more at a position; at the end without one. Raises BadInput."""
    at = len(values) if position is None else position
    if not 0 <= at <= len(values):
        raise BadInput(f"The position is {position}; it can be 0 to {len(values)}.").at("position")
    return (*values[:at], value, *values[at:])


def reordered(values: Mapping[Slug, V], order: tuple[Slug, ...], *field: str) -> tuple[V, ...]:
    """All the values in this order, which must name each of them once. Raises BadInput."""
    if sorted(order) != sorted(values):
        missing = sorted(values.keys() - set(order))
        surplus = sorted(slug for slug in {*order} if slug not in values or order.count(slug) > 1)
        said = [
            f"{what} {', '.join(slugs)}"
            for what, slugs in (("misses", missing), ("cannot have", surplus))
            if slugs
        ]
        raise BadInput(f"The order must name each once; it {' and '.join(said)}.").at(*field)
    return tuple(values[slug] for slug in order)
