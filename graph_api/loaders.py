"""DataLoaders: made for one request, they turn many loads of one level into one read.

Each is named <value>_by_<key>. A single value that is not there loads as None, a list as an empty one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Generic, TypeAlias, TypeVar, cast

from aiodataloader import DataLoader

from graph_api.knowledge.model import Topic
from graph_api.store.entries import ChangeNode, EntryNode
from graph_api.store.keyed import Lacks, Paged, Read, RoadmapTopics
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
from graph_api.store.page import Slice
from graph_api.store.time_reader import TimeReader
from graph_api.telemetry.activity import loading

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Options = TypeVar("Options", bound=Hashable)

FetchWith: TypeAlias = Callable[[Sequence[str], Options], Awaitable[Mapping[str, V]]]


class Loader(Generic[K, V]):
    """Loads of one kind. What is known already is there at once; the others of a level are read together."""

    def __init__(
        self,
        name: str,
        batch: Callable[[list[K]], Awaitable[list[V]]],
        *,
        absent: V,
        known: Callable[[Sequence[K], Lacks], Sequence[V | None]] | None = None,
    ) -> None:
        """`batch` gives the values of keys in their order; `known` too, where that needs no reading."""
        self.name = name
        self.batch = batch
        self.max_batch_size: int | None = None
        self._absent = absent
        self._known = known
        self._loader: DataLoader[K | _Several[K], Any] | None = None

    def get(self, key: K) -> V | Awaitable[V]:
        """The value, or what gives it when it is awaited."""
        if self._known is None:
            return self.load(key)
        lacks: Lacks = defaultdict(set)
        [found] = self._known((key,), lacks)
        if lacks:
            return self.load(key)
        return self._absent if found is None else found

    def get_many(self, keys: Sequence[K]) -> list[V] | Awaitable[list[V]]:
        """The values in their order, or what gives them when it is awaited."""
        if self._known is None:
            return self.load_many(keys)
        lacks: Lacks = defaultdict(set)
        found = self._known(keys, lacks)
        if lacks:
            return self.load_many(keys)
        return _all_there(found, self._absent)

    def load(self, key: K) -> Awaitable[V]:
        """The value, read with all others that are asked for now. Raises what `Database` raises."""
        return self._made().load(key)

    def load_many(self, keys: Sequence[K]) -> Awaitable[list[V]]:
        """The values in their order; no coroutine: who is cancelled may not have begun to wait for it."""
        return self._made().load(_Several(keys))

    def _made(self) -> DataLoader[K | _Several[K], Any]:
        if self._loader is None:
            together = partial(_together, self.name, self.batch)  # no method: that would make a circle
            self._loader = DataLoader(together, max_batch_size=self.max_batch_size)
        return self._loader


class _Several(tuple[K, ...]):
    """Keys that are loaded as one: a future for each of a hundred takes six times as long."""

    __slots__ = ()


async def _together(
    name: str, batch: Callable[[list[K]], Awaitable[list[V]]], asked: Sequence[K | _Several[K]]
) -> list[V | list[V]]:
    """What was asked for, each key of it read once."""
    keys: dict[K, None] = {}
    for each in asked:
        keys |= dict.fromkeys(each if isinstance(each, _Several) else (each,))
    found: dict[K, V] = {}
    if keys:
        with loading(name, len(keys)):
            found = dict(zip(keys, await batch([*keys]), strict=True))
    return [[found[key] for key in each] if isinstance(each, _Several) else found[each] for each in asked]


class Keyed(Generic[K, V]):
    """A loader of what any revision can be asked for by key; a request makes those that it uses."""

    def __init__(self, read: Read[K, Any], absent: Any = None) -> None:
        self._read = read
        self._absent = absent
        self._attribute = ""

    def __set_name__(self, _: type, name: str) -> None:
        self._attribute = name

    def __get__(self, loaders: Loaders, _: type | None = None) -> Loader[K, V]:
        """That of a request, which is found without this from then on."""
        read, reader, absent = self._read, loaders.reader, self._absent

        async def batch(keys: list[K]) -> list[V]:
            return _all_there(await reader.load(read, keys), absent)

        known = read(reader.present)
        made: Loader[K, V] = Loader(_name(known), batch, absent=absent, known=known)
        loaders.__dict__[self._attribute] = made
        return made


class Loaders:
    """The loaders of one request. They remember what they loaded, so no two requests share them."""

    def __init__(self, reader: TimeReader) -> None:
        self.reader = reader

    roadmap_by_slug = Keyed[str, RoadmapNode | None](lambda of: of.roadmap_by_slug)
    roadmap_by_id = Keyed[str, RoadmapNode | None](lambda of: of.roadmap_by_id)
    section_by_id = Keyed[str, SectionNode | None](lambda of: of.section_by_id)
    topic_by_slug = Keyed[str, TopicNode | None](lambda of: of.topic_by_slug)
    neighbour_by_slug = Keyed[str, TopicNode | None](lambda of: of.neighbour_by_slug)
    topic_by_id = Keyed[str, TopicNode | None](lambda of: of.topic_by_id)
    content_by_slug = Keyed[str, Topic | None](lambda of: of.content_by_slug)
    sections_by_roadmap = Keyed[str, list[SectionNode]](lambda of: of.sections_by_roadmap, [])
    requirements_by_topic = Keyed[str, list[RequirementNode]](lambda of: of.requirements_by_topic, [])
    recommendations_by_topic = Keyed[str, list[RecommendationNode]](
        lambda of: of.recommendations_by_topic, []
    )
    resources_by_topic = Keyed[str, list[ResourceNode]](lambda of: of.resources_by_topic, [])
    placements_by_topic = Keyed[str, list[PlacementNode]](lambda of: of.placements_by_topic, [])
    topics_by_section = Keyed[Paged, Slice[PlacedTopic]](lambda of: of.topics_by_section, Slice())
    topics_by_roadmap = Keyed[RoadmapTopics, Slice[PlacedTopic]](lambda of: of.topics_by_roadmap, Slice())
    topic_count_by_section = Keyed[str, int](lambda of: of.topic_count_by_section, 0)
    topic_count_by_roadmap = Keyed[tuple[str, bool | None], int](lambda of: of.topic_count_by_roadmap, 0)

    @cached_property
    def entries_by_roadmap(self) -> Loader[Paged, Slice[EntryNode]]:
        """Pages of the history of a roadmap."""
        return _paged(self.reader.entries_of_roadmaps, Slice())

    @cached_property
    def entry_count_by_roadmap(self) -> Loader[str, int]:
        """How many entries the history of a roadmap has."""
        return _counted(self.reader.count_entries_of_roadmaps)

    @cached_property
    def changes_by_revision(self) -> Loader[Paged, Slice[ChangeNode]]:
        """Pages of what a write has changed."""
        return _paged(self.reader.changes_of_revisions, Slice())

    @cached_property
    def change_count_by_revision(self) -> Loader[str, int]:
        """How many things a write has changed."""
        return _counted(self.reader.count_changes_of_revisions)


def _all_there(found: Sequence[V | None], absent: V) -> list[V]:
    """The values, `absent` where there is none."""
    if absent is None:
        return cast("list[V]", found)  # None is a value then
    return [absent if value is None else value for value in found]


def _paged(fetch: FetchWith[Options, V], absent: V) -> Loader[tuple[str, Options], V]:
    """A loader by (key, options): one read for all keys that are asked for with the same options."""

    async def batch(asked: list[tuple[str, Options]]) -> list[V]:
        keys: dict[Options, list[str]] = defaultdict(list)
        for key, options in asked:
            keys[options].append(key)
        found = {options: await fetch(together, options) for options, together in keys.items()}
        return [found[options].get(key, absent) for key, options in asked]

    return Loader(_name(fetch), batch, absent=absent)


def _counted(fetch: Callable[[Sequence[str]], Awaitable[Mapping[str, int]]]) -> Loader[str, int]:
    """A loader of counts by key."""

    async def batch(keys: list[str]) -> list[int]:
        found = await fetch(keys)
        return [found.get(key, 0) for key in keys]

    return Loader(_name(fetch), batch, absent=0)


def _name(read: Callable[..., object]) -> str:
    """What metrics and traces call a loader: the read that is behind it."""
    return str(getattr(read, "__name__", "unnamed"))
