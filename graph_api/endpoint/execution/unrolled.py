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
from graph_api.endpoint.execution.values import Do, Leaves, Nothing, as_it_is, usual

LONGEST: Final = 32
"""Selections of more fields are not written out."""

_SHAPES: Final = 500
"""So many functions are kept; that of six fields takes 5 kB, and a millisecond to make."""

Form: TypeAlias = "tuple[str | None, str]"
"""The attribute that a field is, if it is one, and when its value stands in the answer as it is."""

_GIVEN: Final = ("keys", "answers", "fields")
_NEVER: Final = "False"
_ALWAYS: Final = "True"
_FITS: Final = {
    str: "type(value) is str",
    bool: "type(value) is bool",
    int: "type(value) is int and -0x80000000 <= value <= 0x7FFFFFFF",
    float: "type(value) is float and value - value == 0.0",
}
"""When a value of a class is its own answer; what is less itself is not zero where a number is not finite."""


def unrolled(steps: Sequence[Step]) -> Do | None:
    """The function that does these steps; None for none, and for too many of them.

    O(number of steps), and some hundred times as long for a shape that was not met before.
    """
    if not 0 < len(steps) <= LONGEST:
        return None
    make = _maker(tuple([(name, _fits(field.definition.type)) for _, name, _, _, field in steps]))
    made: Do = make([step[0] for step in steps], [step[3] for step in steps], [step[4] for step in steps])
    return made


def unrolled_leaves(kind: GraphQLObjectType, steps: Sequence[Step]) -> Leaves | None:
    """The function that does these steps for all objects of a list; None where any does more than read an
    attribute whose value may stand in the answer as it is, or tell the type.

    It gives None for a list in which any object is not of the usual class, or any value does not fit.
    """
    forms = tuple([_leaf(field, name) for _, name, _, _, field in steps])
    if not 0 < len(steps) <= LONGEST or any(fits is _NEVER for _, fits in forms):
        return None
    make = _leaf_maker(forms, kind.is_type_of is not None)
    made: Leaves = make([step[0] for step in steps], usual(kind), kind.name)
    return made


def _leaf(field: Field, name: str | None) -> Form:
    if field.name == "__typename":
        return None, _ALWAYS
    return name, _NEVER if name is None else _fits(field.definition.type)


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
def _leaf_maker(forms: tuple[Form, ...], told_apart: bool) -> Callable[..., Leaves]:
    """What makes the function for these forms, of the keys, the class of the objects and its type's name."""
    numbers = range(len(forms))
    told = f" or getattr(source, {TYPE_CAST_ATTRIBUTE!r}, None) is not None" if told_apart else ""
    entry = ", ".join(f"k{n}: {'name' if form[0] is None else f'v{n}'}" for n, form in enumerate(forms))
    lines = [
        "def make(keys, usual, name):",
        f"    [{', '.join(f'k{n}' for n in numbers)}] = keys",
        "    def leaves(sources):",
        "        results = []",
        "        try:",
        "            for source in sources:",
        f"                if type(source) is not usual{told}:",
        "                    return None",
        *(f"                {line}" for n, form in enumerate(forms) for line in _leaf_lines(n, *form)),
        f"                results.append({{{entry}}})",
        "        except Exception:",
        "            return None",
        "        return results",
        "    return leaves",
    ]
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)  # noqa: S102 - as above
    make: Callable[..., Leaves] = names["make"]
    return make


def _leaf_lines(number: int, name: str | None, fits: str) -> list[str]:
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
