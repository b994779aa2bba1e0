"""A change to the catalogue: what documents make of it, checked and compared, before any write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from graph_api.errors import InvalidDocument, Unlearnable
from graph_api.knowledge.diagnosis import blocking_sets
from graph_api.knowledge.document import Definition, Document, Reference, ReferenceKind, faults, named
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Catalogue, Roadmap, Section, Slug, Topic

Value = TypeVar("Value")

__all__ = [
    "Change",
    "Definition",
    "Difference",
    "Document",
    "Reference",
    "ReferenceKind",
    "Unnamed",
    "changed",
    "plan",
    "rests",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """Slugs, each sorted, of what a change creates, changes and removes."""

    created: tuple[Slug, ...] = ()
    changed: tuple[Slug, ...] = ()
    removed: tuple[Slug, ...] = ()

    @classmethod
    def between(cls, before: Mapping[Slug, Value], after: Mapping[Slug, Value]) -> Difference:
        """What makes `after` of `before`."""
        return cls(
            created=tuple(sorted(after.keys() - before.keys())),
            changed=tuple(
                sorted(slug for slug in after.keys() & before.keys() if after[slug] != before[slug])
            ),
            removed=tuple(sorted(before.keys() - after.keys())),
        )

    def __bool__(self) -> bool:
        return bool(self.created or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Unnamed:
    """What the documents no longer name, although what they replace held it.

    sections    (roadmap, section)
    placements  (roadmap, section, topic)
    topics      topics that would stand in no roadmap any more
    """

    sections: tuple[tuple[Slug, Slug], ...] = ()
    placements: tuple[tuple[Slug, Slug, Slug], ...] = ()
    topics: tuple[Slug, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sections or self.placements or self.topics)


@dataclass(frozen=True, slots=True)
class Change:
    """A change that may be written: `after` is whole, every topic in it can be learned.

    unnamed  what the documents no longer name: removed with `prune`, kept without
    stubs    topics created for their name alone (their title is their slug)
    dropped  (topic, recommended topic): recommendations that went with a removed topic
    """

    before: Catalogue
    after: Catalogue
    topics: Difference
    roadmaps: Difference
    unnamed: Unnamed = field(default_factory=Unnamed)
    stubs: tuple[Slug, ...] = ()
    dropped: tuple[tuple[Slug, Slug], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.topics or self.roadmaps)

    def summary(self) -> str:
        """The counts in one sentence: '2 topics created, 1 changed; 1 roadmap created.'"""
        parts = [_counted("topic", self.topics), _counted("roadmap", self.roadmaps)]
        return f"{'; '.join(part for part in parts if part) or 'Nothing changes'}."


def _counted(noun: str, difference: Difference) -> str:
    counts = {
        "created": len(difference.created),
        "changed": len(difference.changed),
        "removed": len(difference.removed),
    }
    said = [f"{count} {done}" for done, count in counts.items() if count]
    if not said:
        return ""
    first = next(count for count in counts.values() if count)
    said[0] = said[0].replace(" ", f" {noun} " if first == 1 else f" {noun}s ", 1)
    return ", ".join(said)


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
    defined = {topic.slug: topic for document in documents for topic in document.topics}
    known = before.topics.keys() | defined.keys()
    mentioned = named(documents)
    if found := faults(documents, known | mentioned if stubs else known):
        raise InvalidDocument(found)
    created = {slug: Topic(slug=slug, title=slug) for slug in mentioned - known}
    topics = {**before.topics, **created, **defined}
    unnamed = _unnamed(before, documents, topics)
    gone = _removable(unnamed.topics, topics) if prune else frozenset()
    topics, dropped = _without(topics, gone)
    after = Catalogue(topics=_sorted(topics), roadmaps=_sorted(_roadmaps(before, documents, prune=prune)))
    return changed(before, after, unnamed=unnamed, stubs=tuple(sorted(created)), dropped=dropped)


def changed(
    before: Catalogue,
    after: Catalogue,
    *,
    unnamed: Unnamed | None = None,
    stubs: tuple[Slug, ...] = (),
    dropped: tuple[tuple[Slug, Slug], ...] = (),
) -> Change:
    """The change from `before` to `after`; raises Unlearnable unless all of `after` is learnable."""
    change = Change(
        before=before,
        after=after,
        topics=Difference.between(before.topics, after.topics),
        roadmaps=Difference.between(before.roadmaps, after.roadmaps),
        unnamed=unnamed or Unnamed(),
        stubs=stubs,
        dropped=dropped,
    )
    if change.topics and (blocking := blocking_sets(PrerequisiteGraph.build(after.topics.values()))):
        raise Unlearnable(blocking)
    return change


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
