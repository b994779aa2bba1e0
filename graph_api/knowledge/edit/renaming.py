"""Other slugs. The old one stays as an alias, so that links, files and progress survive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graph_api.errors import BadInput
from graph_api.knowledge.change.naming import roadmap_under_names, topic_under_names
from graph_api.knowledge.edit.scope import (
    Scope,
    WithinRoadmap,
    refuse_taken,
    roadmap,
    section,
    topic,
    with_roadmaps,
    without,
)
from graph_api.knowledge.model import Catalogue, Slug


def renamed(aliases: Mapping[Slug, Slug], old: Slug, new: Slug) -> dict[Slug, Slug]:
    """The aliases after a rename: those of `old` are those of `new`, and `old` is one of them."""
    moved = {alias: new if of == old else of for alias, of in aliases.items() if alias != new}
    return {**moved, old: new}


def _refuse_taken(
    kind: str, old: Slug, new: Slug, there: Mapping[Slug, object], aliases: Mapping[Slug, Slug]
) -> None:
    """Raise BadInput unless `new` is free, or a former slug of what is renamed."""
    if new == old:
        raise BadInput(f'The {kind} has the slug "{new}" already.').at("to")
    try:
        refuse_taken(kind, new, there, {alias: of for alias, of in aliases.items() if of != old})
    except BadInput as error:
        raise error.at("to") from None


@dataclass(frozen=True, slots=True)
class RenameTopic:
    """A topic gets another slug wherever it is named."""

    slug: Slug
    to: Slug

    def __str__(self) -> str:
        return f"Renamed the topic {self.slug} to {self.to}."

    @property
    def scope(self) -> Scope:
        """Both topics, if there are two, and all that refers to the first."""
        return Scope(topics=frozenset({self.slug, self.to}), referring=frozenset({self.slug}))

    def apply(self, before: Catalogue) -> Catalogue:
        """The topic has the new slug."""
        old = topic(before, self.slug, "slug").slug
        _refuse_taken("topic", old, self.to, before.topics, before.aliases.topics)

        def naming(slug: Slug) -> Slug:
            return self.to if slug == old else slug

        topics = [topic_under_names(each, naming) for each in before.topics.values()]
        return Catalogue(
            topics={each.slug: each for each in topics},
            roadmaps={slug: roadmap_under_names(each, naming) for slug, each in before.roadmaps.items()},
            aliases=replace(before.aliases, topics=renamed(before.aliases.topics, old, self.to)),
        )


@dataclass(frozen=True, slots=True)
class RenameRoadmap:
    """A roadmap gets another slug."""

    slug: Slug
    to: Slug

    def __str__(self) -> str:
        return f"Renamed the roadmap {self.slug} to {self.to}."

    @property
    def scope(self) -> Scope:
        """Both roadmaps, if there are two."""
        return Scope(roadmaps=frozenset({self.slug, self.to}))

    def apply(self, before: Catalogue) -> Catalogue:
        """The roadmap has the new slug."""
        of = roadmap(before, self.slug, "slug")
        _refuse_taken("roadmap", of.slug, self.to, before.roadmaps, before.aliases.roadmaps)
        sections = {
            (self.to if key[0] == of.slug else key[0], key[1]): new
            for key, new in before.aliases.sections.items()
        }
        aliases = replace(
            before.aliases, roadmaps=renamed(before.aliases.roadmaps, of.slug, self.to), sections=sections
        )
        kept = replace(before, roadmaps=without(before.roadmaps, of.slug), aliases=aliases)
        return with_roadmaps(kept, replace(of, slug=self.to))


@dataclass(frozen=True, slots=True)
class RenameSection(WithinRoadmap):
    """A section gets another slug within its roadmap."""

    roadmap: Slug
    slug: Slug
    to: Slug

    def __str__(self) -> str:
        return f"Renamed the section {self.slug} of {self.roadmap} to {self.to}."

    def apply(self, before: Catalogue) -> Catalogue:
        """The section has the new slug."""
        of = roadmap(before, self.roadmap, "roadmap")
        old = section(before, of, self.slug, "slug").slug
        own = {alias: new for (slug, alias), new in before.aliases.sections.items() if slug == of.slug}
        _refuse_taken("section", old, self.to, {each.slug: each for each in of.sections}, own)
        others = {key: new for key, new in before.aliases.sections.items() if key[0] != of.slug}
        sections = {(of.slug, alias): new for alias, new in renamed(own, old, self.to).items()}
        changed = tuple(replace(each, slug=self.to) if each.slug == old else each for each in of.sections)
        kept = with_roadmaps(before, replace(of, sections=changed))
        return replace(kept, aliases=replace(before.aliases, sections={**others, **sections}))
