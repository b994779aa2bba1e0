"""Roadmaps created, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graph_api.knowledge.edit.scope import Scope, refuse_taken, roadmap, with_roadmaps, without
from graph_api.knowledge.model import Catalogue, Roadmap, Slug


@dataclass(frozen=True, slots=True)
class CreateRoadmap:
    """A new roadmap, without sections."""

    roadmap: Roadmap

    def __str__(self) -> str:
        return f"Created the roadmap {self.roadmap.slug}."

    @property
    def scope(self) -> Scope:
        """The roadmap of its slug."""
        return Scope(roadmaps=frozenset({self.roadmap.slug}))

    def apply(self, before: Catalogue) -> Catalogue:
        """The roadmap is there."""
        refuse_taken("roadmap", self.roadmap.slug, before.roadmaps, before.aliases.roadmaps)
        return with_roadmaps(before, self.roadmap)


@dataclass(frozen=True, slots=True)
class ChangeRoadmap:
    """Other values for some of a roadmap's title, summary and language."""

    slug: Slug
    changes: Mapping[str, str]

    def __str__(self) -> str:
        return f"Changed {', '.join(self.changes)} of the roadmap {self.slug}."

    @property
    def scope(self) -> Scope:
        """The roadmap."""
        return Scope(roadmaps=frozenset({self.slug}))

    def apply(self, before: Catalogue) -> Catalogue:
        """The roadmap has the new values."""
        changed = replace(roadmap(before, self.slug, "slug"), **self.changes)  # type: ignore[arg-type]  # its texts
        return with_roadmaps(before, changed)


@dataclass(frozen=True, slots=True)
class DeleteRoadmap:
    """A roadmap goes with its sections; its topics stay, since they are shared."""

    slug: Slug

    def __str__(self) -> str:
        return f"Deleted the roadmap {self.slug}."

    @property
    def scope(self) -> Scope:
        """The roadmap."""
        return Scope(roadmaps=frozenset({self.slug}))

    def apply(self, before: Catalogue) -> Catalogue:
        """The roadmap is gone, and its former slugs with it."""
        slug = roadmap(before, self.slug, "slug").slug
        former = before.aliases
        aliases = replace(
            former,
            roadmaps={old: new for old, new in former.roadmaps.items() if new != slug},
            sections={key: new for key, new in former.sections.items() if key[0] != slug},
        )
        return replace(before, roadmaps=without(before.roadmaps, slug), aliases=aliases)
