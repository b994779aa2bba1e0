"""The content at an old revision: that of now, and for what was changed since, what it was before."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from neo4j import Record

from graph_api.errors import BadInput, NotFound
from graph_api.knowledge.comparison import Side
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Aliases, Roadmap, Topic
from graph_api.store import history as texts
from graph_api.store.clock import read_at_once
from graph_api.store.content import catalogue
from graph_api.store.cypher import clock, history, whole
from graph_api.store.nodes import PlacementNode
from graph_api.store.session import Database, Reading, only
from graph_api.store.structure import Structure

KEPT: Final = 2
"""How many old revisions stay in memory: enough to compare two."""

PATIENCE: Final = 5.0
"""Seconds to wait for another's reading; then everybody reads by themselves."""


@dataclass(frozen=True, eq=False)
class Names:
    """What topics and roadmaps are called now: ids by slug or former slug.

    sections  by the roadmap's id: the slugs of now by former ones
    """

    topics: Mapping[str, str]
    roadmaps: Mapping[str, str]
    sections: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, nodes: Iterable[Record], sections: Iterable[Record]) -> Names:
        """The rows of NAMES and SECTION_NAMES as values."""
        found: dict[str, dict[str, str]] = {"Topic": {}, "Roadmap": {}}
        for row in nodes:
            found[row["kind"]] |= dict.fromkeys((row["slug"], *row["former"]), row["id"])
        former: dict[str, dict[str, str]] = defaultdict(dict)
        for row in sections:
            former[row["roadmap"]][row["former"]] = row["slug"]
        return cls(found["Topic"], found["Roadmap"], dict(former))


@dataclass(frozen=True, eq=False)
class Past:
    """All content at one revision, by the slugs of then, with the ids that its nodes have (or had)."""

    topics: Mapping[str, Topic]
    roadmaps: Mapping[str, Roadmap]
    topic_ids: Mapping[str, str]
    roadmap_ids: Mapping[str, str]
    structure: Structure

    @property
    def revision(self) -> int:
        """Which revision it is."""
        return self.structure.revision

    @cached_property
    def topic_slugs(self) -> Mapping[str, str]:
        """The slugs of topics by id."""
        return {key: slug for slug, key in self.topic_ids.items()}

    @cached_property
    def roadmap_slugs(self) -> Mapping[str, str]:
        """The slugs of roadmaps by id."""
        return {key: slug for slug, key in self.roadmap_ids.items()}

    def roadmap_key(self, slug: str, names: Names) -> str | None:
        """The id of the roadmap that a slug of then, of now or a former one names."""
        key = self.roadmap_ids.get(slug) or names.roadmaps.get(slug)
        return key if key in self.roadmap_slugs else None

    @cached_property
    def places(self) -> Mapping[str, Sequence[PlacementNode]]:
        """Where each topic stands, by its slug, with keys of the present; by the roadmaps' slugs."""
        found: dict[str, list[PlacementNode]] = defaultdict(list)
        for slug in sorted(self.roadmaps):
            of = self.roadmap_ids[slug]
            for section in self.roadmaps[slug].sections:
                for position, at in enumerate(section.placements):
                    optional = section.optional or at.optional
                    node = PlacementNode(of, section_key(of, section.slug), position, optional)
                    found[at.topic].append(node)
        return found


def side_of(past: Past, names: Names, roadmap: str) -> Side:
    """A roadmap at a revision as a side of a comparison, by its id."""
    slug = past.roadmap_slugs.get(roadmap)
    return Side(
        roadmap=None if slug is None else past.roadmaps[slug],
        topics=past.topics,
        ids={**names.topics, **past.topic_ids},
        sections=names.sections.get(roadmap, {}),
        built=past.structure.graph,
    )


def section_key(roadmap: str, section: str) -> str:
    """The key of a section of the past: its roadmap's id and its slug; history keeps no ids of sections."""
    return f"{roadmap}/{section}"


async def read_past(database: Database, revision: int) -> Past:
    """The content at a revision; raises BadInput for one to come, NotFound for one before the history."""
    now, (oldest, names, topics, roadmaps, before) = await read_at_once(
        database,
        Reading(history.OLDEST_REVISION),
        Reading(history.NAMES),
        Reading(whole.CONTENT_TOPICS),
        Reading(whole.CONTENT_ROADMAPS),
        Reading(history.STATE_BEFORE, {"revision": revision}),
    )
    refuse_unwritten(revision, now)
    if revision < (begins := only(oldest)["oldest"]):
        raise NotFound(
            f"Revision {revision} cannot be read: the history of this catalogue begins at revision {begins}."
        ).at("revision")
    return await asyncio.to_thread(_restored, revision, names, topics, roadmaps, before)


def refuse_unwritten(revision: int, now: int) -> None:
    """Raise BadInput for a revision that no write has led to."""
    if not 0 <= revision <= now:
        raise BadInput(f"There is no revision {revision}; there are 0 to {now}.").at("revision")


async def read_names(database: Database) -> tuple[int, Names]:
    """The names of now, and the revision."""
    revision, (nodes, sections) = await read_at_once(
        database, Reading(history.NAMES), Reading(history.SECTION_NAMES)
    )
    return revision, Names.of(nodes, sections)


def _restored(
    revision: int,
    names: Iterable[Record],
    topics: Iterable[Record],
    roadmaps: Iterable[Record],
    before: Iterable[Record],
) -> Past:
    """The content of now with what it was before in place of what was changed since."""
    now = catalogue(topics, roadmaps, Aliases())
    held: dict[str, dict[str, Any]] = {"Topic": {}, "Roadmap": {}}
    for row in names:
        of: Mapping[str, Any] = now.topics if row["kind"] == "Topic" else now.roadmaps
        held[row["kind"]][row["id"]] = of[row["slug"]]
    read = {"Topic": texts.topic, "Roadmap": texts.roadmap}
    for row in before:
        if row["before"] is None:
            held[row["kind"]].pop(row["id"], None)
        else:
            held[row["kind"]][row["id"]] = read[row["kind"]](row["before"])
    then = {kind: {each.slug: each for each in of.values()} for kind, of in held.items()}
    ids = {kind: {each.slug: key for key, each in of.items()} for kind, of in held.items()}
    graph = PrerequisiteGraph.build(then["Topic"].values())
    structure = Structure(revision, graph, then["Roadmap"], Aliases())
    return Past(then["Topic"], then["Roadmap"], ids["Topic"], ids["Roadmap"], structure)


class Archive:
    """Old revisions of the content. They never change, so the last ones that were asked for are kept."""

    def __init__(self, database: Database, *, kept: int = KEPT) -> None:
        self._database = database
        self._most = kept
        self._kept: OrderedDict[int, tuple[object, Past]] = OrderedDict()
        self._names: tuple[int, Names] | None = None
        self._turn = asyncio.Lock()  # one is read at a time, and each once

    async def is_current(self, revision: int) -> bool:
        """Whether a revision is the one of now. Raises BadInput for one that there is not yet."""
        now = only(await self._database.read(clock.REVISION))["revision"]
        refuse_unwritten(revision, now)
        return bool(revision == now)

    async def at(self, revision: int | None) -> tuple[Past, Names]:
        """A revision, None for the current one, and what things are called now. Raises as `read_past`."""
        now, ended = await self._end(-1 if revision is None else revision)
        wanted = now if revision is None else revision
        refuse_unwritten(wanted, now)
        if (found := self._found(wanted, ended, now)) is not None:
            return found
        async with self._in_turn():
            if (found := self._found(wanted, ended, now)) is not None:
                return found
            return await self._past(wanted, ended), await self._current_names(now)

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """One after another. But who keeps writers out must not wait for one who waits for that to end."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turn.acquire()
        except TimeoutError:
            yield
            return
        try:
            yield
        finally:
            self._turn.release()

    async def _end(self, revision: int) -> tuple[int, object]:
        end = only(await self._database.read(history.END_OF_REVISION, revision=revision))
        return end["revision"], end["ended"]

    def _found(self, revision: int, ended: object, now: int) -> tuple[Past, Names] | None:
        """What is in memory, unless the database was set back and has another history since."""
        kept, names = self._kept.get(revision), self._names
        if kept is None or kept[0] != ended or names is None or names[0] != now:
            return None
        self._kept.move_to_end(revision)
        return kept[1], names[1]

    async def _past(self, revision: int, ended: object) -> Past:
        kept = self._kept.get(revision)
        if kept is not None and kept[0] == ended:
            return kept[1]
        past = await read_past(self._database, revision)
        self._kept[revision] = ended, past
        self._kept.move_to_end(revision)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return past

    async def _current_names(self, now: int) -> Names:
        if self._names is None or self._names[0] != now:
            self._names = await read_names(self._database)
        return self._names[1]
