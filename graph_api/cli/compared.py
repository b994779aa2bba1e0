"""The two sides of `graph-api diff`: files, and roadmaps of the graph at any time, compared."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from graph_api.cli.database import running, whole
from graph_api.cli.files import read_documents
from graph_api.cli.progress import count_progress
from graph_api.errors import InvalidDocument, UnknownSlugs
from graph_api.knowledge.change.naming import by_current_slugs
from graph_api.knowledge.comparison import Effects, RoadmapDiff, Side, compare, effects
from graph_api.knowledge.document import Document, faults, named
from graph_api.knowledge.model import SLUG, Aliases, Topic
from graph_api.knowledge.names import suggestions
from graph_api.settings import Settings
from graph_api.store.migrations import pending
from graph_api.store.past import Archive, Names, Past, side_of

_OF_THE_GRAPH: Final = re.compile(rf"({SLUG.pattern})(?:@(\d{{1,15}}))?")


@dataclass(frozen=True, slots=True)
class Stated:
    """A roadmap of the graph, and the revision; None is now."""

    slug: str
    revision: int | None


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared, and what came of it."""

    before: Side
    after: Side
    known: Sequence[str]
    diff: RoadmapDiff
    effects: Effects


_Given: TypeAlias = Document | Stated


def compared(before: str, after: str, known: Sequence[str], *, include_optional: bool) -> Compared:
    """Compare two states as they are named on the command line.

    Raises InvalidDocument for files with faults, UnknownSlugs for a roadmap or known topics that are not
    there, and what `Archive.at` raises.
    """
    given = _given((before, after))
    sides = _sides(*given)
    found = effects(*sides, known, include_optional=include_optional)
    return Compared(*sides, known, compare(*sides), found)


def _given(names: Iterable[str]) -> tuple[_Given, ...]:
    """What is named by a slug, or else as a file; the faults of all files come together."""
    parts = [(name, _OF_THE_GRAPH.fullmatch(name)) for name in names]
    files = [Path(name) for name, stated in parts if stated is None]
    documents = {Path(each.name): each for each in read_documents(files)} if files else {}
    wrong = [fault for each in documents.values() for fault in faults([each], named([each]))]
    if wrong:
        raise InvalidDocument(wrong)
    return tuple(
        documents[_same(Path(name), documents)] if stated is None else Stated(stated[1], _number(stated[2]))
        for name, stated in parts
    )


def _same(path: Path, documents: Iterable[Path]) -> Path:
    """The path under which a file was read: one that is named twice was read once."""
    return next(each for each in documents if each == path or each.resolve() == path.resolve())


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _sides(before: _Given, after: _Given) -> tuple[Side, Side]:
    if isinstance(before, Document):
        if isinstance(after, Document):
            return _of_file(before, _alone(after)), _of_file(after, _alone(before))
        [there] = _of_graph(after)
        return _of_file(before, there), there
    if isinstance(after, Document):
        [there] = _of_graph(before)
        return there, _of_file(after, there)
    old, new = _of_graph(before, after)
    return old, new


def _alone(document: Document) -> Side:
    return Side(document.roadmap, {topic.slug: topic for topic in document.topics})


def _of_file(document: Document, other: Side) -> Side:
    """The side of a file: what it says, and for what it leaves open, what the other side has."""
    names = {
        name: other.slug_of[key]
        for name, key in other.ids.items()
        if name not in other.topics and key in other.slug_of
    }
    [document] = by_current_slugs([document], Aliases(topics=names))
    topics = {
        **{slug: Topic(slug=slug, title=slug) for slug in named([document])},
        **other.topics,
        **{topic.slug: topic for topic in document.topics},
    }
    return Side(document.roadmap, topics, other.ids, other.sections)


def _of_graph(*stated: Stated) -> list[Side]:
    with running(Settings.read()) as settings:
        read = asyncio.run(_read(settings, [each.revision for each in stated]))
    keys = [past.roadmap_key(each.slug, names) for each, (past, names) in zip(stated, read, strict=True)]
    sides = []
    for each, key, (past, names) in zip(stated, keys, read, strict=True):
        elsewhere = (other for one, other in zip(stated, keys, strict=True) if one.slug == each.slug)
        found = key or next((other for other in elsewhere if other), None)
        if found is None:
            raise UnknownSlugs("roadmap", suggestions([each.slug], sorted(past.roadmaps)))
        sides.append(side_of(past, names, found))
    return sides


async def _read(settings: Settings, revisions: Sequence[int | None]) -> list[tuple[Past, Names]]:
    async with whole(settings) as database:
        with count_progress("Reading the history", "seconds"):
            await pending(database)  # raises when a newer version has written the graph
            archive = Archive(database)
            return [await archive.at(revision) for revision in revisions]
