"""Budgets of time that mean the same on every machine, and at every hour of one.

A budget is in seconds of the machine that it was set on. Where something takes longer than that, a piece of
known work is done and timed beside it; when that takes twice what it took on the first machine, so may the
other. A fast machine gives nothing away: the budget never shrinks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

STEPS: Final = 20_000
TRIES: Final = 5
REFERENCE: Final = 0.0055
"""Seconds of processor time that `_work` takes on the machine of the budgets, the least of many tries."""


def affordable(taken: float, budget: float) -> bool:
    """Whether something that took so many seconds, of the processor as a rule, is within its budget."""
    return taken < budget or taken < budget * slower()


@contextmanager
def within(budget: float) -> Iterator[None]:
    """Fail when what is done here takes this process more seconds of processor time than that."""
    begun = time.process_time()
    yield
    taken = time.process_time() - begun
    assert affordable(taken, budget), f"{taken:.2f} s, and {budget:g} are given"


def slower() -> float:
    """How many times longer than the machine of the budgets this one takes now; 1 at the least."""
    return max(1.0, min(_once() for _ in range(TRIES)) / REFERENCE)


def _once() -> float:
    begun = time.thread_time()
    _work()
    return time.thread_time() - begun


def _work() -> int:
    """What most of our work is made of: small objects, names, lookups, calls."""
    places: dict[str, tuple[int, str]] = {}
    for number in range(STEPS):
        name = f"topic-{number % 997}"
        places[name] = (max(number, len(places)), name)
    return sum(place for place, _ in places.values())
