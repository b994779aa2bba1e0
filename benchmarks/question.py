"""What is asked, whoever is asked: a dialect puts it into the words of a peer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["page", "topics", "topic", "search"]

ALWAYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "roadmap": ("title",),
        "section": ("title",),
        "topic": ("slug", "title"),
        "requirement": ("need",),
        "of": ("slug",),
    }
)
"""What is asked of an object in any case, so that none is empty."""

LEAVES: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        "page": (
            *("roadmap.summary", "roadmap.language", "section.slug", "section.summary", "section.optional"),
            *("topic.summary", "topic.hours", "requirement.reason", "of.title"),
        ),
        "topics": ("topic.summary", "topic.hours", "topic.tags", "of.title", "of.hours", "of.summary"),
        "topic": ("topic.summary", "topic.hours", "topic.tags", "of.title", "of.hours", "of.summary"),
        "search": ("topic.summary", "topic.hours", "topic.tags"),
    }
)
"""What may be left out. `section.optional` stands for being optional at all, of a section or of a place."""

SELECTIONS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    `keys` are the roadmap's slug (page), ids (topics), the topic's slug (topic) or a word (search).
    `first` bounds its lists: for a page from 10, where it cuts nothing off. `alias` is another name for
    the title of topics, which makes a document that no server has seen.
    """

    kind: Kind
    keys: tuple[str, ...]
    leaves: frozenset[str]
    first: int = 20
    alias: str | None = None

    def names(self, level: str) -> tuple[str, ...]:
        """The fields that are asked of the objects of a level, `optional` among them."""
        chosen = tuple(leaf for leaf in LEAVES[self.kind] if leaf in self.leaves)
        return (*ALWAYS[level], *(leaf.partition(".")[2] for leaf in chosen if leaf.startswith(f"{level}.")))

    def fields(self, level: str) -> str:
        """The same as GraphQL, without `optional`, which peers have in different places."""
        names = (name for name in self.names(level) if name != "optional")
        if level != "topic" or self.alias is None:
            return " ".join(names)
        return " ".join(f"{self.alias}: title" if name == "title" else name for name in names)

    @property
    def optional(self) -> bool:
        """Whether it asks what is optional."""
        return "section.optional" in self.leaves


def selections(kind: Kind) -> tuple[frozenset[str], ...]:
    """The selections that clients take turns with: all leaves, and others without one to three of them."""
    random = Random(kind)
    leaves = LEAVES[kind]
    found = [frozenset(leaves)]
    most = min(SELECTIONS, 2 ** len(leaves))
    while len(found) < most:
        without = random.sample(leaves, random.randint(1, 3))
        if (selection := frozenset(leaves) - set(without)) not in found:
            found.append(selection)
    return tuple(found)
