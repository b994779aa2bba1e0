"""Writes: one write is one transaction under the catalogue's lock, and one revision more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, LiteralString, TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

from graph_api.knowledge.change import Change, Document, plan
from graph_api.knowledge.model import Catalogue, Roadmap, Topic
from graph_api.store.content import catalogue
from graph_api.store.cypher import clock, whole, writes
from graph_api.store.session import Database, Transaction, only

Row: TypeAlias = dict[str, object]
Report: TypeAlias = Callable[[int, int], None]
"""Called with rows written and rows in all, while a write goes on."""


def silent(done: int, total: int) -> None:
    """Tell nobody how far a write is."""


BATCH: Final = 1000
_IDS: Final[UUID] = uuid5(NAMESPACE_URL, "roadmap-graph-api")


def identity(kind: str, *slugs: str) -> str:
    """The id that a node is given when it is created.

    It is a UUID of its first slug, so that a graph rebuilt from the same files has the same ids; it
    stays when the slug changes.
    """
    return str(uuid5(_IDS, "/".join((kind, *slugs))))


async def read_catalogue(
    database: Database, *, roadmaps: Sequence[str] | None = None, topics: Sequence[str] | None = None
) -> Catalogue:
    """The content as its authors wrote it: all of it, or the named roadmaps and topics only."""
    found = await database.read_all(
        (whole.CONTENT_TOPICS, {"slugs": topics}), (whole.CONTENT_ROADMAPS, {"slugs": roadmaps})
    )
    return catalogue(*found)


class GraphWriter:
    """Changes of the content. Each is asked of `knowledge.change` first, under the lock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def import_documents(
        self,
        documents: Sequence[Document],
        *,
        prune: bool = False,
        stubs: bool = False,
        report: Report = silent,
    ) -> tuple[Change, int]:
        """Import documents together, all or nothing; the change made and the revision it led to.

        What changes nothing writes nothing and leaves the revision. Raises what `plan` raises, and what
        `Database` raises.
        """

        async def work(transaction: Transaction) -> tuple[Change, int]:
            revision = only(await transaction.run(clock.LOCK_CATALOGUE))["revision"]
            topics = await transaction.run(whole.CONTENT_TOPICS, slugs=None)
            roadmaps = await transaction.run(whole.CONTENT_ROADMAPS, slugs=None)
            change = plan(catalogue(topics, roadmaps), documents, prune=prune, stubs=stubs)
            if change.empty:
                return change, revision
            await _write(transaction, change, report)
            return change, only(await transaction.run(clock.NEXT_REVISION))["revision"]

        return await self._database.write(work)


async def _write(transaction: Transaction, change: Change, report: Report) -> None:
    """Write what differs between the two catalogues of a change."""
    after = change.after
    topics = [after.topics[slug] for slug in (*change.topics.created, *change.topics.changed)]
    roadmaps = [after.roadmaps[slug] for slug in (*change.roadmaps.created, *change.roadmaps.changed)]
    steps: list[tuple[LiteralString, str, list[object]]] = [
        (writes.DELETE_ROADMAPS, "slugs", list(change.roadmaps.removed)),
        (writes.CLEAR_PLACEMENTS, "slugs", [roadmap.slug for roadmap in roadmaps]),
        (writes.DELETE_TOPICS, "slugs", list(change.topics.removed)),
        (writes.CLEAR_TOPICS, "slugs", list(change.topics.changed)),
        (writes.PUT_TOPICS, "rows", list(map(_topic_row, topics))),
        (writes.PUT_REQUIREMENTS, "rows", list(_requirement_rows(topics))),
        (writes.PUT_RECOMMENDATIONS, "rows", list(_recommendation_rows(topics))),
        (writes.PUT_RESOURCES, "rows", list(_resource_rows(topics))),
        (writes.PUT_ROADMAPS, "rows", list(map(_roadmap_row, roadmaps))),
        (writes.DELETE_SECTIONS, "rows", list(map(_kept_sections, roadmaps))),
        (writes.PUT_SECTIONS, "rows", list(_section_rows(roadmaps))),
        (writes.PUT_PLACEMENTS, "rows", list(_placement_rows(roadmaps))),
    ]
    total = sum(len(rows) for _, _, rows in steps)
    done = 0
    for statement, name, rows in steps:
        for batch in _batches(rows):
            await transaction.run(statement, **{name: batch})
            done += len(batch)
            report(done, total)
    await transaction.run(writes.DELETE_ORPHANED_RESOURCES)


def _batches(rows: Iterable[object]) -> Iterator[list[object]]:
    ahead = iter(rows)
    while batch := list(islice(ahead, BATCH)):
        yield batch


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
