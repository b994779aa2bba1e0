"""A field of a plan: its place in the answer, its errors, and what resolvers are told about it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import Executor, GraphQLField, GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path

if TYPE_CHECKING:
    from graph_api.endpoint.execution.selection import Selection
    from graph_api.endpoint.execution.values import Composite

Place: TypeAlias = "tuple[Place, str | int, str | None] | None"
"""Where a value is: as a Path of graphql-core, but a plain tuple, since nearly nobody ever asks for it."""

Handle: TypeAlias = "Callable[[Executor[Any], Field, Any, Place], Any]"
"""Does something for a field with a value in a place; what it does is the same for all documents."""

Step: TypeAlias = "tuple[str, str | None, type, Handle, Field]"
"""The key of a field; the attribute that is its value, if it is one; the class whose values stand in the
answer as they are; and what makes the answer of others, or of the source where the field is no attribute."""


def path_of(place: Place) -> Path:
    """The same place, as graphql-core and resolvers know it. Raises LookupError where there is none."""
    steps = []
    while place is not None:
        steps.append(place)
        place = place[0]
    path = None
    for _, key, typename in reversed(steps):
        path = Path(path, key, typename)
    if path is None:
        raise LookupError("Only an object that is executed by itself has a place.")
    return path


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field that is selected of objects of one type; `details` are all nodes that ask for this key.

    `variables` are those in its arguments. `selected` has what is selected of its own objects, by their
    types, as far as any were met; `asked` what arguments it was resolved with, by the values of `variables`.
    It may stand for many objects: with `many` it gives a list, or one above it does. With `inside` it is one
    of what is selected of an object with a `part_name`, or of what that leads to.
    """

    key: str
    parent: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList
    variables: tuple[str, ...]
    many: bool
    inside: bool
    selected: dict[Composite, Selection] = field(default_factory=dict)
    asked: dict[Hashable, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the schema calls it."""
        return self.details[0].node.name.value

    def failed(
        self, executor: Executor[Any], error: Exception, kind: GraphQLOutputType, place: Place
    ) -> None:
        """Keep the error of a value of this type. Raises it, located, where null is no answer."""
        executor.handle_field_error(error, kind, self.details, path_of(place))

    def info(self, executor: Executor[Any], place: Place) -> GraphQLResolveInfo[Any]:
        """What graphql-core tells a resolver; `place` is that of the field, or of an entry of its list."""
        while place is not None and place[2] is None:
            place = place[0]
        nodes = [each.node for each in self.details]
        return executor.build_resolve_info(self.definition, nodes, self.parent, path_of(place))
