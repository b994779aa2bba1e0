"""Whole content: topics and roadmaps with everything that an author wrote, as the catalogue's values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from neo4j import Record

from graph_api.knowledge.model import (
    Aliases,
    Catalogue,
    Placement,
    Recommendation,
    Requirement,
    Resource,
    Roadmap,
    Section,
    Topic,
)


def catalogue(topics: Iterable[Record], roadmaps: Iterable[Record], former: Aliases) -> Catalogue:
    """Rows of content as a catalogue, in their order."""
    return Catalogue(
        topics={row["topic"]["slug"]: topic_content(row) for row in topics},
        roadmaps={row["roadmap"]["slug"]: _roadmap(row) for row in roadmaps},
        aliases=former,
    )


def aliases(records: Iterable[Mapping[str, Any]]) -> Aliases:
    """The aliases of records that have them as ALIASES does."""
    found: dict[str, dict[Any, str]] = {"TopicAlias": {}, "RoadmapAlias": {}, "Section": {}}
    for kind, roadmap, alias, slug in (row for record in records for row in record["aliases"]):
        found[kind][(roadmap, alias) if kind == "Section" else alias] = slug
    return Aliases(found["TopicAlias"], found["RoadmapAlias"], found["Section"])


def requirements(edges: Iterable[Sequence[Any]]) -> tuple[Requirement, ...]:
    """Edges [group, need, reason, slug] of one topic as its groups, by group number."""
    members: Mapping[tuple[int, int, str], list[str]] = defaultdict(list)
    for group, need, reason, slug in edges:
        members[group, need, reason].append(slug)
    return tuple(
        Requirement(of=tuple(sorted(slugs)), need=need, reason=reason)
        for (_, need, reason), slugs in sorted(members.items())
    )


def topic_content(row: Record) -> Topic:
    """A row of the content of topics as a topic."""
    topic = row["topic"]
    return Topic(
        slug=topic["slug"],
        title=topic["title"],
        summary=topic["summary"],
        hours=topic["hours"],
        tags=tuple(topic["tags"]),
        resources=tuple(Resource(**resource) for resource in row["resources"]),
        requires=requirements(row["requires"]),
        recommends=tuple(Recommendation(slug, reason) for slug, reason in row["recommends"]),
    )


def _roadmap(row: Record) -> Roadmap:
    sections = tuple(
        Section(
            **section["section"],
            placements=tuple(Placement(slug, optional) for slug, optional in section["placements"]),
        )
        for section in row["sections"]
    )
    return Roadmap(**row["roadmap"], sections=sections)
