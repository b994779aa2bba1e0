"""The executor that follows plans."""

from __future__ import annotations

from typing import Any, ClassVar

from graphql import DocumentNode, GraphQLObjectType, GraphQLSchema, OperationType
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.type.definition import GraphQLResolveInfoHelpers

from graph_api.endpoint.execution.edges import is_foreseeing
from graph_api.endpoint.execution.field import Field
from graph_api.endpoint.execution.parts import Making, Spelled
from graph_api.endpoint.execution.plan import plans_of
from graph_api.endpoint.execution.resolving import Kept
from graph_api.endpoint.execution.selection import select, select_serially
from graph_api.endpoint.execution.variables import variables_of
from graph_api.endpoint.pieces import InPieces


class PlannedExecutor(InPieces):
    """Executes operations by plans that are kept with their documents; with `planned` False, without."""

    planned: ClassVar[bool] = True
    kept: Kept
    parts: Making | None = None
    spelled: Spelled
    late: set[Field]
    """The fields that gave something to await when they were asked of many objects at once."""

    @classmethod
    def build(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *settings: Any,
        **named: Any,
    ) -> Any:
        """The executor, or the errors in the values of variables; usual values are taken as they are."""
        variables = variables_of(schema, document, operation_name) if cls.planned else None
        values = None if variables is None else variables.values(raw_variable_values or {})
        if variables is None or values is None:
            every = (root_value, context_value, raw_variable_values, operation_name, *settings)
            return super().build(schema, document, *every, **named)
        every = (root_value, context_value, None, operation_name, *settings)
        made: Any = super().build(schema, variables.document, *every, **named)
        made.operation, made.variable_values = variables.operation, values
        return made

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """What resolvers may use to wait for others; made when it is asked for.

        To keep it is a circle, which would leave each request, with all it has read, to the collector of
        garbage.
        """
        return GraphQLResolveInfoHelpers(gather=self.gather_async_work, track=self.track_async_work)

    @async_helpers.setter
    def async_helpers(self, _: GraphQLResolveInfoHelpers) -> None:
        pass

    def execute_root_grouped_field_set(
        self,
        root_type: GraphQLObjectType,
        root_value: Any,
        grouped_field_set: GroupedFieldSet,
        serially: bool,
        position_context: Any,
    ) -> Any:
        """The data, or an awaitable of it. Raises the GraphQLError of a root that is null."""
        if not self._plannable:
            return super().execute_root_grouped_field_set(
                root_type, root_value, grouped_field_set, serially, position_context
            )
        self.kept = {}
        self.late = set()
        self.parts = None
        if self.operation.operation is OperationType.QUERY:
            self.parts = Making.of(self.schema, self.context_value, self.variable_values.coerced)
        plans = plans_of(self)
        if is_foreseeing(self.context_value):
            self.context_value.foresee(plans.looks)
        self.spelled = plans.spelled
        plan = plans.plan(self, root_type, grouped_field_set)
        return (select_serially if serially else select)(plan, self, root_value, None)

    @property
    def _plannable(self) -> bool:
        surrounded = self.middleware_manager is not None and self.middleware_manager.middlewares
        return self.planned and self.abort_signal is None and not surrounded and plans_of(self).usual
