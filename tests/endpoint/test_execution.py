"""Execution by plans answers as graphql-core does, to the byte, whatever resolvers return."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Mapping
from itertools import product
from random import Random
from typing import Any, Final

import pytest
import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLArgument,
    GraphQLError,
    execute,
    get_named_type,
    is_composite_type,
    parse,
    subscribe,
    validate,
)
from strawberry.types.arguments import convert_arguments
from strawberry.utils.await_maybe import await_maybe

from graph_api.endpoint.execution import PlannedExecutor, plan
from tests.endpoint.bags import SCHEMA, WAYS, Chance, Held, Root, Stock, answer, told
from tests.endpoint.oddities import KINDS, VALUES
from tests.endpoint.selections import SWITCHES, Chooser

pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <coroutine object"),
]
"""What is cancelled before it has begun: graphql-core leaves the same behind."""

EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "60")) * 2


@pytest.fixture(autouse=True, params=[1, 10**9], ids=["written out", "step by step"])
def worth(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test with selections that are functions from the first time on, and with such as never are."""
    monkeypatch.setattr("graph_api.endpoint.execution.selection.WORTH", request.param)


BAG: Final = SCHEMA._schema.type_map["Bag"]
ANIMAL: Final = "{ __typename ... on Animal { name } ... on Cat { lives purrs } ... on Dog { barks colour } }"


def selected(name: str) -> str:
    """A field of a bag with what can be selected of it."""
    kind = get_named_type(BAG.fields[name].type)  # type: ignore[attr-defined]  # it is an object type
    if not is_composite_type(kind):
        return name
    return f"{name} {'{ weight }' if kind.name == 'Stone' else ANIMAL}"


async def both(document: DocumentNode, bag: Held, variables: dict[str, Any] | None = None) -> bytes:
    """The answer that both executors give."""
    stock = await answer(Stock, document, bag, variables)
    assert await answer(PlannedExecutor, document, bag, variables) == stock
    return stock


@pytest.mark.parametrize("way", WAYS)
async def test_a_field_of_any_kind_is_completed_alike_whatever_it_holds(way: str) -> None:
    for kind in KINDS:
        name = f"{way}{kind}"
        document = parse(f"{{ bagOrNot {{ before: __typename {selected(name)} }} }}")
        for value in ("raised", *VALUES):
            await both(document, Held({name: value}))


@pytest.mark.parametrize("value", ["raised", "later error", "texts, some later and wrong"])
async def test_an_error_takes_with_it_what_may_not_be_null(value: str) -> None:
    names = [f"{way}{kind}" for kind, way in product(("Text", "TextRequired", "Texts"), WAYS)]
    for name, other in product(names, names):
        query = f"{{ bagOrNot {{ {selected(name)} b: {selected(other)} echo }} echo: __typename }}"
        await both(parse(query), Held({name: value}, otherwise="text"))


async def test_an_error_says_where_it_was_and_why() -> None:
    query = "{ bagOrNot { keptTexts } }"
    assert await both(parse(query), Held({"keptTexts": "texts and null"})) == (
        b'[{"bagOrNot":null},[[{"message":"Cannot return null for non-nullable field Bag.keptTexts.",'
        b'"locations":[{"line":1,"column":14}],"path":["bagOrNot","keptTexts",1]},"TypeError"]],[]]'
    )


def literal(chance: Random, name: str, _argument: GraphQLArgument) -> str:
    """A value for an argument of a bag's fields."""
    return {
        "text": '"given"',
        "number": str(chance.randint(-3, 9)),
        "colours": "[RED, GREEN]",
        "texts": '["given", "too"]',
        "wholes": f"[null, {chance.randint(-3, 9)}]",
        "it": '{colour: GREEN, deeper: {texts: ["a"]}}',
        "of": str(chance.choice([2, 4])),
    }[name]


@pytest.mark.parametrize("part", range(4))
async def test_any_operation_is_answered_alike(part: int) -> None:
    root = SCHEMA._schema.query_type
    assert root is not None
    answered = 0
    for seed in range(part, EXAMPLES, 4):
        chooser = Chooser(SCHEMA._schema, Random(seed), literal)
        document = parse(chooser.operation("query", root, 3))
        assert validate(SCHEMA._schema, document) == []
        for variables in (chooser.variables(), chooser.variables()):
            answered += await both(document, Chance(str(seed)), variables) != b"[null,[],[]]"
    assert answered > EXAMPLES / 4


async def test_each_set_of_switches_has_its_fields() -> None:
    document = parse(
        "query ($on: Boolean!, $off: Boolean!, $other: Boolean!) { bag { ...F @include(if: $on) bag { "
        "echo ... @skip(if: $off) { bag { keptFlagRequired keptKeyRequired @include(if: $other) } } } } } "
        "fragment F on Bag { bag { foundFlag @skip(if: $other) } }"
    )
    answers = set()
    for _ in range(2):
        for values in product((True, False), repeat=3):
            variables = dict(zip(SWITCHES, values, strict=True))
            answers.add(await both(document, Chance("1", odd=0), variables))
    assert len(answers) > plan.VARIANTS


@pytest.mark.parametrize(
    "selection",
    [
        'echo a: echo(text: "b", number: null) b: echo(colours: [GREEN]) c: echo(text: $text)',
        'lists a: lists(texts: ["b", "c"], wholes: null) b: lists(texts: "d", wholes: [1, null]) c: lists',
        "lists(texts: $texts) a: lists(texts: $texts) b: lists(texts: [$text])",
        "given(it: {}) a: given(it: {deeper: {colour: GREEN}}) b: given(it: $given)",
        "even(of: 2) a: even(of: $even)",
        "even(of: 3) a: even(of: 3) echo",
        "echo(number: 3000000000) echo(colours: BLUE) given",
        'asked a: asked(text: "b") ...F',
        "__typename a: __typename nothing",
    ],
)
async def test_arguments_and_infos_are_the_same(selection: str) -> None:
    document = parse(
        'query Q($text: String! = "v", $texts: [String!]! = ["t"], $given: Given! = {texts: []}, '
        "$even: Even = 4) { bagOrNot "
        f"{{ {selection} bagsRequired {{ {selection} }} }} }} fragment F on Bag {{ c: asked }}"
    )
    for variables in ({}, {"text": "w", "texts": ["x", "y"], "given": {"colour": "GREEN"}, "even": 8}):
        await both(document, Chance("4"), variables)


async def test_the_same_arguments_are_made_once_for_all_parents(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def convert(*given: Any) -> Any:
        made.append(given)
        return convert_arguments(*given)

    monkeypatch.setattr("graph_api.endpoint.execution.resolving.convert_arguments", convert)
    query = 'query ($to: String) { bag { bagsRequired { echo(text: $to) given(it: {texts: ["a"]}) } } }'
    parents = (await answer(PlannedExecutor, parse(query), Chance("5", odd=0), {"to": "b"})).count(b"echo")
    assert parents > 1
    assert len(made) == 1 + parents, "an input object is made for each, since a resolver may change it"


@pytest.mark.parametrize(
    "query", ["{ __schema { types { name fields { name type { ofType { name } } } } } }"]
)
async def test_introspection_is_answered_alike(query: str) -> None:
    assert b"Subscription" in await both(parse(query), Held({}))


async def test_mutations_run_one_after_the_other() -> None:
    query = "mutation { first { keptText } b: first { laterText } second c: first { keptTextRequired } }"
    told = await both(parse(query), Held({"keptText": "text", "laterText": "text"}))
    assert told.endswith(
        b'["first begins","first ends","first begins","first ends","laterText begins","laterText ends",'
        b'"second","first begins","first ends"]]'
    )


async def test_errors_that_do_not_take_their_parents_along_are_left_to_do_so() -> None:
    query = "query @experimental_disableErrorPropagation { bag { keptTextRequired keptTexts echo } }"
    answered = await both(parse(query), Held({"keptTexts": "texts and errors"}))
    assert b'"keptTextRequired":null' in answered


@pytest.mark.parametrize(
    "query",
    [
        "{ bag { keptTexts @stream(initialCount: 1) echo } }",
        "{ bag { ... @defer { laterText } echo } }",
        "{ bag { ...F(of: 1) } } fragment F($of: Int) on Bag { echo(number: $of) }",
    ],
)
async def test_what_is_experimental_is_left_to_graphql_core(query: str) -> None:
    document = parse(query, experimental_fragment_arguments=True)
    answers = []
    for executor in (Stock, PlannedExecutor):
        try:
            answers.append(await answer(executor, document, Held({}, otherwise="texts")))
        except GraphQLError as error:
            answers.append(error.message.encode())
    assert answers[0] == answers[1]


def test_middleware_sees_every_field() -> None:
    def middleware(resolve: Any, source: Any, info: Any, **arguments: Any) -> Any:
        seen.append(info.field_name)
        return resolve(source, info, **arguments)

    seen: list[str] = []
    result = execute(
        SCHEMA._schema,
        parse("{ bag { keptText echo } }"),
        Root(Held({}, otherwise="text")),
        middleware=[middleware],
        executor_class=PlannedExecutor,
    )
    assert isinstance(result, ExecutionResult)
    assert result.data == {"bag": {"keptText": "text", "echo": "('x', 1, None)"}}
    assert seen == ["bag", "keptText", "echo"]


async def test_each_event_of_a_subscription_is_answered_alike() -> None:
    document = parse(
        "subscription ($seeds: [String!]!) { bags(seeds: $seeds) { asked laterText bags { keptWhole } } }"
    )

    async def events(executor: type[PlannedExecutor]) -> list[bytes]:
        calls: list[str] = []
        variables: Mapping[str, Any] = {"seeds": [str(seed) for seed in range(20)]}
        stream = await await_maybe(
            subscribe(
                SCHEMA._schema,
                document,
                context_value=calls,
                variable_values=dict(variables),
                executor_class=executor,
            )
        )
        assert isinstance(stream, AsyncIterator)
        return [told(result, calls) async for result in stream]

    stock = await events(Stock)
    assert len(set(stock)) == 20
    assert await events(PlannedExecutor) == stock


async def test_a_cancelled_operation_cancels_its_resolvers() -> None:
    ended = []

    @strawberry.type
    class Query:
        @strawberry.field
        async def waits(self, name: str) -> str:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(name)
            return name

    schema = strawberry.Schema(Query, execution_context_class=PlannedExecutor)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(schema.execute('{ a: waits(name: "a") b: waits(name: "b") }'), 0.05)
    assert sorted(ended) == ["a", "b"]


async def test_a_plan_lasts_as_long_as_its_document() -> None:
    gc.collect()
    before = len(plan._kept)
    document = parse("{ bag { keptText } }")
    await answer(PlannedExecutor, document, Held({}))
    assert len(plan._kept) == before + 1
    del document
    gc.collect()
    assert len(plan._kept) == before
