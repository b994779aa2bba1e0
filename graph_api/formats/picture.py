"""What a picture of topics shows, before any format: nodes, arrows, and joins where there is a choice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from graph_api.knowledge.model import Requirement, Slug, Topic

COLOURS: Final[Mapping[str, tuple[str, str]]] = {
    "KNOWN": ("#c8e6c9", "#2e7d32"),
    "READY": ("#fff3c4", "#b7791f"),
    "BLOCKED": ("#eceff1", "#607d8b"),
    "UNLEARNABLE": ("#ffcdd2", "#c62828"),
}
"""(fill, border) of each state."""

PATH_COLOUR: Final = "#1565c0"
"""The thick border of what is on the path, whatever its state."""


@dataclass(frozen=True, slots=True)
class Node:
    """One topic; `known_here` is False for one that is only required by the others."""

    slug: Slug
    title: str
    state: str | None
    on_path: bool
    optional: bool
    known_here: bool


@dataclass(frozen=True, slots=True)
class Join:
    """A group with alternatives: its members lead to it, and it leads to the topic."""

    label: str
    topic: Slug
    of: tuple[Slug, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes by slug, arrows as (before, after), all sorted, so that equal input has an equal picture."""

    nodes: tuple[Node, ...]
    joins: tuple[Join, ...]
    required: tuple[tuple[Slug, Slug], ...]
    recommended: tuple[tuple[Slug, Slug], ...]


def picture(
    topics: Iterable[Topic],
    *,
    states: Mapping[Slug, str] | None = None,
    on_path: Collection[Slug] = (),
    optional: Collection[Slug] = (),
) -> Picture:
    """The picture of these topics, in any order.

    `states` gives some of them a name of COLOURS; any other name stays uncoloured. Required topics that are
    not given are drawn too, under their slug; recommended ones only when they are given.
    """
    shown = {topic.slug: topic for topic in sorted(topics, key=lambda topic: topic.slug)}
    groups = [(slug, group) for slug, topic in shown.items() for group in topic.requires]
    slugs = sorted(shown.keys() | {member for _, group in groups for member in group.of})
    path, dashed, named = frozenset(on_path), frozenset(optional), states or {}
    nodes = (
        Node(
            slug,
            shown[slug].title if slug in shown else slug,
            named.get(slug),
            slug in path,
            slug in dashed,
            slug in shown,
        )
        for slug in slugs
    )
    required = {(member, slug) for slug, group in groups if _all_of(group) for member in group.of}
    recommended = {(each.topic, slug) for slug in shown for each in shown[slug].recommends}
    return Picture(
        tuple(nodes),
        tuple(_join(slug, group) for slug, group in groups if not _all_of(group)),
        tuple(sorted(required)),
        tuple(sorted(pair for pair in recommended if pair[0] in shown)),
    )


def _all_of(group: Requirement) -> bool:
    return group.need == len(group.of)


def _join(topic: Slug, group: Requirement) -> Join:
    label = "or" if group.need == 1 else f"{group.need} of {len(group.of)}"
    return Join(label, topic, tuple(sorted(group.of)))


def one_line(text: str) -> str:
    """The text with every run of blanks and control characters as one space."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
