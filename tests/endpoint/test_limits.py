"""The limits of documents, each at it and one past it; what is measured, and what an operation costs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, Final

import graphql
import httpx
import pytest
import strawberry
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_introspection_query,
    parse,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route
from strawberry.extensions import SchemaExtension

from graph_api.api.connection import Connection, Edge, First, Last
from graph_api.api.cost import Cost, ListSize
from graph_api.api.schema import Schema, build_schema
from graph_api.app import graphql as app
from graph_api.endpoint import documents
from graph_api.endpoint.documents import Extension, cost_of, extensions
from graph_api.endpoint.events import EventExecutor, Starts
from graph_api.endpoint.http import GraphQLEndpoint
from graph_api.endpoint.limits import DocumentLimits, LimitExceeded, list_entries
from graph_api.endpoint.measures import INTROSPECTION, MANY, Document, Measures
from graph_api.endpoint.plans import plan
from graph_api.endpoint.request import GraphQLRequest
from graph_api.endpoint.streams import Streams
from graph_api.endpoint.tokens import Verifier
from graph_api.settings import Settings
from graph_api.store.page import Entry, Slice
from tests.conftest import ROOT
from tests.endpoint.conftest import over, post

Selections = SelectionSetNode


@strawberry.enum
class Colour(Enum):
    SCARLET = "scarlet"


@strawberry.input
class Filter:
    colour: Colour | None = None


@strawberry.type
class Tag:
    name: str = "tag"


@strawberry.type
class Item:
    @strawberry.field
    def name(self) -> str:
        return "item"

    @strawberry.field
    def item(self) -> Item:
        return Item()

    @strawberry.field(directives=[Cost(weight=50)])  # type: ignore[untyped-decorator]  # as in api/
    def heavy(self) -> Item:
        return Item()

    @strawberry.field(directives=[Cost(weight=7)])  # type: ignore[untyped-decorator]  # as in api/
    def sum(self, of: list[int], only: Filter | None = None, colour: Colour | None = None) -> int:
        return 0 if only or colour else sum(of)

    @strawberry.field(directives=[ListSize(assumed=3)])  # type: ignore[untyped-decorator]  # as in api/
    def tags(self) -> list[Tag]:
        return [Tag(), Tag()]

    @strawberry.field(directives=[ListSize(by="ids")])  # type: ignore[untyped-decorator]  # as in api/
    def each(self, ids: list[int]) -> list[Item]:
        return [Item() for _ in ids]

    @strawberry.field
    def best(self, first: int = 4) -> list[Item]:
        return [Item() for _ in range(min(first, 2))]

    @strawberry.field
    def items(self, first: First = None, last: Last = None) -> ItemConnection:
        entries = tuple(Entry(Item(), str(number)) for number in range(first or last or 20))
        part = Slice(entries, has_previous=False, has_next=False)
        return ItemConnection.of(part, lambda entry: ItemEdge(cursor=entry.cursor, node=entry.value), int)


@strawberry.type
class ItemEdge(Edge[Item]):
    pass


@strawberry.type
class ItemConnection(Connection[Item, ItemEdge]):
    pass


@strawberry.type
class Query(Item):
    pass


def schema_of(limits: DocumentLimits, *more: Extension, introspection: bool = True) -> Schema:
    return Schema(query=Query, extensions=[*extensions(introspection=introspection, limits=limits), *more])


SCHEMA: Final = schema_of(DocumentLimits())
CORE: Final = SCHEMA._schema
TYPES: Final = len(CORE.type_map)


def served(limits: DocumentLimits, *more: Extension, introspection: bool = True) -> httpx.AsyncClient:
    schema = schema_of(limits, *more, introspection=introspection)
    endpoint = GraphQLEndpoint(schema, context=lambda *_: None, identify=Verifier(None).identify)
    return over(Starlette(routes=[Route("/graphql", endpoint)]))


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with served(DocumentLimits()) as client:
        yield client


EDGES: Final = [
    ("source_length", 20, "{ name }" + " " * 12, "{ name }" + " " * 13),
    ("tokens", 5, "{ name name name }", "{ name name name name }"),
    ("tokens", 3, "#\n#\n#\n{ name }", "#\n#\n#\n#\n{ name }"),
    ("depth", 3, "{ item { item { name } } }", "{ item { item { item { name } } } }"),
    ("aliases", 2, "{ a: name b: name name }", "{ a: name b: name c: name }"),
    ("root_fields", 2, "{ name item { name sum(of: []) } }", "{ name item { name } heavy { name } }"),
    (
        "directives",
        2,
        "{ name @skip(if: false) ... @include(if: true) { name } }",
        "{ name @skip(if: false) @include(if: true) ... @include(if: true) { name } }",
    ),
    (
        "fields",
        4,
        "{ ...F ...F } fragment F on Query { item { name } }",
        "{ ...F ...F name } fragment F on Query { item { name } }",
    ),
    (
        "fragments",
        3,
        "{ ...F } fragment F on Query { ...G ...G } fragment G on Query { name }",
        "{ ...F ...G } fragment F on Query { ...G ...G } fragment G on Query { name }",
    ),
    (
        "repeats",
        4,
        "{ item { name } ... { item { name } } heavy { name name } a: heavy { name name } }",
        "{ item { name } ... { item { name name } } name name }",
    ),
    (
        "introspection_depth",
        3,
        "{ __schema { types { name } } }",
        '{ __type(name: "Item") { fields { type { name } } } }',
    ),
    (
        "list_entries",
        3,
        "{ sum(of: [1, 2]) a: sum(of: [3]) }",
        "{ sum(of: [1, 2]) a: sum(of: [3, 4]) }",
    ),
    ("cost", 10, "{ items(first: 9) { nodes { name } } }", "{ items(first: 10) { nodes { name } } }"),
]


@pytest.mark.parametrize(("limit", "allowed", "at", "past"), EDGES)
async def test_a_document_at_a_limit_is_answered_and_one_past_it_is_told_which(
    limit: str, allowed: int, at: str, past: str
) -> None:
    async with served(replace(DocumentLimits(), **{limit: allowed})) as http:
        answer = (await post(http, {"query": at})).json()
        assert answer.keys() == {"data"}
        response = await post(http, {"query": past}, accept="application/graphql-response+json")
    assert response.status_code == 400
    [error] = response.json()["errors"]
    found = error["extensions"].pop("found")
    assert found is None if limit == "tokens" else found > allowed
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": limit, "allowed": allowed}
    assert str(allowed) in error["message"]
    assert response.json().keys() == {"errors"}


def test_every_limit_has_a_setting_and_the_same_default() -> None:
    assert app._document_limits(Settings.read()) == DocumentLimits()
    assert {limit for limit, *_ in EDGES} == {*DocumentLimits.__dataclass_fields__}


async def test_lists_of_variables_count_with_those_of_the_document() -> None:
    query = "query ($n: [Int!]!) { sum(of: $n) a: sum(of: [1]) }"
    async with served(replace(DocumentLimits(), list_entries=3)) as http:
        at = await post(http, {"query": query, "variables": {"n": [1, 2]}})
        assert at.json() == {"data": {"sum": 3, "a": 1}}
        past = await post(http, {"query": query, "variables": {"n": [1, 2, 3]}})
    assert past.json()["errors"][0]["extensions"]["found"] == 4


def test_lists_are_counted_wherever_they_are() -> None:
    nested = {"a": [{"b": [[1], [2]]}, {"c": {"d": [3]}}]}
    assert list_entries(nested, DocumentLimits(), besides=5) == 5 + 2 + 2 + 1 + 1 + 1
    with pytest.raises(LimitExceeded):
        list_entries(nested, DocumentLimits(list_entries=6))
    assert list_entries(None, DocumentLimits()) == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "spread itself"),
        ("{ ...A } fragment A on Query { item { ...A } }", "spread itself"),
        ("{ name } fragment A on Query { name }", "never used"),
        ("{ ...A } fragment A on Query { name } fragment A on Query { name }", "only one fragment"),
        ("{ ...A }", 'Unknown fragment "A"'),
    ],
)
async def test_fragments_that_are_not_as_they_must_be_are_refused(
    http: httpx.AsyncClient, text: str, sentence: str
) -> None:
    [error] = (await post(http, {"query": text})).json()["errors"]
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert sentence.replace('"', "'") in error["message"].replace('"', "'")


# What is measured by looking once at each fragment is what stands there once all of them are written out.

leaf = st.sampled_from(["name", "x: name", "name @skip(if: true)", "sum(of: [1, 2])", "sum(of: [[1], 2])"])


def selections(below: int) -> st.SearchStrategy[str]:
    """A selection set that spreads only fragments with a greater number."""
    spreads = st.sampled_from([f"...F{number}" for number in range(below, 4)] or ["name"])
    return st.recursive(
        leaf | spreads,
        lambda inner: st.builds(
            lambda head, parts: f"{head} {{ {' '.join(parts)} }}",
            st.sampled_from(["item", "y: item", "__schema", "...", "... @include(if: true)", "item @a"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        max_leaves=5,
    )


texts = st.builds(
    lambda operation, *fragments: " ".join(
        [
            f"query Q($v: [Int] = [1]) @d {{ {operation} ...F0 ...F1 ...F2 ...F3 }}",
            *(f"fragment F{number} on Query {{ {body} }}" for number, body in enumerate(fragments)),
        ]
    ),
    *(selections(number) for number in range(5)),
)


class Expanded:
    """The measures of a text, by writing it out."""

    def __init__(self, text: str) -> None:
        self.node = parse(text)
        self.fragments = {
            each.name.value: each
            for each in self.node.definitions
            if isinstance(each, graphql.FragmentDefinitionNode)
        }
        [operation] = [each for each in self.node.definitions if isinstance(each, OperationDefinitionNode)]
        self.found = Measures(directives=1, list_entries=1)
        self.walk(operation.selection_set, 0, 0)

    def walk(self, selected: Selections, depth: int, introspection: int) -> None:
        found = self.found
        for node in selected.selections:
            found.directives += len(node.directives or ())
            if isinstance(node, FragmentSpreadNode):
                found.fragments += 1
                fragment = self.fragments[node.name.value]
                self.walk(fragment.selection_set, depth, introspection)
            elif isinstance(node, InlineFragmentNode):
                self.walk(node.selection_set, depth, introspection)
            elif isinstance(node, FieldNode):
                inside = introspection or node.name.value in INTROSPECTION
                self.see(node, depth + 1, introspection + 1 if inside else 0)

    def see(self, node: FieldNode, depth: int, introspection: int) -> None:
        found = self.found
        found.fields += 1
        found.root_fields += depth == 1
        found.aliases += node.alias is not None
        found.nesting = max(found.nesting, depth)
        if introspection:
            found.introspection_depth = max(found.introspection_depth, introspection)
        else:
            found.depth = max(found.depth, depth)
        for said in node.arguments or ():
            if isinstance(said.value, graphql.ListValueNode):
                found.list_entries += len(said.value.values)
                inner = [each for each in said.value.values if isinstance(each, graphql.ListValueNode)]
                found.list_entries += sum(len(each.values) for each in inner)
        if node.selection_set:
            self.walk(node.selection_set, depth, introspection)


@given(texts)
@settings(max_examples=60, deadline=None)
def test_measures_are_those_of_the_document_written_out(text: str) -> None:
    expanded = Expanded(text)
    assert Document.of(expanded.node).measures == expanded.found


def test_many_is_the_most_that_is_counted() -> None:
    pairs = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(200)]
    text = " ".join(["{ ...F0 }", *pairs, "fragment F200 on Query { item { name } }"])
    measures = Document.of(parse(text)).measures
    assert measures.fields == measures.fragments == MANY
    assert measures.depth == 2


def test_the_greatest_operation_counts_and_the_fields_of_all() -> None:
    text = "query A { item { name } } query B { name a: name } mutation C { x }"
    measures = Document.of(parse(text)).measures
    assert (measures.depth, measures.root_fields, measures.fields, measures.aliases) == (2, 2, 5, 1)


# Cost.


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
        ("{ __schema { types { name } } }", 1 + TYPES * 2),
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


async def test_other_extensions_know_the_cost_before_the_operation_is_executed() -> None:
    seen: list[int | None] = []

    class Look(SchemaExtension):
        def look(self) -> None:
            priced = cost_of(self.execution_context)
            seen.append(None if priced is None else priced.requested)

        async def on_parse(self) -> AsyncIterator[None]:
            self.look()
            yield

        async def on_execute(self) -> AsyncIterator[None]:
            self.look()
            yield

    async with served(DocumentLimits(), Look) as http:
        await post(http, {"query": "{ heavy { name } }"})
    assert seen == [None, 51]


def test_the_schema_shows_what_costs_what() -> None:
    text = SCHEMA.as_str()
    assert "directive @cost(weight: Int!) on FIELD_DEFINITION" in text
    assert "heavy: Item! @cost(weight: 50)" in text
    assert "tags: [Tag!]! @listSize(assumed: 3)" in text


# What the defaults let through.


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


def test_introspection_many_times_over_is_too_dear() -> None:
    fields = "{ name description args { name description } type { name } }"
    text = " ".join(f"a{n}: fields {fields}" for n in range(44))
    core = build_schema()._schema
    document = documents._document(f"{{ __schema {{ types {{ {text} }} }} }}", DocumentLimits())
    assert plan(core, document, document.operations[0]).price({}) > DocumentLimits().cost


GUESSES: Final = [
    ("{ nam }", None),
    ("{ item { nmae } }", None),
    ("{ sum(off: [1], of: [1]) }", None),
    ("{ sum(of: [1], colour: SCARLETT) }", None),
    ("{ sum(of: [1], only: {color: SCARLET}) }", None),
    ("{ ... on Itemm { name } }", None),
    ("query ($v: Colou) { sum(of: [1], colour: $v) }", None),
    ("query ($v: Colour) { sum(of: [1], colour: $v) }", {"v": "SCARLETT"}),
    ("query ($v: Filter) { sum(of: [1], only: $v) }", {"v": {"color": None}}),
]


@pytest.mark.parametrize(("query", "variables"), GUESSES)
async def test_errors_suggest_nothing_of_a_schema_that_cannot_be_read(
    http: httpx.AsyncClient, query: str, variables: dict[str, object] | None
) -> None:
    asked = {"query": query, "variables": variables}
    helpful = (await post(http, asked)).json()["errors"]
    async with served(DocumentLimits(), introspection=False) as closed:
        terse = (await post(closed, asked)).json()["errors"]
    assert any("Did you mean" in error["message"] for error in helpful)
    assert terse
    assert not any("Did you mean" in error["message"] for error in terse)
    codes = [error["extensions"]["code"] for error in terse]
    assert codes == ["GRAPHQL_VALIDATION_FAILED" if variables is None else "BAD_USER_INPUT"] * len(codes)


def test_a_refusal_is_an_error_like_any_other() -> None:
    with pytest.raises(LimitExceeded, match="Past the limit of root fields: 2 at the most, not 3"):
        DocumentLimits(root_fields=2).check("root_fields", 3)
    assert not isinstance(LimitExceeded("depth", allowed=1), GraphQLError)


# The page about all this.

PAGE: Final = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")


def test_the_page_has_every_limit_with_its_default() -> None:
    rows = re.findall(r"^\| `(MAX_\w+)` \| (\d+) \| (?:`(\w+)`)? ?\|", PAGE, re.MULTILINE)
    defaults = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    assert {name: int(default) for name, default, _ in rows} == {name: defaults[name] for name, *_ in rows}
    assert {limit for _, _, limit in rows} - {""} == {*DocumentLimits.__dataclass_fields__}


def test_the_example_of_the_page_costs_what_the_page_says() -> None:
    [text] = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
    [total] = re.findall(r"\*\*together\*\* \| \*\*(\d+)\*\*", PAGE)
    core = build_schema()._schema
    document = Document.of(parse(text))
    assert graphql.validate(core, document.node) == []
    assert plan(core, document, document.operations[0]).price({}) == int(total)


async def test_streamed_answers_have_their_cost_too() -> None:
    schema = Schema(
        query=Query,
        extensions=[*extensions(introspection=True), Starts],
        execution_context_class=EventExecutor,
    )
    streams = Streams(schema, context=lambda *_: None)
    asked = GraphQLRequest("{ heavy { name } }", None, None, reads_only=False, extensions={"cost": True})
    connection = HTTPConnection({"type": "http"})
    [answer] = [each async for each in streams.answers(asked, connection, None)]
    assert answer.body["extensions"] == {"cost": {"requested": 51, "limit": 50_000, "actual": 51}}
