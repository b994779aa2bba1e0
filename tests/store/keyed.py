"""All that a KeyedReader can be asked, for tests that compare what several of them answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from graph_api.store.entities import Entities
from graph_api.store.keyed import KeyedReader, Read
from graph_api.store.page import Page, Slice
from graph_api.store.past import section_key
from graph_api.store.past_reader import PastReader
from graph_api.store.present_reader import PresentReader
from graph_api.store.session import Database
from graph_api.store.snapshot import Snapshot
from graph_api.store.structure_cache import StructureCache

PAGES: Final = (
    (Page(size=100), None),
    (Page(size=2, backward=True), False),
    (Page(size=3, after=(1,), before=(2_000_001,)), None),
)

Load: TypeAlias = Callable[[Read[Any, Any], Sequence[Any]], Awaitable[Sequence[Any]]]
"""How a reader is asked for many keys."""


def reading(name: str) -> Read[Any, Any]:
    """A read by its name."""

    def read(reader: KeyedReader) -> Any:
        return getattr(reader, name)

    read.__name__ = name
    return read


def present_of(
    database: Database, structures: StructureCache | None = None, entities: Entities | None = None
) -> PresentReader:
    """The reader of a request; without more to go by, one that knows nothing yet."""
    structures = structures or StructureCache(database)
    entities = entities or Entities(structures.touches, kept=0)
    return PresentReader(Snapshot(database, structures), entities)


def load_of(past: PastReader) -> Load:
    """The reads of the past, asked for in the way of those of the present."""

    async def load(read: Read[Any, Any], keys: Sequence[Any]) -> Sequence[Any]:
        return read(past)(keys, {})

    return load


def there(keys: Sequence[Any], found: Sequence[Any]) -> dict[Any, Any]:
    """What was found, by key, without what is not there."""
    return {key: value for key, value in zip(keys, found, strict=True) if value is not None}


@dataclass(frozen=True)
class Keys:
    """Ids, by slug; of sections by (roadmap, section)."""

    topics: Mapping[str, str] = field(default_factory=dict)
    roadmaps: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    async def read(cls, database: Database) -> Keys:
        """Those of everything that is there."""
        nodes = await database.read(
            "MATCH (n:Topic|Roadmap) RETURN labels(n)[0] AS kind, n.slug AS slug, n.id AS id"
        )
        sections = await database.read(
            "MATCH (r:Roadmap)-->(s:Section) RETURN r.slug AS roadmap, s.slug AS slug, s.id AS id"
        )
        of = {
            kind: {row["slug"]: row["id"] for row in nodes if row["kind"] == kind}
            for kind in ("Topic", "Roadmap")
        }
        return cls(of["Topic"], of["Roadmap"], {(row["roadmap"], row["slug"]): row["id"] for row in sections})

    def of_the_past(self) -> Keys:
        """The same with the keys that sections of the past have."""
        sections = {
            (roadmap, slug): section_key(self.roadmaps[roadmap], slug) for roadmap, slug in self.sections
        }
        return replace(self, sections=sections)


def questions(
    topics: Iterable[str],
    roadmaps: Iterable[str],
    sections: Iterable[str],
    *,
    topic_slugs: Iterable[str],
    roadmap_slugs: Iterable[str],
) -> dict[str, list[Any]]:
    """For each read the keys that it can be asked with; what is named in vain is among them."""
    topics, roadmaps, sections = ([*ids, "nobody"] for ids in (topics, roadmaps, sections))
    return {
        "roadmap_by_slug": [*roadmap_slugs, "nobody"],
        "roadmap_by_id": roadmaps,
        "section_by_id": sections,
        "topic_by_slug": [*topic_slugs, "nobody"],
        "neighbour_by_slug": [*topic_slugs, "nobody"],
        "topic_by_id": topics,
        "content_by_slug": [*topic_slugs, "nobody"],
        "sections_by_roadmap": roadmaps,
        "requirements_by_topic": topics,
        "recommendations_by_topic": topics,
        "resources_by_topic": topics,
        "placements_by_topic": topics,
        "topics_by_section": [(key, page) for key in sections for page, _ in PAGES],
        "topics_by_roadmap": [(key, asked) for key in roadmaps for asked in PAGES],
        "topic_count_by_section": sections,
        "topic_count_by_roadmap": [(key, optional) for key in roadmaps for optional in (None, True, False)],
    }


async def answers(load: Load, asked: Mapping[str, Sequence[Any]]) -> dict[str, dict[Any, Any]]:
    """All that a reader says, without what is empty."""
    return {name: _said(there(keys, await load(reading(name), keys))) for name, keys in asked.items()}


def _said(found: Mapping[Any, Any]) -> dict[Any, Any]:
    """Nothing there, a list without entries, a page without any and none in number are all the same."""
    return {key: value for key, value in found.items() if _entries(value)}


def _entries(value: Any) -> Any:
    return value.entries if isinstance(value, Slice) else value
