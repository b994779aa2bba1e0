"""DataLoaders: made for one request, they turn many loads of one level into one read.

Each is named <value>_by_<key>. A single value that is not there loads as None, a list as an empty one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from aiodataloader import DataLoader

from graph_api.knowledge.model import Topic
from graph_api.store.entries import ChangeNode, EntryNode
from graph_api.store.nodes import (
    PlacedTopic,
    PlacementNode,
    RecommendationNode,
    RequirementNode,
    ResourceNode,
    RoadmapNode,
    SectionNode,
    TopicNode,
)
from graph_api.store.page import Page, Slice
from graph_api.store.time_reader import TimeReader
from graph_api.telemetry.activity import loading

V = TypeVar("V")
Options = TypeVar("Options")

Fetch: TypeAlias = Callable[[Sequence[str]], Awaitable[Mapping[str, V]]]
FetchWith: TypeAlias = Callable[[Sequence[str], Options], Awaitable[Mapping[str, V]]]
Paged: TypeAlias = tuple[str, Page]
RoadmapTopics: TypeAlias = tuple[str, tuple[Page, bool | None]]


class Loaders:
    """The loaders of one request. They remember what they loaded, so no two requests share them."""

    def __init__(self, reader: TimeReader) -> None:
        self.roadmap_by_slug: DataLoader[str, RoadmapNode | None] = _loader(reader.roadmaps_by_slug, None)
        self.roadmap_by_id: DataLoader[str, RoadmapNode | None] = _loader(reader.roadmaps_by_id, None)
        self.section_by_id: DataLoader[str, SectionNode | None] = _loader(reader.sections_by_id, None)
        self.topic_by_slug: DataLoader[str, TopicNode | None] = _loader(reader.topics_by_slug, None)
        self.topic_by_id: DataLoader[str, TopicNode | None] = _loader(reader.topics_by_id, None)
        self.content_by_slug: DataLoader[str, Topic | None] = _loader(reader.content_by_slug, None)
        self.sections_by_roadmap: DataLoader[str, list[SectionNode]] = _loader(reader.sections_by_roadmap, [])
        self.requirements_by_topic: DataLoader[str, list[RequirementNode]] = _loader(
            reader.requirements_by_topic, []
        )
        self.recommendations_by_topic: DataLoader[str, list[RecommendationNode]] = _loader(
            reader.recommendations_by_topic, []
        )
        self.resources_by_topic: DataLoader[str, list[ResourceNode]] = _loader(reader.resources_by_topic, [])
        self.placements_by_topic: DataLoader[str, list[PlacementNode]] = _loader(
            reader.placements_by_topic, []
        )
        self.topics_by_section: DataLoader[Paged, Slice[PlacedTopic]] = _loader_with(
            reader.topics_of_sections, Slice()
        )
        self.topics_by_roadmap: DataLoader[RoadmapTopics, Slice[PlacedTopic]] = _loader_with(
            reader.topics_of_roadmaps, Slice()
        )
        self.topic_count_by_section: DataLoader[str, int] = _loader(reader.count_topics_of_sections, 0)
        self.topic_count_by_roadmap: DataLoader[tuple[str, bool | None], int] = _loader_with(
            reader.count_topics_of_roadmaps, 0
        )
        self.entries_by_roadmap: DataLoader[Paged, Slice[EntryNode]] = _loader_with(
            reader.entries_of_roadmaps, Slice()
        )
        self.entry_count_by_roadmap: DataLoader[str, int] = _loader(reader.count_entries_of_roadmaps, 0)
        self.changes_by_revision: DataLoader[Paged, Slice[ChangeNode]] = _loader_with(
            reader.changes_of_revisions, Slice()
        )
        self.change_count_by_revision: DataLoader[str, int] = _loader(reader.count_changes_of_revisions, 0)


def _loader(fetch: Fetch[V], absent: Any) -> DataLoader[str, Any]:
    """A loader by key that aligns what one read found."""
    name = _name(fetch)

    async def batch(keys: list[str]) -> list[V]:
        with loading(name, len(keys)):
            found = await fetch(keys)
        return [found.get(key, absent) for key in keys]

    return DataLoader(batch)


def _loader_with(fetch: FetchWith[Options, V], absent: V) -> DataLoader[Any, V]:
    """A loader by (key, options): one read for all keys that are asked for with the same options."""
    name = _name(fetch)

    async def batch(asked: list[tuple[str, Options]]) -> list[V]:
        keys: dict[Options, list[str]] = defaultdict(list)
        for key, options in asked:
            keys[options].append(key)
        with loading(name, len(asked)):
            found = {options: await fetch(together, options) for options, together in keys.items()}
        return [found[options].get(key, absent) for key, options in asked]

    return DataLoader(batch)


def _name(fetch: Callable[..., object]) -> str:
    """What metrics and traces call a loader: the read that is behind it."""
    return str(getattr(fetch, "__name__", "unnamed"))
