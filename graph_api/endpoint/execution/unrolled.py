"""Selections written out as functions: what `select` does in a loop, without the loop.

The text of such a function follows from the attributes that it reads and from their types in the schema.
Keys come to it as values, so that the same one serves all documents that select the same fields.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import CoroutineType
from typing import Any, Final, TypeAlias

from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from graph_api.endpoint.execution.field import Field, Step
from graph_api.endpoint.execution.pending import gathered
from graph_api.endpoint.execution.values import Column, Do, Many, Nothing, as_it_is, usual

LONGEST: Final = 32
"""Selections of more fields are not written out."""

_SHAPES: Final = 500
"""So many functions are kept; that of six fields takes 5 kB, and a millisecond to make."""

Form: TypeAlias = "tuple[str | None, str]"
"""The attribute that a field is, if it is one, and when its value stands in the answer as it is."""

_GIVEN: Final = ("keys", "answers", "fields")
_NEVER: Final = "False"
_ALWAYS: Final = "True"
_TYPENAME: Final[Form] = (None, _ALWAYS)
_COLUMN: Final[Form] = (None, _NEVER)
_FITS: Final = {
    str: "type(value) is str",
    bool: "type(value) is bool",
    int: "type(value) is int and -0x80000000 <= value <= 0x7FFFFFFF",
    float: "type(value) is float and value - value == 0.0",
}
"""When a value of a class is its own answer; what is less itself is not zero where a number is not finite."""

_TOLD_APART: Final = (
    "for source in sources:",
    f"    if getattr(source, {TYPE_CAST_ATTRIBUTE!r}, None) is not None:",
    "        return None",
)
"""One that Strawberry was told another type of is not what its class says."""


def unrolled(steps: Sequence[Step]) -> Do | None:
    """The function that does these steps; None for none, and for too many of them.

    O(number of steps), and some hundred times as long for a shape that was not met before.
    """
    if not 0 < len(steps) <= LONGEST:
        return None
    make = _maker(tuple([(name, _fits(field.definition.type)) for _, name, _, _, field in steps]))
    made: Do = make([step[0] for step in steps], [step[3] for step in steps], [step[4] for step in steps])
    return made


def unrolled_many(kind: GraphQLObjectType, steps: Sequence[Step], columns: Sequence[Column | None]) -> Many:
    """The function that does these steps for all objects of a list, those that have a column by that.

    Every other one tells the type, or reads an attribute whose values may stand in the answer as they are. It
    gives None for a list in which any object is not of the usual class, or any value does not fit.
    """
    forms = [
        _COLUMN if column is not None else _leaf(field, name)
        for (_, name, _, _, field), column in zip(steps, columns, strict=True)
    ]
    make = _many_maker(tuple(forms), kind.is_type_of is not None)
    made: Many = make([step[0] for step in steps], [*columns], {usual(kind)}, kind.name)
    return made


def is_leaf(field: Field, name: str | None) -> bool:
    """Whether a field tells the type, or is an attribute whose usual values are in the answer as they are."""
    return _leaf(field, name) != _COLUMN


def _leaf(field: Field, name: str | None) -> Form:
    if field.name == "__typename":
        return _TYPENAME
    fits = _NEVER if name is None else _fits(field.definition.type)
    return _COLUMN if fits is _NEVER else (name, fits)


def _fits(kind: GraphQLOutputType) -> str:
    """When a `value` of this type stands in the answer as it is."""
    if not isinstance(kind, GraphQLNonNull):
        fits = _fits(GraphQLNonNull(kind))
        return fits if fits is _NEVER else f"value is None or {fits}"
    inner = kind.of_type
    if isinstance(inner, GraphQLList):
        entries = as_it_is(inner.of_type)
        listed = f"type(value) is list and {{*map(type, value)}} <= {{{entries.__name__}}}"
        return _NEVER if entries is Nothing else listed
    return _FITS.get(usual(inner), _NEVER)


@lru_cache(maxsize=_SHAPES)
def _maker(forms: tuple[Form, ...]) -> Callable[..., Do]:
    """What makes the function for these forms, of the keys, the answers and the fields of its steps."""
    numbers = range(len(forms))
    lines = [
        "def make(keys, answers, fields):",
        *(f"    [{', '.join(f'{what[0]}{n}' for n in numbers)}] = {what}" for what in _GIVEN),
        "    def select(executor, source, place):",
        "        results, pending = {}, []",
        "        try:",
        *(f"            {line}" for n, form in enumerate(forms) for line in _lines(n, *form)),
        "        except Exception:",
        "            if pending:",
        "                executor.settle_in_background([results[key] for key in pending])",
        "            raise",
        "        return gathered(results, pending) if pending else results",
        "    return select",
    ]
    names: dict[str, Any] = {"gathered": gathered, "CoroutineType": CoroutineType}
    exec("\n".join(lines), names)  # noqa: S102 - of the schema's own names, and of nothing that a client says
    make: Callable[..., Do] = names["make"]
    return make


@lru_cache(maxsize=_SHAPES)
def _many_maker(forms: tuple[Form, ...], told_apart: bool) -> Callable[..., Many]:
    """What makes the function for these forms, of the keys, the columns, the set of the one class that the
    objects may have, and the name of their type."""
    numbers = range(len(forms))
    columns = [number for number, form in enumerate(forms) if form == _COLUMN]
    each = ", ".join(["source", *(f"v{n}" for n in columns)])
    every = ", ".join(["sources", *(f"column{n}" for n in columns)])
    entry = ", ".join(f"k{n}: {'name' if form == _TYPENAME else f'v{n}'}" for n, form in enumerate(forms))
    lines = [
        "def make(keys, columns, usual, name):",
        f"    [{', '.join(f'k{n}' for n in numbers)}] = keys",
        f"    [{', '.join(f'c{n}' for n in numbers)}] = columns",
        "    def many(executor, sources):",
        "        try:",
        "            if {*map(type, sources)} != usual:",
        "                return None",
        *(f"            {line}" for line in (_TOLD_APART if told_apart else ())),
        *(f"            {line}" for n in columns for line in _column_lines(n)),
        "            results = []",
        f"            for {each} in {f'zip({every})' if columns else every}:",
        *(f"                {line}" for n, form in enumerate(forms) for line in _leaf_lines(n, *form)),
        f"                results.append({{{entry}}})",
        "        except Exception:",
        "            return None",
        "        return results",
        "    return many",
    ]
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)  # noqa: S102 - as above
    make: Callable[..., Many] = names["make"]
    return make


def _column_lines(number: int) -> list[str]:
    """What is done for the column of a number before the objects are looked at one by one."""
    return [
        f"column{number} = c{number}(executor, sources)",
        f"if column{number} is None:",
        "    return None",
    ]


def _leaf_lines(number: int, name: str | None, fits: str) -> list[str]:
    """What is done for the field of a number of each object, unless its column is there."""
    if name is None:
        return []
    return [f"value = v{number} = source.{name}", f"if not ({fits}):", "    return None"]


def _lines(number: int, name: str | None, fits: str) -> list[str]:
    """What is done for the field of a number: a step of `select`."""
    answered = [
        f"value = a{number}(executor, f{number}, {'source' if name is None else 'value'}, place)",
        "if type(value) is CoroutineType:",
        f"    pending.append(k{number})",
    ]
    if name is not None:
        read = ["try:", f"    value = source.{name}", "except Exception as error:", "    value = error"]
        if fits is _NEVER:
            answered = [*read, *answered]
        else:
            answered = [*read, f"if not ({fits}):", *(f"    {line}" for line in answered)]
    return [*answered, f"results[k{number}] = value"]
