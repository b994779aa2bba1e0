"""What an operation costs: known before it is executed, and told when it is asked for."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import graphql
import httpx
import pytest
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    IntValueNode,
    get_introspection_query,
    parse,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import HTTPConnection

from graph_api.api.schema import build_schema
from graph_api.endpoint import documents
from graph_api.endpoint.cost import PRICES
from graph_api.endpoint.limits import DocumentLimits
from graph_api.endpoint.measures import MANY, Document
from graph_api.endpoint.pipeline import Pipeline
from graph_api.endpoint.plans import plan
from graph_api.endpoint.request import GraphQLRequest
from graph_api.endpoint.streams import Streams
from tests.conftest import ROOT
from tests.endpoint.conftest import post
from tests.endpoint.limited import CORE, SCHEMA, TYPES, Selections, served


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with served(DocumentLimits()) as client:
        yield client


def price(text: str, **variables: object) -> int:
    document = Document.of(parse(text))
    assert graphql.validate(CORE, document.node) == []
    return plan(CORE, document, document.operations[0]).price(variables)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ name }", 0),
        ("{ __typename }", 0),
        ("{ sum(of: [1]) }", 7),
        ("{ item { name } }", 1),
        ("{ item { item { name } } a: item { name } }", 3),
        ("{ heavy { name } }", 51),
        ("{ tags { name } }", 3),
        ("{ each(ids: [1, 2]) { item { name } } }", 2 * 2),
        ("{ best { name } }", 4),
        ("{ best(first: 9) { item { name } } }", 9 * 2),
        ("{ items { pageInfo { endCursor } totalCount } }", 1 + 1),
        ("{ items { nodes { name } } }", 1 + 20),
        ("{ items(first: 3) { nodes { name } } }", 1 + 3),
        ("{ items(last: 3) { nodes { name } edges { node { name } } } }", 1 + 3 + 3 * 2),
        ("{ items(first: 3) { nodes { items(first: 5) { nodes { name } } } } }", 1 + 3 * (1 + 1 + 5)),
        ("{ items(first: 3) { ...P } } fragment P on ItemConnection { nodes { name } }", 1 + 3),
        (
            "{ a: items(first: 3) { ...P } ...Q } fragment P on ItemConnection { nodes { name } } "
            "fragment Q on Query { b: items(first: 7) { ... { ...P } } }",
            1 + 3 + 1 + 7,
        ),
        ("{ __schema { types { name } } }", 1 + 1 + TYPES * 2),
        ('{ __type(name: "Item") { name ofType { name } } }', 1 + 2),
        ("{ items(first: -3) { nodes { name } } }", 1),
        ("{ items(first: null) { nodes { name } } }", 1 + 20),
    ],
)
def test_what_an_operation_costs(text: str, cost: int) -> None:
    assert price(text) == cost


@pytest.mark.parametrize(
    ("given", "cost"),
    [({}, 1 + 6), ({"n": 50}, 1 + 50), ({"n": 50.0}, 1 + 50), ({"n": None}, 1 + 20), ({"n": "x"}, 1 + 20)],
)
def test_the_sizes_of_pages_may_be_variables(given: Mapping[str, object], cost: int) -> None:
    assert price("query ($n: Int = 6) { items(first: $n) { nodes { name } } }", **given) == cost


def test_a_list_may_be_as_long_as_a_variable() -> None:
    text = "query ($n: [Int!]! = [1, 2, 3]) { each(ids: $n) { name } }"
    assert price(text) == 3
    assert price(text, n=[1]) == 1


def test_one_plan_prices_every_size_however_often_it_is_asked() -> None:
    text = "query ($n: Int, $ids: [Int!]!) { items(first: $n) { nodes { name } } each(ids: $ids) { name } }"
    document = Document.of(parse(text))
    made = plan(CORE, document, document.operations[0])
    for _ in range(2):
        for size in range(2 * PRICES):
            assert made.price({"n": size, "ids": [1, 2]}) == 1 + size + 2
            assert made.price({"n": size, "ids": []}) == 1 + size
    assert len(made._prices) == PRICES


def test_a_cost_has_an_end() -> None:
    nested = "items(first: 100) { nodes { " * 9 + "name" + " } }" * 9
    assert price(f"{{ {nested} }}") == MANY


items: st.SearchStrategy[str] = st.deferred(
    lambda: st.lists(
        st.sampled_from(["name", "...I", "sum(of: 1)"])
        | st.builds(lambda inner: f"item {{ {inner} }}", items)
        | st.builds(lambda inner: f"heavy {{ {inner} }}", items)
        | st.builds(lambda size, inner: f"items(first: {size}) {{ {inner} }}", st.integers(0, 9), pages),
        min_size=1,
        max_size=3,
    ).map(" ".join)
)
pages: st.SearchStrategy[str] = st.lists(
    st.sampled_from(["totalCount", "...P", "nodes { ...I }"])
    | st.builds(lambda inner: f"nodes {{ {inner} }}", items)
    | st.builds(lambda inner: f"edges {{ node {{ {inner} }} }}", items),
    min_size=1,
    max_size=2,
).map(" ".join)


class Written:
    """The price of a text, by writing it out."""

    def __init__(self, document: Document) -> None:
        self.fragments = document.fragments

    def price(self, selected: Selections | None, page: int) -> int:
        total = 0
        for node in selected.selections if selected else ():
            if isinstance(node, FragmentSpreadNode):
                total += self.price(self.fragments[node.name.value].selection_set, page)
            elif isinstance(node, FieldNode):
                total += self.field(node, page)
        return total

    def field(self, node: FieldNode, page: int) -> int:
        name, below = node.name.value, node.selection_set
        if name in {"nodes", "edges"}:
            return page * (1 + self.price(below, 20))
        sizes = [int(a.value.value) for a in node.arguments or () if isinstance(a.value, IntValueNode)]
        weight = {"heavy": 50, "sum": 7}.get(name, 0)
        return weight + (1 + self.price(below, sizes[0] if sizes else 20) if below else 0)


@given(items, st.sampled_from(["name", "item { name }", "items(first: 2) { ...P }"]))
@settings(max_examples=25, deadline=None)
def test_a_price_is_that_of_the_document_written_out(body: str, shared: str) -> None:
    fragment = "fragment P on ItemConnection { nodes { name item { name } } }"
    document = Document.of(
        parse(f"{{ {body} ...I items {{ ...P }} }} fragment I on Item {{ {shared} }} {fragment}")
    )
    [operation] = document.operations
    expected = min(MANY, Written(document).price(operation.selection_set, 20))
    assert plan(CORE, document, operation).price({}) == expected


async def test_the_cost_comes_with_the_answer_when_it_is_asked_for(http: httpx.AsyncClient) -> None:
    query = (
        "{ items(first: 3) { nodes { name tags { name } } } best { name } ...F }"
        " fragment F on Query { heavy { name } }"
    )
    for asked in ({"cost": True}, {"cost": True, "other": 1}):
        answer = (await post(http, {"query": query, "extensions": asked})).json()
        requested, actual = 1 + 3 * (1 + 3) + 4 + 51, 1 + 3 * (1 + 2) + 2 + 51
        assert answer["extensions"] == {"cost": {"requested": requested, "limit": 50_000, "actual": actual}}
    nothing: list[dict[str, object]] = [{}, {"cost": False}, {"cost": 1}, {"cost": {}}]
    for other in nothing:
        assert "extensions" not in (await post(http, {"query": query, "extensions": other})).json()
    by_get = await http.get("/graphql", params={"query": "{ name }", "extensions": '{"cost": true}'})
    assert by_get.json()["extensions"]["cost"]["actual"] == 0


async def test_a_refused_operation_tells_its_cost(http: httpx.AsyncClient) -> None:
    query = "query ($n: Int!) { items(first: $n) { nodes { name } } }"
    asked = {"query": query, "variables": {"n": 10**9}, "extensions": {"cost": True}}
    answer = (await post(http, asked)).json()
    assert answer["errors"][0]["extensions"]["found"] == MANY
    assert answer["extensions"] == {"cost": {"requested": MANY, "limit": 50_000}}


def test_the_schema_shows_what_costs_what() -> None:
    text = SCHEMA.as_str()
    assert "directive @cost(weight: Int!) on FIELD_DEFINITION" in text
    assert "heavy: Item! @cost(weight: 50)" in text
    assert "tags: [Tag!]! @listSize(assumed: 3)" in text


@pytest.mark.parametrize(
    "path", sorted((ROOT / "schema" / "operations").glob("*.graphql")), ids=lambda p: p.stem
)
def test_ready_operations_are_well_within_the_defaults(path: Any) -> None:
    limits = DocumentLimits()
    document = documents._document(path.read_text(encoding="utf-8"), limits)
    [operation] = document.operations
    assert plan(build_schema()._schema, document, operation).price({}) <= limits.cost / 2


def test_the_whole_schema_can_be_read_within_half_of_the_defaults() -> None:
    query = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    limits, core = DocumentLimits(), build_schema()._schema
    document = documents._document(query, limits)
    assert graphql.validate(core, document.node) == []
    assert plan(core, document, document.operations[0]).price({}) < limits.cost / 2


async def test_streamed_answers_have_their_cost_too() -> None:
    streams = Streams(Pipeline(SCHEMA), context=lambda *_: None)
    asked = GraphQLRequest("{ heavy { name } }", None, None, reads_only=False, extensions={"cost": True})
    connection = HTTPConnection({"type": "http"})
    [answer] = [each async for each in streams.answers(asked, connection, None)]
    assert answer.body["extensions"] == {"cost": {"requested": 51, "limit": 50_000, "actual": 51}}


PAGE: Final = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_costs_what_the_page_says() -> None:
    [text] = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
    [total] = re.findall(r"\*\*together\*\* \| \*\*(\d+)\*\*", PAGE)
    core = build_schema()._schema
    document = Document.of(parse(text))
    assert graphql.validate(core, document.node) == []
    assert plan(core, document, document.operations[0]).price({}) == int(total)
