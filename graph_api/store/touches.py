"""What the last revisions have touched: whatever was made of other nodes is the same in the next one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Final, NamedTuple

from graph_api.knowledge.model import Topic

KEPT: Final = 100_000
"""So many ids are kept, of as many revisions as that is."""

NEWEST: Final = 1_000
"""Of so many topics it is kept what they have become."""

TOLD: Final = 16
"""Of so many revisions it is remembered what came after them: all parts of an answer ask for the same."""


class Touched(NamedTuple):
    """What was touched: the ids of the topics and roadmaps, and what topics that are there have become."""

    ids: frozenset[str]
    topics: Mapping[str, Topic] = MappingProxyType({})


class Touches:
    """The ids of the topics and roadmaps that each of the last revisions has created, changed or removed.

    `era` is another one after a gap: nothing of before can be carried over.
    """

    def __init__(self, *, kept: int = KEPT) -> None:
        self._most = kept
        self._held = 0
        self._ids: deque[frozenset[str]] = deque()
        self._told: dict[int, frozenset[str]] = {}
        self._topics: dict[str, Topic] = {}
        self.revision = 0
        self.era = object()

    def note(
        self,
        revision: int,
        ids: Iterable[str] | None,
        *,
        since: int,
        topics: Mapping[str, Topic] = MappingProxyType({}),
    ) -> None:
        """Note what was touched after the revision `since` until this one; None for nobody knows what.

        `topics` says what some of it, by id, is at this one.
        """
        self._told.clear()
        if ids is None or since != self.revision:
            self.revision, self._held = revision, 0
            self._ids.clear()
            self._topics.clear()
            self.era = object()
            return
        touched = frozenset(ids)
        self._become(touched, topics)
        for _ in range(revision - since):
            self._ids.append(touched)
            self._held += len(touched)
        self.revision = revision
        while self._held > self._most:
            self._held -= len(self._ids.popleft())

    def since(self, revision: int) -> frozenset[str] | None:
        """What was touched after a revision; None when that is not known."""
        steps = self.revision - revision
        if not 0 <= steps <= len(self._ids):
            return None
        told = self._told.get(revision)
        if told is None:
            told = frozenset[str]().union(*(self._ids[-step] for step in range(1, steps + 1)))
            if len(self._told) >= TOLD:
                self._told.clear()
            self._told[revision] = told
        return told

    def topic(self, id: str) -> Topic | None:  # noqa: A002 - the property's name
        """What a topic is at `revision`, if one of the last ones touched it and that was told."""
        return self._topics.get(id)

    def _become(self, touched: frozenset[str], topics: Mapping[str, Topic]) -> None:
        for key in touched & self._topics.keys():
            del self._topics[key]
        self._topics |= topics
        for oldest in [*islice(self._topics, max(0, len(self._topics) - NEWEST))]:
            del self._topics[oldest]
