"""Writes: one is one transaction under the catalogue's lock, one revision and one entry of history."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, NamedTuple, TypeAlias
from uuid import uuid4

from neo4j import Record

from graph_api.errors import Conflict, Unavailable, UnknownSlugs
from graph_api.knowledge.change import Change, Document, changed, plan, refuse_unlearnable
from graph_api.knowledge.edit import Edit, Scope
from graph_api.knowledge.model import Catalogue
from graph_api.knowledge.names import suggestions
from graph_api.store.clock import announce, end, read_at_once
from graph_api.store.content import aliases, catalogue
from graph_api.store.cypher import clock, history, whole
from graph_api.store.rows import steps, version_rows
from graph_api.store.session import Database, Reading, Transaction, only
from graph_api.store.structure import Structure, locked_structure
from graph_api.store.structure_cache import StructureCache
from graph_api.store.touches import Touched

Report: TypeAlias = Callable[[int, int], None]
"""Called with rows written and rows in all, while a write goes on."""


def silent(done: int, total: int) -> None:
    """Tell nobody how far a write is."""


BATCH: Final = 1000

_NOTHING: Final = Touched(frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What is said of a write: who makes it, and by what action; `expected` is the revision it is made for.

    A `dry_run` is checked like any other write, and not made.
    """

    by: str
    action: str
    expected: int | None = None
    dry_run: bool = False


class Written(NamedTuple):
    """A change, and the revision of the content after it."""

    change: Change
    revision: int


async def read_catalogue(database: Database) -> Catalogue:
    """The content of one revision as its authors wrote it."""
    _, (topics, roadmaps, former) = await read_at_once(
        database, Reading(whole.CONTENT_TOPICS), Reading(whole.CONTENT_ROADMAPS), Reading(whole.ALIASES)
    )
    return catalogue(topics, roadmaps, aliases(former))


class GraphWriter:
    """Changes of the content. Each is asked of `knowledge` first, under the lock.

    What changes nothing writes nothing and leaves the revision. Every method raises Conflict when the
    write was made for another revision than the current one, Unlearnable when it would leave topics out
    of reach, and what `Database` raises; a write that raises has not been made, unless Unavailable says
    that it may have been.
    """

    def __init__(self, database: Database, structures: StructureCache | None = None) -> None:
        self._database = database
        self._structures = structures or StructureCache(database)
        self._turn = asyncio.Lock()  # else many writers of one process would each hold a connection to wait

    async def import_documents(
        self,
        documents: Sequence[Document],
        *,
        writing: Writing = Writing(by="graph-api", action="import"),
        prune: bool = False,
        stubs: bool = False,
        report: Report = silent,
    ) -> Written:
        """Import documents together, all or nothing; raises also what `plan` raises."""

        async def work(transaction: Transaction, revision: int) -> _Planned:
            topics = await transaction.run(whole.CONTENT_TOPICS)
            roadmaps = await transaction.run(whole.CONTENT_ROADMAPS)
            former = aliases(await transaction.run(whole.ALIASES))
            before = catalogue(topics, roadmaps, former)
            change = await asyncio.to_thread(plan, before, documents, prune=prune, stubs=stubs)
            kept = self._structures.kept(revision)
            after = None if kept is None else await asyncio.to_thread(kept.changed, change)
            return _Planned(change, change.summary(), after)

        return await self._write(work, writing, report)

    async def edit(self, edit: Edit, *, writing: Writing) -> Written:
        """Make an edit; raises also what it raises, with suggestions for slugs that name nothing."""

        async def work(transaction: Transaction, revision: int) -> _Planned:
            structure = self._structures.kept(revision) or await locked_structure(transaction, revision)
            before = await _part(transaction, structure, edit.scope)
            with _suggesting(structure):
                change = changed(before, edit.apply(before))
            after = await asyncio.to_thread(_checked, structure, change)
            return _Planned(change, str(edit), after)

        return await self._write(work, writing)

    async def _write(
        self,
        work: Callable[[Transaction, int], Awaitable[_Planned]],
        writing: Writing,
        report: Report = silent,
    ) -> Written:
        """One write, whatever it is: lock, plan, record, put, move the clock, announce, commit, end."""
        attempt = _Attempt(str(uuid4()))

        async def all_of_it(transaction: Transaction) -> Written:
            revision = only(await transaction.run(clock.LOCK_WRITERS))["revision"]
            if (made := await _made(transaction, attempt)) is not None:
                return made
            if writing.expected is not None and writing.expected != revision:
                raise Conflict(writing.expected, revision)
            planned = await work(transaction, revision)
            if planned.change.empty or writing.dry_run:
                return Written(planned.change, revision)
            attempt.touched = await _record(transaction, planned, writing, number=revision + 1, id=attempt.id)
            await _put(transaction, planned.change, report)
            revision = only(await transaction.run(clock.NEXT_REVISION))["revision"]
            # last: until it is committed readers repeat
            await announce(self._database, revision, ended=revision - 1)
            attempt.sent, attempt.after = Written(planned.change, revision), planned.after
            return attempt.sent

        async with self._turn:
            try:
                written = await self._database.write(all_of_it)
            except Unavailable as error:
                written = await self._recovered(attempt, error)
            if attempt.after is not None:
                self._structures.advance(replace(attempt.after, entry=attempt.id), attempt.touched)
            elif attempt.sent is not None:
                self._structures.expire()
            if attempt.sent is not None:
                await end(self._database, attempt.sent.revision)
        return written

    async def _recovered(self, attempt: _Attempt, error: Unavailable) -> Written:
        """The write, if it is there although its connection broke; raises otherwise.

        Asked under the lock, so that whatever was still under way has ended one way or the other.
        """

        async def look(transaction: Transaction) -> Written | None:
            await transaction.run(clock.LOCK_WRITERS)
            return await _made(transaction, attempt)

        if attempt.sent is None:
            raise error
        try:
            made = await self._database.write(look)
        except Unavailable:
            message = "The database went away during this write; the history will tell whether it was made."
            raise Unavailable(message) from error
        if made is None:
            raise error
        return made


@dataclass(frozen=True, slots=True)
class _Planned:
    """What is to be written, in one sentence too, and the structure after it where it is known."""

    change: Change
    summary: str
    after: Structure | None = None


@dataclass(slots=True)
class _Attempt:
    """One attempt to write: what the last of its tries that was sent off to be committed came to."""

    id: str
    sent: Written | None = None
    after: Structure | None = None
    touched: Touched = _NOTHING


async def _made(transaction: Transaction, attempt: _Attempt) -> Written | None:
    """What an earlier try of an attempt has made, if it was committed although nobody heard of it.

    The caller holds the lock, so that it has ended one way or the other; one that was not made is forgotten.
    """
    if attempt.sent is not None and not await transaction.run(history.REVISION_OF_WRITE, id=attempt.id):
        attempt.sent = attempt.after = None
    return attempt.sent


async def _part(transaction: Transaction, structure: Structure, scope: Scope) -> Catalogue:
    """The part of the catalogue that an edit must see; all aliases are in it."""
    topics, roadmaps = structure.named(scope)
    return catalogue(
        await transaction.run(whole.CONTENT_OF_TOPICS, slugs=topics) if topics else (),
        await transaction.run(whole.CONTENT_OF_ROADMAPS, slugs=roadmaps) if roadmaps else (),
        structure.aliases,
    )


@contextmanager
def _suggesting(structure: Structure) -> Iterator[None]:
    """Let an error about unknown slugs suggest those that there are."""
    try:
        yield
    except UnknownSlugs as error:
        there = {"topic": structure.graph.slugs, "roadmap": sorted(structure.roadmaps)}.get(error.kind, ())
        raise UnknownSlugs(error.kind, suggestions(error.unknown, there)).at(*error.field) from None


def _checked(structure: Structure, change: Change) -> Structure:
    """The structure after a change. Raises Unlearnable."""
    after = structure.changed(change)
    refuse_unlearnable(after.graph, structure.graph)
    return after


async def _record(
    transaction: Transaction,
    planned: _Planned,
    writing: Writing,
    *,
    number: int,
    id: str,  # noqa: A002 - the property's name
) -> Touched:
    """Add the entry of history. Returns what it changes."""
    entry = {"number": number, "id": id, "by": writing.by, "action": writing.action}
    rows: list[Record] = []
    for batch in _batches(version_rows(planned.change)):
        rows += await transaction.run(history.RECORD, **entry, summary=planned.summary, rows=batch)
    after = planned.change.after.topics
    topics = {row["id"]: after[row["topic"]] for row in rows if row["topic"] is not None}
    return Touched(frozenset(row["id"] for row in rows), topics)


async def _put(transaction: Transaction, change: Change, report: Report) -> None:
    """Write what differs between the two catalogues of a change."""
    todo = steps(change)
    total = sum(len(rows) for _, _, rows in todo)
    done = 0
    for statement, name, rows in todo:
        for batch in _batches(rows):
            await transaction.run(statement, **{name: batch})
            done += len(batch)
            report(done, total)


def _batches(rows: Iterable[object]) -> Iterator[list[object]]:
    ahead = iter(rows)
    while batch := list(islice(ahead, BATCH)):
        yield batch
