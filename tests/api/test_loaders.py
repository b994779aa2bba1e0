"""Loaders: what is asked for at one moment is read together, and each key of it once."""

from __future__ import annotations

import asyncio

import pytest

from graph_api.loaders import Loader


class Counted:
    """A loader of squares, which notes what is read at once."""

    def __init__(self) -> None:
        self.read: list[list[int]] = []
        self.loader: Loader[int, int] = Loader("squares", self._squares, absent=0)

    async def _squares(self, keys: list[int]) -> list[int]:
        self.read.append(keys)
        if 13 in keys:
            raise LookupError("unlucky")
        return [key * key for key in keys]


async def test_single_keys_and_several_are_read_together_and_each_once() -> None:
    counted = Counted()
    load = counted.loader
    several, one, others = await asyncio.gather(
        load.load_many([3, 1, 3]), load.load(2), load.load_many([2, 4])
    )
    assert (several, one, others) == ([9, 1, 9], 4, [4, 16]), "each in the order that it was asked in"
    assert counted.read == [[3, 1, 2, 4]]


async def test_what_was_loaded_is_remembered_and_nothing_is_read_for_no_keys() -> None:
    counted = Counted()
    load = counted.loader
    assert await load.load_many([5, 6]) == [25, 36]
    assert await load.load_many((5, 6)) == [25, 36]
    assert (await load.load(7), await load.load(7)) == (49, 49)
    assert await load.load_many([]) == []
    assert counted.read == [[5, 6], [7]]


async def test_several_keys_are_no_key_that_is_a_tuple() -> None:
    async def sums(keys: list[tuple[int, int]]) -> list[int]:
        return [sum(key) for key in keys]

    load: Loader[tuple[int, int], int] = Loader("sums", sums, absent=0)
    one, several = await asyncio.gather(load.load((1, 2)), load.load_many([(1, 2), (3, 4)]))
    assert (one, several) == (3, [3, 7])


async def test_who_asks_with_what_fails_is_told_so() -> None:
    counted = Counted()
    loads = [counted.loader.load(1), counted.loader.load_many([2, 13])]
    found = await asyncio.gather(*loads, return_exceptions=True)
    assert [type(each) for each in found] == [LookupError, LookupError]
    with pytest.raises(LookupError):
        await counted.loader.load_many([13])
    assert await counted.loader.load(4) == 16
