"""How the plan of an operation's cost is made, of its document and of what the schema declares."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from graph_api.endpoint.cost import ASSUMED, PAGE, Field, Part, Plan, Size, Spread
from graph_api.endpoint.introspection import introspection_cost
from graph_api.endpoint.measures import INTROSPECTION, MANY, Document

_WITH_FIELDS: Final = (GraphQLObjectType, GraphQLInterfaceType)
_SLICES: Final = ("first", "last")
_DIGITS: Final = 10
"""No Int has more, with its sign."""


def plan(schema: GraphQLSchema, document: Document, operation: OperationDefinitionNode) -> Plan:
    """The plan of an operation of a valid document."""
    maker = _Maker(schema, connections(schema), document.fragments)
    root = schema.get_root_type(operation.operation)
    assert root is not None  # noqa: S101 - the document is valid
    fragments = {
        name: maker.parts(schema.type_map[each.type_condition.name.value], each.selection_set)
        for name, each in document.fragments.items()
    }
    defaults = {
        each.variable.name.value: _constant(each.default_value)
        for each in operation.variable_definitions or ()
    }
    return Plan(maker.parts(root, operation.selection_set), fragments, defaults)


@lru_cache(maxsize=8)
def connections(schema: GraphQLSchema) -> frozenset[str]:
    """The types that hold a page: given by a field with `first` or `last` that gives no list itself."""
    return frozenset(
        get_named_type(field.type).name
        for kind in schema.type_map.values()
        if isinstance(kind, _WITH_FIELDS)
        for field in kind.fields.values()
        if _is_sliced(field) and not _is_list(field)
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    schema: GraphQLSchema
    connections: frozenset[str]
    fragments: Mapping[str, FragmentDefinitionNode]

    def parts(self, kind: GraphQLNamedType, selected: SelectionSetNode | None) -> tuple[Part, ...]:
        """What is selected of a type; of introspection nothing, which is counted where it begins."""
        inside = kind.name.startswith("__")
        return tuple(self._parts(kind, selected)) if selected and not inside else ()

    def _parts(self, kind: GraphQLNamedType, selected: SelectionSetNode) -> Iterator[Part]:
        for node in selected.selections:
            if isinstance(node, FragmentSpreadNode):
                yield Spread(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                yield from self._parts(
                    self.schema.type_map[condition.name.value] if condition else kind, node.selection_set
                )
            elif isinstance(node, FieldNode) and (part := self._field(kind, node)):
                yield part

    def _field(self, kind: GraphQLNamedType, node: FieldNode) -> Field | None:
        key, name = (node.alias or node.name).value, node.name.value
        if name in INTROSPECTION:
            weight = introspection_cost(self.schema, self.fragments, node)
            return Field(key, weight=weight, is_object=True, counted=Size(default=1), pages=None, below=())
        if name == "__typename":
            return None
        field = cast("GraphQLObjectType | GraphQLInterfaceType", kind).fields[name]
        target = get_named_type(field.type)
        pages = _slice(field, node) if _is_sliced(field) else None
        return Field(
            key,
            weight=getattr(_declared(field, "cost"), "weight", 0),
            is_object=is_composite_type(target),
            counted=pages if pages and _is_list(field) else self._counted(kind, field, node),
            pages=pages,
            below=self.parts(target, node.selection_set),
        )

    def _counted(self, kind: GraphQLNamedType, field: GraphQLField, node: FieldNode) -> Size | None:
        """How many objects a field gives that is not read in pages."""
        if not _is_list(field):
            return Size(default=1)
        declared = _declared(field, "listSize")
        if declared is not None:
            return Size(_given(node, (declared.by,)), declared.assumed)
        return None if kind.name in self.connections else Size(default=ASSUMED)


def _slice(field: GraphQLField, node: FieldNode) -> Size:
    return Size(_given(node, _SLICES), _default(field))


def _given(node: FieldNode, names: Container[str | None]) -> tuple[int | str, ...]:
    """What the arguments of these names are given: numbers, lengths of lists, and names of variables."""
    given: list[int | str] = []
    for value in [said.value for said in node.arguments or () if said.name.value in names]:
        if isinstance(value, IntValueNode):
            given.append(_number(value))
        elif isinstance(value, ListValueNode):
            given.append(len(value.values))
        elif isinstance(value, VariableNode):
            given.append(value.name.value)
    return tuple(given)


def _constant(node: ValueNode | None) -> object:
    """A value that sizes may be made of."""
    if isinstance(node, ListValueNode):
        return [None] * len(node.values)
    return _number(node) if isinstance(node, IntValueNode) else None


def _number(node: IntValueNode) -> int:
    """The number; of one that is too long for an Int, many."""
    return int(node.value) if len(node.value) <= _DIGITS else MANY


def _default(field: GraphQLField) -> int:
    for name in _SLICES:
        default = getattr(field.args.get(name), "default_value", None)
        if isinstance(default, int):
            return default
    return PAGE


def _is_sliced(field: GraphQLField) -> bool:
    return any(name in field.args for name in _SLICES)


def _is_list(field: GraphQLField) -> bool:
    kind = field.type
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


def _declared(field: GraphQLField, directive: str) -> Any:
    """A directive of the schema on a field, or None; Strawberry keeps it with the field's own definition."""
    definition = field.extensions.get("strawberry-definition")
    for each in getattr(definition, "directives", None) or ():
        described = type(each).__strawberry_directive__
        if (described.graphql_name or described.python_name) == directive:
            return each
    return None
