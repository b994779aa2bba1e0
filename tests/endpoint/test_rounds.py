"""Rounds of the event loop: one execution begins in each, in the order in which they come."""

from __future__ import annotations

import asyncio
import gc

from graph_api.endpoint.rounds import Rounds
from tests.conftest import Client


class Counted:
    """Executions that note the round in which they begin."""

    def __init__(self) -> None:
        self.rounds = Rounds()
        self.begun: list[tuple[str, int]] = []
        self.number = 0

    async def count(self) -> None:
        while True:
            self.number += 1
            await asyncio.sleep(0)

    async def execute(self, name: str) -> None:
        await self.rounds.turn()
        self.begun.append((name, self.number))

    async def together(self, *names: str) -> list[asyncio.Task[None]]:
        """Begin all of these at once, and wait until nobody waits."""
        counting = asyncio.create_task(self.count())
        tasks = [asyncio.create_task(self.execute(name)) for name in names]
        await asyncio.sleep(0)
        tasks[len(tasks) // 2].cancel()
        await asyncio.wait(tasks)
        counting.cancel()
        return tasks


async def test_one_begins_in_each_round_in_the_order_in_which_they_come() -> None:
    counted = Counted()
    await counted.together(*"abcdefg")
    names, rounds = zip(*counted.begun, strict=True)
    assert "".join(names) == "abcefg", "one was cancelled while it waited"
    assert len(set(rounds)) == len(rounds)
    assert rounds[-1] - rounds[0] <= 2 * len(rounds)


async def test_who_comes_alone_begins_at_once() -> None:
    rounds = Rounds()
    for _ in range(3):
        coming = rounds.turn()
        try:
            coming.send(None)
        except StopIteration:
            pass
        else:
            raise AssertionError("it waits")
        await asyncio.sleep(0)


async def test_who_waits_for_something_else_is_heard_between_two_executions() -> None:
    """As a read of the database is, which takes many rounds."""
    counted, heard = Counted(), list[int]()

    async def read() -> None:
        for _ in range(5):
            await asyncio.sleep(0)
            heard.append(len(counted.begun))

    reading = asyncio.create_task(read())
    await counted.together(*map(str, range(20)))
    await reading
    assert heard[-1] < 10


async def test_a_request_leaves_no_circle_to_the_collector_of_garbage(client: Client) -> None:
    """Only what the driver leaves of a session is one."""
    document = (
        '{ roadmap(slug: "baker") { title sections { title topics { edges { node { slug'
        " requirements { of { title } } prerequisites { nodes { title } } } } } } } }"
    )
    for _ in range(3):
        assert (await client.http.post("/graphql", json={"query": document})).status_code == 200
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        await client.http.post("/graphql", json={"query": f"query Other {document}"})
        gc.collect()
        ours = {type(each).__name__ for each in gc.garbage if type(each).__module__.startswith("graph_api.")}
    finally:
        gc.set_debug(0)
        gc.enable()
        gc.garbage.clear()
    assert ours == set()
