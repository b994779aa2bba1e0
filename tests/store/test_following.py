"""How the structure follows the writes of others: by the history, or not at all where that does not tell."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from unittest.mock import Mock

import pytest

from graph_api.app import connect
from graph_api.errors import RoadmapError
from graph_api.knowledge.change import Definition, Document
from graph_api.knowledge.edit import (
    ChangeTopic,
    CreateTopic,
    DeleteTopic,
    Edit,
    MergeTopics,
    RenameRoadmap,
    RenameTopic,
)
from graph_api.knowledge.model import Roadmap, Topic
from graph_api.settings import Settings
from graph_api.store import following
from graph_api.store.clock import announce, end
from graph_api.store.cypher import clock as cypher_clock
from graph_api.store.cypher.clock import LOCK_WRITERS, NEXT_REVISION
from graph_api.store.following import follow
from graph_api.store.rows import identity
from graph_api.store.session import Database, Transaction
from graph_api.store.structure import Structure, read_structure
from graph_api.store.structure_cache import StructureCache
from graph_api.store.writer import GraphWriter, Writing, read_catalogue
from tests.conftest import seed, wipe
from tests.example import DOCUMENTS
from tests.store.structures import assert_same_structure
from tests.store.test_edits import random_edit

EDITING = Writing(by="ada", action="edit")


@pytest.fixture
async def other(settings: Settings) -> AsyncIterator[Database]:
    """Another process, as far as the database can tell."""
    async with connect(settings) as other:
        yield other


@pytest.fixture
async def old(database: Database) -> Structure:
    """The structure of the worked example, at revision 1."""
    await seed(database, DOCUMENTS, name="example")
    return await read_structure(database)


async def write(database: Database, *edits: Edit) -> None:
    writer = GraphWriter(database)
    for edit in edits:
        await writer.edit(edit, writing=EDITING)


@contextmanager
def refusing(database: Database, *methods: str) -> Iterator[None]:
    """Let this database be asked in none of these ways."""
    with pytest.MonkeyPatch.context() as patch:
        for name in methods:
            patch.setattr(database, name, Mock(side_effect=AssertionError(name)))
        yield


async def ended(database: Database) -> int:
    """The last revision that is said to have ended."""
    [[revision]] = await database.read("MATCH (a:Announcement) RETURN a.ended AS revision")
    return int(revision)


async def followed(database: Database, structure: Structure) -> frozenset[str]:
    """What was touched since; the structure that follows is what is read from the database."""
    found = await follow(database, structure)
    assert found is not None
    after, touched = found
    assert_same_structure(after, await read_structure(database))
    content = (await read_catalogue(database)).topics
    assert all(content[topic.slug] == topic for topic in touched.topics.values())
    return touched.ids


async def test_nothing_has_followed(database: Database, old: Structure) -> None:
    assert await followed(database, old) == frozenset()


@pytest.mark.parametrize(
    ("edits", "topics", "roadmaps"),
    [
        ([ChangeTopic("flour", {"title": "Meal"})], ["flour"], []),
        ([ChangeTopic("flour", {"hours": 9.0}), ChangeTopic("flour", {"hours": 2.0})], ["flour"], []),
        ([CreateTopic(Topic("salt", "Salt")), DeleteTopic("salt")], ["salt"], []),
        ([DeleteTopic("tomato-sauce", detach=True)], ["tomato-sauce"], ["pizzaiolo"]),
        ([RenameRoadmap("baker", "bakery")], [], ["baker"]),
        (
            [RenameTopic("hygiene", "cleanliness"), RenameTopic("cleanliness", "hygiene")],
            ["hygiene", "night-shift"],
            [],
        ),
        (
            [DeleteTopic("tomato-sauce", detach=True), CreateTopic(Topic("tomato-sauce", "Sugo", hours=8.0))],
            ["tomato-sauce"],
            ["pizzaiolo"],
        ),
        (
            [MergeTopics("mixer", "hand-kneading")],
            ["mixer", "hand-kneading", "yeast-dough", "sourdough-bread"],
            ["baker"],
        ),
    ],
)
async def test_it_follows_and_tells_the_ids_of_what_was_touched(
    database: Database, old: Structure, edits: list[Edit], topics: list[str], roadmaps: list[str]
) -> None:
    await write(database, *edits)
    ids = {identity("topic", slug) for slug in topics} | {identity("roadmap", slug) for slug in roadmaps}
    assert await followed(database, old) == ids


async def test_it_follows_random_edits_one_by_one_and_many_at_once(
    database: Database, old: Structure
) -> None:
    chance, near, far, writer = random.Random(11), old, old, GraphWriter(database)
    for step in range(60):
        try:
            await writer.edit(random_edit(chance, await read_catalogue(database), step), writing=EDITING)
        except RoadmapError:
            continue
        found = await follow(database, near)
        assert found is not None
        near = found[0]
        assert_same_structure(near, await read_structure(database))
        if step % 12 == 11:
            await followed(database, far)
            far = near
    await followed(database, old)
    assert near.revision > 30


async def test_it_follows_a_document(database: Database, old: Structure) -> None:
    dough = Topic("yeast-dough", "Yeast Dough", hours=7.0)
    document = Document("x", Roadmap("x", "X"), (Definition(dough), Definition(Topic("z", "Z"))))
    await GraphWriter(database).import_documents([document])
    assert {identity("topic", "z"), identity("roadmap", "x")} <= await followed(database, old)


async def test_it_follows_on_from_where_it_came(database: Database, old: Structure, other: Database) -> None:
    await write(other, ChangeTopic("flour", {"hours": 3.0}))
    found = await follow(database, old)
    assert found is not None
    await write(other, RenameTopic("flour", "meal"))
    assert await followed(database, found[0]) >= {identity("topic", "flour")}


async def test_what_was_announced_and_never_written_ends_nothing(
    database: Database, old: Structure, other: Database
) -> None:
    """The clock shows neither the old revision nor another one: it is followed to where it is."""
    await announce(other, 2, ended=1)
    found = await follow(database, old)
    assert found is not None
    assert (found[0].revision, found[0].entry, found[1].ids) == (1, old.entry, frozenset())
    await write(other, ChangeTopic("flour", {"hours": 3.0}))
    assert await followed(database, found[0]) == {identity("topic", "flour")}


async def test_what_has_ended_is_followed_by_one_read(
    database: Database, old: Structure, other: Database
) -> None:
    await write(other, ChangeTopic("flour", {"hours": 3.0}))
    before = database.statements
    with refusing(database, "put", "write"):
        found = await follow(database, old)
    assert found is not None
    assert found[1].ids == {identity("topic", "flour")}
    assert database.statements - before == 1
    same = await follow(database, found[0])
    assert same is not None
    assert same[0] is found[0]
    assert database.statements - before == 2


async def test_what_may_not_have_ended_is_followed_under_the_lock(
    database: Database, old: Structure, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writer was killed after it had committed, before it could tell that."""
    with monkeypatch.context() as killed:
        killed.setattr(cypher_clock, "END", "RETURN 1")
        await write(other, ChangeTopic("flour", {"hours": 3.0}))
    with refusing(database, "put"), pytest.raises(AssertionError, match="put"):
        await follow(database, old)
    assert await followed(database, old) == {identity("topic", "flour")}
    await write(other, ChangeTopic("flour", {"hours": 4.0}))
    with refusing(database, "put", "write"):
        assert await follow(database, old) is not None


async def test_an_end_that_is_told_late_does_not_end_what_is_announced_by_then(
    database: Database, old: Structure, other: Database
) -> None:
    await write(other, ChangeTopic("flour", {"hours": 3.0}))
    await announce(other, 3, ended=2)
    await end(other, 2)
    await end(other, 3)
    await announce(other, 4, ended=3)
    await end(other, 3)
    assert await ended(database) == 3
    assert await followed(database, old) == {identity("topic", "flour")}
    assert await ended(database) == 2, "what was announced and not written is taken back"


async def test_a_gap_in_the_history_is_not_followed(database: Database, old: Structure) -> None:
    await write(database, *(ChangeTopic("flour", {"hours": float(hours)}) for hours in (3, 4, 5)))
    assert await follow(database, old) is not None
    await database.write(lambda t: t.run("MATCH (r:Revision {number: 3}) DETACH DELETE r"))
    assert await follow(database, old) is None
    await wipe(database)


async def test_a_revision_that_the_history_does_not_know_is_not_followed(
    database: Database, old: Structure
) -> None:
    await write(database, ChangeTopic("flour", {"hours": 3.0}))
    await database.write(lambda t: t.run("MATCH (r:Revision {number: 1}) DETACH DELETE r"))
    assert await follow(database, old) is None
    await wipe(database)


async def test_a_write_past_the_history_is_not_followed(database: Database, old: Structure) -> None:
    await database.write(lambda t: t.run("MATCH (c:Catalogue) SET c.revision = c.revision + 1"))
    assert await follow(database, old) is None
    await wipe(database)


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
async def test_another_history_is_not_followed_however_far_it_has_come(
    database: Database, old: Structure, writes: int
) -> None:
    await write(database, ChangeTopic("flour", {"hours": 3.0}))
    later = await read_structure(database)
    await wipe(database)
    await write(database, *(CreateTopic(Topic(f"topic-{number}", "T")) for number in range(writes)))
    assert await follow(database, later) is None
    assert await follow(database, old) is None


async def test_more_than_is_worth_it_is_not_followed(
    database: Database, old: Structure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MOST", 2)
    await write(database, *(ChangeTopic(slug, {"hours": 99.0}) for slug in ("flour", "weighing")))
    assert await follow(database, old) is not None
    await write(database, ChangeTopic("mixer", {"hours": 99.0}))
    assert await follow(database, old) is None


async def test_a_process_follows_the_writes_of_another_and_knows_what_they_touched(
    database: Database, old: Structure, other: Database
) -> None:
    cache = StructureCache(database, poll=0)
    assert (await cache.current()).revision == old.revision == 1
    era = cache.touches.era
    await write(other, ChangeTopic("flour", {"hours": 3.0}), ChangeTopic("mixer", {"title": "Machine"}))
    assert_same_structure(await cache.current(), await read_structure(database))
    assert cache.touches.era is era
    assert cache.touches.revision == 3
    assert cache.touches.since(1) == frozenset({identity("topic", "flour"), identity("topic", "mixer")})


@pytest.mark.parametrize("further", [0, 2])
@pytest.mark.usefixtures("old")
async def test_a_process_notices_another_history_also_one_that_has_come_as_far(
    database: Database, other: Database, further: int
) -> None:
    await write(other, *(ChangeTopic("flour", {"hours": float(hours)}) for hours in range(further)))
    cache = StructureCache(database, poll=0)
    assert (await cache.current()).revision == 1 + further
    era = cache.touches.era
    await wipe(other)
    await write(other, CreateTopic(Topic("a", "A")))
    assert_same_structure(await cache.current(), await read_structure(database))
    assert cache.touches.era is not era
    assert cache.touches.revision == 1
    assert cache.touches.since(1) == frozenset()


@pytest.mark.usefixtures("old")
async def test_a_process_follows_while_another_write_is_being_made(
    database: Database, old: Structure, other: Database
) -> None:
    cache = StructureCache(database, poll=0)
    assert (await cache.current()).revision == old.revision
    await GraphWriter(other).edit(ChangeTopic("flour", {"hours": 9.0}), writing=EDITING)
    taken, over = asyncio.Event(), asyncio.Event()

    async def long_write(transaction: Transaction) -> None:
        await transaction.run(LOCK_WRITERS)
        await transaction.run("MATCH (t:Topic {slug: 'flour'}) SET t.hours = 10.0")
        taken.set()
        await over.wait()
        await transaction.run(NEXT_REVISION)

    writing = asyncio.create_task(other.write(long_write))
    await taken.wait()
    following = await asyncio.wait_for(cache.current(), 5)
    assert (following.revision, writing.done()) == (old.revision + 1, False)
    assert following.graph.hours[following.graph.number["flour"]] == 9.0
    over.set()
    await writing


async def test_a_process_does_not_follow_what_is_being_committed(
    database: Database, old: Structure, other: Database
) -> None:
    cache = StructureCache(database, poll=0)
    await cache.current()
    taken, over = asyncio.Event(), asyncio.Event()

    async def commit(transaction: Transaction) -> None:
        await transaction.run(LOCK_WRITERS)
        await transaction.run(NEXT_REVISION)
        await announce(other, old.revision + 1, ended=old.revision)
        taken.set()
        await over.wait()

    committing = asyncio.create_task(other.write(commit))
    await taken.wait()
    following = asyncio.create_task(cache.current())
    await asyncio.wait({following}, timeout=0.5)
    assert not following.done()
    over.set()
    await committing
    assert (await following).revision == old.revision + 1


@pytest.mark.usefixtures("catalogue")
async def test_a_process_knows_what_it_wrote_itself(database: Database) -> None:
    cache = StructureCache(database, poll=60)
    await cache.current()
    era, before = cache.touches.era, cache.touches.revision
    writer = GraphWriter(database, cache)
    await writer.edit(DeleteTopic("tomato-sauce", detach=True), writing=EDITING)
    await writer.import_documents(
        [Document("x", Roadmap("x", "X"), (Definition(Topic("z", "Z", hours=1.0)),))]
    )
    first = {identity("topic", "tomato-sauce"), identity("roadmap", "pizzaiolo")}
    second = {identity("topic", "z"), identity("roadmap", "x")}
    assert cache.touches.era is era
    assert cache.touches.revision == before + 2
    assert cache.touches.since(before) == frozenset(first | second)
    assert cache.touches.since(before + 1) == frozenset(second)
    statements = database.statements
    moved = await cache.current()
    assert database.statements == statements, "no look at the database was needed"
    assert_same_structure(moved, await read_structure(database))
