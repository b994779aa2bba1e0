"""A graph as CSV, an edge a row: `from` is learned first, `to` is what requires it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Final

from graph_api.errors import Fault, InvalidRequirement
from graph_api.formats.edges.rows import COLUMNS, KINDS, Rows
from graph_api.formats.losses import extent, left_out, listed
from graph_api.formats.order import rounds
from graph_api.formats.picture import one_line
from graph_api.formats.reading import Note, Reading
from graph_api.formats.roadmap1.reading import invalid
from graph_api.formats.roadmap1.schema import MAX_TOPICS
from graph_api.formats.roadmap1.source import MAX_BYTES, text_of
from graph_api.formats.roadmap1.text import MAX_TITLE
from graph_api.formats.roadmap1.tree import shown
from graph_api.formats.roadmap1.values import roadmap as checked
from graph_api.formats.slugs import Slugs, slug_of
from graph_api.knowledge.document import Definition, Document
from graph_api.knowledge.model import (
    MAX_RECOMMENDED,
    SLUG,
    SLUG_LENGTH,
    Placement,
    Recommendation,
    Requirement,
    Roadmap,
    Section,
    Slug,
    Topic,
)
from graph_api.knowledge.requirement import MAX_GROUPS, Allowance, combine

if TYPE_CHECKING:
    from graph_api.formats.edges.rows import Group

_SECTION: Final = "topics"
_ONE_SECTION: Final = Note(
    "section", "All topics stand in one section, in an order in which they can be learned."
)


def parse(
    data: bytes,
    *,
    name: str,
    slug: Slug | None = None,
    title: str | None = None,
    max_bytes: int = MAX_BYTES,
) -> Reading:
    """The roadmap of all topics that a CSV file names, `slug` and `title` by default those of its name.

    The first row names the columns: `from` and `to`, and perhaps kind, group, need and reason. Each text
    of `from` and `to` is a topic, its slug made of it. Raises InvalidDocument with every fault, each with
    its line; after a fault of encoding, size, quoting or the first row nothing else is looked at.
    """
    roadmap = _heading(name, slug, title)
    rows = Rows(text_of(data, name=name, max_bytes=max_bytes), name=name)
    reader = _Reader(rows)
    topics = reader.topics() if not rows.faults else []
    if rows.faults:
        raise invalid(tuple(rows.faults), name)
    document = Document(name, _laid_out(roadmap, topics), tuple(topics), line=1)
    return Reading(document, (*rows.notes, *reader.notes, _ONE_SECTION))


def _heading(name: str, slug: Slug | None, title: str | None) -> Roadmap:
    """A roadmap without sections; raises InvalidValues for a slug or a title that cannot be one."""
    file = one_line(name.replace("\\", "/").rpartition("/")[2])
    stem = file[:-4] if file.lower().endswith(".csv") else file
    return checked({"slug": slug or slug_of(stem) or "edges", "title": title or stem[:MAX_TITLE] or "Edges"})


def _laid_out(roadmap: Roadmap, topics: list[Definition]) -> Roadmap:
    """The roadmap with one section of all topics, in an order in which they can be learned."""
    early = rounds(each.topic for each in topics)
    ordered = sorted((each.topic.slug for each in topics), key=lambda slug: early[slug])
    section = Section(_SECTION, "Topics", placements=tuple(map(Placement, ordered)))
    return Roadmap(roadmap.slug, roadmap.title, sections=(section,))


class _Reader:
    """One making of topics from the rows of a file."""

    def __init__(self, rows: Rows) -> None:
        self._rows, self._allowance = rows, Allowance()
        self.notes: list[Note] = []

    def topics(self) -> list[Definition]:
        """The topics, in the order of their first mention; the faults go to the rows'."""
        lines = self._rows.topics
        if len(lines) > MAX_TOPICS:
            where = next(line for place, line in enumerate(lines.values()) if place == MAX_TOPICS)
            self._fault(f"One file can define {MAX_TOPICS:,} topics, not {len(lines):,}.", where)
            return []
        slugs = self._slugs()
        return [
            Definition(
                Topic(
                    slugs[text],
                    text,
                    requires=self._requires(text, slugs),
                    recommends=self._recommends(text, slugs),
                ),
                line=line,
            )
            for text, line in lines.items()
        ]

    def _slugs(self) -> dict[str, Slug]:
        """A slug for each text. A text that is a slug is its own: those come first."""
        slugs, texts = Slugs(), self._rows.topics
        own = {text for text in texts if len(text) <= SLUG_LENGTH and SLUG.fullmatch(text)}
        for text in chain(own, texts):
            slugs.of(text)
        for text in texts:
            if (slug := slugs.of(text)) != (plain := slug_of(text)):
                why = f'as "{plain}" is taken by another topic' if plain else "as none can be made of it"
                self.notes.append(Note("slug", f'The topic {shown(text)} has the slug "{slug}", {why}.'))
        return {text: slugs.of(text) for text in texts}

    def _requires(self, text: str, slugs: Mapping[str, Slug]) -> tuple[Requirement, ...]:
        groups = self._rows.groups.get(text, {})
        found = tuple(chain.from_iterable(_requirements(group, slugs) for group in groups.values()))
        if len(found) > MAX_GROUPS:
            message = f"A topic can have {MAX_GROUPS} requirements, not {len(found):,}."
            self._fault(message, next(iter(groups.values())).line)
            return ()
        if all(requirement.plain for requirement in found) and len({each.of for each in found}) == len(found):
            return found  # most are like this, and none of them implies another
        return self._combined(text, found)

    def _combined(self, text: str, found: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
        if self._allowance.spent:
            return ()  # the file has its fault
        try:
            kept = combine(found, allowance=self._allowance)
        except InvalidRequirement as error:
            self._fault(str(error), self._rows.topics[text])
            return ()
        if len(kept) < len(found):
            count = len(found) - len(kept)
            message = f"Requirements of {shown(text)} that others imply are left out: {count:,}."
            self.notes.append(Note("implied", message))
        return kept

    def _recommends(self, text: str, slugs: Mapping[str, Slug]) -> tuple[Recommendation, ...]:
        found = self._rows.recommended.get(text, [])
        if len(found) > MAX_RECOMMENDED:
            line = found[MAX_RECOMMENDED].line
            self._fault(f"A topic can have {MAX_RECOMMENDED} recommendations, not {len(found):,}.", line)
        return tuple(Recommendation(slugs[row.before], row.reason) for row in found)

    def _fault(self, message: str, line: int) -> None:
        self._rows.faults.add(Fault(message, file=self._rows.name, line=line))


def _requirements(group: Group, slugs: Mapping[str, Slug]) -> Iterator[Requirement]:
    of = tuple(sorted(slugs[row.before] for row in group.rows))
    if group.need < len(of) or len(of) == 1:
        yield Requirement(of, group.need, group.reason)
    else:
        yield from (Requirement((slug,), reason=group.reason) for slug in of)


def dump(roadmap: Roadmap, topics: Mapping[Slug, Topic]) -> bytes:
    """The requirements and recommendations among all that the roadmap places or rests on, by slug.

    Equal input, equal bytes; `parse` gives the same requirements and recommendations back.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for topic in extent(roadmap, topics):
        writer.writerows(_required(topic))
        writer.writerows((each.topic, topic.slug, KINDS[1], "", "", each.reason) for each in topic.recommends)
    return file.getvalue().encode()


def _required(topic: Topic) -> Iterator[tuple[str, ...]]:
    for number, group in enumerate(topic.requires, 1):
        label, need = ("", "") if group.plain else (str(number), str(group.need))
        yield from ((member, topic.slug, KINDS[0], label, need, group.reason) for member in group.of)


def losses(roadmap: Roadmap, topics: Mapping[Slug, Topic]) -> tuple[Note, ...]:
    """What the CSV file does not say of this roadmap."""
    held = extent(roadmap, topics)
    joined = {end for topic in held for end in _ends(topic)}
    alone = [topic.slug for topic in held if topic.slug not in joined]
    notes = [*left_out("A CSV file names edges and their reasons", roadmap, topics, said={"reason"})]
    if alone:
        notes.append(Note("alone", f"Without an edge, and so left out: {listed(alone)}."))
    return tuple(notes)


def _ends(topic: Topic) -> Iterator[Slug]:
    """The ends of the edges that lead to a topic."""
    rests_on = [member for group in topic.requires for member in group.of]
    rests_on += [each.topic for each in topic.recommends]
    yield from (topic.slug, *rests_on) if rests_on else ()
