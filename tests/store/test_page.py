"""Keyset pages: what arguments are refused, and what a page of a list in memory holds."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from itertools import product

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_api.errors import BadInput
from graph_api.store.page import DEFAULT_SIZE, MAX_SIZE, Order, Page, Slice, cursor

LETTERS = [(letter,) for letter in "abcdefg"]


def own(entry: tuple[str]) -> tuple[str]:
    return entry


def letters(part: Slice[tuple[str]]) -> str:
    return "".join(entry.value[0] for entry in part.entries)


def encoded(value: object) -> str:
    return urlsafe_b64encode(orjson.dumps(value)).decode()


def test_a_page_without_arguments_is_the_first_twenty() -> None:
    assert Page.of() == Page(size=DEFAULT_SIZE)


@pytest.mark.parametrize("size", [1, 20, MAX_SIZE])
def test_a_size_from_1_to_100_is_taken_in_both_directions(size: int) -> None:
    assert Page.of(first=size) == Page(size=size)
    assert Page.of(last=size) == Page(size=size, backward=True)


@pytest.mark.parametrize("size", [0, -1, MAX_SIZE + 1, 2**31 - 1])
@pytest.mark.parametrize("name", ["first", "last"])
def test_any_other_size_is_refused_by_name(name: str, size: int) -> None:
    with pytest.raises(BadInput, match=f'"{name}" is {size}; it can be 1 to 100'):
        Page.of(**{name: size})  # type: ignore[arg-type]  # one of the two by its name


def test_first_and_last_together_are_refused() -> None:
    with pytest.raises(BadInput, match="not for both"):
        Page.of(first=1, last=1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "a",
        "nonsense",
        "🥐",
        "\x00",
        "é" * 5,
        "=" * 100,
        "A" * 1_000_000,
        encoded("a"),
        encoded(None),
        encoded({"0": "a"}),
        encoded([]),
        encoded(["a", "b"]),
        encoded([1]),
        encoded([None]),
        encoded([["a"]]),
        urlsafe_b64encode(b'["a"').decode(),
        urlsafe_b64encode(b'["\xff"]').decode(),
        urlsafe_b64encode(b"[" * 100_000).decode(),
        encoded(["a"]).replace("W", "W!"),
        f" {encoded(['a'])}",
    ],
)
@pytest.mark.parametrize("name", ["after", "before"])
def test_a_text_that_is_no_cursor_of_the_list_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(BadInput, match=f'"{name}" is not a cursor of this list'):
        Page.of(**{name: text})  # type: ignore[arg-type]  # one of the two by its name


@pytest.mark.parametrize("number", ["true", "1.0", '"1"', str(2**63), str(-(2**63) - 1), str(10**30)])
def test_a_place_is_a_whole_number_of_64_bits(number: str) -> None:
    with pytest.raises(BadInput, match="not a cursor"):
        Page.of(after=urlsafe_b64encode(f"[{number}]".encode()).decode(), shape=(int,))


def test_a_score_may_be_written_as_a_whole_number() -> None:
    assert Page.of(after=encoded([1, "x"]), shape=(float, str)).after == (1, "x")


@given(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**63), 2**63 - 1)))
def test_a_cursor_stands_for_its_key(key: tuple[str, int]) -> None:
    assert Page.of(after=cursor(key), shape=(str, int)).after == key


def test_a_cursor_has_no_padding_and_fits_into_an_address() -> None:
    assert all(character.isalnum() or character in "-_" for n in range(9) for character in cursor(("ÿ" * n,)))


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_walking_forward_gives_the_whole_list_once(size: int) -> None:
    seen, after = "", None
    while True:
        part = Page.of(first=size, after=after).of_sorted(LETTERS, own)
        seen += letters(part)
        assert part.has_previous is (after is not None)
        if not part.has_next:
            break
        after = part.entries[-1].cursor
    assert seen == "abcdefg"


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_walking_backward_gives_the_whole_list_once(size: int) -> None:
    seen, before = "", None
    while True:
        part = Page.of(last=size, before=before).of_sorted(LETTERS, own)
        seen = letters(part) + seen
        assert part.has_next is (before is not None)
        if not part.has_previous:
            break
        before = part.entries[0].cursor
    assert seen == "abcdefg"


@pytest.mark.parametrize(("low", "high"), list(product("abcdefg", repeat=2)))
def test_both_bounds_are_outside_the_page(low: str, high: str) -> None:
    inside = "".join(letter for letter in "abcdefg" if low < letter < high)
    after, before = cursor((low,)), cursor((high,))
    forward = Page.of(first=3, after=after, before=before).of_sorted(LETTERS, own)
    backward = Page.of(last=3, after=after, before=before).of_sorted(LETTERS, own)
    assert letters(forward) == inside[:3]
    assert letters(backward) == inside[-3:]
    assert forward.has_next is backward.has_previous is (len(inside) > 3)


def test_a_cursor_of_an_entry_that_is_gone_still_has_its_place() -> None:
    without = [entry for entry in LETTERS if entry != ("c",)]
    assert letters(Page.of(first=2, after=cursor(("c",))).of_sorted(without, own)) == "de"


def test_changed_values_keep_their_cursors() -> None:
    part = Page.of(first=2).of_sorted(LETTERS, own)
    shouted = part.map(lambda entry: entry[0].upper())
    assert [entry.value for entry in shouted.entries] == ["A", "B"]
    assert [entry.cursor for entry in shouted.entries] == [entry.cursor for entry in part.entries]
    assert shouted.has_next


def test_the_key_of_an_order_is_its_field_and_the_slug() -> None:
    assert Order("SLUG").shape == Order("TITLE").shape == (str, str)
    assert Order("HOURS").shape == (float, str)
