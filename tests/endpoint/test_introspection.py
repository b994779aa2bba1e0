"""What introspection costs: as many fields and objects as its answer has, counted without making it."""

from __future__ import annotations

from typing import Any, Final

import graphql
import pytest
from graphql import GraphQLSchema, execute_sync, get_introspection_query, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_api.api.schema import build_schema
from graph_api.endpoint import documents
from graph_api.endpoint.introspection import ENOUGH
from graph_api.endpoint.limits import DocumentLimits
from graph_api.endpoint.measures import MANY, Document
from graph_api.endpoint.plans import plan
from tests.endpoint.limited import CORE, TYPES

WHOLE: Final = get_introspection_query(
    descriptions=True,
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
    one_of=True,
)
API: Final = build_schema()._schema
LEAVES: Final = ("name", "description", "__typename")
ALL: Final = "(includeDeprecated: true)"
INNER: Final[dict[str, dict[str, str]]] = {
    "__Schema": {
        "types": "__Type",
        "queryType": "__Type",
        "mutationType": "__Type",
        "directives": "__Directive",
    },
    "__Type": {
        f"fields{ALL}": "__Field",
        f"inputFields{ALL}": "__InputValue",
        f"enumValues{ALL}": "__EnumValue",
        "interfaces": "__Type",
        "possibleTypes": "__Type",
        "ofType": "__Type",
    },
    "__Field": {f"args{ALL}": "__InputValue", "type": "__Type"},
    "__InputValue": {"type": "__Type"},
    "__Directive": {f"args{ALL}": "__InputValue"},
    "__EnumValue": {},
}


def price(schema: GraphQLSchema, text: str) -> int:
    document = Document.of(parse(text))
    return plan(schema, document, document.operations[0]).price({})


def size(value: Any) -> int:
    """The fields and objects of an answer."""
    if isinstance(value, list):
        return sum(map(size, value))
    return 1 + sum(1 + size(each) for each in value.values()) if isinstance(value, dict) else 0


@st.composite
def selections(draw: st.DrawFn, kind: str, depth: int) -> str:
    """Some fields, each of them once, a few of them by way of a fragment."""
    leaves = draw(
        st.lists(st.sampled_from(LEAVES[kind == "__Schema" :]), min_size=1, max_size=2, unique=True)
    )
    inner = (
        draw(st.lists(st.sampled_from(sorted(INNER[kind]) or [""]), max_size=2, unique=True)) if depth else []
    )
    parts = [f"{name} {draw(selections(INNER[kind][name], depth - 1))}" for name in inner if name]
    wrapped = [f"... on {kind} {{ {part} }}" if draw(st.booleans()) else part for part in parts]
    return f"{{ {' '.join([*leaves, *wrapped])} }}"


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Documents of introspection."""
    if draw(st.booleans()):
        return f"{{ __schema {draw(selections('__Schema', 4))} }}"
    name = draw(st.sampled_from(["Query", "Topic", "Node", "SearchKind", "TopicFilter", "Nobody"]))
    return f'{{ __type(name: "{name}") {draw(selections("__Type", 4))} }}'


@given(texts())
@settings(max_examples=150, deadline=None)
def test_it_costs_what_its_answer_has(text: str) -> None:
    answer = execute_sync(API, parse(text))
    assert answer.errors is None
    [found] = (answer.data or {}).values()
    if isinstance(found, dict):
        assert price(API, text) == size(found)
    else:
        assert price(API, text) >= 1


def test_the_whole_schema_costs_what_it_has_and_no_more_than_half_of_the_default() -> None:
    document = documents._document(WHOLE, DocumentLimits())
    assert graphql.validate(API, document.node) == []
    answer = execute_sync(API, parse(WHOLE))
    assert answer.data is not None
    assert size(answer.data["__schema"]) == price(API, WHOLE) <= DocumentLimits().cost / 2


@pytest.mark.parametrize("schema", [CORE, API])
def test_a_name_that_is_not_known_yet_may_be_any(schema: GraphQLSchema) -> None:
    kinds = len(schema.type_map)
    assert price(schema, "query ($n: String!) { __type(name: $n) { name kind } }") == 1 + 2 * kinds


def test_a_fragment_costs_wherever_it_is_spread() -> None:
    text = "{ __schema { types { ...T } } a: __schema { types { ...T } } } fragment T on __Type { name kind }"
    assert price(CORE, text) == 2 * (1 + 1 + TYPES * 3)


def test_what_leads_to_long_lists_again_and_again_is_dear() -> None:
    """An estimate by the mean length of lists said 704 of this, which took 0.3 s."""
    fields = "fields { name args { name } }"
    deep = f"fields {{ args {{ type {{ ofType {{ {fields} }} }} }} type {{ ofType {{ {fields} }} }} }}"
    text = " ".join(f'a{n}: __type(name: "Query") {{ {deep} }}' for n in range(40))
    answer = execute_sync(API, parse(f"{{ {text} }}"))
    assert price(API, f"{{ {text} }}") == sum(size(each) for each in (answer.data or {}).values())


def test_nobody_counts_for_long() -> None:
    deep = "{ name }"
    for _ in range(8):
        deep = f"{{ fields {{ type {{ ofType {deep} }} }} ofType {deep} }}"
    assert price(API, f"{{ __schema {{ types {deep} }} }}") == MANY
    assert DocumentLimits().cost < ENOUGH < MANY
