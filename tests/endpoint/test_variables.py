"""Values of variables: taken as they are or coerced, they come to what graphql-core makes of them."""

from __future__ import annotations

import gc
from itertools import product
from typing import Any, Final

import pytest
from graphql import (
    ExecutionResult,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute,
    get_variable_values,
    parse,
)
from graphql.execution.values import VariableValueSource

from graph_api.endpoint.execution import PlannedExecutor, variables
from graph_api.endpoint.execution.variables import variables_of

SCHEMA: Final[GraphQLSchema] = build_schema(
    "input Given { text: String, id: ID, whole: Int, number: Float, flag: Boolean } enum Colour { RED } "
    "scalar Any type Query { echo: String }"
)
TYPES: Final = ("String", "ID", "Int", "Float", "Boolean", "Colour", "Given", "Any")
VALUES: Final[tuple[Any, ...]] = (
    *(None, "text", "", "RED", "12", 0, 7, -(2**31), 2**31, 2**60, 1.0, 0.5, float("inf"), float("nan")),
    *(True, False, [], ["a", "b"], ["a", None], [1, 2], [1, True], [True, False], [None], [["a"]], ("a",)),
    *({"text": "a"}, {"other": 1}, {}, [{"text": "a"}]),
)
FORMS: Final = ("{}", "{}!", "[{}]", "[{}!]!", "[[{}]]", "{} = null")


def operation(declared: str) -> tuple[Any, OperationDefinitionNode]:
    document = parse(f"query ({declared}) {{ echo }}")
    [node] = document.definitions
    assert isinstance(node, OperationDefinitionNode)
    return document, node


def told(source: tuple[str, VariableValueSource]) -> str:
    name, (signature, value) = source
    return repr((name, signature.name, signature.type, signature.default is None, value))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", TYPES)
def test_what_is_taken_as_it_is_is_what_graphql_core_makes_of_it(kind: str, form: str) -> None:
    document, node = operation(f"$it: {form.format(kind)}")
    found = variables_of(SCHEMA, document, None)
    assert found is not None
    for given in ({}, *({"it": value} for value in VALUES)):
        values = found.values(given)
        expected = get_variable_values(SCHEMA, node.variable_definitions or (), given)
        if values is not None:
            assert not isinstance(expected, list)
            assert repr(values.coerced) == repr(expected.coerced)
            assert [told(each) for each in values.sources.items()] == [
                told(each) for each in expected.sources.items()
            ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *product(("String!", "String", "ID", "[ID!]!"), ["text"]),
        *product(("[ID!]!", "[ID]", "[String!]"), [["a", "b"]]),
        *product(("Int", "Int!"), [0, 2**31 - 1]),
        *product(("Boolean", "Boolean!"), [True]),
        *product(("String", "Int", "Boolean", "[ID!]"), [None]),
    ],
)
def test_usual_values_are_taken_as_they_are(kind: str, value: Any) -> None:
    document, _ = operation(f"$it: {kind}")
    found = variables_of(SCHEMA, document, None)
    assert found is not None
    taken = found.values({"it": value})
    assert (taken is not None) == (isinstance(value, list) or not kind.startswith("[") or value is None)
    assert taken is None or taken.coerced == {"it": value}


def test_a_list_is_not_the_clients_own() -> None:
    document, _ = operation("$it: [ID!]!")
    found, given = variables_of(SCHEMA, document, None), ["a"]
    assert found is not None
    taken = found.values({"it": given})
    assert taken is not None
    assert taken.coerced["it"] is not given


@pytest.mark.parametrize("name", [None, "One", "Other", "Nobody"])
@pytest.mark.parametrize(
    "text",
    [
        "query One($it: Int!) { echo }",
        "query One($it: Int!) { echo } query Other($it: Int) { echo }",
        "query ($it: Int = 3) { ...f } fragment f on Query { echo }",
        "query ($it: Int!, $it: Missing) { echo }",
    ],
)
def test_operations_are_found_and_faults_told_alike(text: str, name: str | None) -> None:
    class Stock(PlannedExecutor):
        planned = False

    for given in ({}, {"it": 1}, {"it": "text"}):
        answers = [
            execute(SCHEMA, parse(text), {"echo": "said"}, None, given, name, executor_class=executor)
            for executor in (PlannedExecutor, Stock)
        ]
        assert all(isinstance(answer, ExecutionResult) for answer in answers)
        assert repr(answers[0]) == repr(answers[1])


def test_they_are_kept_as_long_as_their_document() -> None:
    gc.collect()
    before = len(variables._kept)
    document, _ = operation("$it: Int")
    assert variables_of(SCHEMA, document, None) is variables_of(SCHEMA, document, None)
    assert len(variables._kept) == before + 1
    del document, _
    gc.collect()
    assert len(variables._kept) == before
