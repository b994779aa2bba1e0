"""What kept its place in an order, and what was moved."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence, Set


def unmoved(before: Sequence[str], after: Sequence[str]) -> Set[str]:
    """The most of what both orders hold, each once, whose order is the same in both.

    A longest common subsequence; of several the first in alphabetical order, so that it is the same one
    whichever order is called the former. Patience sorting: O(n log n). Fredman, On computing the length
    of longest increasing subsequences, Discrete Mathematics 11 (1975).
    """
    at = {name: place for place, name in enumerate(after)}
    common = [name for name in before if name in at]
    places = [at[name] for name in common]
    ending = _lengths(places)
    starting = _lengths([-place for place in reversed(places)])[::-1]
    longest = max(ending, default=0)
    levels: dict[int, list[int]] = defaultdict(list)
    for number, length in enumerate(ending):
        if length + starting[number] - 1 == longest:
            levels[length].append(number)
    kept: list[int] = []
    for level in sorted(levels):
        follows = [n for n in levels[level] if not kept or (n > kept[-1] and places[n] > places[kept[-1]])]
        kept.append(min(follows, key=common.__getitem__))
    return {common[number] for number in kept}


def _lengths(places: Sequence[int]) -> list[int]:
    """How long the longest rising run of places is that ends at each of them, gaps allowed."""
    ends: list[int] = []
    lengths = []
    for place in places:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        lengths.append(length + 1)
    return lengths
