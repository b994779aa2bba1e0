"""The limits of documents, each at it and one past it, and what is measured."""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

import graphql
import httpx
import pytest
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    parse,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_api.app import graphql as app
from graph_api.endpoint import documents
from graph_api.endpoint.limits import DocumentLimits, LimitExceeded, list_entries
from graph_api.endpoint.measures import INTROSPECTION, MANY, Document, Measures
from graph_api.settings import Settings
from tests.conftest import ROOT
from tests.endpoint.conftest import post
from tests.endpoint.limited import Selections, served


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


PAGE: Final = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")


def test_the_page_has_every_limit_with_its_default() -> None:
    rows = re.findall(r"^\| `(MAX_\w+)` \| (\d+) \| (?:`(\w+)`)? ?\|", PAGE, re.MULTILINE)
    defaults = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    assert {name: int(default) for name, default, _ in rows} == {name: defaults[name] for name, *_ in rows}
    assert {limit for _, _, limit in rows} - {""} == {*DocumentLimits.__dataclass_fields__}


def test_a_document_that_is_not_kept_any_more_leaves_nothing_to_the_collector_of_garbage() -> None:
    gc.disable()
    try:
        node = weakref.ref(documents._document("{ a { b(c: [1, 2]) } }", DocumentLimits()).node)
        documents._document.cache_clear()
        assert node() is None
    finally:
        gc.enable()
