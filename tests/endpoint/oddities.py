"""Values that a resolver might return, sensible or not, and the kinds of fields that they may be for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final, NewType

import strawberry
from graphql import GraphQLError, Undefined
from strawberry.scalars import JSON


@strawberry.enum
class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Shade(Enum):
    PALE = "pale"


def even(value: int) -> int | None:
    """The number. Raises ValueError for an odd one; it has nothing to say of 0."""
    if value % 2:
        raise ValueError(f"{value} is odd.")
    return value or None


Even = NewType("Even", int)


@strawberry.interface
class Animal:
    name: str


@strawberry.type
class Cat(Animal):
    lives: int

    @strawberry.field
    async def purrs(self, info: strawberry.Info) -> list[str]:
        """The path, told a turn later."""
        await asyncio.sleep(0)
        return [str(step) for step in info.path.as_list()]


@strawberry.type
class Dog(Animal):
    colour: Colour | None = None

    @strawberry.field
    def barks(self) -> str:
        """Raise at once."""
        raise GraphQLError(f"{self.name} does not bark.")


class Kitten(Cat):
    """Of a class that the schema does not know."""


@strawberry.type
class Stone:
    weight: int


@strawberry.type
class Outsider(Animal):
    """An animal of no list of the schema's union."""


Pet = Annotated[Cat | Dog, strawberry.union("Pet")]


class Text(str):
    """A text of a class of its own."""

    __slots__ = ()


class Strange:
    """What no scalar knows."""

    def __repr__(self) -> str:
        return "strange"


async def _coming(value: Any, turns: int = 1) -> Any:
    for _ in range(turns):
        await asyncio.sleep(0)
    if isinstance(value, Exception):
        raise value
    return value


class Later:
    """Awaitable, but no coroutine: nobody minds when it is not awaited."""

    def __init__(self, value: Any, turns: int = 1) -> None:
        self._value = value
        self._turns = turns

    def __repr__(self) -> str:
        return "later"

    def __await__(self) -> Any:
        return _coming(self._value, self._turns).__await__()


async def _stream(*values: Any) -> AsyncIterator[Any]:
    for value in values:
        await asyncio.sleep(0)
        if isinstance(value, Exception):
            raise value
        yield value


def _one_by_one(*values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, Exception):
            raise value
        yield value


def _cat(name: Any = "Tom", lives: Any = 7) -> Cat:
    return Cat(name=name, lives=lives)


def _dog(name: Any = "Rex") -> Dog:
    return Dog(name=name, colour=Colour.RED)


def _wrong() -> ValueError:
    return ValueError("A value that is an error.")


VALUES: Final[Mapping[str, Callable[[], Any]]] = {
    "null": lambda: None,
    "undefined": lambda: Undefined,
    "text": lambda: "text",
    "text of its own": lambda: Text("own"),
    "digits": lambda: "12",
    "bytes": lambda: b"bytes",
    "whole": lambda: 7,
    "even": lambda: 8,
    "zero": lambda: 0,
    "largest": lambda: 2**31 - 1,
    "too large": lambda: 2**31,
    "smallest": lambda: -(2**31),
    "too small": lambda: -(2**31) - 1,
    "huge": lambda: 2**63,
    "number": lambda: 1.5,
    "whole number": lambda: 3.0,
    "not a number": lambda: float("nan"),
    "infinite": lambda: float("-inf"),
    "true": lambda: True,
    "decimal": lambda: Decimal("1.50"),
    "moment": lambda: datetime(2026, 1, 2, tzinfo=UTC),
    "colour": lambda: Colour.GREEN,
    "shade": lambda: Shade.PALE,
    "mapping": lambda: {"a": [1, None]},
    "strange": Strange,
    "error": _wrong,
    "located error": lambda: GraphQLError("A GraphQL error that is a value.", extensions={"code": "X"}),
    "later text": lambda: Later("later"),
    "later null": lambda: Later(None, 2),
    "later error": lambda: Later(_wrong(), 2),
    "later list": lambda: Later(["a", Later("b"), None], 3),
    "none": list,
    "texts": lambda: ["a", "b"],
    "texts as a tuple": lambda: ("a", Text("b")),
    "texts and null": lambda: ["a", None, "b"],
    "texts and errors": lambda: ["a", _wrong(), "b", _wrong()],
    "texts and strange": lambda: [Strange(), "a", b"b"],
    "texts, some later": lambda: ["a", Later("b", 3), Later("c"), Later(None)],
    "texts, some later and wrong": lambda: [Later("a"), Later(_wrong(), 2), _wrong(), Later("d")],
    "texts one by one": lambda: _one_by_one("a", "b", None),
    "texts until an error": lambda: _one_by_one("a", Later("b"), _wrong(), "c"),
    "texts as a stream": lambda: _stream("a", "b", None),
    "texts as a stream until an error": lambda: _stream("a", _wrong()),
    "numbers": lambda: [1, 2.5, True],
    "colours": lambda: [Colour.RED, Shade.PALE, None],
    "lists": lambda: [["a"], [], ["b", "c"]],
    "lists and nulls": lambda: [["a", None], None, [Later("b"), _wrong()]],
    "cat": _cat,
    "cat without a name": lambda: _cat(None),
    "cat of too many lives": lambda: _cat(lives="many"),
    "cat, later": lambda: Later(_cat(), 2),
    "cat as a dog": lambda: strawberry.cast(Dog, _cat()),
    "kitten": lambda: Kitten(name="Kit", lives=9),
    "dog": _dog,
    "outsider": lambda: Outsider(name="Owl"),
    "stone": lambda: Stone(weight=1),
    "animals": lambda: [_cat(), _dog(), _cat("Fuzz")],
    "animals and others": lambda: [_cat(), None, _dog(), Strange(), _cat(None), Outsider(name="Owl")],
    "animals, some later": lambda: [Later(_cat()), _dog(), Later(_wrong()), _cat()],
    "cats": lambda: [_cat(), _cat("Fuzz")],
}
"""What a field may hold, made anew each time: some of it can be read only once."""

KINDS: Final[Mapping[str, Any]] = {
    "Text": str | None,
    "TextRequired": str,
    "Key": strawberry.ID | None,
    "KeyRequired": strawberry.ID,
    "Whole": int | None,
    "WholeRequired": int,
    "Number": float | None,
    "NumberRequired": float,
    "Flag": bool | None,
    "FlagRequired": bool,
    "Colour": Colour | None,
    "ColourRequired": Colour,
    "Moment": datetime | None,
    "Anything": JSON | None,
    "Even": Even | None,
    "EvenRequired": Even,
    "Texts": list[str],
    "TextsOrNot": list[str] | None,
    "TextsWithGaps": list[str | None],
    "Wholes": list[int] | None,
    "Colours": list[Colour | None] | None,
    "Evens": list[Even | None],
    "Lists": list[list[str]] | None,
    "ListsWithGaps": list[list[str | None] | None] | None,
    "Stone": Stone | None,
    "Cat": Cat | None,
    "CatRequired": Cat,
    "Animal": Animal | None,
    "AnimalRequired": Animal,
    "Pet": Pet | None,
    "Cats": list[Cat | None] | None,
    "CatsRequired": list[Cat],
    "Animals": list[Animal | None],
    "Pets": list[Pet | None] | None,
}
"""Kinds of fields by name."""

FITTING: Final[Mapping[str, tuple[str, ...]]] = {
    "Text": ("text", "null"),
    "TextRequired": ("text",),
    "Key": ("text", "null"),
    "KeyRequired": ("text", "whole"),
    "Whole": ("whole", "largest", "null"),
    "WholeRequired": ("whole", "smallest"),
    "Number": ("number", "whole", "null"),
    "NumberRequired": ("number",),
    "Flag": ("true", "null"),
    "FlagRequired": ("true",),
    "Colour": ("colour", "null"),
    "ColourRequired": ("colour",),
    "Moment": ("moment",),
    "Anything": ("mapping", "texts"),
    "Even": ("even",),
    "EvenRequired": ("even",),
    "Texts": ("texts", "none", "texts as a tuple", "later list"),
    "TextsOrNot": ("texts", "texts one by one", "texts as a stream"),
    "TextsWithGaps": ("texts and null", "texts, some later"),
    "Wholes": ("none",),
    "Colours": ("colours",),
    "Evens": ("none",),
    "Lists": ("lists",),
    "ListsWithGaps": ("lists and nulls", "lists"),
    "Stone": ("stone", "later null"),
    "Cat": ("cat", "cat, later"),
    "CatRequired": ("cat",),
    "Animal": ("cat", "dog", "kitten"),
    "AnimalRequired": ("cat", "dog"),
    "Pet": ("cat", "dog", "cat as a dog"),
    "Cats": ("cats", "animals, some later"),
    "CatsRequired": ("cats",),
    "Animals": ("animals", "animals and others"),
    "Pets": ("animals", "animals, some later"),
}
"""Values that a field of each kind often holds."""
