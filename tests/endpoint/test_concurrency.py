"""How many operations may run at once: few where they are in each other's way, many where they only wait."""

from __future__ import annotations

import random
from collections.abc import Callable
from heapq import heappop, heappush

from graph_api.endpoint.concurrency import FEWEST, LOOK, SAMPLES, STALE, ConcurrencyLimit

MOST = 32


class World:
    """A limit in a simulated time, with always somebody who waits; `takes` says how long beside how many."""

    def __init__(self, takes: Callable[[int], float], most: int = MOST) -> None:
        self.limit = ConcurrencyLimit(most)
        self.takes = takes
        self.clock = 0.0
        self.ended = 0
        self._running: list[tuple[float, float, int]] = []
        self._chance = random.Random(1)

    def run(self, seconds: float, *, clients: int = 1000) -> list[int]:
        """How many were let run, each time that one began."""
        seen, until = list[int](), self.clock + seconds
        while self.clock < until:
            crowded = clients > len(self._running)
            while len(self._running) < min(clients, self.limit.now(self.clock, crowded=crowded)):
                beside = len(self._running) + 1
                takes = self.takes(beside) * self._chance.uniform(0.5, 1.5)
                heappush(self._running, (self.clock + takes, self.clock, beside))
                seen.append(beside)
            self.clock, began, beside = heappop(self._running)
            self.limit.note(self.clock - began, max(beside, len(self._running) + 1), self.clock)
            self.ended += 1
        return seen


def shared(beside: int) -> float:
    """Two processors: beside more than one other, each waits for the rest."""
    return 0.01 * max(1.0, beside / 2)


def far(_beside: int) -> float:
    """A database that is far away."""
    return 0.05


def test_before_anything_is_known_all_may_run() -> None:
    assert ConcurrencyLimit(MOST).now(0.0, crowded=True) == MOST


def test_where_operations_share_processors_few_run() -> None:
    world = World(shared)
    world.run(1, clients=1)
    world.run(5)
    assert FEWEST < max(world.run(3)) <= 8


def test_where_operations_wait_for_what_is_far_away_all_run() -> None:
    world = World(far)
    world.run(3, clients=1)
    world.run(5)
    assert max(world.run(3)) == MOST


def test_what_has_become_slow_for_all_is_learned_anew_under_load() -> None:
    world = World(shared)
    world.run(1, clients=1)
    world.run(5)
    few = max(world.run(1))
    world.takes = far
    world.run(STALE + LOOK + 5)
    assert max(world.run(3)) == MOST > few


def test_a_look_ends_in_time_though_nothing_does() -> None:
    world = World(far)
    world.run(1, clients=1)
    world.takes = lambda _: 30.0
    start = world.clock
    world.run(1, clients=1)
    limit = world.limit
    limit.now(start + 100, crowded=True)
    assert limit.now(start + 100 + LOOK / 2, crowded=True) == FEWEST
    assert limit.now(start + 101 + LOOK, crowded=True) > FEWEST


def test_nobody_is_held_up_by_a_look_while_nobody_waits() -> None:
    limit = ConcurrencyLimit(MOST)
    limit.note(0.01, 1, 0.0)
    assert limit.now(10 * STALE, crowded=False) == MOST
    assert limit.now(10 * STALE, crowded=True) == FEWEST
    assert limit.now(10 * STALE + LOOK / 10, crowded=False) == MOST


def test_the_setting_is_never_exceeded_and_one_is_possible() -> None:
    world = World(far, most=1)
    world.run(STALE + 5)
    assert max(world.run(3)) == 1
    assert world.ended > SAMPLES
