"""What a read gives: the graph's nodes and places as frozen values, with the ids that they have there.

They are named tuples: hundreds are made for an answer, each in a third of the time of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Any, Final, Literal, NamedTuple, TypeAlias

NodeKind: TypeAlias = Literal["Roadmap", "Section", "Topic"]

A_SECTION: Final = 1_000_000
"""The places of a roadmap's sections begin at multiples of it: no section has as many topics."""


class RoadmapNode(NamedTuple):
    """A roadmap, without its sections."""

    id: str
    slug: str
    title: str
    summary: str
    language: str


class SectionNode(NamedTuple):
    """A section and its place in its roadmap, without its topics."""

    id: str
    slug: str
    title: str
    summary: str
    optional: bool
    position: int
    roadmap_id: str


class Place(NamedTuple):
    """A place of a topic in a roadmap; `place` orders all of the roadmap, `position` those of its section."""

    topic: str
    section_id: str
    position: int
    place: int
    optional: bool


class Outline(NamedTuple):
    """A roadmap with its sections and the places in each, by the section's id; both in order."""

    roadmap: RoadmapNode
    sections: Mapping[str, SectionNode]
    places: Mapping[str, Sequence[Place]]


class ResourceNode(NamedTuple):
    """Something to learn a topic from."""

    url: str
    title: str
    kind: str


class TopicNode(NamedTuple):
    """A topic, without what it is connected to. `hours` is None where nobody has estimated them."""

    id: str
    slug: str
    title: str
    summary: str
    hours: float | None
    tags: list[str]


class PlacedTopic(NamedTuple):
    """A topic in a section; `place` orders it among all that were asked for."""

    topic: TopicNode
    section_id: str
    position: int
    place: int
    optional: bool


class PlacementNode(NamedTuple):
    """Where a topic stands; optional when the placement or its section is."""

    roadmap_id: str
    section_id: str
    position: int
    optional: bool


class RequirementNode(NamedTuple):
    """One group of requirements: at least `need` of the topics `of`."""

    need: int
    of: tuple[TopicNode, ...]
    reason: str


class RecommendationNode(NamedTuple):
    """A topic that is better learned before, and why."""

    topic: TopicNode
    reason: str


class Need(NamedTuple):
    """A group of requirements as it is stored: at least `need` of the topics with the ids `of`."""

    need: int
    of: tuple[str, ...]
    reason: str


class Advice(NamedTuple):
    """A recommendation as it is stored: a topic's id, and why."""

    topic: str
    reason: str


class Along(Enum):
    """What comes along with a topic that is read.

    NEEDS  what it requires
    NEAR   the topics that are required
    """

    NOTHING = auto()
    NEEDS = auto()
    NEAR = auto()
    BOTH = auto()

    @property
    def needs(self) -> bool:
        """Whether what it requires comes along."""
        return self is Along.NEEDS or self is Along.BOTH

    @property
    def near(self) -> bool:
        """Whether the topics that are required come along."""
        return self is Along.NEAR or self is Along.BOTH


BESIDE: Final = ("recommendations", "resources", "placements")
"""What stands beside topics: each is read by itself, or all together."""


class Topics(NamedTuple):
    """Topics that were read, and what came along; a topic may come more than once.

    found  those asked for
    near   those that they require, unless they are among them already
    needs  what they require, by id
    """

    found: Sequence[TopicNode]
    near: Sequence[TopicNode]
    needs: Mapping[str, tuple[Need, ...]]


class Beside(NamedTuple):
    """What stands beside topics: by its kind and the topic's id; and the topics that are recommended."""

    tables: Mapping[str, Mapping[str, Sequence[Any]]]
    near: Sequence[TopicNode]


class Match(NamedTuple):
    """A node that a search found, and how well it fits (a higher score is better)."""

    kind: NodeKind
    id: str
    score: float


class Counts(NamedTuple):
    """How much the graph holds, at a revision of its content."""

    revision: int
    roadmaps: int
    sections: int
    topics: int
    requirements: int
    resources: int
