"""Rules that every type of the schema keeps, and the files that tell it to the outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    parse,
    validate,
)

from graph_api.api.schema import build_schema
from graph_api.knowledge.change import Document
from graph_api.store.session import Database
from tests.conftest import ROOT, Client, seed

STRAWBERRY = build_schema()
SCHEMA: GraphQLSchema = STRAWBERRY._schema
OWN = [
    each
    for name, each in SCHEMA.type_map.items()
    if not name.startswith("__") and name not in {"String", "Int", "Float", "Boolean", "ID"}
]
OPERATIONS = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "schema" / "operations").glob("*.graphql"))
}

MAY_HOLD_NULLS = {"Query.nodes"}
"""A client that asks for ids must see which of them are gone."""

NULLABLE_LISTS = {"Query.search(kinds)"}
"""Arguments: left out, all kinds are searched."""


def described() -> Iterator[tuple[str, str | None]]:
    """Everything that can have a description."""
    for each in OWN:
        yield each.name, each.description
        if isinstance(each, GraphQLEnumType):
            yield from ((f"{each.name}.{name}", value.description) for name, value in each.values.items())
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in each.fields.items():
                yield f"{each.name}.{name}", field.description
                yield from (
                    (f"{each.name}.{name}({argument})", said.description)
                    for argument, said in field.args.items()
                )
        if isinstance(each, GraphQLInputObjectType):
            yield from ((f"{each.name}.{name}", field.description) for name, field in each.fields.items())
    yield from ((f"@{each.name}", each.description) for each in SCHEMA.directives)


def typed() -> Iterator[tuple[str, object]]:
    """Every field, argument and input field with its type."""
    for each in OWN:
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in each.fields.items():
                yield f"{each.name}.{name}", field.type
                yield from (
                    (f"{each.name}.{name}({argument})", said.type) for argument, said in field.args.items()
                )
        if isinstance(each, GraphQLInputObjectType):
            yield from ((f"{each.name}.{name}", field.type) for name, field in each.fields.items())


def connections() -> list[GraphQLObjectType]:
    return [each for each in OWN if isinstance(each, GraphQLObjectType) and each.name.endswith("Connection")]


def test_everything_has_a_description_that_is_a_sentence() -> None:
    entries = dict(described())
    assert len(entries) > 200
    assert {name for name, text in entries.items() if not text or not text.strip()} == set()
    fragments = {name for name, text in entries.items() if text and not text.rstrip().endswith((".", "`"))}
    assert fragments <= {"Date", "DateTime"}, "Strawberry's own words for a date"


def test_lists_are_never_null_and_hold_no_nulls() -> None:
    nullable, holding = set(), set()
    for name, kind in typed():
        outer = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if not isinstance(outer, GraphQLList):
            continue
        if outer is kind:
            nullable.add(name)
        if not isinstance(outer.of_type, GraphQLNonNull):
            holding.add(name)
    assert nullable == NULLABLE_LISTS
    assert holding == MAY_HOLD_NULLS


def test_every_connection_has_nodes_edges_page_info_and_total_count() -> None:
    found = connections()
    assert len(found) >= 5
    for each in found:
        kinds = {name: str(field.type) for name, field in each.fields.items()}
        edge = get_named_type(each.fields["edges"].type)
        assert isinstance(edge, GraphQLObjectType)
        assert str(edge.fields["cursor"].type) == "String!"
        node = get_named_type(edge.fields["node"].type)
        assert (
            kinds.items()
            >= {
                "nodes": f"[{node.name}!]!",
                "edges": f"[{edge.name}!]!",
                "pageInfo": "PageInfo!",
                "totalCount": "Int!",
            }.items()
        ), each.name


def test_every_field_that_gives_a_connection_takes_the_four_arguments() -> None:
    names = {each.name for each in connections()}
    fields = [
        (f"{each.name}.{name}", field)
        for each in OWN
        if isinstance(each, GraphQLObjectType)
        for name, field in each.fields.items()
        if get_named_type(field.type).name in names
    ]
    assert len(fields) >= 8
    for name, field in fields:
        wanted = {"first": "Int", "last": "Int", "after": "String", "before": "String"}
        assert {key: str(said.type) for key, said in field.args.items()}.items() >= wanted.items(), name
        assert isinstance(field.type, GraphQLNonNull), name


def test_every_node_has_the_id_of_its_interface() -> None:
    node = SCHEMA.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    assert {each.name for each in SCHEMA.get_possible_types(node)} == {"Roadmap", "Section", "Topic"}
    assert {name: str(field.type) for name, field in node.fields.items()} == {"id": "ID!"}


def test_every_type_can_be_reached() -> None:
    reachable: set[str] = set()

    def visit(each: GraphQLNamedType) -> None:
        if each.name in reachable:
            return
        reachable.add(each.name)
        for field in getattr(each, "fields", {}).values():
            visit(get_named_type(field.type))
            for said in getattr(field, "args", {}).values():
                visit(get_named_type(said.type))
        for kind in getattr(each, "types", ()):
            visit(kind)
        for kind in getattr(each, "interfaces", ()):
            visit(kind)

    assert SCHEMA.query_type is not None
    for root in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type):
        if root is not None:
            visit(root)
    assert {each.name for each in OWN} - reachable == set()


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    committed = (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")
    assert committed == f"{STRAWBERRY.as_str()}\n"


def test_there_are_ready_operations() -> None:
    assert OPERATIONS


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_ready_operation_is_valid_and_runs_as_it_is(
    name: str, client: Client, database: Database, seed_documents: list[Document]
) -> None:
    text = OPERATIONS[name]
    assert validate(SCHEMA, parse(text)) == []
    await seed(database, seed_documents, name="seed")
    data = await client.as_("editor", subject=f"of {name}").ask(text)
    assert data
    assert all(value is not None for value in data.values()), data
    payloads = [value for value in data.values() if isinstance(value, dict) and "userErrors" in value]
    assert all(payload["userErrors"] == [] for payload in payloads), data


async def test_the_ready_operations_are_offered_to_graphiql(client: Client) -> None:
    offered = (await client.http.get("/graphiql/operations.json")).json()
    assert [one["query"] for one in offered] == [*OPERATIONS.values()]
    assert all(one["name"] and one["title"] for one in offered)
