"""Keyset pages: which part of an ordered list a client asks for, and what it gets."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar

import orjson

from graph_api.errors import BadInput

T = TypeVar("T")
U = TypeVar("U")
Key: TypeAlias = tuple[str | int | float, ...]

MAX_SIZE: Final = 100
DEFAULT_SIZE: Final = 20
_FARTHEST: Final = 2**63
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


class Page(NamedTuple):
    """A page of at most `size` entries strictly between two sort keys, from the end when `backward`."""

    size: int = DEFAULT_SIZE
    after: Key | None = None
    before: Key | None = None
    backward: bool = False

    @classmethod
    def of(
        cls,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        shape: Sequence[type] = (str,),
    ) -> Page:
        """The page that the arguments of a connection ask for; `shape` are the types of its sort key.

        Raises BadInput for a size outside 1 to MAX_SIZE, both `first` and `last`, or a cursor that is
        not one of this list.
        """
        page = _at_an_end(first, last)
        if after is None and before is None:
            return page
        return page._replace(
            after=None if after is None else _key(after, shape, "after"),
            before=None if before is None else _key(before, shape, "before"),
        )

    @property
    def sign(self) -> int:
        """1 to read forwards, -1 to read backwards."""
        return -1 if self.backward else 1

    @property
    def is_bounded(self) -> bool:
        """Whether it is only what comes after or before some place."""
        return self.after is not None or self.before is not None

    @property
    def limit(self) -> int:
        """How many to read: one more than the page holds tells whether there are more."""
        return self.size + 1

    def holds_all(self, part: Slice[Any]) -> bool:
        """Whether what this page gave is the whole list."""
        return not (self.is_bounded or part.has_previous or part.has_next)

    def cut(self, entries: Sequence[T], key: Callable[[T], Key]) -> Slice[T]:
        """The slice that entries, read in the page's direction with its limit, make."""
        more = len(entries) > self.size
        kept = entries[: self.size]
        if self.backward:
            kept = kept[::-1]
        after, before = self.after is not None, self.before is not None
        ends = (more, before) if self.backward else (after, more)
        return _slice((kept, lambda index: key(kept[index]), *ends))

    def of_sorted(self, entries: Sequence[T], key: Callable[[T], Key]) -> Slice[T]:
        """The slice of a whole list in memory, sorted by `key`."""
        after, before = self.after, self.before
        if after is None and before is None and not self.backward:
            return self.cut(entries, key)
        inside = [
            entry
            for entry in entries
            if (after is None or key(entry) > after) and (before is None or key(entry) < before)
        ]
        return self.cut(inside[::-1] if self.backward else inside, key)


class Entry(NamedTuple, Generic[T]):
    """One entry of a page and the sort key of its place."""

    value: T
    key: Key

    @property
    def cursor(self) -> str:
        """What stands for its place."""
        return cursor(self.key)


def _nowhere(index: int) -> Key:
    raise IndexError(index)


class Slice(NamedTuple, Generic[T]):
    """What a page gives: values, and by their numbers the sort keys of their places, which few ask for."""

    values: Sequence[T] = ()
    key: Callable[[int], Key] = _nowhere
    has_previous: bool = False
    has_next: bool = False

    def __eq__(self, other: object) -> bool:
        """Whether both give the same in the same places."""
        if not isinstance(other, Slice):
            return NotImplemented
        same = self.has_previous == other.has_previous and self.has_next == other.has_next
        return same and self.entries == other.entries

    def __hash__(self) -> int:
        return hash((self.entries, self.has_previous, self.has_next))

    @property
    def entries(self) -> tuple[Entry[T], ...]:
        """The values with their places."""
        return tuple([Entry(value, self.key(index)) for index, value in enumerate(self.values)])

    def map(self, change: Callable[[T], U]) -> Slice[U]:
        """The same places with other values."""
        return Slice([change(value) for value in self.values], self.key, self.has_previous, self.has_next)

    def holding(self, values: Sequence[U | None]) -> Slice[U]:
        """The same places with these values, in their order, without the places of those that are None."""
        found: Sequence[Any] = values
        if None not in found:
            return _slice((found, self.key, self.has_previous, self.has_next))
        there = [index for index, value in enumerate(found) if value is not None]
        kept = [found[index] for index in there]
        return Slice(kept, lambda index: self.key(there[index]), self.has_previous, self.has_next)


_slice: Final[Callable[[Iterable[Any]], Slice[Any]]] = partial(tuple.__new__, Slice)
"""The slice of its fields: every topic of an answer may have one, made in half the time of its class."""


Field: TypeAlias = Literal["SLUG", "TITLE", "HOURS"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by; its slug breaks ties."""

    field: Field = "SLUG"
    descending: bool = False

    @property
    def shape(self) -> tuple[type, ...]:
        """The types of its sort key."""
        return (float if self.field == "HOURS" else str, str)


def cursor(key: Key) -> str:
    """A sort key as an opaque text."""
    return b2a_base64(orjson.dumps(key), newline=False).translate(_URL_SAFE).rstrip(b"=").decode()


@lru_cache(maxsize=4 * MAX_SIZE)
def _at_an_end(first: int | None, last: int | None) -> Page:
    """The page at an end of the list. Raises BadInput for what asks for none."""
    if first is not None and last is not None:
        raise BadInput("Ask for the first or for the last entries, not for both.")
    for name, size in (("first", first), ("last", last)):
        if size is not None and not 1 <= size <= MAX_SIZE:
            raise BadInput(f'"{name}" is {size}; it can be 1 to {MAX_SIZE}.')
    return Page(size=first or last or DEFAULT_SIZE, backward=last is not None)


def _key(text: str, shape: Sequence[type], argument: str) -> Key:
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        values = orjson.loads(b64decode(padded, altchars=b"-_", validate=True))
    except (Base64Error, UnicodeEncodeError, ValueError):
        values = None
    if not isinstance(values, list) or not _fits(values, shape):
        raise BadInput(f'"{argument}" is not a cursor of this list.')
    return tuple(values)


def _fits(values: Sequence[object], shape: Sequence[type]) -> bool:
    if len(values) != len(shape):
        return False
    return all(_is(value, kind) for value, kind in zip(values, shape, strict=True))


def _is(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int) and not -_FARTHEST <= value < _FARTHEST:
        return False  # Neo4j has no such number
    return isinstance(value, (int, float) if kind is float else kind)
