"""The worked example as the nodes that reads give, made of what its files say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from graph_api.store.nodes import (
    Outline,
    Place,
    PlacedTopic,
    RoadmapNode,
    SectionNode,
    TopicNode,
)
from graph_api.store.page import Page, Slice
from graph_api.store.rows import identity
from tests.example import CATALOGUE

ALL: Final = 100
BAKER, PIZZAIOLO = identity("roadmap", "baker"), identity("roadmap", "pizzaiolo")

Turn: TypeAlias = Callable[[Page], Awaitable[Slice[Any]]]
"""Gives a page of a list."""


def topic_id(slug: str) -> str:
    return identity("topic", slug)


def section_id(roadmap: str, section: str) -> str:
    return identity("section", roadmap, section)


def topic(slug: str) -> TopicNode:
    said = CATALOGUE.topics[slug]
    return TopicNode(topic_id(slug), slug, said.title, said.summary, said.hours, list(said.tags))


def roadmap(slug: str) -> RoadmapNode:
    said = CATALOGUE.roadmaps[slug]
    return RoadmapNode(identity("roadmap", slug), slug, said.title, said.summary, said.language)


def section(roadmap: str, slug: str) -> SectionNode:
    said = [(at, one) for at, one in enumerate(CATALOGUE.roadmaps[roadmap].sections) if one.slug == slug]
    [(position, one)] = said
    own = section_id(roadmap, slug)
    return SectionNode(
        own, slug, one.title, one.summary, one.optional, position, identity("roadmap", roadmap)
    )


def placed(roadmap: str) -> list[PlacedTopic]:
    """What a roadmap holds, as the catalogue says it."""
    return [
        PlacedTopic(
            topic=topic(at.topic),
            section_id=section_id(roadmap, one.slug),
            position=position,
            place=number * 1_000_000 + position,
            optional=one.optional or at.optional,
        )
        for number, one in enumerate(CATALOGUE.roadmaps[roadmap].sections)
        for position, at in enumerate(one.placements)
    ]


def outline(slug: str) -> Outline:
    """A roadmap with its sections and their places, as the catalogue says it."""
    sections = [section(slug, one.slug) for one in CATALOGUE.roadmaps[slug].sections]
    return Outline(
        roadmap(slug),
        {one.id: one for one in sections},
        {
            one.id: tuple(
                Place(at.topic.id, at.section_id, at.position, at.place, at.optional)
                for at in placed(slug)
                if at.section_id == one.id
            )
            for one in sections
        },
    )


def values(part: Slice[Any]) -> list[Any]:
    return [entry.value for entry in part.entries]


async def walk(read: Turn, *, size: int, shape: tuple[type, ...], backward: bool = False) -> list[Any]:
    """All values, page by page; each page is checked to say truly whether there are more."""
    seen: list[Any] = []
    bound: str | None = None
    while True:
        page = (
            Page.of(last=size, before=bound, shape=shape)
            if backward
            else Page.of(first=size, after=bound, shape=shape)
        )
        part = await read(page)
        seen = [*values(part), *seen] if backward else [*seen, *values(part)]
        more = part.has_previous if backward else part.has_next
        assert (part.has_next if backward else part.has_previous) is (bound is not None)
        if not more:
            return seen
        assert len(part.entries) == size
        bound = part.entries[0 if backward else -1].cursor
