"""Compressed sparse rows: how adjacency is kept, and the few operations every algorithm is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Indices: TypeAlias = "NDArray[np.int32]"
Mask: TypeAlias = "NDArray[np.bool_]"
_Int = TypeVar("_Int", np.int32, np.int64)
Numbers: TypeAlias = "NDArray[np.integer]"

_FEW: Final = 12
_MANY: Final = 64
"""Up to so many indices, and values of those, a loop is quicker than the fixed cost of whole-array calls."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Compressed sparse rows: row i is `values[start[i]:start[i + 1]]`; `start` has rows + 1 entries."""

    start: Indices
    values: Indices

    @classmethod
    def of(cls, owner: Numbers, values: Numbers, *, rows: int) -> Rows:
        """Rows from pairs (owner, value) in any order; within a row the values keep their order."""
        order = np.argsort(owner, kind="stable")
        return cls.ordered(owner, values[order].astype(np.int32), rows=rows)

    @classmethod
    def ordered(cls, owner: Numbers, values: Indices, *, rows: int) -> Rows:
        """Rows from pairs (owner, value), of which `values` stand in the order of the owners already."""
        return cls(offsets(np.bincount(owner, minlength=rows)), values)

    def __getitem__(self, row: int) -> Indices:
        return self.values[self.start[row] : self.start[row + 1]]

    def __len__(self) -> int:
        return len(self.start) - 1

    def sizes(self) -> Indices:
        """The length of each row."""
        return self.start[1:] - self.start[:-1]

    def owners(self) -> Indices:
        """For each of `values`, the row that it stands in."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.sizes())

    def gather(self, rows: Indices) -> Indices:
        """The values of these rows, one row after another; O(what it returns)."""
        if len(rows) == 1:
            return self[int(rows[0])]
        start = self.start[rows]
        return self.values[_places(start, self.start[rows + 1] - start)]

    def pairs(self, rows: Indices) -> tuple[NDArray[np.intp], Indices]:
        """(place in `rows`, value) of each entry of these rows, one row after another; O(what it returns)."""
        start = self.start[rows]
        sizes = self.start[rows + 1] - start
        places: NDArray[np.intp] = np.arange(len(rows), dtype=np.intp).repeat(sizes)
        return places, self.values[_places(start, sizes)]

    def count(self, mask: Mask) -> Indices:
        """For each row, how many of its values are in `mask`; O(values), empty rows included."""
        return self.sums(mask[self.values])

    def sums(self, entries: NDArray[np.bool_] | Indices) -> Indices:
        """For each row, the sum of `entries`, which stand beside `values`."""
        running = np.zeros(len(self.values) + 1, dtype=np.int32)
        np.cumsum(entries, dtype=np.int32, out=running[1:])
        return running[self.start[1:]] - running[self.start[:-1]]

    def transposed(self, columns: int) -> Rows:
        """Rows of the transpose: for each value, the rows that it stands in, ascending."""
        return Rows.of(self.values, self.owners(), rows=columns)


def _places(start: Indices, sizes: Indices) -> NDArray[np.intp]:
    """The numbers from each start on, as many as its size, one run after another."""
    ends: NDArray[np.intp] = sizes.cumsum(dtype=np.intp)
    total = int(ends[-1]) if len(ends) else 0
    moved: NDArray[np.intp] = (start - (ends - sizes)).repeat(sizes)
    return np.arange(total, dtype=np.intp) + moved


def offsets(sizes: Numbers) -> Indices:
    """Where rows of these sizes start and, last, where they end."""
    start = np.zeros(len(sizes) + 1, dtype=np.int32)
    np.cumsum(sizes, out=start[1:])
    return start


def indices(mask: Mask) -> Indices:
    """The numbers in a mask, ascending."""
    return mask.nonzero()[0].astype(np.int32)


def changes(values: Numbers) -> Mask:
    """Beside each value, whether it is another one than that before it; the first is."""
    other = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=other[1:])
    return other


def runs(values: NDArray[_Int]) -> tuple[NDArray[_Int], Indices]:
    """The distinct values, ascending, and how often each occurs; sorting beats hashing at these sizes."""
    ordered = np.sort(values)
    first = np.ones(len(ordered) + 1, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:-1])
    bounds = np.flatnonzero(first) if len(ordered) else np.zeros(1, dtype=np.intp)
    return ordered[bounds[:-1]], np.diff(bounds).astype(np.int32)


def count_down(left: Indices, hits: Indices) -> Indices:
    """Take 1 from `left` for every hit, repeats counted; the numbers that got to zero just now, ascending.

    `left` is changed in place and may go below zero: what is past zero never comes up again. O(hits), and
    a sort of them.
    """
    if len(hits) <= _FEW:
        return _count_down_one_by_one(left, hits)
    numbers, times = runs(hits)
    before = left[numbers]
    after = before - times
    left[numbers] = after
    return numbers[(before > 0) & (after <= 0)]


def _count_down_one_by_one(left: Indices, hits: Indices) -> Indices:
    done = []
    for number in hits.tolist():
        left[number] -= 1
        if left[number] == 0:
            done.append(number)
    return np.array(sorted(done), dtype=np.int32)


def reach(rows: Rows, seeds: Indices) -> Mask:
    """All numbers that some seed leads to in one step or more; a seed itself only when one does.

    `rows` maps each number to the numbers next to it. Breadth first; O(entries of the rows visited) and
    O(n) for the mask.
    """
    untouched = np.ones(len(rows), dtype=bool)
    frontier = seeds
    while len(frontier):
        frontier = _next_to(rows, frontier, untouched)
        untouched[frontier] = False
    return ~untouched


def _next_to(rows: Rows, numbers: Indices, among: Mask) -> Indices:
    """The numbers next to some, each once, in no order, that are `among` these."""
    few = [rows[number] for number in numbers.tolist()] if len(numbers) <= _FEW else []
    if few and sum(map(len, few)) <= _MANY:
        found = {value for row in few for value in row.tolist() if among[value]}
        return np.fromiter(found, dtype=np.int32, count=len(found))
    near = rows.gather(numbers)
    return runs(near[among[near]])[0]
