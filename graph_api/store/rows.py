"""A change as the rows of the statements that write it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, LiteralString, TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

from graph_api.knowledge.change import Change
from graph_api.knowledge.model import Roadmap, Topic
from graph_api.store import history
from graph_api.store.cypher import writes

Row: TypeAlias = dict[str, object]
Step: TypeAlias = tuple[LiteralString, str, list[object]]
"""A statement, the name of its list parameter, and the rows that it gets as that."""

_LEAVES: Final = ("title", "summary", "hours", "tags")

_IDS: Final[UUID] = uuid5(NAMESPACE_URL, "roadmap-graph-api")


def identity(kind: str, *slugs: str) -> str:
    """The id that a node is given when it is created.

    It is a UUID of its first slug, so that a graph rebuilt from the same files has the same ids; it
    stays when the slug changes.
    """
    return str(uuid5(_IDS, "/".join((kind, *slugs))))


def version_rows(change: Change) -> list[object]:
    """The rows of RECORD."""
    return [
        {**row, "id": identity(str(row["kind"]).lower(), str(row["slug"]))}
        for row in history.versions(change)
    ]


def steps(change: Change) -> list[Step]:
    """Everything to be written, in its order: names first, then what goes, then what is there."""
    after, topics = change.after, _Topics(change)
    linked, taught = topics.differing("requires", "recommends"), topics.differing("resources")
    roadmaps = [after.roadmaps[slug] for slug in (*change.roadmaps.created, *change.roadmaps.changed)]
    return [
        *_renames(change),
        (writes.MERGE_PROGRESS, "rows", _pairs(change.merged)),
        (writes.DELETE_ROADMAPS, "slugs", _gone(change.roadmaps.removed, change.renamed_roadmaps)),
        (writes.CLEAR_PLACEMENTS, "slugs", [roadmap.slug for roadmap in roadmaps]),
        (writes.DELETE_TOPICS, "slugs", _gone(change.topics.removed, change.renamed)),
        (writes.CLEAR_EDGES, "slugs", topics.there_before(linked)),
        (writes.CLEAR_RESOURCES, "slugs", topics.there_before(taught)),
        (writes.PUT_TOPICS, "rows", list(map(_topic_row, topics.differing(*_LEAVES)))),
        (writes.PUT_REQUIREMENTS, "rows", list(_requirement_rows(linked))),
        (writes.PUT_RECOMMENDATIONS, "rows", list(_recommendation_rows(linked))),
        (writes.PUT_RESOURCES, "rows", list(_resource_rows(taught))),
        (writes.DELETE_ORPHANED_RESOURCES, "urls", topics.resources_left()),
        (writes.PUT_ROADMAPS, "rows", list(map(_roadmap_row, roadmaps))),
        (writes.DELETE_SECTIONS, "rows", list(map(_kept_sections, roadmaps))),
        (writes.PUT_SECTIONS, "rows", list(_section_rows(roadmaps))),
        (writes.PUT_PLACEMENTS, "rows", list(_placement_rows(roadmaps))),
        *_aliases(change),
    ]


class _Topics:
    """The topics that a change creates or changes, each beside what it was, under whatever slug it had."""

    def __init__(self, change: Change) -> None:
        self._slugs = (*change.topics.created, *change.topics.changed)
        self._now = change.after.topics
        former = {new: old for old, new in change.renamed.items()}
        self._was = {slug: change.before.topics.get(former.get(slug, slug)) for slug in self._slugs}
        self._touched = [
            change.before.topics[slug] for slug in (*change.topics.changed, *change.topics.removed)
        ]

    def differing(self, *facets: str) -> list[Topic]:
        """Those in which any of these differs from before, and all new ones: only that is written."""
        return [
            self._now[slug]
            for slug in self._slugs
            if (was := self._was[slug]) is None
            or any(getattr(was, facet) != getattr(self._now[slug], facet) for facet in facets)
        ]

    def there_before(self, topics: Iterable[Topic]) -> list[object]:
        """The slugs of now of those of them that are not new."""
        return [topic.slug for topic in topics if self._was[topic.slug] is not None]

    def resources_left(self) -> list[object]:
        """The addresses that none of them names any more; other topics may."""
        kept = {resource.url for slug in self._slugs for resource in self._now[slug].resources}
        return [*sorted({resource.url for topic in self._touched for resource in topic.resources} - kept)]


def _gone(removed: Iterable[str], renamed: Mapping[str, str]) -> list[object]:
    return [slug for slug in removed if slug not in renamed]


def _renames(change: Change) -> list[Step]:
    former, now = change.before.aliases.sections, change.after.aliases.sections
    held = {
        (change.renamed_roadmaps.get(roadmap.slug, roadmap.slug), section.slug)
        for roadmap in change.before.roadmaps.values()
        for section in roadmap.sections
    }
    sections: list[object] = [
        {"roadmap": roadmap, "was": old, "slug": new}
        for (roadmap, old), new in now.items()
        if (roadmap, old) in held and former.get((roadmap, old)) != new
    ]
    return [
        (writes.RENAME_TOPICS, "rows", _pairs(change.renamed)),
        (writes.RENAME_ROADMAPS, "rows", _pairs(change.renamed_roadmaps)),
        (writes.RENAME_SECTIONS, "rows", sections),
    ]


def _pairs(renamed: Mapping[str, str]) -> list[object]:
    return [{"was": old, "slug": new} for old, new in renamed.items()]


def _aliases(change: Change) -> list[Step]:
    """The aliases that name something else than before; those that name nothing any more have no slug."""
    before, after = change.before.aliases, change.after.aliases
    sections = {key: after.sections.get(key) for key in before.sections.keys() | after.sections.keys()}
    return [
        (writes.PUT_TOPIC_ALIASES, "rows", _alias_rows(before.topics, after.topics)),
        (writes.PUT_ROADMAP_ALIASES, "rows", _alias_rows(before.roadmaps, after.roadmaps)),
        (
            writes.PUT_SECTION_ALIASES,
            "rows",
            [
                {"roadmap": roadmap, "alias": alias, "slug": slug}
                for (roadmap, alias), slug in sorted(sections.items())
                if before.sections.get((roadmap, alias)) != slug
            ],
        ),
    ]


def _alias_rows(before: Mapping[str, str], after: Mapping[str, str]) -> list[object]:
    aliases = sorted(before.keys() | after.keys())
    return [
        {"alias": alias, "slug": after.get(alias)}
        for alias in aliases
        if before.get(alias) != after.get(alias)
    ]


def _topic_row(topic: Topic) -> Row:
    return {
        "id": identity("topic", topic.slug),
        "slug": topic.slug,
        "title": topic.title,
        "summary": topic.summary,
        "hours": topic.hours,
        "tags": list(topic.tags),
    }


def _requirement_rows(topics: Iterable[Topic]) -> Iterator[Row]:
    for topic in topics:
        for group, requirement in enumerate(topic.requires):
            for member in requirement.of:
                yield {
                    "topic": topic.slug,
                    "of": member,
                    "group": group,
                    "need": requirement.need,
                    "reason": requirement.reason,
                }


def _recommendation_rows(topics: Iterable[Topic]) -> Iterator[Row]:
    for topic in topics:
        for recommendation in topic.recommends:
            yield {"topic": topic.slug, "of": recommendation.topic, "reason": recommendation.reason}


def _resource_rows(topics: Iterable[Topic]) -> Iterator[Row]:
    for topic in topics:
        for position, resource in enumerate(topic.resources):
            yield {
                "topic": topic.slug,
                "url": resource.url,
                "title": resource.title,
                "kind": resource.kind,
                "position": position,
            }


def _roadmap_row(roadmap: Roadmap) -> Row:
    return {
        "id": identity("roadmap", roadmap.slug),
        "slug": roadmap.slug,
        "title": roadmap.title,
        "summary": roadmap.summary,
        "language": roadmap.language,
    }


def _kept_sections(roadmap: Roadmap) -> Row:
    return {"slug": roadmap.slug, "keep": [section.slug for section in roadmap.sections]}


def _section_rows(roadmaps: Iterable[Roadmap]) -> Iterator[Row]:
    for roadmap in roadmaps:
        for position, section in enumerate(roadmap.sections):
            yield {
                "roadmap": roadmap.slug,
                "id": identity("section", roadmap.slug, section.slug),
                "slug": section.slug,
                "title": section.title,
                "summary": section.summary,
                "optional": section.optional,
                "position": position,
            }


def _placement_rows(roadmaps: Iterable[Roadmap]) -> Iterator[Row]:
    for roadmap in roadmaps:
        for section in roadmap.sections:
            for position, placement in enumerate(section.placements):
                yield {
                    "roadmap": roadmap.slug,
                    "section": section.slug,
                    "topic": placement.topic,
                    "position": position,
                    "optional": placement.optional,
                }
