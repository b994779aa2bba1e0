"""What a catalogue becomes when documents are imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from graph_api.errors import InvalidDocument
from graph_api.knowledge.change.difference import Change, Unnamed, changed, refuse_unlearnable
from graph_api.knowledge.change.naming import by_current_slugs
from graph_api.knowledge.document import Document, faults, named
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Aliases, Catalogue, Roadmap, Section, Slug, Topic

Value = TypeVar("Value")


def plan(
    before: Catalogue, documents: Sequence[Document], *, prune: bool = False, stubs: bool = False
) -> Change:
    """What the catalogue becomes when these documents are imported together.

    A document's roadmap replaces the one of its slug, its definitions replace the topics of theirs.
    What it no longer names stays, after what it names, unless `prune`: then former sections and
    placements go, and with them each topic that stands in no roadmap any more, is not named by any
    document, and is in no requirement of a topic that stays. Linear in the size of the catalogue.

    Raises InvalidDocument with every fault: a roadmap in two documents, a topic with two different
    definitions, a reference to an unknown topic (with `stubs` it is created instead). Raises
    Unlearnable when the result holds topics that nobody could ever learn.
    """
    documents = by_current_slugs(documents, before.aliases)
    defined = {topic.slug: _in_order(topic) for document in documents for topic in document.topics}
    known = before.topics.keys() | defined.keys()
    mentioned = named(documents)
    if found := faults(documents, known | mentioned if stubs else known):
        raise InvalidDocument(found)
    created = {slug: Topic(slug=slug, title=slug) for slug in mentioned - known}
    topics = {**before.topics, **created, **defined}
    unnamed = _unnamed(before, documents, topics)
    gone = _removable(unnamed.topics, topics) if prune else frozenset()
    topics, dropped = _without(topics, gone)
    roadmaps = _sorted(_roadmaps(before, documents, prune=prune))
    after = Catalogue(_sorted(topics), roadmaps, _kept(before.aliases, topics, roadmaps))
    change = changed(before, after, unnamed=unnamed, stubs=tuple(sorted(created)), dropped=dropped)
    if change.topics:
        refuse_unlearnable(PrerequisiteGraph.build(after.topics.values()))
    return change


def _in_order(topic: Topic) -> Topic:
    """The topic with its recommendations by slug: their order says nothing, so it must not be a change."""
    return replace(topic, recommends=tuple(sorted(topic.recommends, key=lambda item: item.topic)))


def _kept(aliases: Aliases, topics: Mapping[Slug, Topic], roadmaps: Mapping[Slug, Roadmap]) -> Aliases:
    """The aliases of what is still there."""
    sections = {(roadmap.slug, section.slug) for roadmap in roadmaps.values() for section in roadmap.sections}
    return Aliases(
        topics={old: new for old, new in aliases.topics.items() if new in topics},
        roadmaps={old: new for old, new in aliases.roadmaps.items() if new in roadmaps},
        sections={key: new for key, new in aliases.sections.items() if (key[0], new) in sections},
    )


def _roadmaps(before: Catalogue, documents: Sequence[Document], *, prune: bool) -> dict[Slug, Roadmap]:
    named = {document.roadmap.slug: document.roadmap for document in documents}
    if not prune:
        named.update(
            (slug, _with_former(roadmap, before.roadmaps[slug]))
            for slug, roadmap in named.items()
            if slug in before.roadmaps
        )
    return {**before.roadmaps, **named}


def _with_former(named: Roadmap, former: Roadmap) -> Roadmap:
    """The named roadmap with what only the former one holds after it, in the former order."""
    left = {section.slug: section for section in _left(named, former)}
    sections = [
        replace(section, placements=section.placements + left.pop(section.slug).placements)
        if section.slug in left
        else section
        for section in named.sections
    ]
    return replace(named, sections=(*sections, *left.values()))


def _left(named: Roadmap, former: Roadmap) -> Iterator[Section]:
    """The former sections, each with those of its placements that the named roadmap holds nowhere."""
    placed = {topic for topic, _ in named.placed()}
    for section in former.sections:
        yield replace(section, placements=tuple(at for at in section.placements if at.topic not in placed))


def _unnamed(before: Catalogue, documents: Sequence[Document], topics: Mapping[Slug, Topic]) -> Unnamed:
    pairs = [
        (document.roadmap, before.roadmaps[document.roadmap.slug])
        for document in documents
        if document.roadmap.slug in before.roadmaps
    ]
    sections = [
        (named.slug, section)
        for named, former in pairs
        for section in former.sections
        if section.slug not in {other.slug for other in named.sections}
    ]
    placements = [
        (named.slug, section.slug, at.topic)
        for named, former in pairs
        for section in _left(named, former)
        for at in section.placements
    ]
    after = _roadmaps(before, documents, prune=True).values()
    rested = rests(before.topics, _placed(former for _, former in pairs))
    loose = {topic for *_, topic in placements} | (rested - rests(topics, _placed(after)))
    return Unnamed(
        sections=tuple((roadmap, section.slug) for roadmap, section in sections),
        placements=tuple(placements),
        topics=tuple(sorted(loose - _placed(after) - named(documents))),
    )


def _placed(roadmaps: Iterable[Roadmap]) -> set[Slug]:
    return {topic for roadmap in roadmaps for topic, _ in roadmap.placed()}


def rests(topics: Mapping[Slug, Topic], on: Iterable[Slug]) -> set[Slug]:
    """The topics `on` and all that they require or recommend, step by step; unknown slugs stay out."""
    found: set[Slug] = set()
    ahead = list(on)
    while ahead:
        slug = ahead.pop()
        if slug in found or slug not in topics:
            continue
        found.add(slug)
        ahead += _required(topics[slug])
        ahead += (recommendation.topic for recommendation in topics[slug].recommends)
    return found


def _required(topic: Topic) -> list[Slug]:
    return [slug for requirement in topic.requires for slug in requirement.of]


def _removable(loose: Iterable[Slug], topics: Mapping[Slug, Topic]) -> Set[Slug]:
    """The loose topics that no topic which stays requires."""
    gone = set(loose)
    ahead = [slug for topic in topics.values() if topic.slug not in gone for slug in _required(topic)]
    while ahead:
        if (slug := ahead.pop()) in gone:
            gone.remove(slug)
            ahead += _required(topics[slug])
    return gone


def _without(
    topics: Mapping[Slug, Topic], gone: Set[Slug]
) -> tuple[dict[Slug, Topic], tuple[tuple[Slug, Slug], ...]]:
    """The topics without those `gone`, and the recommendations of the others that went with them."""
    kept = {slug: topic for slug, topic in topics.items() if slug not in gone}
    dropped: list[tuple[Slug, Slug]] = []
    for slug, topic in kept.items():
        if lost := [item.topic for item in topic.recommends if item.topic in gone]:
            dropped += ((slug, recommended) for recommended in lost)
            recommends = tuple(item for item in topic.recommends if item.topic not in gone)
            kept[slug] = replace(topic, recommends=recommends)
    return kept, tuple(sorted(dropped))


def _sorted(values: Mapping[Slug, Value]) -> Mapping[Slug, Value]:
    return MappingProxyType(dict(sorted(values.items())))
