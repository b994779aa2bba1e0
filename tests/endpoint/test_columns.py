"""Lists executed column by column: they answer as object by object, whatever is in them, errors included."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from enum import Enum
from functools import partial
from random import Random
from typing import Any, Final

import pytest
import strawberry
from graphql import ExecutionResult, GraphQLObjectType, execute, parse, validate
from strawberry.utils.await_maybe import await_maybe

from graph_api.api.together import alone, together
from graph_api.endpoint.execution import PlannedExecutor, selection, unrolled
from tests.endpoint.bags import Stock, told
from tests.endpoint.selections import SWITCHES, Chooser

EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "60"))
MOST: Final = 4
"""Boxes of a shelf, and of a box."""


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.interface
class Thing:
    """What can be in a box."""

    name: str


@strawberry.type
class Ball(Thing):
    """One kind of it."""

    size: int


def _weights(boxes: Sequence[Box], info: strawberry.Info[World], of: str = "") -> list[int]:
    info.context.calls += 1
    values = [box.told(int, len(box.name) + len(of)) for box in boxes]
    return soon(values) if info.context.late(boxes) else values  # type: ignore[return-value]  # it is awaited


@strawberry.type
class Box(Thing):
    """Another one, with more of them in it."""

    world: strawberry.Private[World]
    depth: strawberry.Private[int]
    colour: Colour
    hours: float | None
    tags: list[str]
    things: list[Thing]
    boxes: list[Box] | None
    first: Box | None

    @strawberry.field
    def label(self) -> str:
        """By a method that wants nothing."""
        found: str = self.told(str, f"label of {self.name}")
        return found

    @strawberry.field
    def painted(self) -> Colour:
        """An enum by a method."""
        found: Colour = self.told(Colour, self.colour)
        return found

    @strawberry.field
    def some(self, info: strawberry.Info[World], most: int = 2, of: list[str] | None = None) -> list[Box]:
        """Objects by arguments that may be lists."""
        found = (self.boxes or [])[: most + len(of or ())]
        return soon(found) if info.context.late((self,)) else found  # type: ignore[return-value]  # as above

    @strawberry.field
    def where(self, info: strawberry.Info[World]) -> list[str]:
        """The place, which no object of many has."""
        return [str(step) for step in info.path.as_list()]

    @strawberry.field
    async def slow(self) -> int:
        """Never at once."""
        return len(self.name)

    @strawberry.field(metadata=together(_weights))  # type: ignore[untyped-decorator]  # of Any alone
    def weight(self, info: strawberry.Info[World], of: str = "") -> int:
        """For many at once."""
        return alone(_weights((self,), info, of))

    def told(self, kind: type, value: Any) -> Any:
        """The value, or something odd instead. Raises ValueError where that is an error."""
        found = self.world.odd(kind, value)
        if isinstance(found, ValueError):
            raise found
        return found


class Chest(Box):
    """Of a class that no type has."""


async def soon(value: Any) -> Any:
    """A value, later."""
    return value


class World:
    """What chance has made; `oddness` is how often a value does not fit."""

    def __init__(self, seed: str, oddness: float, *, late: float | None = None) -> None:
        self._seed = seed
        self._oddness = oddness
        self._lateness = oddness if late is None else late
        self.calls = 0

    def late(self, boxes: Sequence[Box]) -> bool:
        """Whether something is told later of any of these."""
        return any(Random(f"{self._seed} late {box.name}").random() < self._lateness for box in boxes)

    def odd(self, kind: type, value: Any, name: object = None) -> Any:
        """The value, or what follows from it, or from its name, by chance: the same each time."""
        chance = Random(f"{self._seed} {kind} {name or value}")
        if chance.random() >= self._oddness:
            return value
        return chance.choice([None, ValueError("odd"), 2**40, "text", float("nan"), [None], ()])

    def box(self, name: str, depth: int) -> Any:
        """A box with others in it, down to a depth."""
        chance, rare = Random(f"{self._seed} {name}"), self._oddness / 3
        inside = [
            self.box(f"{name}{number}", depth - 1) for number in range(chance.randrange(MOST) if depth else 0)
        ]
        balls = [
            Ball(name=f"ball{number}", size=self.odd(int, number)) for number in range(chance.randrange(3))
        ]
        things = [*inside, *balls]
        chance.shuffle(things)
        made = (Chest if chance.random() < rare else Box)(
            world=self,
            depth=depth,
            name=name,
            colour=self.odd(Colour, chance.choice([*Colour])),
            hours=self.odd(float, chance.choice([None, 0.5, 1e9])),
            tags=self.odd(list, [name]),
            things=self.odd(Thing, things, name) if chance.random() < rare else things,
            boxes=None if chance.random() < rare else inside,
            first=inside[0] if inside else None,
        )
        if chance.random() < rare:
            return chance.choice([None, ValueError("no box"), strawberry.cast(Ball, made)])
        return made


@strawberry.type
class Query:
    """One list."""

    boxes: list[Box | None]
    things: list[Thing | None]


class Root:
    """The root value, with what a world holds."""

    def __init__(self, world: World, depth: int = 3) -> None:
        self.boxes = [world.box(f"box{number}", depth) for number in range(MOST)]
        self.things = [*self.boxes, Ball(name="ball", size=1)]


SCHEMA: Final = strawberry.Schema(Query, types=[Ball, Box])

pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <coroutine object"),
]
"""What an error has made superfluous before it has begun: graphql-core leaves the same behind."""


@pytest.fixture(autouse=True)
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Of each list that was tried at once, its type and whether it could be; every one is, from the start."""
    found: list[tuple[str, bool]] = []
    original = unrolled.unrolled_many

    def noted(kind: Any, steps: Any, columns: Any) -> Any:
        many = original(kind, steps, columns)

        def run(executor: Any, sources: Any) -> Any:
            made = many(executor, sources)
            found.append((kind.name, made is not None))
            return made

        return run

    monkeypatch.setattr(selection, "unrolled_many", noted)
    monkeypatch.setattr(selection, "WORTH", 1)
    return found


async def answer(
    executor: type[PlannedExecutor], text: str, world: World, variables: dict[str, Any] | None = None
) -> bytes:
    document = parse(text)
    assert validate(SCHEMA._schema, document) == []
    run = partial(execute, SCHEMA._schema, document, Root(world), world, variables)
    result: Any = run(executor_class=executor)
    result = await await_maybe(result)
    assert isinstance(result, ExecutionResult)
    result.errors = sorted(result.errors or (), key=lambda error: str(error.path)) or None
    return told(result, [])


async def both(text: str, seed: str, oddness: float, variables: dict[str, Any] | None = None) -> bytes:
    """What is answered with columns and without."""
    expected = await answer(Stock, text, World(seed, oddness), variables)
    assert await answer(PlannedExecutor, text, World(seed, oddness), variables) == expected
    return expected


@pytest.mark.parametrize("oddness", [0.0, 0.02, 0.2])
@pytest.mark.parametrize("share", range(10))
async def test_any_selection_of_any_world_is_answered_alike(oddness: float, share: int) -> None:
    query = SCHEMA._schema.type_map["Query"]
    assert isinstance(query, GraphQLObjectType)
    values = {"most": "1", "of": '"ab"'}
    for number in range(share, EXAMPLES, 10):
        chance = Random(f"{oddness} {number}")
        chooser = Chooser(SCHEMA._schema, chance, lambda _, name, __: values[name])
        document = chooser.operation("query", query, 4)
        assert SWITCHES[0] in document
        await both(document, f"world {number}", oddness, chooser.variables())


class TestAtOnce:
    """What is done at once in a world in which nothing is odd."""

    @pytest.mark.parametrize(
        ("asked", "kinds"),
        [
            ("boxes { name colour hours tags __typename }", {"Box"}),
            ("boxes { label painted }", {"Box"}),
            ("boxes { some(most: 3) { name some { name } } }", {"Box"}),
            ("boxes { boxes { name first { name first { name } } } }", {"Box"}),
            ('boxes { weight(of: "ab") boxes { weight } }', {"Box"}),
            ("boxes { things { name ... on Ball { size } } }", {"Box", "Ball"}),
            ("things { name ... on Box { boxes { name } } }", {"Box", "Ball"}),
        ],
    )
    async def test_lists_of_any_depth(
        self, asked: str, kinds: set[str], tried: list[tuple[str, bool]]
    ) -> None:
        await both(f"{{ {asked} }}", "calm", 0.0)
        assert {name for name, _ in tried} == kinds
        assert all(done for _, done in tried)

    async def test_a_resolver_for_many_is_called_once_a_level(self) -> None:
        world = World("calm", 0.0)
        await answer(PlannedExecutor, "{ boxes { weight some { weight some { weight } } } }", world)
        assert world.calls == 3

    @pytest.mark.parametrize("asked", ["slow", "where", "boxes { slow }", 'some(of: ["a"]) { name }'])
    async def test_what_cannot_be_is_not_begun_in_vain_or_is_given_up(
        self, asked: str, tried: list[tuple[str, bool]]
    ) -> None:
        await both(f"{{ boxes {{ name {asked} }} }}", "calm", 0.0)
        assert not any(done for _, done in tried) or "some" in asked

    async def test_what_has_to_be_awaited_is_tried_once(self, tried: list[tuple[str, bool]]) -> None:
        world = World("calm", 0.0, late=1.0)
        await answer(PlannedExecutor, "{ boxes { boxes { boxes { name weight } } } }", world)
        assert tried.count(("Box", False)) <= 3, "one at each level, within the first"

    async def test_one_odd_value_has_all_of_its_list_executed_one_by_one(
        self, tried: list[tuple[str, bool]]
    ) -> None:
        found = await both("{ boxes { name hours tags } }", "odd", 0.3)
        assert b"TypeError" in found
        assert set(tried) == {("Box", False)}


@pytest.mark.filterwarnings("error:coroutine")
async def test_nothing_that_was_to_be_awaited_is_left() -> None:
    for number in range(30):
        asked = "{ boxes { name weight some { name weight some { name } } } }"
        await answer(PlannedExecutor, asked, World(f"{number}", 0.0, late=0.5))
        gc.collect()
