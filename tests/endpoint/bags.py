"""A schema of bags: they hold fields of every kind, in every way that a field comes to a value.

It is executed by plans and by graphql-core alone, to compare what both answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from random import Random
from typing import Any, Final

import orjson
import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError, execute
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.config import StrawberryConfig
from strawberry.utils.await_maybe import await_maybe

from graph_api.endpoint.execution import PlannedExecutor
from tests.endpoint.oddities import FITTING, KINDS, VALUES, Colour, Even, Outsider, even

WAYS: Final = ("kept", "found", "told", "later")
"""How a field gets its value: as an attribute; from a resolver that wants no info, that does, or is async."""

ODD: Final = 0.04
"""How often a bag of chance holds something that does not fit."""


class Stock(PlannedExecutor):
    """graphql-core alone."""

    planned = False


class Held:
    """A bag with these values, by name; `otherwise` is that of all other fields."""

    def __init__(self, values: Mapping[str, str], otherwise: str = "raised") -> None:
        self._values = values
        self._otherwise = otherwise

    def read(self, name: str) -> Any:
        """The value of a field. Raises LookupError where that is what the bag holds."""
        made = self._values.get(name, self._otherwise)
        if made == "raised":
            raise LookupError(f"Nobody holds {name}.")
        return VALUES[made]()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.read(name)


class Chance(Held):
    """A bag whose values follow from a seed: those that fit, but for some `odd` ones. It holds other bags."""

    def __init__(self, seed: str, *, odd: float = ODD) -> None:
        super().__init__({})
        self._seed = seed
        self._odd = odd

    def read(self, name: str) -> Any:
        """The value of a field. Raises LookupError where that is what the bag holds."""
        chance = Random(f"{self._seed}.{name}")
        if name.startswith("bags"):
            return [self._bag(f"{name}{number}", chance) for number in range(chance.randrange(4))]
        if name.startswith("bag"):
            return self._bag(name, chance)
        kind = name.removeprefix(next(way for way in WAYS if name.startswith(way)))
        if chance.random() < self._odd:
            return Held({name: chance.choice(["raised", *VALUES])}).read(name)
        return VALUES[chance.choice(FITTING[kind])]()

    def _bag(self, name: str, chance: Random) -> Chance | None:
        return None if chance.random() < self._odd else Chance(f"{self._seed}.{name}", odd=self._odd)


@strawberry.input
class Given:
    colour: Colour = Colour.RED
    texts: list[str] | None = None
    deeper: Given | None = None


def _resolver(way: str, name: str, annotation: Any) -> Any:
    def found(root: Any) -> Any:
        return root.read(name)

    def told(root: Any, info: strawberry.Info[list[str]]) -> Any:
        info.context.append(name)
        return root.read(name)

    async def later(root: Any, info: strawberry.Info[list[str]]) -> Any:
        info.context.append(f"{name} begins")
        for _ in range(len(name) % 3):
            await asyncio.sleep(0)
        info.context.append(f"{name} ends")
        return root.read(name)

    made: Any = {"found": found, "told": told, "later": later}[way]
    made.__annotations__["return"] = annotation
    return made


class _Bag:
    bag: Bag | None
    bag_required: Bag
    bags: list[Bag | None]
    bags_required: list[Bag]

    @strawberry.field
    async def bags_later(root: Any) -> list[Bag | None] | None:  # noqa: N805 - a bag is no Bag
        """Those of `bags`, a turn later."""
        await asyncio.sleep(0)
        found: list[Bag | None] = root.bags
        return found

    @strawberry.field
    def echo(self, text: str = "x", number: int | None = 1, colours: list[Colour] | None = None) -> str:
        """What was given, as Python sees it."""
        return repr((text, number, colours))

    @strawberry.field
    def lists(
        self,
        texts: list[str] = (),  # type: ignore[assignment]  # GraphQL's default is an empty list
        wholes: list[int | None] | None = None,
    ) -> str:
        """The lists that were given, which it may change: nobody else has them."""
        found = repr((texts, wholes))
        for each in (texts, wholes):
            if each is not None:
                each.clear()
        return found

    @strawberry.field
    def given(self, info: strawberry.Info[list[str]], it: Given) -> str:
        """What was given, as Python sees it."""
        info.context.append("given")
        return repr(it)

    @strawberry.field
    def asked(self, info: strawberry.Info[list[str]], text: str = "") -> list[str]:
        """All that an info says."""
        raw = info._raw_info
        kinds = raw.parent_type, raw.return_type, info.return_type, info.operation.operation
        names = info.field_name, info.python_name, info.path.as_list(), info.path
        held = info.context, type(info.root_value).__name__, info.variable_values
        return [
            repr(each) for each in (*kinds, *names, *held, info.selected_fields, raw.fragments.keys(), text)
        ]

    @strawberry.field
    async def even(self, of: Even) -> str:
        """An argument that not every number is."""
        return repr(of)


def _bag() -> Any:
    """The type with every kind of field, in every way."""
    members: dict[str, Any] = {**vars(_Bag)}
    annotations = members["__annotations__"] = {**_Bag.__annotations__}
    for kind, annotation in KINDS.items():
        annotations[f"kept{kind}"] = annotation
        for way in WAYS[1:]:
            name = f"{way}{kind}"
            members[name] = strawberry.field(resolver=_resolver(way, name, annotation))
    return strawberry.type(type("Bag", (), members))


Bag: Any = _bag()


@strawberry.type
class Query:
    bag: Bag
    bag_or_not: Bag | None


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def first(root: Any, info: strawberry.Info[list[str]]) -> Bag | None:  # noqa: N805
        """Begin and end, with turns between."""
        info.context.append("first begins")
        await asyncio.sleep(0)
        info.context.append("first ends")
        return root.bag

    @strawberry.mutation
    def second(self, info: strawberry.Info[list[str]]) -> str | None:
        """Fail."""
        info.context.append("second")
        raise GraphQLError("Not like this.")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def bags(self, seeds: list[str]) -> AsyncIterator[Bag]:
        """The bags of these seeds."""
        for seed in seeds:
            yield Chance(seed)


def _parsed(value: int) -> int:
    even(value)
    return value


SCHEMA: Final = strawberry.Schema(
    Query,
    Mutation,
    Subscription,
    types=[Outsider],
    config=StrawberryConfig(
        scalar_map={Even: strawberry.scalar(name="Even", serialize=even, parse_value=_parsed)}
    ),
)


class Root:
    """The root value with one bag."""

    def __init__(self, bag: Held) -> None:
        self.bag = self.bag_or_not = bag


async def answer(
    executor: type[PlannedExecutor],
    document: DocumentNode,
    bag: Held,
    variables: dict[str, Any] | None = None,
) -> bytes:
    """The answer of an executor to an operation, and the calls of resolvers in their order, as JSON."""
    calls: list[str] = []
    result = await await_maybe(
        execute(
            SCHEMA._schema,
            document,
            Root(bag),
            context_value=calls,
            variable_values=variables,
            executor_class=executor,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # as Strawberry gives it
        )
    )
    for _ in range(8):  # what a null has made superfluous ends by itself
        await asyncio.sleep(0)
    assert isinstance(result, ExecutionResult)
    return told(result, calls)


def told(result: ExecutionResult, calls: list[str]) -> bytes:
    """A result as JSON, with the class of what each error was at first."""
    errors = [(each.formatted, type(each.original_error).__name__) for each in result.errors or ()]
    return orjson.dumps((result.data, errors, calls), default=lambda value: type(value).__name__)
