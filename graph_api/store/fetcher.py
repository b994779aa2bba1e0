"""What one request knows of the graph of now, and how it reads what it does not."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from graph_api.store.entities import Entities, Tables
from graph_api.store.nodes import BESIDE, Along, Outline, Topics
from graph_api.store.reach import MOST, NOWHERE, Reach
from graph_api.store.reader import GraphReader
from graph_api.store.snapshot import Snapshot

NEIGHBOURS: Final = "neighbour_of_slug"
"""The table of topics by slug, as those lack it whom an edge has led there."""

_NOTHING: Final = Tables.empty()
_BARE: Final[Mapping[str, Sequence[Any]]] = {"recommendations": (), "resources": [], "placements": []}
"""What stands beside a topic that is not there."""


class Fetcher:
    """The tables of one request: `kept` are those that others have read, once the revision is chosen (see
    `settled`), and `read` its own. What is in neither it fetches, and along with that what `reach` tells.
    """

    def __init__(self, snapshot: Snapshot, entities: Entities, reach: Reach) -> None:
        self._snapshot = snapshot
        self._reader = GraphReader(snapshot)
        self._entities = entities
        self.has_read = False
        self._coming: dict[tuple[str, str], asyncio.Future[None]] = {}
        self.reach = reach
        self.kept: Tables | None = None
        self.read = Tables.empty()

    def settled(self) -> Tables:
        """What others have read at the revision of this request, as soon as that is chosen."""
        structure = self._snapshot.known() if self.kept is None else None
        if structure is not None:
            self.kept = self._entities.at(structure.revision) or _NOTHING
        return self.kept or _NOTHING

    def keep(self) -> None:
        """Keep what was read for others: it is known to be of the snapshot's revision."""
        structure = self._snapshot.known()
        if self.has_read and structure is not None and not self._snapshot.late:
            self._entities.keep(structure.revision, self.read)

    async def obtain(self, lacking: set[tuple[str, str]]) -> None:
        """Read what is lacking in tables at these keys; what another load is reading is waited for.

        Who waits looks again afterwards, whatever became of that read.
        """
        coming = {self._coming[place] for place in lacking & self._coming.keys()}
        mine = self._with_beside(lacking - self._coming.keys())
        if mine:
            done = asyncio.get_running_loop().create_future()
            self._coming |= dict.fromkeys(mine, done)
            try:
                await self._fetch_all(mine)
            finally:
                for place in mine:
                    del self._coming[place]
                done.set_result(None)
        if coming:
            await asyncio.wait(coming)

    async def _fetch_all(self, places: Iterable[tuple[str, str]]) -> None:
        self.has_read = True
        wanted: defaultdict[str, list[str]] = defaultdict(list)
        for table, key in sorted(places):
            wanted[table].append(key)
        beside = {kind: wanted.pop(kind) for kind in BESIDE if kind in wanted}
        fetches = [self._fetch(table, keys) for table, keys in wanted.items()]
        if beside:
            fetches.append(self._fetch_beside(sorted({*chain.from_iterable(beside.values())}), [*beside]))
        if len(fetches) == 1:  # most often; a task of its own would begin and end a round later each
            await fetches[0]
        else:
            await asyncio.gather(*fetches)

    async def _fetch(self, table: str, keys: list[str]) -> None:
        """Read what is lacking in a table, with whatever comes along. One statement."""
        fetches: dict[str, Callable[[list[str]], Awaitable[None]]] = {
            "outline_of_slug": self._fetch_named_outlines,
            "outline_of_section": self._fetch_outlines_of_sections,
            "outline": self._fetch_outlines,
            "topic_of_slug": self._fetch_ahead,
            NEIGHBOURS: self._fetch_neighbours,
            "content": self._fetch_content,
            "topic": self._fetch_topics,
            "requirements": self._fetch_needs,
        }
        await fetches[table](keys)

    async def _fetch_named_outlines(self, slugs: list[str]) -> None:
        structure = await self._snapshot.structure()
        placed = self.reach.topics_of(structure, slugs)
        lacking = self._unknown(dict.fromkeys(placed, self.reach.requirements > 0))
        if len(placed) < 2 * len(lacking) and len(placed) <= MOST:
            along = self.reach.along
            beyond = structure.required_by(placed).keys() - placed if along.near else ()
            found, topics = await self._reader.outlines_with_topics(slugs, beyond, needs=along.needs)
            self._take_topics(topics)
            if not self.reach.ends_within(along):
                await self._fetch_ahead(placed)
        else:
            found, _ = await asyncio.gather(
                self._reader.outlines_by_slug(slugs), self._fetch_ahead(placed[:MOST])
            )
        self._take_outlines(found)
        self.read.outline_of_slug |= dict.fromkeys(slug for slug in slugs if slug not in found)

    async def _fetch_outlines_of_sections(self, ids: list[str]) -> None:
        found = await self._reader.outlines_by_section(ids)
        self._take_outlines(found)
        self.read.outline_of_section |= dict.fromkeys(key for key in ids if key not in found)

    async def _fetch_outlines(self, ids: list[str]) -> None:
        found = await self._reader.outlines_by_id(ids)
        self._take_outlines(found)
        self.read.outline |= dict.fromkeys(key for key in ids if key not in found)

    async def _fetch_neighbours(self, slugs: list[str]) -> None:
        await self._fetch_ahead(slugs, self.reach.beyond or NOWHERE)

    async def _fetch_ahead(self, slugs: list[str], reach: Reach | None = None) -> None:
        """Read topics by slug, and what will be asked for after them; nothing that is known."""
        reached = (reach or self.reach).from_topics(await self._snapshot.structure(), slugs)
        if ahead := self._unknown(reached):
            await self._fetch_slugs(ahead)

    def _unknown(self, topics: Mapping[str, bool]) -> Mapping[str, bool]:
        """Those slugs whose topic is neither read nor kept, or not what it requires where that is wanted."""
        return (self.kept or self.settled()).lacking(self.read.lacking(topics))

    async def _fetch_slugs(self, slugs: Mapping[str, bool]) -> None:
        along = Along.NEEDS if any(slugs.values()) else Along.NOTHING
        self._take_topics(await self._reader.topics_by_slug([*slugs], along))
        self.read.topic_of_slug |= dict.fromkeys(slugs.keys() - self.read.topic_of_slug.keys())

    async def _fetch_content(self, slugs: list[str]) -> None:
        found = await self._reader.content_by_slug(slugs)
        self.read.content |= {slug: found.get(slug) for slug in slugs}

    async def _fetch_topics(self, ids: list[str]) -> None:
        await self._fetch_ids(ids, self.reach.along)

    async def _fetch_needs(self, ids: list[str]) -> None:
        await self._fetch_ids(ids, Along.BOTH)

    async def _fetch_ids(self, ids: list[str], along: Along) -> None:
        topics = await self._reader.topics_by_id(ids, along)
        self._take_topics(topics)
        gone = {*ids}.difference(topic.id for topic in topics.found)
        self.read.topic |= dict.fromkeys(gone)
        if along.needs:
            self.read.requirements |= dict.fromkeys(gone, ())
        if not self.reach.ends_within(along):
            await self._fetch_ahead([topic.slug for topic in topics.found])

    def _with_beside(self, places: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """These places, and what else will be asked for of what stands beside the same topics."""
        topics = {key for table, key in places if table in BESIDE}
        if not topics:
            return places
        others = {(kind, key) for kind in self.reach.beside for key in topics if not self._knows(kind, key)}
        return places | (others - self._coming.keys())

    def _knows(self, table: str, key: str) -> bool:
        return key in getattr(self.read, table) or key in getattr(self.settled(), table)

    async def _fetch_beside(self, ids: list[str], kinds: list[str]) -> None:
        """Read what stands beside topics, and the outlines of where they do if these will be asked for."""
        found = await self._reader.beside_topics(ids, kinds)
        for kind, values in found.tables.items():
            self.read.take(kind, {key: values.get(key, _BARE[kind]) for key in ids})
        self.read.take("topic", {topic.id: topic for topic in found.near})
        if self.reach.outlines:
            placed = chain.from_iterable(found.tables.get("placements", {}).values())
            roadmaps = dict.fromkeys(placement.roadmap_id for placement in placed)
            if lacking := [key for key in roadmaps if not self._knows("outline", key)]:
                await self._fetch_outlines(lacking)

    def _take_outlines(self, found: Mapping[str, Outline]) -> None:
        self.read.take("outline", {outline.roadmap.id: outline for outline in found.values()})

    def _take_topics(self, topics: Topics) -> None:
        for some in (topics.near, topics.found):
            self.read.take("topic", {topic.id: topic for topic in some})
        self.read.take("requirements", topics.needs)
