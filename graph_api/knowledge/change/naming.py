"""Documents that still say former slugs, read as if they said those of now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from graph_api.knowledge.document import Document
from graph_api.knowledge.model import Aliases, Roadmap, Slug, Topic
from graph_api.knowledge.requirement import combine, under_names

Naming: TypeAlias = Callable[[Slug], Slug]


def by_current_slugs(documents: Sequence[Document], aliases: Aliases) -> Sequence[Document]:
    """The documents with the slug of now wherever they name something by an alias."""
    if not (aliases.topics or aliases.roadmaps or aliases.sections):
        return documents
    return [_document(document, aliases) for document in documents]


def _document(document: Document, aliases: Aliases) -> Document:
    def naming(slug: Slug) -> Slug:
        return aliases.topics.get(slug, slug)

    return replace(
        document,
        roadmap=_roadmap(document.roadmap, naming, aliases),
        definitions=tuple(
            replace(each, topic=topic_under_names(each.topic, naming)) for each in document.definitions
        ),
        references=tuple(replace(each, topic=naming(each.topic)) for each in document.references),
    )


def _roadmap(roadmap: Roadmap, naming: Naming, aliases: Aliases) -> Roadmap:
    slug = aliases.roadmaps.get(roadmap.slug, roadmap.slug)
    sections = tuple(
        replace(section, slug=aliases.sections.get((slug, section.slug), section.slug))
        for section in roadmap.sections
    )
    return roadmap_under_names(replace(roadmap, slug=slug, sections=sections), naming)


def roadmap_under_names(roadmap: Roadmap, naming: Naming) -> Roadmap:
    """The roadmap with other slugs of its topics."""
    sections = tuple(
        replace(section, placements=tuple(replace(at, topic=naming(at.topic)) for at in section.placements))
        for section in roadmap.sections
    )
    return replace(roadmap, sections=sections)


def topic_under_names(topic: Topic, naming: Naming) -> Topic:
    """The topic with other slugs, its own and those that it rests on.

    Two that get one name are one from then on: it counts for both in a group, and is recommended once.
    """
    recommended = {naming(each.topic): each for each in reversed(topic.recommends)}
    return replace(
        topic,
        slug=naming(topic.slug),
        requires=combine(group for each in topic.requires for group in under_names(each, naming)),
        recommends=tuple(replace(recommended[slug], topic=slug) for slug in sorted(recommended)),
    )
