"""Sections created, changed, deleted and put in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graph_api.errors import BadInput
from graph_api.knowledge.edit.scope import (
    WithinRoadmap,
    inserted,
    refuse_taken,
    reordered,
    roadmap,
    section,
    with_roadmaps,
    with_section,
)
from graph_api.knowledge.model import Catalogue, Section, Slug


@dataclass(frozen=True, slots=True)
class CreateSection(WithinRoadmap):
    """A new section, without topics; the last one when it has no position."""

    roadmap: Slug
    section: Section
    position: int | None = None

    def __str__(self) -> str:
        return f"Created the section {self.section.slug} of {self.roadmap}."

    def apply(self, before: Catalogue) -> Catalogue:
        """The section is there."""
        of = roadmap(before, self.roadmap, "roadmap")
        there = {each.slug: each for each in of.sections}
        former = {old: new for (of_slug, old), new in before.aliases.sections.items() if of_slug == of.slug}
        refuse_taken("section", self.section.slug, there, former)
        sections = inserted(of.sections, self.section, self.position)
        return with_roadmaps(before, replace(of, sections=sections))


@dataclass(frozen=True, slots=True)
class ChangeSection(WithinRoadmap):
    """Other values for some of a section's title, summary and being optional."""

    roadmap: Slug
    slug: Slug
    changes: Mapping[str, str | bool]

    def __str__(self) -> str:
        return f"Changed {', '.join(self.changes)} of the section {self.slug} of {self.roadmap}."

    def apply(self, before: Catalogue) -> Catalogue:
        """The section has the new values."""
        of = roadmap(before, self.roadmap, "roadmap")
        changed = replace(section(before, of, self.slug, "slug"), **self.changes)  # type: ignore[arg-type]  # its attributes
        return with_section(before, of, changed)


@dataclass(frozen=True, slots=True)
class DeleteSection(WithinRoadmap):
    """A section goes. One that holds topics stays unless `detach` says that their places go with it."""

    roadmap: Slug
    slug: Slug
    detach: bool = False

    def __str__(self) -> str:
        return f"Deleted the section {self.slug} of {self.roadmap}."

    def apply(self, before: Catalogue) -> Catalogue:
        """The section is gone, and its former slugs with it."""
        of = roadmap(before, self.roadmap, "roadmap")
        gone = section(before, of, self.slug, "slug")
        if gone.placements and not self.detach:
            held = ", ".join(at.topic for at in gone.placements)
            raise BadInput(f'The section "{gone.slug}" holds {held}; move them, or detach them.').at("slug")
        former = before.aliases.sections.items()
        aliases = {key: new for key, new in former if (key[0], new) != (of.slug, gone.slug)}
        sections = tuple(each for each in of.sections if each is not gone)
        changed = with_roadmaps(before, replace(of, sections=sections))
        return replace(changed, aliases=replace(before.aliases, sections=aliases))


@dataclass(frozen=True, slots=True)
class OrderSections(WithinRoadmap):
    """Another order of all sections of a roadmap."""

    roadmap: Slug
    order: tuple[Slug, ...]

    def __str__(self) -> str:
        return f"Put the sections of {self.roadmap} in another order."

    def apply(self, before: Catalogue) -> Catalogue:
        """The sections stand in this order."""
        of = roadmap(before, self.roadmap, "roadmap")
        order = tuple(before.aliases.sections.get((of.slug, slug), slug) for slug in self.order)
        sections = reordered({each.slug: each for each in of.sections}, order, "order")
        return with_roadmaps(before, replace(of, sections=sections))
