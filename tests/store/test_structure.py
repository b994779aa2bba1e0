"""The structure in memory: the graph of the catalogue, read once and never older than it may be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graph_api.app import connect
from graph_api.errors import MigrationError, Unavailable
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Catalogue, Roadmap
from graph_api.settings import Settings
from graph_api.store.clock import Clock, announce, look
from graph_api.store.cypher import clock
from graph_api.store.session import Database, Reading
from graph_api.store.structure import read_structure
from graph_api.store.structure_cache import AHEAD, StructureCache
from graph_api.store.writer import GraphWriter, read_catalogue
from tests.example import DOCUMENTS

CONTENT = 4
READING = 6
"""Statements of one reading: the lock, four of content, a look."""


@pytest.fixture
async def other(settings: Settings) -> AsyncIterator[Database]:
    """Another process, as far as the database can tell."""
    async with connect(settings) as other:
        yield other


def assert_same(found: PrerequisiteGraph, expected: PrerequisiteGraph) -> None:
    assert found.slugs == expected.slugs
    assert found.number == expected.number
    assert found.dangling == expected.dangling
    for name in ("hours", "need", "topic"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    for name in ("groups", "members", "member_of", "recommended"):
        rows, wanted = getattr(found, name), getattr(expected, name)
        np.testing.assert_array_equal(rows.start, wanted.start)
        np.testing.assert_array_equal(rows.values, wanted.values)


async def test_it_is_the_graph_of_the_catalogue(database: Database, catalogue: Catalogue) -> None:
    found = await read_structure(database)
    stored = await read_catalogue(database)
    assert found.revision == 1
    assert stored == catalogue
    assert_same(found.graph, PrerequisiteGraph.build(stored.topics.values()))
    assert {slug: [*each.placed()] for slug, each in found.roadmaps.items()} == {
        slug: [*each.placed()] for slug, each in catalogue.roadmaps.items()
    }


@pytest.mark.usefixtures("catalogue")
async def test_it_answers_by_slug(database: Database) -> None:
    found = await read_structure(database)
    assert found.is_learnable("night-shift")
    assert not found.is_learnable("nobody")
    assert found.prerequisites("yeast-dough", transitive=False) == (
        "flour",
        "hand-kneading",
        "mixer",
        "weighing",
    )
    assert found.prerequisites("wild-yeast", transitive=False) == ("flour", "sourdough-bread")
    assert "wild-yeast" in found.prerequisites("wild-yeast", transitive=True), "it rests on itself, in a loop"
    assert found.dependents("yeast-dough", transitive=False) == ("croissant", "pizza-dough")
    assert found.dependents("yeast-dough", transitive=True) == (
        "croissant",
        "night-shift",
        "pizza-dough",
        "wood-fired-oven",
    )
    assert (
        found.prerequisites("nobody", transitive=True) == found.dependents("nobody", transitive=False) == ()
    )


@pytest.mark.usefixtures("catalogue")
async def test_what_topics_require_and_what_requires_them_is_told_once(
    database: Database, catalogue: Catalogue
) -> None:
    structure = await read_structure(database)
    for slugs in ([], ["nobody"], ["croissant"], ["croissant", "flour", "nobody"], [*catalogue.topics]):
        named = {
            slug: {of for group in topic.requires for of in group.of}
            for slug, topic in catalogue.topics.items()
        }
        required = [*structure.required_by(slugs)]
        assert sorted(required) == sorted(set[str]().union(*(named.get(slug, ()) for slug in slugs)))
        requiring = [*structure.requiring(slugs)]
        assert sorted(requiring) == sorted(slug for slug, of in named.items() if not of.isdisjoint(slugs))


async def test_hours_count_required_topics_or_all(database: Database) -> None:
    found = await read_structure(database)
    assert found.hours("baker", optional=False) == 43
    assert found.hours("baker", optional=True) == 43 + 1.5 + 15 + 8
    assert found.hours("pizzaiolo", optional=False) == 2 + 1 + 6 + 5 + 2 + 1
    assert found.hours("nobody", optional=True) == 0


async def test_an_empty_graph_has_an_empty_structure(empty: Database) -> None:
    found = await read_structure(empty)
    assert (found.revision, len(found.graph), dict(found.roadmaps)) == (0, 0, {})


@pytest.mark.usefixtures("catalogue")
async def test_fifty_who_ask_at_once_read_it_once(database: Database) -> None:
    before = database.statements
    cache = StructureCache(database, poll=0)
    found = await asyncio.gather(*(cache.current() for _ in range(50)))
    assert database.statements - before == READING
    assert len({id(each) for each in found}) == 1


@pytest.mark.usefixtures("catalogue")
async def test_an_unmoved_revision_keeps_it(database: Database) -> None:
    cache = StructureCache(database, poll=0)
    first = await cache.current()
    before = database.statements
    assert await cache.current() is first
    assert database.statements - before == 1


@pytest.mark.usefixtures("catalogue")
async def test_without_a_poll_a_write_of_another_process_is_seen_at_once(
    database: Database, other: Database
) -> None:
    cache = StructureCache(database, poll=0)
    for revision in range(2, 5):
        before = await cache.current()
        another = replace(DOCUMENTS[1], roadmap=Roadmap(f"roadmap-{revision}", "Another"), line=None)
        await GraphWriter(other).import_documents([replace(another, references=(), definitions=())])
        found = await cache.current()
        assert (before.revision, found.revision) == (revision - 1, revision)
        assert found.roadmaps.keys() - before.roadmaps.keys() == {f"roadmap-{revision}"}


async def bump(database: Database) -> None:
    """Let it seem that somebody has written."""
    await database.write(lambda t: t.run("MATCH (c:Catalogue) SET c.revision = c.revision + 10"))


@pytest.mark.usefixtures("catalogue")
async def test_within_its_poll_nobody_is_asked_and_after_it_a_write_is_seen(
    database: Database, other: Database
) -> None:
    cache = StructureCache(database, poll=1)
    began = time.monotonic()
    first = await cache.current()
    await bump(other)
    before = database.statements
    assert await cache.current() is first or time.monotonic() - began >= 1
    assert database.statements == before or time.monotonic() - began >= 1
    await asyncio.sleep(max(0.0, 1 - (time.monotonic() - began)))
    assert (await cache.current()).revision == 11


@pytest.mark.usefixtures("catalogue")
async def test_nobody_waits_for_a_look_that_is_begun_in_time(database: Database, other: Database) -> None:
    cache = StructureCache(database, poll=4)
    first = await cache.current()
    await bump(other)
    await asyncio.sleep(4 * AHEAD + 0.1)
    assert cache.fresh() is first
    for _ in range(1000):
        if cache.revision > first.revision:
            break
        await asyncio.sleep(0.01)
    assert cache.revision == 11


@pytest.mark.usefixtures("catalogue")
async def test_a_write_of_this_process_is_seen_as_soon_as_it_says_so(database: Database) -> None:
    cache = StructureCache(database, poll=60)
    assert (await cache.current()).revision == 1
    await bump(database)
    assert (await cache.current()).revision == 1
    cache.expire()
    assert (await cache.current()).revision == 11


@pytest.mark.usefixtures("catalogue")
async def test_one_who_gives_up_does_not_end_the_reading_for_the_others(database: Database) -> None:
    cache = StructureCache(database, poll=0)
    first, second = asyncio.create_task(cache.current()), asyncio.create_task(cache.current())
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).revision == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_failure_is_told_to_all_and_the_next_one_tries_again(
    database: Database, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = StructureCache(database, poll=0)

    async def away(*_: object) -> None:
        raise Unavailable("Away.")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "read_all", away)
        answers = await asyncio.gather(*(cache.current() for _ in range(3)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["Away."] * 3
    assert len((await cache.current()).graph) == len(catalogue.topics)


@pytest.mark.parametrize(("disturbances", "revision"), [(1, 11), (3, 31), (4, 41)])
@pytest.mark.usefixtures("catalogue")
async def test_a_write_between_its_statements_makes_it_read_again_and_in_the_end_under_the_lock(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch, disturbances: int, revision: int
) -> None:
    read_all, left = Database.read_all, [disturbances]

    async def disturbed(self: Database, *readings: Reading) -> Any:
        answers = await read_all(self, *readings)
        if len(readings) == CONTENT and left[0]:
            left[0] -= 1
            await bump(other)
        return answers

    monkeypatch.setattr(Database, "read_all", disturbed)
    assert (await read_structure(database)).revision == revision


@pytest.mark.usefixtures("catalogue")
async def test_what_is_announced_and_never_committed_is_taken_back(database: Database) -> None:
    await announce(database, 2, ended=1)
    assert await look(database) == Clock(revision=1, announced=2)
    assert (await read_structure(database)).revision == 1
    assert await look(database) == Clock(revision=1, announced=1)


@pytest.mark.usefixtures("catalogue")
async def test_what_may_just_be_under_way_is_no_longer_the_revision_that_was_handed_out(
    database: Database, other: Database
) -> None:
    cache = StructureCache(database, poll=60)
    assert (await cache.current()).revision == 1
    assert await cache.still(1)
    await announce(other, 2, ended=1)
    assert not await cache.still(1)
    assert (await cache.current()).revision == 1, "nobody has committed it, so it holds again"
    assert await cache.still(1)


async def test_a_database_without_its_catalogue_is_not_migrated(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "LOCK_CATALOGUE", "MATCH (c:NoCatalogue) RETURN c.revision AS revision")
    with pytest.raises(MigrationError, match="not migrated"):
        await read_structure(database)
