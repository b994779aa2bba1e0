"""How many operations are executed at once, who waits, and who is told to come back."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import httpx
import pytest

from graph_api.endpoint import admission as admission_module
from graph_api.endpoint.admission import Admission
from graph_api.endpoint.guard import Guard
from graph_api.endpoint.request import Refused
from tests.endpoint.conftest import over, post
from tests.endpoint.guarded import Slow, build


async def until(fact: Callable[[], bool]) -> None:
    """Wait for something to be so."""
    async with asyncio.timeout(5):
        while not fact():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0)


async def ask(http: httpx.AsyncClient, number: int) -> httpx.Response:
    return await post(http, {"query": f"{{ wait(number: {number}) }}"})


async def test_so_many_are_executed_at_once_and_the_others_wait_in_their_order() -> None:
    slow, admission = Slow(), Admission(at_once=2, waiting=3)
    async with over(build(slow, Guard(admission=admission))) as http:
        asked = []
        for number in range(5):
            asked.append(asyncio.create_task(ask(http, number)))
            await until(lambda: admission.running + admission.waiting == len(asked))
        await until(lambda: slow.inside == 2)
        slow.open.set()
        answers = await asyncio.gather(*asked)
    assert [answer.json()["data"]["wait"] for answer in answers] == [0, 1, 2, 3, 4]
    assert slow.most == 2
    assert slow.order == [0, 1, 2, 3, 4]
    assert (admission.running, admission.waiting) == (0, 0)


async def test_one_past_the_line_is_503_and_told_when_to_come_back() -> None:
    slow, admission = Slow(), Admission(at_once=1, waiting=1)
    async with over(build(slow, Guard(admission=admission))) as http:
        asked = [asyncio.create_task(ask(http, number)) for number in range(2)]
        await until(lambda: admission.waiting == 1)
        refused = await ask(http, 2)
        slow.open.set()
        answers = await asyncio.gather(*asked)
    assert refused.status_code == 503
    assert refused.json()["errors"][0]["extensions"] == {"code": "SERVICE_OVERLOADED"}
    assert refused.headers["retry-after"] == "1"
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_nobody_waits_longer_than_the_longest_wait() -> None:
    slow, admission = Slow(), Admission(at_once=1, waiting=5, patience=0.05)
    async with over(build(slow, Guard(admission=admission))) as http:
        first = asyncio.create_task(ask(http, 0))
        await until(lambda: admission.running == 1)
        assert (await ask(http, 1)).status_code == 503
        assert admission.waiting == 0
        slow.open.set()
        assert (await first).status_code == 200
    assert admission.running == 0


async def test_whoever_gives_up_while_waiting_leaves_the_line() -> None:
    admission = Admission(at_once=1, waiting=5)
    async with admission.turn():
        waiting = asyncio.create_task(_take(admission))
        await until(lambda: admission.waiting == 1)
        waiting.cancel()
        await asyncio.wait({waiting})
        assert admission.waiting == 0
    assert admission.running == 0


async def test_a_turn_that_comes_as_its_owner_gives_up_goes_to_the_next() -> None:
    admission = Admission(at_once=1, waiting=5)
    async with admission.turn():
        first, second = (asyncio.create_task(_take(admission)) for _ in range(2))
        await until(lambda: admission.waiting == 2)
    first.cancel()  # it has its turn, and has not yet run
    await asyncio.wait({first, second})
    assert first.cancelled()
    assert second.result() is None
    assert admission.running == 0


async def test_a_turn_ends_with_an_error_too() -> None:
    admission = Admission(at_once=1, waiting=0)
    with pytest.raises(ZeroDivisionError):
        async with admission.turn():
            raise ZeroDivisionError
    async with admission.turn():
        with pytest.raises(Refused):
            await _take(admission)
    assert admission.running == 0


async def _take(admission: Admission) -> None:
    async with admission.turn():
        pass


async def test_who_gives_up_as_a_turn_ends_costs_nobody_theirs() -> None:
    admission, over_, told = Admission(at_once=1, waiting=5), asyncio.Event(), list[str]()

    async def work(name: str) -> None:
        async with admission.turn():
            told.append(name)
            await over_.wait()

    first = asyncio.create_task(work("first"))
    await until(lambda: admission.running == 1)
    quitter, last = asyncio.create_task(work("quitter")), asyncio.create_task(work("last"))
    await until(lambda: admission.waiting == 2)
    over_.set()
    quitter.cancel()  # it hears of that only after the first has passed its turn on
    await asyncio.gather(first, last)
    with pytest.raises(asyncio.CancelledError):
        await quitter
    assert told == ["first", "last"]
    assert (admission.running, admission.waiting) == (0, 0)


async def hurry(admission: Admission, seconds: float, told: list[bool]) -> None:
    """Take a turn of so many seconds, and tell whether there was one."""
    try:
        async with admission.turn():
            await asyncio.sleep(seconds)
            told.append(True)
    except Refused:
        told.append(False)


async def crowd(admission: Admission, *, turn: float, every: float, seconds: float) -> list[bool]:
    """What those are told who come in so often for so long."""
    told = list[bool]()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(int(seconds / every)):
            tasks.create_task(hurry(admission, turn, told))
            await asyncio.sleep(every)
    return told


async def test_a_burst_is_served_to_the_last() -> None:
    admission = Admission(at_once=1, waiting=20, burst=5.0)
    told = list[bool]()
    await asyncio.gather(*(hurry(admission, 0.01, told) for _ in range(20)))
    assert told == [True] * 20


async def test_of_too_much_for_long_those_are_let_in_who_have_only_just_come() -> None:
    admission = Admission(at_once=1, waiting=1000, burst=0.1, tolerable=0.005)
    told = await crowd(admission, turn=0.02, every=0.005, seconds=1.0)
    assert told.count(False) > 50
    assert told.count(True) > 10
    waited = list[bool]()
    since = asyncio.get_running_loop().time()
    await hurry(admission, 0, waited)
    assert waited == [True]
    assert asyncio.get_running_loop().time() - since < 0.1, "nobody is left in the line"
    assert (admission.running, admission.waiting) == (0, 0)


async def test_who_is_sent_away_leaves_no_circle_to_the_collector_of_garbage() -> None:
    """Where most are sent away, all that they had asked would stay in memory for long."""
    admission = Admission(at_once=1, waiting=1000, burst=0.01, tolerable=0.001)

    async def turn(seconds: float) -> None:
        async with admission.turn():
            await asyncio.sleep(seconds)

    async def sent_away() -> bool:
        first, waiting = asyncio.create_task(turn(0.05)), asyncio.create_task(turn(0))
        return [type(each) for each in await asyncio.gather(first, waiting, return_exceptions=True)][
            1
        ] is Refused

    assert await sent_away()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        assert await sent_away()
        gc.collect()
        left = {type(each).__name__ for each in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.enable()
        gc.garbage.clear()
    assert left.isdisjoint({"Refused", "_Place", "frame"})


async def test_after_too_much_the_next_burst_is_served_again() -> None:
    admission = Admission(at_once=1, waiting=1000, burst=0.5, tolerable=0.005)
    assert False in await crowd(admission, turn=0.02, every=0.005, seconds=1.0)
    await asyncio.sleep(0.6)
    told = list[bool]()
    await asyncio.gather(*(hurry(admission, 0.01, told) for _ in range(5)))
    assert told == [True] * 5


async def test_those_who_take_long_keep_nobody_out_but_for_the_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission_module, "LONG", 0.05)
    admission, over_ = Admission(at_once=4, waiting=10), asyncio.Event()
    monkeypatch.setattr(admission._limit, "now", lambda *_, **__: 2)

    async def wait() -> None:
        async with admission.turn():
            await over_.wait()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(6):
            tasks.create_task(wait())
        await until(lambda: admission.running == 2)
        await asyncio.sleep(0.01)
        assert (admission.running, admission.waiting) == (2, 4)
        await asyncio.sleep(0.2)
        assert (admission.running, admission.waiting) == (4, 2), "two more, and no more than the setting"
        over_.set()
    assert (admission.running, admission.waiting) == (0, 0)
    async with asyncio.timeout(1), admission.turn(), admission.turn():
        assert admission.running == 2
