"""The graph of Metacademy, as its Django dump: concepts are topics, dependencies are what they require."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Final

from graph_api.formats import plain_json
from graph_api.formats.metacademy.dump import Dump, Record
from graph_api.formats.metacademy.resources import FIELDS as RESOURCE_FIELDS
from graph_api.formats.metacademy.resources import Resources
from graph_api.formats.order import rounds
from graph_api.formats.reading import Note, Reading
from graph_api.formats.roadmap1.reading import invalid
from graph_api.formats.roadmap1.schema import MAX_HOURS, MAX_SECTIONS, MAX_TOPICS
from graph_api.formats.roadmap1.source import MAX_BYTES
from graph_api.formats.roadmap1.text import MAX_REASON, MAX_SUMMARY, MAX_TITLE
from graph_api.formats.roadmap1.tree import shown
from graph_api.formats.roadmap1.values import roadmap as checked
from graph_api.formats.shortening import Shortening
from graph_api.formats.slugs import Slugs
from graph_api.knowledge.document import Definition, Document
from graph_api.knowledge.model import MAX_TAGS, Placement, Requirement, Roadmap, Section, Slug, Topic
from graph_api.knowledge.requirement import MAX_GROUPS

_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "graph.concept": frozenset({"tag", "title", "summary", "learn_time", "tags", "is_shortcut"}),
    "graph.dependency": frozenset({"source", "target", "reason"}),
    "graph.tag": frozenset({"title"}),
    **RESOURCE_FIELDS,
}
"""What is read of a dump; notes name the rest of it."""

_STEP: Final = 4
"""Hours are estimates to sixteen digits there; a quarter of an hour is what anybody can plan with."""

_OTHER: Final = "other"
"""The section of what has no tag, unless a tag has that name."""


def parse(
    data: bytes,
    *,
    name: str,
    slug: Slug = "metacademy",
    title: str = "Metacademy",
    max_bytes: int = MAX_BYTES,
) -> Reading:
    """The roadmap of all concepts of a dump, a section for each tag.

    A concept stands in the section of its rarest tag, sections and topics in an order in which they can be
    learned. Raises InvalidDocument with every fault: of syntax, of records without model, pk or fields, of
    values of another sort, of dependencies on what is not there.
    """
    roadmap = checked({"slug": slug, "title": title})
    dump = Dump(plain_json.load(data, name=name, max_bytes=max_bytes))
    reader = _Reader(dump)
    topics = reader.topics() if not dump.faults else []
    sections = _sections(topics, reader.tag_titles) if not dump.faults else ()
    if len(sections) > MAX_SECTIONS:
        dump.fault(f"A roadmap can have {MAX_SECTIONS:,} sections, and the tags make {len(sections):,}.", ())
    if dump.faults:
        raise invalid(tuple(dump.faults), name)
    document = Document(name, Roadmap(roadmap.slug, roadmap.title, sections=sections), tuple(topics), line=1)
    return Reading(document, (*reader.notes(), *dump.unread(_FIELDS)))


class _Reader:
    """One making of topics from a dump."""

    def __init__(self, dump: Dump) -> None:
        self._dump = dump
        self._concepts = dump.of("graph.concept")
        self._slugs = Slugs()
        self._tag_slugs = Slugs()
        self._short = Shortening()
        self._resources = Resources(dump, self._short)
        self._made_up: list[str] = []
        self._counts: Counter[str] = Counter()
        self._tags_used: set[str] = set()
        self.tag_titles: dict[Slug, str] = {}

    def topics(self) -> list[Definition]:
        """The topics, in the order of the text; the faults go to the dump's."""
        if not self._concepts:
            self._dump.fault("This is no dump of Metacademy: it has no record of graph.concept.", ())
        if len(self._concepts) > MAX_TOPICS:
            message = f"One file can define {MAX_TOPICS:,} topics, not {len(self._concepts):,}."
            self._dump.fault(message, ())
            return []
        for pk, concept in self._concepts.items():
            self._slugs.of(pk, concept.text("tag") or concept.text("title"))
        required = self._required()
        return [self._topic(concept, required.get(pk, ())) for pk, concept in self._concepts.items()]

    def notes(self) -> Iterator[Note]:
        """What was made up, cut or left out on the way."""
        for text, count in self._counts.items():
            yield Note("concept", f"{text}: {count:,}.")
        for slug in self._made_up:
            yield Note("made up", f'The topic "{slug}" has no title; its tag stands for one.')
        yield Note("hours", "Hours are rounded to quarters.")
        if unused := len(self._dump.of("graph.tag").keys() - self._tags_used):
            yield Note("tag", f"Tags of no concept are left out: {unused:,}.")
        yield from self._short.notes()
        yield from self._resources.notes()

    def _topic(self, concept: Record, requires: tuple[Requirement, ...]) -> Definition:
        slug = self._slugs.of(concept.pk)
        title = self._short.line(concept.text("title"), MAX_TITLE, "titles")
        if not title:
            self._made_up.append(slug)
            title = slug.replace("-", " ").capitalize()
        if concept.true("is_shortcut"):
            self._counts["Shortcuts, read as concepts like any other"] += 1
        topic = Topic(
            slug,
            title,
            self._short.block(concept.text("summary"), MAX_SUMMARY, "summaries"),
            self._hours(concept),
            self._tags(concept),
            self._resources.of(concept.pk),
            requires,
        )
        return Definition(topic, line=self._dump.line(concept))

    def _hours(self, concept: Record) -> float | None:
        hours = concept.number("learn_time")
        if hours is None:
            return None
        if not 0 <= hours <= MAX_HOURS:
            concept.fault(f"Hours go from 0 to {MAX_HOURS:,}, not {shown(hours)}.", "learn_time")
            return None
        return max(round(hours * _STEP), 1 if hours else 0) / _STEP

    def _tags(self, concept: Record) -> tuple[Slug, ...]:
        """The slugs of its tags; a title for each of them is kept for the sections."""
        found: dict[Slug, None] = {}
        for pk in concept.texts("tags"):
            record = self._dump.of("graph.tag").get(pk)
            title = self._short.line(record.text("title") if record else pk, MAX_TITLE, "titles of tags")
            self._tags_used.add(pk)
            slug = self._tag_slugs.of(pk, title)
            self.tag_titles[slug] = title or slug
            found[slug] = None
        kept = tuple(found)[:MAX_TAGS]
        if len(kept) < len(found):
            self._counts[f"Tags left out, beyond the first {MAX_TAGS} of a topic"] += len(found) - len(kept)
        return kept

    def _required(self) -> Mapping[str, tuple[Requirement, ...]]:
        """The requirements of each concept, by its key: sources of its dependencies, each once."""
        found: dict[str, dict[str, Requirement]] = {}
        for dependency in self._dump.of("graph.dependency").values():
            if self._dump.faults.full:
                break
            if ends := self._ends(dependency):
                source, target = ends
                reason = self._short.line(dependency.text("reason"), MAX_REASON, "reasons")
                requirement = Requirement((self._slugs.of(source),), reason=reason)
                if found.setdefault(target, {}).setdefault(source, requirement) is not requirement:
                    self._counts["Dependencies left out, as the same two concepts have one already"] += 1
        for target, group in found.items():
            if len(group) > MAX_GROUPS:
                message = f"A topic can have {MAX_GROUPS} requirements, not {len(group):,}."
                self._concepts[target].fault(message, "title")
        return {target: tuple(group.values()) for target, group in found.items()}

    def _ends(self, dependency: Record) -> tuple[str, str] | None:
        """The keys of its two concepts. What is missing is a fault: without it a topic would ask for less."""
        source, target = dependency.text("source"), dependency.text("target")
        for field, key in (("source", source), ("target", target)):
            if key not in self._concepts:
                dependency.fault(f"No concept of this file has the key {shown(key)}.", field)
                return None
        if source == target:
            dependency.fault("A concept cannot depend on itself.", "target")
            return None
        return source, target


def _sections(topics: list[Definition], titles: Mapping[Slug, str]) -> tuple[Section, ...]:
    """A section for each tag, those first whose topics can be learned first, on average."""
    held = [each.topic for each in topics]
    early, sizes = rounds(held), Counter(tag for topic in held for tag in topic.tags)
    of: dict[Slug, list[Topic]] = {}
    for topic in held:
        tag = min(topic.tags, key=lambda tag: (sizes[tag], tag), default=_OTHER)
        of.setdefault(tag, []).append(topic)
    order = sorted(of, key=lambda tag: (fmean(early[topic.slug] for topic in of[tag]), tag))
    return tuple(_section(tag, titles, sorted(of[tag], key=lambda topic: early[topic.slug])) for tag in order)


def _section(tag: Slug, titles: Mapping[Slug, str], topics: list[Topic]) -> Section:
    title = titles.get(tag, _OTHER.capitalize())
    return Section(tag, title, placements=tuple(Placement(topic.slug) for topic in topics))
