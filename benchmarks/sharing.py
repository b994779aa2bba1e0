"""How much of what many people ask for is still kept: the formulas of caches.

Requests for a page come independently of each other (Poisson), the one of rank r in proportion to 1 / r ** e.
An answer kept for a time T counts from when it was fetched, so that one request in 1 + rate * T is passed on.
What is kept in limited space is kept for one characteristic time, the same for all: Che, Tung and Wang,
"Hierarchical web caching systems" (2002), for the least recently used; Martina, Garetto and Leonardi, "A
unified approach to the performance analysis of caching systems" (2014), for first in, first out.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

EXACT: Final = 1_000
"""Ranks up to this one stand by themselves; later ones in runs, each a hundredth of its rank long."""

LONGEST: Final = 1e9
"""Seconds after which nothing is asked for again."""


@dataclass(frozen=True, slots=True)
class Page:
    """`count` pages alike: their middle rank, requests a second for each, and bytes of its answer."""

    kind: str
    rank: float
    count: int
    rate: float
    size: float

    def at(self, rate: float) -> Page:
        """The same page, asked for so often."""
        return replace(self, rate=rate)

    def shared(self, among: int) -> Page:
        """The same page, as one of so many servers sees it."""
        return self.at(self.rate / among)


def pages(kind: str, count: int, rate: float, *, exponent: float, size: float) -> Iterator[Page]:
    """The pages of a kind, most popular first, which together are asked for `rate` times a second."""
    runs = list(_runs(count))
    total = sum(many * rank**-exponent for rank, many in runs)
    for rank, many in runs:
        yield Page(kind, rank, many, rate * rank**-exponent / total, size)


def at_rank(seen: Sequence[Page], rank: float) -> Page:
    """The page of a rank, or the last one."""
    return seen[min(bisect_left(seen, rank, key=lambda page: page.rank), len(seen) - 1)]


def _runs(count: int) -> Iterator[tuple[float, int]]:
    """The middle rank of each run of ranks, and how many they are."""
    rank = 1
    while rank <= count:
        many = 1 if rank <= EXACT else min(rank // 100, count - rank + 1)
        yield rank + (many - 1) / 2, many
        rank += many


def passed(page: Page, seconds: float) -> Page:
    """What a cache passes on that keeps each answer for so many seconds."""
    return page.at(page.rate / (1 + page.rate * seconds))


def kept_for(count: int, rate: float, *, exponent: float, seconds: float) -> float:
    """The share of requests that a cache answers which keeps each of `count` pages for `seconds`."""
    seen = list(pages("", count, rate, exponent=exponent, size=0))
    return 1 - sum(each.count * passed(each, seconds).rate for each in seen) / rate


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept in limited space, for `time` seconds; all is forgotten `forgotten` times a second."""

    time: float
    forgotten: float
    renews: bool

    @classmethod
    def least_recent(
        cls, seen: Sequence[Page], space: float, takes: Callable[[Page], float], *, forgotten: float
    ) -> Kept:
        """The least recently used makes room."""
        return cls(_time(seen, space, takes, lambda rate, time: -math.expm1(-rate * time)), forgotten, True)

    @classmethod
    def first_in(cls, seen: Sequence[Page], space: float, takes: Callable[[Page], float]) -> Kept:
        """What came first makes room."""
        return cls(_time(seen, space, takes, lambda rate, time: rate * time / (1 + rate * time)), 0.0, False)

    def share(self, page: Page) -> float:
        """The share of the requests for a page that find it."""
        rate, time = page.rate, self.time
        if not self.renews:
            return rate * time / (1 + rate * time)
        soon = rate + self.forgotten
        return rate / soon * -math.expm1(-soon * time) if soon else 0.0


def _time(
    seen: Sequence[Page],
    space: float,
    takes: Callable[[Page], float],
    there: Callable[[float, float], float],
) -> float:
    """The time for which the space is full on average; LONGEST when all fits."""

    def filled(time: float) -> float:
        return sum(page.count * takes(page) * there(page.rate, time) for page in seen)

    if filled(LONGEST) <= space:
        return LONGEST
    low, high = 1e-6, LONGEST
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if filled(middle) > space else (middle, high)
    return low
