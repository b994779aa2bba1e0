"""Kept answers, apart from any API: what is kept, what goes, what is still true, and who waits for whom."""

from __future__ import annotations

import asyncio
import gc
import random
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from graph_api.endpoint import answers as answers_module
from graph_api.endpoint.answers import LARGEST_KEY, Answer, Answers
from graph_api.endpoint.revision import stamped
from graph_api.errors import Unavailable

A, B, C = b"a", b"b", b"c"
ERA = object()


@dataclass
class Graph:
    """The revisions of a graph whose writes say what they touch."""

    revision: int = 1
    touched: dict[int, frozenset[str]] = field(default_factory=dict)
    away: bool = False
    era: object = ERA

    def write(self, *nodes: str) -> None:
        self.revision += 1
        self.touched[self.revision] = frozenset(nodes)

    def known(self) -> int | None:
        return None  # so that each one is looked for

    async def now(self) -> int:
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable("Nobody is there.")
        return self.revision

    async def reach(self, revision: int) -> bool:
        return self.revision >= revision

    def unchanged(self, nodes: Iterable[str], *, since: int) -> bool:
        later = range(since + 1, self.revision + 1)
        known = since <= self.revision and all(each in self.touched for each in later)
        return known and all(self.touched[each].isdisjoint(nodes) for each in later)


def made(data: Any, revision: int = 1, *, uses: tuple[str, ...] | None = (), era: object = ERA) -> Answer:
    """An answer of a revision, as the endpoint makes it."""
    body = orjson.dumps(stamped({"data": data}, revision))
    answer = Answer.of(body, revision, era=era, uses=uses, query="{ a }", name=None, cost=1, named=False)
    assert answer is not None
    assert answer.body() == body
    return answer


def room_for(*answers: Answer) -> Answers:
    """As much as these take, with keys of one byte."""
    return Answers(sum(answer.size + 1 for answer in answers))


async def test_an_answer_is_found_by_the_bytes_of_its_request() -> None:
    answers, answer = Answers(10_000), made(1)
    answers.keep(A, answer)
    assert await answers.find(A, Graph()) is answer
    assert await answers.find(B, Graph()) is None
    answers.forget(A)
    assert await answers.find(A, Graph()) is None
    assert answers.held == 0


async def test_what_nobody_asked_for_longest_goes_first() -> None:
    first, second, third = made("1"), made("2"), made("3")
    answers = room_for(first, second)
    answers.keep(A, first)
    answers.keep(B, second)
    assert await answers.find(A, Graph()) is first
    answers.keep(C, third)
    found = [await answers.find(key, Graph()) for key in (A, B, C)]
    assert found == [first, None, third]


async def test_one_answer_too_large_is_not_kept_and_pushes_nothing_out() -> None:
    small, large = made("small"), made("x" * 1000)
    answers = room_for(small)
    answers.keep(A, small)
    answers.keep(B, large)
    assert await answers.find(A, Graph()) is small
    assert await answers.find(B, Graph()) is None


async def test_an_answer_that_has_grown_too_large_takes_the_old_one_with_it() -> None:
    answers = room_for(made("small"))
    answers.keep(A, made("small"))
    answers.keep(A, made("x" * 1000, 2))
    assert answers.held == 0
    assert await answers.find(A, Graph(2)) is None


@pytest.mark.parametrize("length", [LARGEST_KEY, LARGEST_KEY + 1])
async def test_requests_of_many_bytes_are_not_remembered(length: int) -> None:
    answers, key = Answers(1_000_000), b"k" * length
    answers.keep(key, made(1))
    assert (await answers.find(key, Graph()) is None) == (length > LARGEST_KEY)


async def test_with_no_room_none_is_kept() -> None:
    answers = Answers()
    answers.keep(A, made(1))
    assert answers.held == 0
    assert await answers.find(A, Graph()) is None


async def test_never_more_is_held_than_there_is_room_for() -> None:
    chance, room = random.Random(11), 20_000
    answers, kept = Answers(room), dict[bytes, Answer]()
    for _ in range(3000):
        key = bytes([chance.randrange(40)])
        if chance.random() < 0.6:
            kept[key] = made("x" * chance.randrange(3000), uses=tuple(map(str, range(chance.randrange(9)))))
            answers.keep(key, kept[key])
        elif chance.random() < 0.5:
            answers.forget(key)
            kept.pop(key, None)
        there = [each for each in kept if await answers.find(each, Graph()) is not None]
        assert answers.held == sum(kept[each].size + len(each) for each in there) <= room
        kept = {each: kept[each] for each in there}
    assert kept


def test_the_bytes_that_are_counted_are_about_those_of_the_memory() -> None:
    for text, nodes in ((100, 3), (10_000, 3), (10_000, 200)):
        ids = [f"{node:036}" for node in range(nodes)]  # as strings they are those of the content
        gc.collect()
        tracemalloc.start()
        try:
            answers = Answers(10**9)
            for number in range(50):
                answers.keep(b"?query=%d" % number, made("x" * text, uses=tuple(ids)))
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert 0.6 < taken / answers.held < 1.4, (text, nodes)


async def test_an_answer_is_true_until_something_that_it_shows_is_touched() -> None:
    graph, answers, answer = Graph(), Answers(10_000), made("tea", uses=("tea",))
    answers.keep(A, answer)
    graph.write("coffee")
    graph.write("milk")
    assert await answers.find(A, graph) is answer
    assert answer.body() == b'{"data":"tea","extensions":{"revision":3}}'
    graph.write("milk", "tea")
    assert await answers.find(A, graph) is None


async def test_a_touch_is_not_forgotten_by_a_later_one_of_something_else() -> None:
    graph, answers = Graph(), Answers(10_000)
    answers.keep(A, made("tea", uses=("tea",)))
    graph.write("tea")
    graph.write("milk")
    assert await answers.find(A, graph) is None
    graph.write("milk")
    assert await answers.find(A, graph) is None


async def test_an_answer_that_depends_on_more_is_true_for_one_revision() -> None:
    graph, answers = Graph(), Answers(10_000)
    answers.keep(A, made("all", uses=None))
    assert await answers.find(A, graph) is not None
    graph.write("anything")
    assert await answers.find(A, graph) is None


async def test_where_nobody_knows_what_was_touched_nothing_is_true() -> None:
    graph, answers = Graph(), Answers(10_000)
    answers.keep(A, made("tea", uses=()))
    graph.revision = 7
    assert await answers.find(A, graph) is None


async def test_a_graph_that_was_set_back_has_other_answers() -> None:
    graph, answers = Graph(5), Answers(10_000)
    answers.keep(A, made("tea", 5, uses=("tea",)))
    graph.revision = 3
    assert await answers.find(A, graph) is None


async def test_in_another_era_a_revision_means_something_else() -> None:
    graph, answers = Graph(5), Answers(10_000)
    answers.keep(A, made("tea", 5, era=graph.era))
    graph.era = object()
    assert await answers.find(A, graph) is None


def test_the_tag_is_the_same_while_the_answer_is_and_says_nothing_of_its_revision() -> None:
    assert made("tea", 1).tag == made("tea", 99).tag
    assert made("tea").tag != made("tee").tag
    assert made("tea").tag.startswith('W/"')


@pytest.mark.parametrize(
    "body", [b'{"data":{"revision":1}}', b'{"data":1,"extensions":{"revision":12}}', b'{"data":1}', b""]
)
def test_bytes_that_do_not_end_with_their_revision_are_no_answer(body: bytes) -> None:
    known = {"era": ERA, "uses": None, "query": "", "name": None, "cost": 1, "named": False}
    assert Answer.of(body, 2, **known) is None


class Renewal:
    """Requests for one key of which each executes what it does not find, as the endpoint does."""

    def __init__(self, answers: Answers, graph: Graph) -> None:
        self.answers = answers
        self.graph = graph
        self.executed = 0

    async def ask(self, then: Callable[[], None] | None = None) -> bytes:
        found = await self.answers.find(A, self.graph)
        if found is not None:
            return found.body()
        with self.answers.renewing(A):
            self.executed += 1
            revision = self.graph.revision
            await asyncio.sleep(0.01)
            if then is not None:
                then()
            answer = made(f"of {revision}", revision, uses=("tea",))
            self.answers.keep(A, answer)
            return answer.body()


@pytest.fixture
async def renewal() -> Renewal:
    """An answer that was kept, and of which a write has touched something."""
    renewal = Renewal(Answers(10_000), Graph())
    await renewal.ask()
    renewal.graph.write("tea")
    renewal.executed = 0
    return renewal


async def test_after_a_write_one_executes_for_all_who_ask_the_same(renewal: Renewal) -> None:
    bodies = await asyncio.gather(*(renewal.ask() for _ in range(20)))
    assert renewal.executed == 1
    assert set(bodies) == {b'{"data":"of 2","extensions":{"revision":2}}'}


async def test_who_waits_for_one_who_fails_executes_itself(renewal: Renewal) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    first = asyncio.create_task(renewal.ask(fail))
    others = [asyncio.create_task(renewal.ask()) for _ in range(5)]
    with pytest.raises(ZeroDivisionError):
        await first
    async with asyncio.timeout(1):
        bodies = await asyncio.gather(*others)
    assert set(bodies) == {b'{"data":"of 2","extensions":{"revision":2}}'}
    assert await renewal.ask() == bodies[0]


async def test_who_waits_for_one_who_leaves_executes_itself(renewal: Renewal) -> None:
    first = asyncio.create_task(renewal.ask())
    others = [asyncio.create_task(renewal.ask()) for _ in range(5)]
    await asyncio.sleep(0.005)
    first.cancel()
    async with asyncio.timeout(1):
        bodies = await asyncio.gather(*others)
    assert first.cancelled()
    assert set(bodies) == {b'{"data":"of 2","extensions":{"revision":2}}'}


async def test_who_leaves_while_waiting_ends_nothing_for_the_others(renewal: Renewal) -> None:
    first = asyncio.create_task(renewal.ask())
    waiting = [asyncio.create_task(renewal.ask()) for _ in range(5)]
    await asyncio.sleep(0.005)
    waiting[0].cancel()
    async with asyncio.timeout(1):
        bodies = await asyncio.gather(first, *waiting[1:])
    assert renewal.executed == 1
    assert len(set(bodies)) == 1


async def test_nobody_is_given_an_answer_from_before_a_write_that_came_while_it_was_made(
    renewal: Renewal,
) -> None:
    first = asyncio.create_task(renewal.ask(lambda: renewal.graph.write("tea")))
    others = [asyncio.create_task(renewal.ask()) for _ in range(5)]
    await first
    assert {*await asyncio.gather(*others)} == {b'{"data":"of 3","extensions":{"revision":3}}'}


async def test_who_asks_while_the_clock_cannot_be_read_is_told(renewal: Renewal) -> None:
    renewal.graph.away = True
    with pytest.raises(Unavailable):
        await renewal.ask()


async def test_nobody_waits_longer_than_there_is_patience_for(
    renewal: Renewal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers_module, "PATIENCE", 0.02)
    with renewal.answers.renewing(A):
        assert await renewal.answers.find(A, renewal.graph) is None

    async def never() -> int:
        await asyncio.sleep(60)
        return 1

    monkeypatch.setattr(renewal.graph, "now", never)
    assert await renewal.answers.find(A, renewal.graph) is None
