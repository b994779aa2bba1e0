"""One of two states that are compared: a roadmap in its catalogue, and what keeps its identity."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from graph_api.errors import UnknownSlugs
from graph_api.knowledge.change.planning import rests
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.names import suggestions

if TYPE_CHECKING:
    from graph_api.knowledge.change import Change
    from graph_api.knowledge.model import Roadmap, Slug, Topic

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Side:
    """A roadmap (None where it is not there) and all topics of its catalogue.

    ids       what stays when a slug changes, by the slug or another name; a slug that is not here
              stands for itself
    sections  the same for the roadmap's sections
    built     the graph of the topics, where there is one already
    """

    roadmap: Roadmap | None
    topics: Mapping[Slug, Topic]
    ids: Mapping[Slug, str] = field(default_factory=lambda: _NONE)
    sections: Mapping[Slug, str] = field(default_factory=lambda: _NONE)
    built: PrerequisiteGraph | None = None

    def id(self, slug: Slug) -> str:
        """What stays of a topic when its slug changes."""
        return self.ids.get(slug, slug)

    def section_id(self, slug: Slug) -> str:
        """What stays of a section when its slug changes; no two of the roadmap have the same."""
        owner = self.sections.get(slug, slug)
        return slug if owner in self._section_slugs else owner

    def find(self, name: Slug) -> Slug | None:
        """The slug on this side of the topic that a slug or another name stands for."""
        return name if name in self.topics else self.slug_of.get(self.id(name))

    @cached_property
    def slug_of(self) -> Mapping[str, Slug]:
        """The slugs of all topics by id."""
        return {self.id(slug): slug for slug in self.topics}

    @cached_property
    def _section_slugs(self) -> Set[Slug]:
        return set() if self.roadmap is None else {each.slug for each in self.roadmap.sections}

    @cached_property
    def part(self) -> Mapping[str, Topic]:
        """The topics that the roadmap places or rests on, near or far, by id, in the order of their slugs."""
        if self.roadmap is None:
            return {}
        found = rests(self.topics, (slug for slug, _ in self.roadmap.placed()))
        return {self.id(slug): self.topics[slug] for slug in sorted(found)}

    @cached_property
    def graph(self) -> PrerequisiteGraph:
        """What rests on what among all topics."""
        return self.built or PrerequisiteGraph.build(self.topics.values())


def sides(change: Change, slug: Slug) -> tuple[Side, Side]:
    """Both sides of a change for a roadmap by its slug afterwards, or before where it is removed.

    Topics and sections are followed through renames. Raises UnknownSlugs when neither side has it.
    """
    before, after = change.before, change.after
    former = {new: old for old, new in change.renamed_roadmaps.items()}.get(slug, slug)
    old, new = before.roadmaps.get(former), after.roadmaps.get(slug)
    if old is None and new is None:
        there = sorted({*before.roadmaps, *after.roadmaps})
        raise UnknownSlugs("roadmap", suggestions([slug], there))
    names = {alias: owner for (of, alias), owner in after.aliases.sections.items() if of == slug}
    return (
        Side(old, before.topics, _former_ids(change), names),
        Side(new, after.topics, after.aliases.topics, names),
    )


def _former_ids(change: Change) -> Mapping[Slug, str]:
    """The ids of before: the slugs of afterwards, but for what was merged, which is a topic of its own."""
    before, after = change.before, change.after
    names = {name: of for name, of in after.aliases.topics.items() if name not in before.topics}
    return {**before.aliases.topics, **names, **change.renamed}
