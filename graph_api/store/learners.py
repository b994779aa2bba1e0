"""Learners' progress: reads and writes of one learner, who is named by each call and by nothing else.

A learner has a clock of their own, `revision`: it grows by one with each write that changes something.
The revision of the content stays as it is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, LiteralString, TypeAlias, TypeVar

from neo4j import Record

from graph_api.errors import Unavailable
from graph_api.store.cypher import learners
from graph_api.store.page import Page, Slice
from graph_api.store.session import Database, Reading, Transaction


class Status(Enum):
    """What someone records of a topic."""

    KNOWN = "KNOWN"
    LEARNING = "LEARNING"
    SKIPPED = "SKIPPED"
    UNKNOWN = "UNKNOWN"


class Source(Enum):
    """How a status came: the topic was named, or it was marked as a prerequisite of those named."""

    NAMED = "NAMED"
    PREREQUISITE = "PREREQUISITE"


R = TypeVar("R", bound=tuple[Any, ...])

_TRIES: Final = 3
_STATUS_OF: Final = {"KNOWS": Status.KNOWN, "LEARNS": Status.LEARNING, "SKIPS": Status.SKIPPED}
_PUT: Final[Mapping[Status, LiteralString]] = {
    Status.KNOWN: learners.PUT_KNOWN,
    Status.LEARNING: learners.PUT_LEARNED,
    Status.SKIPPED: learners.PUT_SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is recorded of a topic: never UNKNOWN, which is the absence of it."""

    id: str
    slug: str
    status: Status
    since: datetime
    source: Source


@dataclass(frozen=True, slots=True)
class LearnerState:
    """All that is recorded of a learner at one revision; topics by slug. Revision 0 has recorded nothing."""

    id: str
    revision: int = 0
    topics: tuple[Recorded, ...] = ()

    def of(self, status: Status) -> tuple[str, ...]:
        """The slugs of the topics of a status, sorted."""
        return tuple(each.slug for each in self.topics if each.status is status)


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the history: a topic took a status. `slug` is the topic's slug of then."""

    revision: int
    place: int
    at: datetime
    status: Status
    topic: str
    slug: str
    source: Source


@dataclass(frozen=True, slots=True)
class Marks:
    """What is to take a status: the topics that were named, and prerequisites of them in learnable order."""

    named: Sequence[str]
    prerequisites: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Progressed:
    """What a write of progress has done: what changed, by slug, `marked` the prerequisites among it."""

    state: LearnerState
    changed: tuple[str, ...]
    marked: tuple[str, ...]


Decide: TypeAlias = Callable[[LearnerState], Awaitable[Marks]]


class LearnerStore:
    """The progress of learners. Every method is about the one learner whose id it is given.

    Raises what `Database` raises.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, learner: str) -> LearnerState:
        """All that is recorded of a learner; of one who never recorded anything, nothing."""
        return _state(learner, await self._database.read(learners.LEARNER, learner=learner))

    async def record(self, learner: str, status: Status, decide: Decide) -> Progressed:
        """Let topics take a status: all in one transaction, under the learner's lock.

        `decide` says which topics, seen from what is recorded then; it may be asked again after a
        transient fault, and nothing is written when it raises. Topics that were deleted since are passed
        over; what has the status already stays as it is, since when it has.

        A topic that becomes one with another in the meantime is looked up again: the mark goes there.
        """

        async def work(transaction: Transaction) -> Progressed:
            before = _state(learner, await transaction.run(learners.LOCK_LEARNER, learner=learner))
            marks = await decide(before)
            rows = await _changes(transaction, marks, status, before)
            if not rows:
                if not before.revision:  # the lock has made a node of nobody
                    await transaction.run(learners.DELETE_LEARNER, learner=learner)
                return Progressed(before, (), ())
            after = await _written(transaction, before, status, rows)
            if status in _PUT and not {row["id"] for row in rows} <= {each.id for each in after.topics}:
                raise _Gone
            marked = tuple(row["slug"] for row in rows if row["source"] == Source.PREREQUISITE.value)
            return Progressed(after, tuple(row["slug"] for row in rows), marked)

        for _ in range(_TRIES):
            try:
                return await self._database.write(work)
            except _Gone:
                continue
        raise Unavailable("These topics change faster than they can be recorded.")

    async def history(self, learner: str, page: Page) -> Slice[Event]:
        """A page of a learner's history, the newest entry first."""
        records = await self._database.read(
            learners.HISTORY_RISING if page.backward else learners.HISTORY_FALLING,
            learner=learner,
            after=page.after,
            before=page.before,
            limit=page.limit,
        )
        return page.cut([_event(row) for row in _whole(records)], lambda event: (event.revision, event.place))

    async def count_history(self, learner: str) -> int:
        """How many entries a learner's history has."""
        [row] = await self._database.read(learners.COUNT_HISTORY, learner=learner)
        return int(row["count"])

    async def export(self, learner: str) -> dict[str, Any]:
        """Everything that is kept about a learner, as one JSON value."""
        found, events = await self._database.read_all(
            Reading(learners.LEARNER, {"learner": learner}), Reading(learners.HISTORY, {"learner": learner})
        )
        state = _state(learner, found)
        return {
            "format": "progress/1",
            "learner": learner,
            "revision": state.revision,
            "topics": [
                {
                    "topic": each.slug,
                    "status": each.status.value,
                    "since": each.since.isoformat(),
                    "source": each.source.value,
                }
                for each in state.topics
            ],
            "history": [_as_json(_event(row)) for row in _whole(events)],
        }

    async def delete(self, learner: str) -> None:
        """Forget everything about a learner; doing it again does nothing."""

        async def work(transaction: Transaction) -> None:
            await transaction.run(learners.DELETE_LEARNER, learner=learner)

        await self._database.write(work)


class _Gone(Exception):
    """A topic was there when it was looked up, and no more when it was to be recorded."""


async def _changes(
    transaction: Transaction, marks: Marks, status: Status, before: LearnerState
) -> list[dict[str, str]]:
    """A row for each topic that does not have the status yet: prerequisites first, as they are learned."""
    sources = dict.fromkeys(marks.prerequisites, Source.PREREQUISITE)
    sources |= dict.fromkeys(marks.named, Source.NAMED)
    held = {each.id: each.status for each in before.topics}
    [answer] = await transaction.run(learners.TOPICS_NAMED, slugs=list(sources))
    found = {asked: (key, slug) for asked, key, slug in answer["topics"]}
    rows = {
        found[asked][0]: {"id": found[asked][0], "slug": found[asked][1], "source": source.value}
        for asked, source in sources.items()
        if asked in found
    }
    return [row for key, row in rows.items() if held.get(key, Status.UNKNOWN) is not status]


async def _written(
    transaction: Transaction, before: LearnerState, status: Status, rows: Sequence[Mapping[str, str]]
) -> LearnerState:
    """The state after these topics take a status; what they had before is taken back."""
    ids = [row["id"] for row in rows]
    if not {*ids}.isdisjoint(each.id for each in before.topics):
        await transaction.run(learners.CLEAR_RECORDED, learner=before.id, ids=ids)
    if status in _PUT:
        await transaction.run(_PUT[status], learner=before.id, rows=rows)
    recorded = await transaction.run(
        learners.RECORD,
        learner=before.id,
        status=status.value,
        ids=ids,
        slugs=[row["slug"] for row in rows],
        sources=[row["source"] for row in rows],
    )
    return _state(before.id, recorded)


def _state(learner: str, found: Sequence[Record]) -> LearnerState:
    for row in _whole(found):
        return LearnerState(learner, row["revision"], tuple(_recorded(row["topics"])))
    return LearnerState(learner)


def _recorded(rows: Iterable[tuple[str, str, str, int, str]]) -> Iterator[Recorded]:
    for key, slug, kind, since, source in _whole(rows):
        yield Recorded(key, slug, _STATUS_OF[kind], _moment(since), Source(source))


def _whole(rows: Iterable[R]) -> Iterator[R]:
    """The rows of what is still there: of what is deleted while it is read, Neo4j gives nulls."""
    return (row for row in rows if None not in row)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _event(row: Record) -> Event:
    return Event(
        row["revision"],
        row["place"],
        _moment(row["at"]),
        Status(row["status"]),
        row["id"],
        row["slug"],
        Source(row["source"]),
    )


def _as_json(event: Event) -> dict[str, Any]:
    return {
        "revision": event.revision,
        "at": event.at.isoformat(),
        "status": event.status.value,
        "topic": event.slug,
        "topicId": event.topic,
        "source": event.source.value,
    }
