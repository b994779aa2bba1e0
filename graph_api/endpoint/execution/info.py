"""What a resolver is told, made when it asks."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from graphql import Executor, GraphQLResolveInfo
from strawberry import Info
from strawberry.types.field import StrawberryField

from graph_api.endpoint.execution.field import Field, Place


class LazyInfo(Info[Any, Any]):
    """Strawberry's info: most resolvers want nothing of it but the context."""

    def __init__(
        self, executor: Executor[Any], field: Field, place: Place, declared: StrawberryField
    ) -> None:
        self._executor = executor
        self._planned = field
        self._place = place
        self._field = declared

    @cached_property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override]  # an attribute there
        return self._planned.info(self._executor, self._place)

    @property
    def context(self) -> Any:
        """The context passed to the query execution."""
        return self._executor.context_value
