"""What pydantic finds wrong with a file -> faults in words for its author."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Final, get_args

from graph_api.errors import Fault
from graph_api.formats.roadmap1 import requires, schema
from graph_api.formats.roadmap1.tree import Path, Tree, shown
from graph_api.knowledge.model import SLUG_LENGTH, ResourceKind
from graph_api.knowledge.names import suggestions

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

_SHAPES: Final[Mapping[str, tuple[str, type[BaseModel]]]] = {
    "<reference>": ("A topic's place", schema.TopicReference),
    "<topic>": ("A topic", schema.PlacedTopic),
    "<any>": ('A group with "any"', requires.ReasonedAnyOf),
    "<all>": ('A group with "all"', requires.ReasonedAllOf),
    "<at_least>": ('A group with "at_least"', requires.ReasonedAtLeastOf),
    "<recommendation>": ("A recommendation", requires.Recommendation),
    "sections": ("A section", schema.Section),
    "topics": ("A topic outside of the sections", schema.Topic),
    "resources": ("A resource", schema.Resource),
}
MAX_FAULTS: Final = 1_000

_TAGS: Final = {"<slug>", *(name for name in _SHAPES if name.startswith("<"))}
_REQUIRED_TOPIC: Final = ("A requirement", requires.ReasonedTopic)
_ROADMAP: Final = ("A roadmap", schema.Roadmap)

_PATTERNS: Final = {
    "language": "is not a language tag; one looks like en or pt-BR",
    "url": "is not a web address; one starts with https:// or http://",
}
_NOT_A_SLUG: Final = "is not a slug; one is of lower-case letters and digits, with single hyphens between"
_NEEDED: Final = {
    "string_type": "Text",
    "list_type": "A list",
    "model_type": "A mapping of keys",
    "dict_type": "A mapping of keys",
    "model_attributes_type": "A mapping of keys",
    "bool_type": "true or false",
    "float_type": "A number",
    "int_type": "A whole number",
    "int_from_float": "A whole number",
}
_BOUNDS: Final = {
    "hours": f"hours go from 0 to {schema.MAX_HOURS:,}",
    "at_least": "it is the number of parts that are needed, 1 or more",
}


def faults_of(error: ValidationError, tree: Tree, *, limit: int = MAX_FAULTS) -> Iterator[Fault]:
    """The faults of a file that its models refuse, each where the file has it; the first `limit` of them."""
    details = error.errors(include_url=False)
    if len(details) > limit:
        details = nsmallest(limit, details, key=lambda detail: tree.line(_path(detail)))
    misspelt = {(path, fault.suggestion) for path, fault in _misspelt(details, tree)}
    for detail in details:
        if detail["type"] == "missing" and (_path(detail)[:-1], detail["loc"][-1]) in misspelt:
            continue
        yield _fault(detail, tree)


def _misspelt(details: list[ErrorDetails], tree: Tree) -> Iterator[tuple[Path, Fault]]:
    """The unknown keys, by the path of their mapping: one that is only misspelt is not missing as well."""
    for detail in details:
        if detail["type"] == "extra_forbidden":
            yield _path(detail)[:-1], _unknown_key(detail, tree)


def _path(detail: ErrorDetails) -> Path:
    """The place in the file: pydantic's, without our tags; an author's key that looks like one stays."""
    loc = detail["loc"]
    own_key = len(loc) - 1 if detail["type"] == "extra_forbidden" else None
    return tuple(step for place, step in enumerate(loc) if place == own_key or step not in _TAGS)


def _fault(detail: ErrorDetails, tree: Tree) -> Fault:
    say = _SENTENCES.get(detail["type"], _needed)
    return say(detail, tree)


def _shape(steps: tuple[int | str, ...]) -> tuple[str, type[BaseModel]]:
    """What a mapping at `steps` of pydantic's is, in words and as a model."""
    if not steps:
        return _ROADMAP
    if steps[-1] == "<topic>" and "requires" in steps:
        return _REQUIRED_TOPIC
    name = steps[-1] if isinstance(steps[-1], str) else steps[-2]
    return _SHAPES[str(name)]


def _unknown_key(detail: ErrorDetails, tree: Tree) -> Fault:
    *outer, key = detail["loc"]
    label, model = _shape(tuple(outer))
    keys = [field.alias or name for name, field in model.model_fields.items()]
    held = tree.get(_path(detail)[:-1])
    free = [key for key in keys if not isinstance(held, dict) or key not in held]
    suggestion = next(iter(suggestions([str(key)], free)[str(key)]), None)
    return tree.fault(f"{label} has no key {shown(key)}.", _path(detail), suggestion=suggestion)


def _missing(detail: ErrorDetails, tree: Tree) -> Fault:
    *outer, key = detail["loc"]
    label, model = _shape(tuple(outer))
    if key == "format":
        message = f'A roadmap file starts with "format: {schema.FORMAT}".'
    elif model is schema.PlacedTopic and key == "title":
        message = "A topic with more than a slug and its optional flag is defined here, and so needs a title."
    else:
        message = f'{label} needs the key "{key}".'
    return tree.fault(message, _path(detail))


def _needed(detail: ErrorDetails, tree: Tree) -> Fault:
    """Something of another sort is needed."""
    needed = _NEEDED.get(detail["type"], "Something else")
    if detail["loc"][-1:] == ("<slug>",) and not isinstance(detail["input"], int | float):
        needed = "A topic's slug or a mapping"
    value = detail["input"]
    hint, suggestion = "", None
    if detail["type"] == "string_type" and isinstance(value, int | float):
        hint = "; put it in quotes"
    if detail["type"] == "bool_type" and isinstance(value, str):
        suggestion = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(value.lower())
    path = _path(detail)
    message = f"{needed} is needed here, not {shown(value)}{hint}."
    return tree.fault(message, path, suggestion=suggestion)


def _pattern(detail: ErrorDetails, tree: Tree) -> Fault:
    path = _path(detail)
    field = str(path[-1])
    if field in _PATTERNS:
        return tree.fault(f"{shown(detail['input'])} {_PATTERNS[field]}.", path)
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in str(detail["input"]).lower()).split()
    slug = "-".join(words)[:SLUG_LENGTH].strip("-") or None
    return tree.fault(f"{shown(detail['input'])} {_NOT_A_SLUG}.", path, suggestion=slug)


def _length(detail: ErrorDetails, tree: Tree) -> Fault:
    context: dict[str, Any] = detail.get("ctx", {})
    value = detail["input"]
    size = len(value) if isinstance(value, str | list) else 0
    noun = "characters" if isinstance(value, str) else "items"
    if "min_length" in context:
        message = f"This is empty; it needs at least one {noun.removesuffix('s')}."
    else:
        message = f"This has {size:,} {noun}; at most {context['max_length']:,} are allowed."
    return tree.fault(message, _path(detail))


def _bound(detail: ErrorDetails, tree: Tree) -> Fault:
    path = _path(detail)
    return tree.fault(f"This cannot be {shown(detail['input'])}: {_BOUNDS[str(path[-1])]}.", path)


def _half(detail: ErrorDetails, tree: Tree) -> Fault:
    return tree.fault("This holds half of a character, a lone surrogate; leave it out.", _path(detail))


def _choice(detail: ErrorDetails, tree: Tree) -> Fault:
    path, value = _path(detail), detail["input"]
    if path == ("format",):
        return tree.fault(f'Only "{schema.FORMAT}" can be read, not {shown(value)}.', path)
    kinds = list(get_args(ResourceKind))
    near = suggestions([value], kinds)[value] if isinstance(value, str) else []
    message = f"{shown(value)} is no kind of resource; the kinds are {', '.join(kinds)}."
    return tree.fault(message, path, suggestion=next(iter(near), None))


def _sentence(detail: ErrorDetails, tree: Tree) -> Fault:
    """What the models say in words already; of a requirement it does not say whose it is."""
    path = _path(detail)
    slug = tree.get((*path[: path.index("requires")], "slug")) if "requires" in path else None
    topic = f"Topic {shown(slug)}: " if isinstance(slug, str) else ""
    return tree.fault(f"{topic}{detail['msg']}", path)


_SENTENCES: Final[Mapping[str, Callable[[ErrorDetails, Tree], Fault]]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "string_pattern_mismatch": _pattern,
    "string_too_short": _length,
    "string_too_long": _length,
    "too_short": _length,
    "too_long": _length,
    "greater_than_equal": _bound,
    "less_than_equal": _bound,
    "finite_number": _bound,
    "literal_error": _choice,
    "string_unicode": _half,
    "sentence": _sentence,
}
