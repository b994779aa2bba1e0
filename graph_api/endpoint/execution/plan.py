"""Plans of operations, kept as long as their documents are."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

from graphql import (
    DirectiveNode,
    Executor,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution.collect_fields import GroupedFieldSet

from graph_api.endpoint.execution.beside import Beside
from graph_api.endpoint.execution.edges import looks
from graph_api.endpoint.execution.field import Step
from graph_api.endpoint.execution.parts import Spelled
from graph_api.endpoint.execution.selection import steps

VARIANTS: Final = 4
"""So many plans of an operation are kept: one for each set of fields that @skip and @include leave of it."""

_SWITCHES: Final = frozenset({"skip", "include"})
_INCREMENTAL: Final = frozenset({"defer", "stream"})


class Plans:
    """The plans of one operation of a document, by the variables that switch its fields on and off.

    `usual` is False for what graphql-core alone can execute; `looks` says how far the operation looks.
    """

    def __init__(self, executor: Executor[Any]) -> None:
        self.schema: GraphQLSchema = executor.schema
        fragments = executor.fragment_definitions.values()
        sets = [executor.operation.selection_set, *(each.selection_set for each in fragments)]
        directives = _directives(sets)
        incremental = any(each.name.value in _INCREMENTAL for each in directives)
        self.usual = not incremental and not any(each.variable_definitions for each in fragments)
        self._switches = sorted({name for each in directives for name in _variables(each)})
        self.spelled = Spelled(executor.operation, fragments)
        self.looks = looks(executor)
        self._made: dict[Hashable, tuple[Step, ...]] = {}

    def plan(
        self, executor: Executor[Any], root: GraphQLObjectType, fields: GroupedFieldSet
    ) -> tuple[Step, ...]:
        """What to do for these fields of the root type; `fields` are those that the variables leave."""
        coerced = executor.variable_values.coerced
        variant = tuple(map(coerced.get, self._switches))
        found = self._made.get(variant)
        if found is None:
            if len(self._made) >= VARIANTS:
                del self._made[next(iter(self._made))]
            found = self._made[variant] = steps(executor, root, fields)
        return found


_kept: Final[Beside[Plans]] = Beside()


def plans_of(executor: Executor[Any]) -> Plans:
    """The plans of the operation that is executed."""
    found = _kept.get(executor.operation)
    if found is None or found.schema is not executor.schema:
        found = Plans(executor)
        _kept.keep(executor.operation, found)
    return found


def _directives(sets: list[SelectionSetNode]) -> list[DirectiveNode]:
    """All directives in these selection sets and in those inside of them."""
    found: list[DirectiveNode] = []
    while sets:
        for node in sets.pop().selections:
            found += node.directives or ()
            inner = getattr(node, "selection_set", None)
            if inner is not None:
                sets.append(inner)
    return found


def _variables(directive: DirectiveNode) -> list[str]:
    """The variables that a @skip or @include asks."""
    if directive.name.value not in _SWITCHES:
        return []
    values = [each.value for each in directive.arguments or ()]
    return [value.name.value for value in values if isinstance(value, VariableNode)]
