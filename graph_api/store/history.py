"""The history of the content: what each write changed, as text that can be read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import orjson

from graph_api.knowledge.change import Change
from graph_api.knowledge.model import (
    Placement,
    Recommendation,
    Requirement,
    Resource,
    Roadmap,
    Section,
    Topic,
)

Row: TypeAlias = dict[str, object]


def versions(change: Change) -> Iterator[Row]:
    """A row for each topic and roadmap that a change creates, changes or removes: kind, slugs, texts.

    `was` is its slug before (None for a new one), `slug` the one after it (the last one for a removed one).
    """
    before, after = change.before, change.after
    yield from _rows("Topic", before.topics, after.topics, change.topics, change.renamed)
    yield from _rows("Roadmap", before.roadmaps, after.roadmaps, change.roadmaps, change.renamed_roadmaps)


def _rows(kind: str, before: Any, after: Any, difference: Any, renamed: Any) -> Iterator[Row]:
    former = {new: old for old, new in renamed.items()}
    for slug in (*difference.created, *difference.changed):
        was = former.get(slug, slug)
        yield _row(kind, was, slug, before.get(was), after[slug])
    for slug in difference.removed:
        if slug not in renamed:
            yield _row(kind, slug, slug, before[slug], None)


def _row(kind: str, was: str, slug: str, before: object, after: object) -> Row:
    return {
        "kind": kind,
        "was": was,
        "slug": slug,
        "before": None if before is None else text(before),
        "after": None if after is None else text(after),
    }


def text(value: object) -> str:
    """A topic or roadmap as JSON."""
    return orjson.dumps(value).decode()


def topic(data: str) -> Topic:
    """The topic that `text` made the JSON of."""
    value: dict[str, Any] = orjson.loads(data)
    return Topic(
        **{
            **value,
            "tags": tuple(value["tags"]),
            "resources": tuple(Resource(**each) for each in value["resources"]),
            "requires": tuple(Requirement(**{**each, "of": tuple(each["of"])}) for each in value["requires"]),
            "recommends": tuple(Recommendation(**each) for each in value["recommends"]),
        }
    )


def roadmap(data: str) -> Roadmap:
    """The roadmap that `text` made the JSON of."""
    value: dict[str, Any] = orjson.loads(data)
    return Roadmap(**{**value, "sections": tuple(map(_section, value["sections"]))})


def _section(value: dict[str, Any]) -> Section:
    return Section(**{**value, "placements": tuple(Placement(**each) for each in value["placements"])})
