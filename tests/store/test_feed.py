"""The feed: who is told of which change, and when; what happens while the database is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from graph_api.errors import Unavailable
from graph_api.knowledge.edit import (
    ChangeRoadmap,
    ChangeTopic,
    CreateTopic,
    DeleteRoadmap,
    DeleteTopic,
    Edit,
    RemoveTopic,
    RenameRoadmap,
    RenameTopic,
)
from graph_api.knowledge.model import Topic
from graph_api.store import changes
from graph_api.store.changes import CatalogueEvent, Changed
from graph_api.store.feed import Feed
from graph_api.store.reader import GraphReader
from graph_api.store.session import Database, Transaction
from graph_api.store.structure_cache import StructureCache
from graph_api.store.writer import GraphWriter, Writing

POLL = 0.03

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
async def feed(database: Database) -> AsyncIterator[Feed]:
    """A feed over the worked example, at revision 1."""
    async with Feed(database, StructureCache(database), poll=POLL) as feed:
        yield feed


async def write(database: Database, *edits: Edit) -> None:
    """Make edits, as another process would: the feed is not told."""
    writer = GraphWriter(database)
    for edit in edits:
        await writer.edit(edit, writing=Writing(by="ada", action="edit"))


class Told:
    """What a subscriber is told, as it comes; wait for it with `next`."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue()

    async def next(self) -> Any:
        return await asyncio.wait_for(self.queue.get(), 3)

    async def nothing(self) -> None:
        """Nothing comes for a while."""
        await asyncio.sleep(4 * POLL)
        assert self.queue.empty()


@asynccontextmanager
async def following(feed: Feed, events: AsyncGenerator[Any, None]) -> AsyncIterator[Told]:
    """A subscriber from whom on every change is told."""
    told = Told()

    async def follow() -> None:
        async with aclosing(events):
            async for event in events:
                told.queue.put_nowait(event)

    task = asyncio.create_task(follow())
    while not feed.revision:  # noqa: ASYNC110 - a feed tells nobody that it has begun
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.01)
    yield told
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def slugs(event: CatalogueEvent, *, gone: bool = False) -> set[str]:
    return {each.slug for each in (*event.topics.values(), *event.roadmaps.values()) if each.gone is gone}


FLOUR = ChangeTopic("flour", {"title": "Flour"})


async def test_a_write_of_another_process_is_told_to_all_in_one_event(feed: Feed, database: Database) -> None:
    async with following(feed, feed.catalogue()) as one, following(feed, feed.catalogue()) as other:
        await write(database, FLOUR)
        event = await one.next()
        assert (event.revision, event.everything, slugs(event)) == (2, False, {"flour"})
        assert await other.next() is event
        assert feed.revision == 2
        await one.nothing()


async def test_a_write_of_this_process_is_told_at_once(database: Database) -> None:
    async with (
        Feed(database, StructureCache(database), poll=60) as feed,
        following(feed, feed.catalogue()) as told,
    ):
        await write(database, FLOUR)
        began = time.monotonic()
        feed.notify()
        assert (await told.next()).revision == 2
        assert time.monotonic() - began < 0.5


async def test_what_was_created_renamed_and_deleted_is_told_with_its_slug(
    feed: Feed, database: Database
) -> None:
    async with following(feed, feed.catalogue()) as told:
        await write(database, CreateTopic(Topic("salt", title="Salt")))
        assert slugs(await told.next()) == {"salt"}
        await write(database, RenameTopic("salt", "sea-salt"))
        assert slugs(await told.next()) == {"sea-salt"}
        await write(database, DeleteTopic("sea-salt"))
        event = await told.next()
        assert slugs(event, gone=True) == {"sea-salt"}
        assert slugs(event) == set()


async def test_a_subscriber_who_is_busy_is_told_of_all_changes_in_one_event(
    feed: Feed, database: Database
) -> None:
    async with aclosing(feed.catalogue()) as events, following(feed, feed.catalogue()) as quick:
        first = asyncio.create_task(anext(events))
        await asyncio.sleep(POLL)
        await write(database, FLOUR)
        assert (await first).revision == 2
        for title in ("A", "B"):
            await quick.next()
            await write(database, ChangeTopic("weighing", {"title": title}))
        await write(database, ChangeRoadmap("baker", {"title": "Bakers"}))
        while (await quick.next()).revision < 5:
            pass
        event = await anext(events)
        assert (event.revision, slugs(event)) == (5, {"weighing", "baker"})


async def test_with_a_revision_the_changes_since_come_first_and_none_comes_twice(
    feed: Feed, database: Database
) -> None:
    await write(database, FLOUR, ChangeTopic("weighing", {"title": "Scales"}))
    async with following(feed, feed.catalogue(since=2)) as told:
        event = await told.next()
        assert (event.revision, slugs(event)) == (3, {"weighing"})
        await told.nothing()
        await write(database, ChangeTopic("flour", {"title": "Flours"}))
        assert (await told.next()).revision == 4
    async with following(feed, feed.catalogue(since=4)) as told:
        await told.nothing()


async def test_where_the_history_has_a_gap_everything_may_have_changed(
    feed: Feed, database: Database
) -> None:
    await write(database, FLOUR, ChangeTopic("weighing", {"title": "Scales"}))
    await database.define("MATCH (r:Revision {number: 2}) DETACH DELETE r")
    async with following(feed, feed.catalogue(since=1)) as told:
        event = await told.next()
        assert (event.revision, event.everything, slugs(event)) == (3, True, set())


async def test_after_a_database_was_set_back_everything_may_have_changed(
    feed: Feed, database: Database
) -> None:
    await write(database, FLOUR)
    async with following(feed, feed.catalogue()) as told, following(feed, feed.catalogue(since=9)) as ahead:
        assert (await ahead.next()).everything
        await database.define("MATCH (c:Catalogue) SET c.revision = 0")
        event = await told.next()
        assert (event.revision, event.everything) == (0, True)
    await database.define("MATCH (c:Catalogue) SET c.revision = 7")


def test_more_changes_than_one_event_may_list_are_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    def event(revision: int, *names: str) -> CatalogueEvent:
        return CatalogueEvent.of(
            revision, ({"kind": "Topic", "id": each, "slug": each, "gone": False} for each in names)
        )

    monkeypatch.setattr(changes, "MOST", 2)
    assert event(2, "a", "b").topics == {each: Changed(each, each, gone=False) for each in "ab"}
    assert event(2, "a", "b", "c").everything
    both = event(2, "a", "b").then(event(3, "b"))
    assert (both.revision, set(both.topics), both.everything) == (3, {"a", "b"}, False)
    assert event(2, "a", "b").then(event(3, "c")).everything
    assert event(2, "a").then(CatalogueEvent(3, everything=True)).everything


async def test_an_import_of_more_than_that_is_everything(
    feed: Feed, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_api.store.feed.MOST", 2)
    monkeypatch.setattr(changes, "MOST", 2)
    async with following(feed, feed.catalogue()) as told:
        await write(database, DeleteTopic("yeast-dough", detach=True))
        assert (await told.next()).everything


async def test_nothing_is_asked_while_nobody_subscribes(feed: Feed, database: Database) -> None:
    async with following(feed, feed.catalogue()):
        assert feed.followed
    assert not feed.followed
    assert feed.revision == 0
    before = database.statements
    await asyncio.sleep(3 * POLL)
    assert database.statements == before
    async with following(feed, feed.catalogue()) as told:
        await write(database, FLOUR)
        assert (await told.next()).revision == 2, "and it can begin again"


async def test_a_poll_is_one_statement_for_any_number_of_subscribers(feed: Feed, database: Database) -> None:
    async with following(feed, feed.catalogue()), following(feed, feed.catalogue()):
        before, began = database.statements, time.monotonic()
        await asyncio.sleep(0.2)
        assert database.statements - before <= (time.monotonic() - began) / POLL + 1


async def test_subscribers_outlast_a_database_that_goes_away(
    feed: Feed, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with following(feed, feed.catalogue()) as told:
        asked = 0

        async def away(*_: object, **__: object) -> list[Any]:
            nonlocal asked
            asked += 1
            raise Unavailable("The database cannot be reached now.")

        with monkeypatch.context() as patch:
            patch.setattr(database, "read", away)
            await write(database, FLOUR)
            await asyncio.sleep(10 * POLL)
        assert 2 <= asked <= 5, "it waits longer each time"
        assert (await told.next()).revision == 2
    assert caplog.text.count("Subscribers wait") == 1


async def test_a_fault_of_the_feed_itself_ends_its_subscribers(
    feed: Feed, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> list[Any]:
        raise ZeroDivisionError

    monkeypatch.setattr(database, "read", broken)
    for events in (feed.catalogue(), feed.learner("ada")):
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(anext(events), 3)
    assert not feed.followed


@pytest.fixture
async def baker(database: Database, feed: Feed) -> Callable[..., AsyncGenerator[Any, None]]:
    """Follows the roadmap of bakers."""
    found = (await GraphReader(database).outlines_by_slug(["baker"]))["baker"].roadmap
    return lambda **options: feed.roadmap(found, **options)


async def test_a_roadmap_is_told_of_its_own_changes_and_of_those_of_its_topics(
    feed: Feed, database: Database, baker: Callable[..., AsyncGenerator[Any, None]]
) -> None:
    flour = (await GraphReader(database).topics_by_slug(["flour"])).found[0].id
    async with following(feed, baker()) as told:
        await write(database, FLOUR)
        event = await told.next()
        assert (event.revision, event.topics, event.everything) == (2, (flour,), False)
        await write(database, ChangeTopic("tomato-sauce", {"title": "Sugo"}))  # of the other roadmap alone
        await told.nothing()
        await write(database, ChangeRoadmap("baker", {"title": "Bakers"}))
        event = await told.next()
        assert (event.revision, event.topics) == (4, ())
        await write(database, RemoveTopic("mixer", "baker"))
        assert (await told.next()).revision == 5


async def test_a_roadmap_is_followed_under_its_new_name_until_it_is_deleted_and_after(
    feed: Feed, database: Database, baker: Callable[..., AsyncGenerator[Any, None]]
) -> None:
    async with following(feed, baker()) as told:
        for edit in (RenameRoadmap("baker", "bakers"), FLOUR, DeleteRoadmap("bakers")):
            await write(database, edit)
            await told.next()
        await write(database, ChangeTopic("flour", {"title": "Flours"}))
        await told.nothing()


async def test_a_roadmap_is_told_when_everything_or_nobody_knows_what_has_changed(
    feed: Feed, database: Database, baker: Callable[..., AsyncGenerator[Any, None]]
) -> None:
    await write(database, FLOUR, RenameRoadmap("baker", "bakers"))
    await database.define("MATCH (r:Revision {number: 2}) DETACH DELETE r")
    async with following(feed, baker(since=1)) as told:
        assert (await told.next()).everything
        await write(database, ChangeTopic("flour", {"title": "Flours"}))
        event = await told.next()
        assert (len(event.topics), event.everything) == (1, False), "found under its new name"


async def learn(database: Database, learner: str) -> None:
    """Make a learner's progress one revision newer."""

    async def work(transaction: Transaction) -> None:
        statement = "MERGE (l:Learner {id: $id}) SET l.revision = coalesce(l.revision, 0) + 1"
        await transaction.run(statement, id=learner)

    await database.write(work)


async def test_a_learner_is_told_of_the_own_progress_alone(feed: Feed, database: Database) -> None:
    await learn(database, "ada")
    async with following(feed, feed.learner("ada")) as told, following(feed, feed.learner("bob")) as other:
        await asyncio.sleep(2 * POLL)
        await learn(database, "ada")
        assert await told.next() == 2
        await learn(database, "bob")
        assert await other.next() == 1
        await told.nothing()
        await write(database, FLOUR)
        await told.nothing()
        await database.define("MATCH (l:Learner {id: 'ada'}) DELETE l")
        assert await told.next() == 0, "whoever is forgotten has recorded nothing"
    assert not feed.followed
    await learn(database, "ada")
    async with following(feed, feed.learner("ada", since=0)) as told:
        assert await told.next() == 1
        await told.nothing()
        await learn(database, "ada")
        assert await told.next() == 2


async def test_what_is_learned_while_the_feed_comes_to_know_a_learner_is_told(
    feed: Feed, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, settled = feed._look, feed._settled
    seen, known = asyncio.Event(), asyncio.Event()

    async def later() -> None:
        await known.wait()
        await look()

    async def own(learners: list[str]) -> dict[str, int]:
        found = await settled(learners)
        seen.set()
        return found

    monkeypatch.setattr(feed, "_look", later)
    monkeypatch.setattr(feed, "_settled", own)
    async with aclosing(feed.learner("ada", since=0)) as revisions:
        first = asyncio.create_task(anext(revisions))
        await asyncio.wait_for(seen.wait(), 3)  # that there is nothing yet
        await learn(database, "ada")
        known.set()
        assert await asyncio.wait_for(first, 3) == 1
