"""Progress in the database: what a write changes, what it leaves alone, and who may meet whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph_api.errors import BadInput
from graph_api.knowledge.edit import MergeTopics
from graph_api.knowledge.model import Catalogue
from graph_api.store import learners as progress
from graph_api.store.cypher import clock
from graph_api.store.feed import Feed
from graph_api.store.learners import (
    Decide,
    Event,
    LearnerState,
    LearnerStore,
    Marks,
    Progressed,
    Recorded,
    Source,
    Status,
)
from graph_api.store.page import Entry, Page
from graph_api.store.session import Database, only
from graph_api.store.structure_cache import StructureCache
from graph_api.store.writer import GraphWriter, Writing

pytestmark = pytest.mark.usefixtures("catalogue")


def marks(*named: str, prerequisites: str = "") -> Decide:
    async def decide(_: LearnerState) -> Marks:
        return Marks(named, prerequisites.split())

    return decide


async def forget_all(database: Database) -> None:
    await database.write(lambda t: t.run("MATCH (n:Learner|Record|TopicAlias) DETACH DELETE n"))


@pytest.fixture
async def store(database: Database, catalogue: Catalogue) -> AsyncIterator[LearnerStore]:  # noqa: ARG001 - first
    """The store of a database without learners; it has none afterwards."""
    await forget_all(database)
    yield LearnerStore(database)
    await forget_all(database)


async def know(store: LearnerStore, *topics: str, learner: str = "ada") -> Progressed:
    return await store.record(learner, Status.KNOWN, marks(*topics))


def recorded(state: LearnerState) -> dict[str, str]:
    return {each.slug: each.status.value for each in state.topics}


async def nodes(database: Database) -> dict[str, int]:
    rows = await database.read("MATCH (n:Learner|Record) RETURN labels(n)[0] AS label, count(*) AS count")
    return {row["label"]: row["count"] for row in rows}


async def test_who_never_recorded_anything_has_nothing_and_leaves_no_trace(
    store: LearnerStore, database: Database
) -> None:
    assert await store.read("ada") == LearnerState("ada", 0, ())
    assert (await store.history("ada", Page())).entries == ()
    assert await store.count_history("ada") == 0
    assert await store.record("ada", Status.UNKNOWN, marks("flour")) == Progressed(
        LearnerState("ada"), (), ()
    )
    assert await nodes(database) == {}


async def test_a_status_takes_the_place_of_the_one_before(store: LearnerStore) -> None:
    done = await know(store, "weighing", "flour")
    assert done.changed == ("weighing", "flour")
    assert recorded(done.state) == {"flour": "KNOWN", "weighing": "KNOWN"}
    assert done.state == await store.read("ada")
    done = await store.record("ada", Status.SKIPPED, marks("weighing", "mixer"))
    assert recorded(done.state) == {"flour": "KNOWN", "mixer": "SKIPPED", "weighing": "SKIPPED"}
    done = await store.record("ada", Status.LEARNING, marks("mixer"))
    done = await store.record("ada", Status.UNKNOWN, marks("weighing"))
    assert recorded(done.state) == {"flour": "KNOWN", "mixer": "LEARNING"}
    assert done.state.revision == 4
    assert done.state.of(Status.KNOWN) == ("flour",)
    assert done.state.of(Status.LEARNING) == ("mixer",)
    assert abs(datetime.now(UTC) - done.state.topics[0].since) < timedelta(minutes=1)


async def test_the_same_again_changes_nothing(store: LearnerStore) -> None:
    first = await know(store, "flour", "weighing")
    again = await know(store, "weighing", "flour", "flour")
    assert again == Progressed(first.state, (), ())
    assert (await store.record("ada", Status.UNKNOWN, marks("mixer"))).state == first.state
    more = await know(store, "flour", "mixer")
    assert more.changed == ("mixer",)
    assert more.state.revision == 2
    assert await store.count_history("ada") == 3


async def test_prerequisites_are_told_apart_from_what_was_named(store: LearnerStore) -> None:
    done = await store.record(
        "ada", Status.KNOWN, marks("yeast-dough", "flour", prerequisites="flour weighing")
    )
    assert (done.changed, done.marked) == (("flour", "weighing", "yeast-dough"), ("weighing",))
    assert {each.slug: each.source for each in done.state.topics} == {
        "flour": Source.NAMED,
        "weighing": Source.PREREQUISITE,
        "yeast-dough": Source.NAMED,
    }


async def test_what_is_decided_sees_the_state_and_may_refuse(store: LearnerStore, database: Database) -> None:
    await know(store, "flour")
    seen = []

    async def refuse(state: LearnerState) -> Marks:
        seen.append(recorded(state))
        raise BadInput("Not like this.")

    with pytest.raises(BadInput):
        await store.record("ada", Status.KNOWN, refuse)
    with pytest.raises(BadInput):
        await store.record("bob", Status.KNOWN, refuse)
    assert seen == [{"flour": "KNOWN"}, {}]
    assert await nodes(database) == {"Learner": 1, "Record": 1}


async def test_the_content_and_its_revision_stay_as_they_are(store: LearnerStore, database: Database) -> None:
    await know(store, "flour", "weighing")
    await store.delete("ada")
    assert only(await database.read(clock.REVISION))["revision"] == 1


async def test_writers_of_one_learner_take_turns(store: LearnerStore, database: Database) -> None:
    topics = ["flour", "weighing", "mixer", "hygiene", "hand-kneading", "tomato-sauce"]
    written = await asyncio.gather(*(know(store, topic) for topic in topics), know(store, "flour"))
    assert sorted(done.state.revision for done in written if done.changed) == [1, 2, 3, 4, 5, 6]
    assert sum(len(done.changed) for done in written) == len(topics)
    state = await store.read("ada")
    assert recorded(state) == dict.fromkeys(sorted(topics), "KNOWN")
    rows = await database.read("MATCH (:Learner)-[r:KNOWS]->() RETURN count(r) AS count")
    assert only(rows)["count"] == len(topics)


async def test_writers_of_two_learners_do_not_wait_for_each_other(store: LearnerStore) -> None:
    holding, let_go = asyncio.Event(), asyncio.Event()

    async def hold(_: LearnerState) -> Marks:
        holding.set()
        await let_go.wait()
        return Marks(["flour"])

    slow = asyncio.create_task(store.record("ada", Status.KNOWN, hold))
    await asyncio.wait_for(holding.wait(), 5)
    quick = await asyncio.wait_for(know(store, "flour", "mixer", learner="bob"), 5)
    assert quick.state.revision == 1
    let_go.set()
    assert recorded((await slow).state) == {"flour": "KNOWN"}


async def history(store: LearnerStore, learner: str) -> tuple[Entry[Event], ...]:
    return (await store.history(learner, Page())).entries


async def test_no_call_touches_another_learner(store: LearnerStore) -> None:
    await know(store, "flour", "mixer", learner="bob")
    before = (await store.read("bob"), await store.export("bob"), await history(store, "bob"))
    await know(store, "flour", "weighing")
    await store.record("ada", Status.UNKNOWN, marks("mixer", "flour"))
    await store.record("ada", Status.SKIPPED, marks("mixer"))
    await store.delete("ada")
    await store.delete("nobody")
    assert before == (await store.read("bob"), await store.export("bob"), await history(store, "bob"))


async def test_a_topic_may_be_named_by_a_former_slug(store: LearnerStore, database: Database) -> None:
    await database.write(
        lambda t: t.run("MATCH (t:Topic {slug: 'flour'}) CREATE (:TopicAlias {slug: 'meal'})-[:OF]->(t)")
    )
    done = await know(store, "meal", "flour", "nowhere")
    assert done.changed == ("flour",)


async def test_what_is_deleted_goes_from_what_is_known_and_stays_in_the_history(
    store: LearnerStore, database: Database
) -> None:
    await database.write(
        lambda t: t.run("CREATE (:Topic {id: 'passing', slug: 'passing', title: '', summary: '', tags: []})")
    )
    await know(store, "flour", "passing")
    await database.write(lambda t: t.run("MATCH (t:Topic {id: 'passing'}) SET t.slug = 'passed'"))
    assert recorded(await store.read("ada")) == {"flour": "KNOWN", "passed": "KNOWN"}
    await database.write(lambda t: t.run("MATCH (t:Topic {id: 'passing'}) DETACH DELETE t"))
    assert recorded(await store.read("ada")) == {"flour": "KNOWN"}
    events = [entry.value for entry in (await store.history("ada", Page())).entries]
    assert (events[0].slug, events[0].topic) == ("passing", "passing")
    assert events[1].slug == "flour"


async def test_the_history_is_read_in_pages_from_both_ends(store: LearnerStore) -> None:
    await know(store, "flour", "weighing", "mixer")
    await store.record("ada", Status.UNKNOWN, marks("weighing"))
    await store.record("ada", Status.LEARNING, marks("hygiene", "weighing"))
    whole = [entry.value for entry in (await store.history("ada", Page(size=100))).entries]
    assert [(event.revision, event.slug, event.status.value) for event in whole] == [
        (3, "weighing", "LEARNING"),
        (3, "hygiene", "LEARNING"),
        (2, "weighing", "UNKNOWN"),
        (1, "mixer", "KNOWN"),
        (1, "weighing", "KNOWN"),
        (1, "flour", "KNOWN"),
    ]
    keys = [(event.revision, event.place) for event in whole]
    assert keys == sorted(keys, reverse=True)
    assert await store.count_history("ada") == len(whole)
    bounds = [None, *keys[::2]]
    for size in (1, 3):
        for start in bounds:
            for end in bounds:
                inside = [
                    event
                    for event, key in zip(whole, keys, strict=True)
                    if (start is None or key < start) and (end is None or key > end)
                ]
                for backward in (False, True):
                    page = Page(size=size, after=start, before=end, backward=backward)
                    found = [entry.value for entry in (await store.history("ada", page)).entries]
                    assert found == (inside[-size:] if backward else inside[:size])


async def test_everything_can_be_taken_along_and_deleted(store: LearnerStore, database: Database) -> None:
    await store.record("ada", Status.KNOWN, marks("flour", prerequisites="weighing"))
    await store.record("ada", Status.SKIPPED, marks("weighing"))
    found = await store.export("ada")
    state = await store.read("ada")
    assert {key: found[key] for key in ("format", "learner", "revision")} == {
        "format": "progress/1",
        "learner": "ada",
        "revision": 2,
    }
    assert found["topics"] == [
        {"topic": each.slug, "status": each.status.value, "since": each.since.isoformat(), "source": "NAMED"}
        for each in state.topics
    ]
    assert [(each["topic"], each["status"], each["source"]) for each in found["history"]] == [
        ("weighing", "KNOWN", "PREREQUISITE"),
        ("flour", "KNOWN", "NAMED"),
        ("weighing", "SKIPPED", "NAMED"),
    ]
    await store.delete("ada")
    await store.delete("ada")
    assert await store.export("ada") == {**found, "revision": 0, "topics": [], "history": []}
    assert await nodes(database) == {}
    assert (await know(store, "flour")).state.revision == 1


async def test_thousands_of_topics_are_one_write(store: LearnerStore, database: Database) -> None:
    await database.write(
        lambda t: t.run(
            "UNWIND range(1, 3000) AS n"
            " CREATE (:Topic {id: 'bulk-' + n, slug: 'bulk-' + n, title: '', summary: '', tags: []})"
        )
    )
    try:
        done = await know(store, *(f"bulk-{number}" for number in range(1, 3001)))
        assert len(done.changed) == len(done.state.topics) == 3000
        assert len((await store.history("ada", Page(size=100))).entries) == 100
    finally:
        await database.write(
            lambda t: t.run("MATCH (t:Topic) WHERE t.id STARTS WITH 'bulk-' DETACH DELETE t")
        )


async def test_a_mark_goes_with_a_topic_that_becomes_one_with_another_while_it_is_made(
    store: LearnerStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, merged = progress._changes, list[int]()

    async def disturbed(*asked: Any) -> list[dict[str, str]]:
        rows = await changes(*asked)
        if not merged:
            edit = MergeTopics("weighing", "flour")
            written = await GraphWriter(database).edit(edit, writing=Writing(by="eve", action="mergeTopics"))
            merged.append(written.revision)
        return rows

    monkeypatch.setattr(progress, "_changes", disturbed)
    done = await know(store, "weighing")
    assert (done.changed, recorded(await store.read("ada"))) == (("flour",), {"flour": "KNOWN"})
    assert await store.count_history("ada") == 1


async def test_who_knew_either_of_two_topics_knows_the_one_they_become(
    store: LearnerStore, database: Database
) -> None:
    for learner, status, topic in (
        ("ada", Status.KNOWN, "weighing"),
        ("bob", Status.KNOWN, "flour"),
        ("cyd", Status.SKIPPED, "weighing"),
    ):
        await store.record(learner, status, marks(topic))
    await store.record("dan", Status.LEARNING, marks("flour"))
    await store.record("dan", Status.KNOWN, marks("weighing"))
    await GraphWriter(database).edit(MergeTopics("weighing", "flour"), writing=Writing(by="eve", action="m"))
    assert {who: recorded(await store.read(who)) for who in ("ada", "bob", "cyd", "dan")} == {
        "ada": {"flour": "KNOWN"},
        "bob": {"flour": "KNOWN"},
        "cyd": {"flour": "SKIPPED"},
        "dan": {"flour": "KNOWN"},
    }
    assert [(await store.read(who)).revision for who in ("ada", "bob", "cyd", "dan")] == [2, 1, 2, 3]


async def test_who_is_forgotten_while_they_are_read_is_read_without_an_error(
    store: LearnerStore, database: Database
) -> None:
    forgotten = False

    async def watch(read: Callable[[], Awaitable[object]]) -> int:
        times = 0
        while not forgotten:
            await read()
            times += 1
        return times

    async with Feed(database, StructureCache(database), poll=0.001) as feed, asyncio.TaskGroup() as group:
        told: list[int] = []

        async def subscribe() -> None:
            async with aclosing(feed.learner("ada")) as revisions:
                async for revision in revisions:
                    told.append(revision)  # noqa: PERF401 - looked at while they come

        subscriber = group.create_task(subscribe())
        watches = [
            group.create_task(watch(read))
            for read in (
                lambda: store.read("ada"),
                lambda: store.history("ada", Page()),
                lambda: store.export("ada"),
            )
            for _ in range(2)
        ]
        for _ in range(100):
            await know(store, "flour", "weighing")
            await store.delete("ada")
        async with asyncio.timeout(5):
            while told[-1:] != [0]:  # noqa: ASYNC110 - a feed tells of what it sees, when it sees it
                await asyncio.sleep(0.01)
        forgotten = True
        subscriber.cancel()
    assert all(watch.result() > 10 for watch in watches)
    assert {0, 1} <= set(told)


@pytest.mark.parametrize(
    ("revision", "topics", "seen"),
    [
        (None, [], LearnerState("ada")),
        (None, [["1", "flour", "KNOWS", 0, "NAMED"]], LearnerState("ada")),
        (3, [["1", "flour", None, 0, "NAMED"], [None] * 5], LearnerState("ada", 3)),
        (
            3,
            [["1", "flour", "KNOWS", 0, "NAMED"], [None, "salt", "KNOWS", 0, "NAMED"]],
            LearnerState(
                "ada",
                3,
                (Recorded("1", "flour", Status.KNOWN, datetime.fromtimestamp(0, UTC), Source.NAMED),),
            ),
        ),
    ],
)
async def test_what_neo4j_gives_of_the_half_deleted_counts_for_nothing(
    database: Database, revision: int | None, topics: list[list[Any]], seen: LearnerState
) -> None:
    """The very rows that were seen of a learner while another transaction's deletion was applied."""
    [row] = await database.read(
        "RETURN $revision AS revision, $topics AS topics", revision=revision, topics=topics
    )
    assert progress._state("ada", [row]) == seen
