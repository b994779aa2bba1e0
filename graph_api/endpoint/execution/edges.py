"""How far an operation looks: how many edges of a kind lie one after another in what it selects."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias, TypeGuard

from graphql import (
    Executor,
    FieldNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.type import is_composite_type

from graph_api.endpoint.execution.values import DECLARED
from graph_api.endpoint.told import knows

FOLLOWS: Final = "follows"
"""The key in the metadata of a field of Strawberry under which it names the kind of its edge."""

Edges: TypeAlias = Counter[str]
"""So many of each kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """How far an operation looks: the most edges of each kind on any way into it, and on any way into what
    it selects of the fields that follow an edge of some kind, `within` those of that kind.

    There is one for all requests of an operation, so whatever is made of it can be kept beside it.
    """

    most: Edges
    within: Mapping[str, Edges]


class Foreseeing(Protocol):
    """A context that wants to know what will be asked for, before anything is."""

    def foresee(self, looks: Looks) -> None:
        """So far looks what is executed with it."""


def is_foreseeing(context: object) -> TypeGuard[Foreseeing]:
    """Whether a context is one of these."""
    return knows(context, "foresee")


def looks(executor: Executor[Any]) -> Looks:
    """How far the operation looks.

    O(length of the document): each fragment is looked through once.
    """
    schema, operation = executor.schema, executor.operation
    root = schema.get_root_type(operation.operation)
    assert root is not None  # noqa: S101 - it is executed
    fragments = {
        name: (schema.type_map[each.type_condition.name.value], each.selection_set)
        for name, each in executor.fragment_definitions.items()
    }
    counting = _Counting(schema, fragments)
    return Looks(counting.of(root, operation.selection_set), counting.within)


class _Counting:
    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, tuple[GraphQLNamedType, SelectionSetNode]]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._counted: dict[str, Edges] = {}
        self.within: defaultdict[str, Edges] = defaultdict(Edges)

    def of(self, kind: GraphQLNamedType, selected: SelectionSetNode) -> Edges:
        most = Edges()
        for node in selected.selections:
            most |= self._of_node(kind, node)
        return most

    def _of_node(self, kind: GraphQLNamedType, node: SelectionNode) -> Edges:
        match node:
            case FieldNode(selection_set=selected) if selected is not None:
                return self._of_field(kind, node, selected)
            case InlineFragmentNode(type_condition=condition, selection_set=selected):
                return self.of(self._schema.type_map[condition.name.value] if condition else kind, selected)
            case FragmentSpreadNode(name=name):
                return self._of_fragment(name.value)
        return Edges()

    def _of_fragment(self, name: str) -> Edges:
        if name not in self._counted:
            self._counted[name] = self.of(*self._fragments[name])
        return self._counted[name]

    def _of_field(self, kind: GraphQLNamedType, node: FieldNode, selected: SelectionSetNode) -> Edges:
        definition = self._schema.get_field(kind, node.name.value) if is_composite_type(kind) else None
        if definition is None:
            return Edges()
        inside = self.of(get_named_type(definition.type), selected)
        edge = getattr(definition.extensions.get(DECLARED), "metadata", {}).get(FOLLOWS)
        if edge is None:
            return inside
        self.within[edge] |= inside
        return inside + Edges([edge])
