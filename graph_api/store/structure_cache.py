"""The structure of now, as a process keeps it from one revision to the next."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Final

from graph_api.store.clock import Clock, look
from graph_api.store.flight import Flight
from graph_api.store.following import follow
from graph_api.store.session import Database
from graph_api.store.structure import Structure, read_structure
from graph_api.store.touches import Touched, Touches
from graph_api.telemetry.activity import structure_found

PATIENCE: Final = 5.0
"""Seconds that who has seen a revision elsewhere waits for it here."""
PAUSE: Final = 0.05

AHEAD: Final = 0.75
"""After so much of the time until the next look it is begun already, so that nobody has to wait for it."""


class StructureCache:
    """The structure of the newest revision this process has seen.

    The clock is looked at when the last look is older than `poll` seconds, or a little earlier: then nobody
    waits for it. The structure follows the history from one revision to the next; it is read where that does
    not tell, once, however many ask. `touches` says what else is the same as before.
    """

    def __init__(self, database: Database, *, poll: float = 1.0) -> None:
        self._database = database
        self._poll = poll
        self.touches = Touches()
        self._kept: Structure | None = None
        self._seen = float("-inf")
        self._not_before = float("-inf")
        self.patience = asyncio.Semaphore()  # who keeps writers waiting does so one at a time
        self._looks = Flight(self._look)
        self._readings = Flight(self._refresh)

    async def current(self, *, at_least: int = 0) -> Structure:
        """The structure, at most `poll` seconds old, and of this revision if there is such a one yet.

        Raises what `Database` raises.
        """
        if (fresh := self.fresh(at_least=at_least)) is not None:
            return fresh
        asked = time.monotonic()
        structure_found(hit=False)
        found = await self._readings.result(since=self._since(asked))
        if found.revision >= at_least:
            return found
        return await self._readings.result(since=asked)

    def fresh(self, *, at_least: int = 0) -> Structure | None:
        """The structure that is kept, if it needs no look at the clock."""
        kept, now = self._kept, time.monotonic()
        if kept is None or kept.revision < at_least or self._seen <= self._since(now):
            return None
        if self._seen < now - AHEAD * self._poll:
            self._readings.begin()
        structure_found(hit=True)
        return kept

    def _since(self, now: float) -> float:
        return max(now - self._poll, self._not_before)

    @property
    def era(self) -> object:
        """Another one when it is not known what the last revision has touched: see `Touches`."""
        return self.touches.era

    def known(self) -> int | None:
        """The revision of now, if it needs no look at the clock."""
        fresh = self.fresh()
        return None if fresh is None else fresh.revision

    async def now(self) -> int:
        """The revision of now, as `current` sees it. Raises what `Database` raises."""
        return (await self.current()).revision

    async def reach(self, revision: int) -> bool:
        """Wait until a revision is reached; False when it is not within PATIENCE seconds.

        Raises what `Database` raises.
        """
        until = time.monotonic() + PATIENCE
        while (await self.current(at_least=revision)).revision < revision:
            if time.monotonic() > until:
                return False
            await asyncio.sleep(PAUSE)
        return True

    def unchanged(self, nodes: Iterable[str], *, since: int) -> bool:
        """Whether no write after the revision `since` is known to have touched one of these."""
        touched = self.touches.since(since)
        return touched is not None and touched.isdisjoint(nodes)

    @property
    def revision(self) -> int:
        """The revision of the structure that is kept; 0 while there is none."""
        return 0 if self._kept is None else self._kept.revision

    @property
    def seen(self) -> int | None:
        """The same, None while there is none."""
        return None if self._kept is None else self._kept.revision

    def age(self) -> float:
        """Seconds since the clock was seen to show it; infinite while there is none."""
        return time.monotonic() - self._seen

    def kept(self, revision: int) -> Structure | None:
        """The structure of exactly this revision, if it is the one that is kept."""
        return self._kept if self._kept is not None and self._kept.revision == revision else None

    async def still(self, revision: int) -> bool:
        """Whether the clock has not moved since a revision that was handed out here."""
        shown = (await self._looks.result(since=time.monotonic())).shows(revision)
        if not shown:
            self.expire()
        return shown

    def advance(self, structure: Structure, touched: Touched) -> None:
        """Take over what this process has just written, unless something newer is here."""
        if self._kept is None or structure.revision == self._kept.revision + 1:
            self._take(structure, touched, seen=time.monotonic())
        elif structure.revision > self._kept.revision:
            self.expire()  # others have written in between; the history tells what

    def expire(self) -> None:
        """Look at the clock again before the next use: this process has just written."""
        self._not_before = time.monotonic()

    async def _look(self, _: float) -> Clock:
        return await look(self._database)

    async def _refresh(self, began: float) -> Structure:
        followed = None if self._kept is None else await follow(self._database, self._kept)
        if followed is not None:
            return self._keep(*followed, began)
        self._database.metrics.readings.inc()
        return self._keep(await read_structure(self._database), None, began)

    def _keep(self, found: Structure, touched: Touched | None, began: float) -> Structure:
        """The newer of what was found and what is kept; a database that was set back counts as newer."""
        kept = self._kept
        if kept is not None and kept.revision > found.revision and self._seen > began:
            return kept
        if found is kept:
            self._seen = max(self._seen, began)
        else:
            self._take(found, touched, seen=max(self._seen, began))
        return found

    def _take(self, found: Structure, touched: Touched | None, *, seen: float) -> None:
        since = -1 if self._kept is None else self._kept.revision
        if touched is None:
            self.touches.note(found.revision, None, since=since)
        else:
            self.touches.note(found.revision, touched.ids, since=since, topics=touched.topics)
        self._kept, self._seen = found, seen
