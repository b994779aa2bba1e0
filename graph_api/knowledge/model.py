"""The values that everything here speaks about: frozen, hashable, without behaviour beyond their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_LENGTH: Final = 80
MAX_TAGS: Final = 20
MAX_RESOURCES: Final = 100
MAX_RECOMMENDED: Final = 256
"""What a topic may have at the most, however it is written."""

Slug: TypeAlias = str
ResourceKind: TypeAlias = Literal["docs", "spec", "book", "course", "article", "video", "tool"]


@dataclass(frozen=True, slots=True)
class Resource:
    """Something to learn a topic from; `url` identifies it."""

    url: str
    title: str
    kind: ResourceKind = "article"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One group of a topic's requirements: at least `need` of the topics `of` must be known.

    `of` is sorted, without repeats, and 1 <= need <= len(of). A plain prerequisite is a group of one.
    """

    of: tuple[Slug, ...]
    need: int = 1
    reason: str = ""

    @property
    def plain(self) -> bool:
        """Whether it names exactly one topic, which then is a prerequisite without alternative."""
        return len(self.of) == 1


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A topic that is better learned before: it orders, it never blocks."""

    topic: Slug
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to learn. It is shared: one topic may stand in many roadmaps.

    All of `requires` must be met before it can be learned. `hours` is the effort for a learner who
    knows what it requires; None says that nobody has estimated it. In a catalogue `recommends` stands by
    slug: its order says nothing.
    """

    slug: Slug
    title: str
    summary: str = ""
    hours: float | None = None
    tags: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    requires: tuple[Requirement, ...] = ()
    recommends: tuple[Recommendation, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """A topic's place in a section. Being optional belongs to the place, not to the topic."""

    topic: Slug
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A titled run of placements; its slug is unique within its roadmap."""

    slug: Slug
    title: str
    summary: str = ""
    optional: bool = False
    placements: tuple[Placement, ...] = ()


@dataclass(frozen=True, slots=True)
class Roadmap:
    """An ordered selection of topics for one aim."""

    slug: Slug
    title: str
    summary: str = ""
    language: str = "en"
    sections: tuple[Section, ...] = ()

    def placed(self) -> Iterator[tuple[Slug, bool]]:
        """Each placement as (topic, optional); a topic is optional when its placement or its section is."""
        for section in self.sections:
            for placement in section.placements:
                yield placement.topic, section.optional or placement.optional


@dataclass(frozen=True, slots=True)
class Aliases:
    """Former slugs, each with the slug that its owner has now; sections by (roadmap, former slug).

    An alias still names its owner wherever a slug does, and no other of its kind can take it.
    """

    topics: Mapping[Slug, Slug] = field(default_factory=lambda: MappingProxyType({}))
    roadmaps: Mapping[Slug, Slug] = field(default_factory=lambda: MappingProxyType({}))
    sections: Mapping[tuple[Slug, Slug], Slug] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything there is to learn, or a part of it: topics and roadmaps by slug, and former slugs."""

    topics: Mapping[Slug, Topic] = field(default_factory=lambda: MappingProxyType({}))
    roadmaps: Mapping[Slug, Roadmap] = field(default_factory=lambda: MappingProxyType({}))
    aliases: Aliases = field(default_factory=Aliases)
