"""Requests that others write into: none of them has, or leaves, anything of two revisions."""

from __future__ import annotations

import asyncio
import random

import pytest

from graph_api.knowledge.change import Definition, Document
from graph_api.knowledge.edit import (
    ChangeTopic,
    CreateTopic,
)
from graph_api.knowledge.model import Roadmap, Topic
from graph_api.store import clock
from graph_api.store.structure_cache import StructureCache
from graph_api.store.writer import GraphWriter
from tests.conftest import wipe
from tests.store.nodes import topic_id
from tests.store.processes import EDITING, Process
from tests.store.test_kept import DOUGH, FLOUR, warm


async def test_what_was_read_while_another_wrote_is_never_kept(here: Process, there: Process) -> None:
    request = there.request()
    await request.ask("topic_by_id", DOUGH)
    await here.edit(ChangeTopic("flour", {"title": "Meal"}))
    [torn] = (await request.ask("topic_by_id", FLOUR)).values()
    assert torn.title == "Meal", "of revision 2, in a request that began at revision 1"
    assert not await request.end()
    assert len(there.entities) == 0
    late = there.request()
    [flour] = (await late.ask("topic_by_id", FLOUR)).values()
    assert flour.title == "Meal"
    assert await late.end()
    assert len(there.entities) > 0


async def test_what_is_still_being_read_when_a_request_ends_is_not_kept(
    here: Process, there: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field that fails ends a request before its siblings: they may read until after it looked."""
    request = there.request()
    await request.ask("topic_by_id", DOUGH)
    request.snapshot.elsewhere()  # so that it has to look at the clock
    still = StructureCache.still

    async def and_then(self: StructureCache, revision: int) -> bool:
        shown = await still(self, revision)
        await here.edit(ChangeTopic("flour", {"title": "Meal"}))
        await request.ask("topic_by_id", FLOUR)
        return shown

    with monkeypatch.context() as patched:
        patched.setattr(StructureCache, "still", and_then)
        assert await request.end()
    kept = there.entities.at(1)
    assert kept is None or FLOUR not in kept.topic


async def test_reads_by_key_tell_themselves_that_they_hold(there: Process) -> None:
    request = there.request()
    await request.snapshot.structure()
    before = there.database.statements
    await request.ask("topic_by_id", FLOUR)
    assert await request.end()
    assert there.database.statements - before == 1


@pytest.mark.parametrize("shows_again", [True, False])
async def test_what_is_read_while_a_write_is_announced_does_not_hold(
    there: Process, shows_again: bool
) -> None:
    """Also when that write is then given up, and the clock shows the same revision as before."""
    request = there.request()
    revision = (await request.snapshot.structure()).revision
    await clock.announce(there.database, revision + 1, ended=revision)
    await request.ask("topic_by_id", FLOUR)
    if shows_again:
        await clock.announce(there.database, revision, ended=revision)
        await request.ask("topic_by_id", DOUGH)
    assert not await request.end()
    assert there.structures.fresh() is None, "the clock is looked at before anybody else is answered"
    assert len(there.entities) == 0


async def test_a_read_that_does_not_tell_is_followed_by_a_look_at_the_clock(there: Process) -> None:
    request = there.request()
    await request.ask("topic_by_id", FLOUR)
    assert len(await request.snapshot.read("MATCH (t:Topic) RETURN t.slug AS slug")) > 1
    before = there.database.statements
    assert await request.end()
    assert there.database.statements - before == 1


async def test_a_write_in_the_middle_of_a_request_of_the_same_process_is_noticed(here: Process) -> None:
    await here.ask("topic_by_id", FLOUR)
    request = here.request()
    [flour] = (await request.ask("topic_by_id", FLOUR)).values()
    await here.edit(ChangeTopic("weighing", {"title": "Scales"}))
    [weighing] = (await request.ask("topic_by_id", topic_id("weighing"))).values()
    assert (flour.title, weighing.title) == ("Flour & Water", "Scales")
    assert not await request.end()
    assert await here.ask("topic_by_id", FLOUR) == {FLOUR: flour}


@pytest.mark.parametrize("known_before", [True, False])
async def test_requests_at_two_revisions_have_nothing_of_each_other(
    here: Process, known_before: bool
) -> None:
    """The one at the older revision reads no more, and holds: it may have seen nothing of the newer one."""
    keys = (FLOUR, topic_id("weighing"))
    await here.ask("topic_by_id", *keys)
    older = here.request()
    await older.snapshot.structure()
    if known_before:
        [flour] = (await older.ask("topic_by_id", FLOUR)).values()
        assert flour.title == "Flour & Water"
    await here.edit(ChangeTopic("weighing", {"title": "Scales"}), ChangeTopic("flour", {"title": "Meal"}))
    newer = await here.ask("topic_by_id", *keys)
    assert [node.title for node in newer.values()] == ["Meal", "Scales"]
    weighing = (await older.ask("topic_by_id", topic_id("weighing")))[topic_id("weighing")]
    held = await older.end()
    assert not (held and weighing.title == "Scales"), "an answer of two revisions"
    assert await here.ask("topic_by_id", *keys) == newer


async def test_a_set_back_database_has_none_of_what_was_kept(here: Process, there: Process) -> None:
    await warm(there)
    await here.edit(ChangeTopic("flour", {"title": "Meal"}))
    await warm(there)
    await wipe(here.database)
    await GraphWriter(here.database).edit(CreateTopic(Topic("flour", "Another flour")), writing=EDITING)
    [node] = (await there.ask("topic_by_slug", "flour")).values()
    assert node.title == "Another flour"
    assert await there.ask("roadmap_by_slug", "baker") == {}
    assert await there.ask("topic_by_id", DOUGH) == {}


async def test_many_requests_under_many_writes_never_answer_of_two_revisions(
    here: Process, there: Process
) -> None:
    """Each write gives two topics one title: whoever sees two titles, and holds, has torn them apart."""
    keys, done = (FLOUR, topic_id("weighing")), asyncio.Event()
    counts = {True: 0, False: 0}

    async def read(process: Process, chance: random.Random) -> None:
        while not done.is_set():
            request = process.request()
            titles = []
            for key in chance.sample(keys, k=2):
                [node] = (await request.ask("topic_by_id", key)).values()
                titles.append(node.title)
                await asyncio.sleep(chance.random() / 50)
            held = await request.end()
            counts[held] += 1
            assert not held or titles[0] == titles[1]

    await GraphWriter(here.database, here.structures).import_documents([_titled("0")], writing=EDITING)
    readers = [
        asyncio.create_task(read(each, random.Random(at))) for at, each in enumerate((here, there) * 4)
    ]
    for number in range(1, 400):
        await GraphWriter(here.database, here.structures).import_documents(
            [_titled(str(number))], writing=EDITING
        )
        if number >= 40 and counts[True] > 20 and counts[False]:
            break  # a machine that is busy takes more writes until one comes in between
    done.set()
    await asyncio.gather(*readers)
    assert counts[True] > 20
    assert counts[False] > 0, "writes came in between"


def _titled(title: str) -> Document:
    topics = Topic("flour", title), Topic("weighing", title)
    return Document("titles.yaml", Roadmap("titles", "Titles"), tuple(map(Definition, topics)))
