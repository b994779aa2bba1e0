"""The feed: one task a process follows the graph's clocks, and tells all subscribers what has changed.

Every process looks for itself, so that none needs to hear of the others' writes by another way.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Final, Generic, Self, TypeVar
from weakref import WeakKeyDictionary

from graph_api.errors import RoadmapError
from graph_api.store.changes import MOST, CatalogueEvent, RoadmapEvent
from graph_api.store.clock import settle
from graph_api.store.cypher import feed
from graph_api.store.nodes import RoadmapNode
from graph_api.store.session import Database, only
from graph_api.store.structure import Structure
from graph_api.store.structure_cache import StructureCache

log = logging.getLogger(__name__)

E = TypeVar("E")

LONGEST_WAIT: Final = 5.0
_UNSURE: Final = -1
"""No revision of a learner."""


class Feed:
    """What changes in the graph, for any number of subscribers.

    The clocks are asked for every `poll` seconds while anybody subscribes, in one statement, and at once
    after `notify`. An event is told when the commit that it comes from has ended, so that nobody reads
    half of it. While the database is away, subscribers wait; what was written meanwhile they learn as
    soon as it is back.
    """

    def __init__(self, database: Database, structures: StructureCache, *, poll: float = 0.5) -> None:
        self._database = database
        self._structures = structures
        self._poll = poll
        self._told = asyncio.Event()
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._seen: int | None = None
        self._past: dict[int, asyncio.Task[CatalogueEvent]] = {}
        self._catalogue: set[_Box[CatalogueEvent]] = set()
        self._learners: dict[str, set[_Box[int]]] = defaultdict(set)
        self._learned: dict[str, int] = {}
        self._placed: WeakKeyDictionary[Structure, dict[str, frozenset[str]]] = WeakKeyDictionary()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def followed(self) -> bool:
        """Whether anybody subscribes."""
        return bool(self._catalogue or self._learners)

    @property
    def revision(self) -> int:
        """The newest revision that was told: nobody who is told of it may read from an older one."""
        return (self._seen or 0) if self.followed else 0

    def notify(self) -> None:
        """Look at once: this process has just written."""
        self._told.set()

    async def catalogue(self, *, since: int | None = None) -> AsyncGenerator[CatalogueEvent, None]:
        """The changes of the content: those after the revision `since`, if it is given, and those to come.

        Changes that come while a subscriber is busy are told in one event.
        """
        box = _Box(CatalogueEvent.then)
        last = -1
        with self._joined(self._catalogue, box):
            if since is not None:
                last = since
                if (missed := await self._missed(since)) is not None:
                    last = missed.revision
                    yield missed
            while True:
                event = await box.take()
                if event.revision > last or event.everything:
                    last = event.revision
                    yield event

    async def roadmap(
        self, roadmap: RoadmapNode, *, since: int | None = None
    ) -> AsyncGenerator[RoadmapEvent, None]:
        """The changes of a roadmap and of the topics in it, whatever it is called meanwhile."""
        slug = roadmap.slug
        async with aclosing(self.catalogue(since=since)) as events:
            async for event in events:
                itself = event.roadmaps.get(roadmap.id)
                slug = itself.slug if itself else slug
                topics, unsure = await self._touched(slug, event)
                if itself or topics or unsure:
                    yield RoadmapEvent(event.revision, roadmap.id, topics, unsure)

    async def learner(
        self,
        id: str,  # noqa: A002 - the property's name
        *,
        since: int | None = None,
    ) -> AsyncGenerator[int, None]:
        """The revisions of a learner's progress: the one of now if it is not `since`, and those to come."""
        box: _Box[int] = _Box(lambda _, later: later)
        last = since
        with self._joined(self._learners[id], box):
            try:
                if since is not None:
                    last = (await self._settled([id])).get(id, 0)
                    if self._learned.setdefault(id, last) != last:
                        self._learned[id] = _UNSURE  # what was written between two looks is told again
                    if last != since:
                        yield last
                self._told.set()  # the feed does not know the clock of this learner yet
                while True:
                    if (revision := await box.take()) != last:
                        last = revision
                        yield revision
            finally:
                self._leave(id, box)

    @contextmanager
    def _joined(self, boxes: set[_Box[E]], box: _Box[E]) -> Iterator[None]:
        """Follow while there is anybody to follow for."""
        boxes.add(box)
        if self._task is None or self._task.done():
            self._seen = None
            self._told, self._ready = asyncio.Event(), asyncio.Event()
            self._past.clear()
            self._task = asyncio.create_task(self._follow())
            self._task.add_done_callback(self._ended)
        try:
            yield
        finally:
            boxes.discard(box)
            if not self.followed:
                self._task.cancel()

    def _leave(self, id: str, box: _Box[int]) -> None:  # noqa: A002 - the property's name
        self._learners[id].discard(box)
        if not self._learners[id]:
            del self._learners[id]
            self._learned.pop(id, None)

    async def _follow(self) -> None:
        failures = 0
        while True:
            self._told.clear()
            try:
                await self._look()
                failures = 0
            except RoadmapError as error:
                failures += 1
                if failures == 1:
                    log.warning("Subscribers wait for the database: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(min(self._poll * 2**failures, max(self._poll, LONGEST_WAIT))):
                    await self._told.wait()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Let nobody wait for a task that has failed."""
        if task.cancelled() or (error := task.exception()) is None:
            return
        self._ready.set()
        for box in self._catalogue:
            box.fail(error)
        for mine in self._learners.values():
            for each in mine:
                each.fail(error)

    async def _look(self) -> None:
        """Ask for the clocks, and tell whom it concerns."""
        asked = list(self._learners)
        row = only(await self._database.read(feed.CLOCKS, learners=asked))
        if self._seen != row["revision"]:
            await self._tell(self._seen, await settle(self._database))
        revisions = dict.fromkeys(asked, 0) | dict(row["learners"])
        moved = [each for each in asked if self._learned.setdefault(each, revisions[each]) != revisions[each]]
        settled = await self._settled(moved) if moved else {}
        for learner in moved:
            for box in self._learners.get(learner, ()):
                self._learned[learner] = settled.get(learner, 0)
                box.put(self._learned[learner])

    async def _settled(self, learners: list[str]) -> dict[str, int]:
        """The revisions of learners whose commits have ended."""
        rows = await self._database.write(
            lambda lock: lock.run(feed.LOCK_LEARNERS, learners=sorted(learners))
        )
        return {row["id"]: row["revision"] for row in rows}

    async def _tell(self, seen: int | None, revision: int) -> None:
        """Tell everybody that the clock has moved. From a first look there is nothing to tell."""
        event = None if seen in {None, revision} else await self._between(seen, revision)
        if seen is not None and revision < seen:  # the database was set back, and reaches old revisions anew
            self._structures.expire()
        self._seen = revision
        self._past.clear()
        self._ready.set()
        if event is not None:
            for box in self._catalogue:
                box.put(event)

    async def _missed(self, since: int) -> CatalogueEvent | None:
        """What has changed between a revision and the newest one that was told; one object for all."""
        await self._ready.wait()
        if self._seen in {None, since}:
            return None
        if since not in self._past:
            self._past[since] = asyncio.create_task(self._between(since, self._seen))
            self._past[since].add_done_callback(lambda task: self._forget_failed(since, task))
        return await asyncio.shield(self._past[since])

    def _forget_failed(self, since: int, task: asyncio.Task[CatalogueEvent]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._past.pop(since, None)

    async def _between(self, seen: int, revision: int) -> CatalogueEvent:
        """What has changed after one revision up to another one, whose commit has ended."""
        [row] = await self._database.read(feed.HISTORY, seen=seen, revision=revision, most=MOST + 1)
        if row["entries"] != revision - seen:
            return CatalogueEvent(revision, everything=True)
        return CatalogueEvent.of(revision, row["changed"])

    async def _touched(self, slug: str, event: CatalogueEvent) -> tuple[tuple[str, ...], bool]:
        """The changed topics that stand in a roadmap, and whether there may be more that has changed."""
        if event.everything:
            return (), True
        if not event.topics:
            return (), False
        try:
            structure = await self._structures.current(at_least=event.revision)
        except RoadmapError:
            return (), True  # the database has just gone away; better one event too many
        placed = self._placed.setdefault(structure, {})
        if slug not in placed:
            outline = structure.roadmaps.get(structure.aliases.roadmaps.get(slug, slug))
            placed[slug] = frozenset(topic for topic, _ in outline.placed()) if outline else frozenset()
        return tuple(each.id for each in event.topics.values() if each.slug in placed[slug]), False


class _Box(Generic[E]):
    """The one event that waits for a subscriber; another one that comes is put together with it."""

    def __init__(self, both: Callable[[E, E], E]) -> None:
        self._both = both
        self._event: E | None = None
        self._error: BaseException | None = None
        self._full = asyncio.Event()

    def put(self, event: E) -> None:
        """Leave an event."""
        self._event = event if self._event is None else self._both(self._event, event)
        self._full.set()

    def fail(self, error: BaseException) -> None:
        """Say that there will be no more."""
        self._error = error
        self._full.set()

    async def take(self) -> E:
        """The event, once there is one. Raises what ended the feed."""
        await self._full.wait()
        if self._error is not None:
            raise self._error
        self._full.clear()
        event, self._event = self._event, None
        assert event is not None  # noqa: S101 - else the box would not be full
        return event
