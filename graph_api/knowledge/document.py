"""What authors hand in: documents, one roadmap each, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Literal, TypeAlias

from graph_api.errors import Fault
from graph_api.knowledge.model import Roadmap, Slug, Topic
from graph_api.knowledge.names import suggestions

ReferenceKind: TypeAlias = Literal["placement", "requirement", "recommendation"]


@dataclass(frozen=True, slots=True)
class Definition:
    """A topic that a document defines in full, and where: `line` from 1, None where it is unknown."""

    topic: Topic
    line: int | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A topic that a document mentions without defining it there, and where."""

    topic: Slug
    kind: ReferenceKind
    line: int | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One roadmap as its author hands it in: `line` is where its slug stands.

    `definitions` may define a topic twice; `plan` refuses that unless both say the same.
    """

    name: str
    roadmap: Roadmap
    definitions: tuple[Definition, ...] = ()
    references: tuple[Reference, ...] = ()
    line: int | None = None

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics that it defines, in the order of its text."""
        return tuple(definition.topic for definition in self.definitions)


def faults(documents: Sequence[Document], known: Set[Slug]) -> list[Fault]:
    """What keeps the documents from being read together, in their order; `known` may be referred to."""
    order = {document.name: place for place, document in reversed([*enumerate(documents)])}
    found = [*_repeated_roadmaps(documents), *_conflicts(documents), *_unknown(documents, known)]
    return sorted(found, key=lambda fault: (order[fault.file], fault.line or 0))


def _repeated_roadmaps(documents: Sequence[Document]) -> Iterator[Fault]:
    first: dict[Slug, Document] = {}
    for document in documents:
        slug = document.roadmap.slug
        if (former := first.setdefault(slug, document)) is not document:
            message = f'The roadmap "{slug}" is already in {former.name}; one roadmap is one file.'
            yield Fault(message, file=document.name, line=document.line, path="slug")


def _conflicts(documents: Sequence[Document]) -> Iterator[Fault]:
    """Second definitions of a topic that differ from its first; equal ones are harmless."""
    first: dict[Slug, tuple[Document, Definition]] = {}
    for document in documents:
        for definition in document.definitions:
            slug = definition.topic.slug
            former, same = first.setdefault(slug, (document, definition))
            if same.topic == definition.topic:
                continue
            line = f", line {same.line}" if same.line else ""
            message = f'The topic "{slug}" is defined otherwise in {former.name}{line}.'
            yield Fault(message, file=document.name, line=definition.line, path=definition.path)


def _unknown(documents: Sequence[Document], known: Set[Slug]) -> Iterator[Fault]:
    unknown = [
        (document, reference)
        for document in documents
        for reference in document.references
        if reference.topic not in known
    ]
    near = suggestions(dict.fromkeys(reference.topic for _, reference in unknown), sorted(known))
    for document, reference in unknown:
        yield Fault(
            f'No topic has the slug "{reference.topic}".',
            file=document.name,
            line=reference.line,
            path=reference.path,
            suggestion=next(iter(near[reference.topic]), None),
        )


def named(documents: Sequence[Document]) -> set[Slug]:
    """Every topic that the documents define or mention."""
    return {
        slug
        for document in documents
        for slug in (
            *(definition.topic.slug for definition in document.definitions),
            *(reference.topic for reference in document.references),
        )
    }
