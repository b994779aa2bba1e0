"""How much a document asks for, measured without expanding it: each fragment once, in one pass over the text.

A fragment that spreads another one twice, twenty times over, is a million fields in a few hundred bytes; so
the measures of a fragment are computed from those of the fragments that it spreads, never by a walk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Final, TypeAlias

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
)

MANY: Final = 10**9
"""Whatever is more counts as this many."""

INTROSPECTION: Final = {"__schema": "__Schema", "__type": "__Type"}
"""The fields that introspection begins with, and the types that they give."""

Definition: TypeAlias = OperationDefinitionNode | FragmentDefinitionNode


@dataclass(slots=True)
class Measures:
    """The measures of a definition, with all that its fragments bring, or the greatest of a document.

    Their names are those of the limits; `nesting` alone has none: it is the depth wherever one begins.
    """

    fields: int = 0
    fragments: int = 0
    root_fields: int = 0
    depth: int = 0
    introspection_depth: int = 0
    aliases: int = 0
    directives: int = 0
    list_entries: int = 0
    nesting: int = 0

    def each(self) -> Iterator[tuple[str, int]]:
        """Each measure that has a limit, by its name."""
        return ((each.name, getattr(self, each.name)) for each in fields(self) if each.name != "nesting")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a selection set is: below how many fields, and below how many from __schema on (0: outside)."""

    depth: int = 0
    introspection: int = 0

    def below(self, node: FieldNode) -> _Place:
        inside = self.introspection or node.name.value in INTROSPECTION
        return _Place(self.depth + 1, self.introspection + 1 if inside else 0)


@dataclass(slots=True)
class _Found:
    """What stands in a definition itself: its measures, and the fragments that it spreads."""

    own: Measures = field(default_factory=Measures)
    spreads: list[tuple[str, _Place]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Document:
    """A document whose fragments are all used, exist once, and do not spread themselves.

    `fragments` come in an order in which each stands after those that it spreads.
    """

    node: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    fragments: Mapping[str, FragmentDefinitionNode]
    measures: Measures

    @classmethod
    def of(cls, node: DocumentNode) -> Document:
        """The document of a parsed text. Raises GraphQLError when its fragments are not as they must be."""
        operations = tuple(each for each in node.definitions if isinstance(each, OperationDefinitionNode))
        named = _by_name([each for each in node.definitions if isinstance(each, FragmentDefinitionNode)])
        found = {name: _look(fragment) for name, fragment in named.items()}
        below: dict[str, Measures] = {}
        for name in _order(found):
            below[name] = _sum(found[name], below)
        looked = [_look(operation) for operation in operations]
        _check_use(found, looked)
        measures = _greatest([_sum(each, below) for each in looked])
        return cls(node, operations, {name: named[name] for name in below}, measures)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation of this name; without a name, the only one. Raises GraphQLError without any."""
        if name is None and len(self.operations) > 1:
            raise GraphQLError("The document has several operations; name one in operationName.")
        for each in self.operations:
            if name is None or (each.name is not None and each.name.value == name):
                return each
        named = f' named "{name}"' if name else ""
        raise GraphQLError(f"The document has no operation{named}.")

    @cached_property
    def repeats(self) -> int:
        """Pairs of fields with one response name in one place; it takes as many steps as there are fields.

        Such fields have to be mergeable: validation compares each with each.
        """
        return sum(self._repeats(operation.selection_set) for operation in self.operations)

    def _repeats(self, root: SelectionSetNode) -> int:
        pairs, ahead = 0, [[root]]
        while ahead:
            for same in self._together(ahead.pop()).values():
                pairs += len(same) * (len(same) - 1) // 2
                ahead.append([each.selection_set for each in same if each.selection_set])
        return min(pairs, MANY)

    def _together(self, place: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """The fields of one place by response name; each fragment is looked into once."""
        found: dict[str, list[FieldNode]] = {}
        ahead, seen = list(place), set[str]()
        while ahead:
            for node in ahead.pop().selections:
                if isinstance(node, FieldNode):
                    found.setdefault((node.alias or node.name).value, []).append(node)
                elif isinstance(node, InlineFragmentNode):
                    ahead.append(node.selection_set)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                    seen.add(node.name.value)
                    if fragment := self.fragments.get(node.name.value):
                        ahead.append(fragment.selection_set)
        return found


def _by_name(fragments: Sequence[FragmentDefinitionNode]) -> dict[str, FragmentDefinitionNode]:
    named = {each.name.value: each for each in fragments}
    for each in fragments:
        if named[each.name.value] is not each:
            raise GraphQLError(f"There can be only one fragment named '{each.name.value}'.", each)
    return named


def _order(found: Mapping[str, _Found]) -> list[str]:
    """The fragments, each after those that it spreads."""
    spread = {name: [to for to, _ in each.spreads if to in found] for name, each in found.items()}
    try:
        return list(TopologicalSorter(spread).static_order())
    except CycleError as error:
        way = ", ".join(error.args[1][:5])
        raise GraphQLError(f"A fragment cannot spread itself, near or far: {way}.") from None


def _check_use(found: Mapping[str, _Found], operations: Sequence[_Found]) -> None:
    """What no operation reaches would be validated all the same, so it is not let in."""
    ahead, used = list(operations), set[str]()
    while ahead:
        for name, _ in ahead.pop().spreads:
            if name in found and name not in used:
                used.add(name)
                ahead.append(found[name])
    for name in found:
        if name not in used and operations:
            raise GraphQLError(f"Fragment '{name}' is never used.")


def _look(definition: Definition) -> _Found:
    """What stands in a definition."""
    found = _Found()
    for variable in definition.variable_definitions or ():
        _count(found.own, variable.directives, [variable.default_value] if variable.default_value else [])
    _count(found.own, definition.directives, ())
    ahead = [(definition.selection_set, _Place())]
    while ahead:
        selection_set, place = ahead.pop()
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                if node.selection_set:
                    ahead.append((node.selection_set, place.below(node)))
                _count_field(found.own, node, place)
                continue
            _count(found.own, node.directives, ())
            if isinstance(node, InlineFragmentNode):
                ahead.append((node.selection_set, place))
            elif isinstance(node, FragmentSpreadNode):
                found.own.fragments += 1
                found.spreads.append((node.name.value, place))
    return found


def _count_field(own: Measures, node: FieldNode, parent: _Place) -> None:
    depth = parent.depth + 1
    own.fields += 1
    own.root_fields += depth == 1
    own.aliases += node.alias is not None
    own.nesting = max(own.nesting, depth)
    if parent.introspection or node.name.value in INTROSPECTION:
        own.introspection_depth = max(own.introspection_depth, parent.introspection + 1)
    else:
        own.depth = max(own.depth, depth)
    if node.directives or node.arguments:
        _count(own, node.directives, [each.value for each in node.arguments or ()])


def _count(own: Measures, directives: Sequence[DirectiveNode] | None, values: Iterable[ValueNode]) -> None:
    """Add directives, and the entries of lists in values and in the directives' arguments."""
    used = directives or ()
    own.directives += len(used)
    ahead = [*values, *(said.value for each in used for said in each.arguments or ())]
    while ahead:
        value = ahead.pop()
        if isinstance(value, ListValueNode):
            own.list_entries += len(value.values)
            ahead += value.values
        elif isinstance(value, ObjectValueNode):
            ahead += [each.value for each in value.fields]


_SUMS: Final = ("fields", "fragments", "aliases", "directives", "list_entries")


def _sum(found: _Found, below: Mapping[str, Measures]) -> Measures:
    """The measures of a definition with those of all fragments that it spreads."""
    total = found.own
    for name, place in found.spreads:
        if (more := below.get(name)) is None:
            continue  # it does not exist, as validation will say
        for each in _SUMS:
            setattr(total, each, min(MANY, getattr(total, each) + getattr(more, each)))
        if place.depth == 0:
            total.root_fields = min(MANY, total.root_fields + more.root_fields)
        total.nesting = max(total.nesting, place.depth + more.nesting)
        if place.introspection:
            total.introspection_depth = max(total.introspection_depth, place.introspection + more.nesting)
        else:
            total.depth = max(total.depth, place.depth + more.depth if more.depth else 0)
            total.introspection_depth = max(total.introspection_depth, more.introspection_depth)
    return total


def _greatest(operations: Sequence[Measures]) -> Measures:
    """The greatest of each measure; the fields of all operations together, for all are validated."""
    found = Measures()
    for each in fields(Measures):
        setattr(found, each.name, max((getattr(one, each.name) for one in operations), default=0))
    for name in _SUMS:
        setattr(found, name, min(MANY, sum(getattr(one, name) for one in operations)))
    return found
