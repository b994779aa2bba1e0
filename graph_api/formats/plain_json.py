"""Bounded reading of JSON files whose shape is not ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from graph_api.errors import Fault, InvalidDocument
from graph_api.formats.roadmap1.faults import MAX_FAULTS
from graph_api.formats.roadmap1.json_events import json_events
from graph_api.formats.roadmap1.source import MAX_BYTES, text_of
from graph_api.formats.roadmap1.tree import Tree, grow, shown
from graph_api.knowledge.names import suggestions

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_VALUES: Final = 300_000
"""Counted with keys and ends: what is read is read in a second. The largest file that we know has 230,000."""
MAX_QUOTED: Final = 10

_NEEDED: Final = {
    "string_type": "Text",
    "list_type": "A list",
    "model_type": "A mapping of keys",
    "dict_type": "A mapping of keys",
    "bool_type": "true or false",
    "int_type": "A whole number",
    "int_from_float": "A whole number",
}

Shape = TypeVar("Shape", bound=BaseModel)


class Keys(BaseModel):
    """A mapping with these keys; others are kept as they are, so that a reader can report them."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)

    @property
    def others(self) -> Mapping[str, Any]:
        """What stands under keys that the model does not know."""
        return self.model_extra or {}


def load(data: bytes, *, name: str, max_bytes: int = MAX_BYTES) -> Tree:
    """The values of a JSON file, each with its line; `tree.data` is the whole of it.

    Bounded in bytes, depth and number of values. Raises InvalidDocument with one fault for what is not
    UTF-8 or not JSON, and with every key that stands twice in one mapping.
    """
    text = text_of(data, name=name, max_bytes=max_bytes)
    tree = grow(json_events(text, name=name, max_values=MAX_VALUES), name=name)
    if tree.faults:
        raise InvalidDocument(tree.faults)
    return tree


def quoted(names: Iterable[str]) -> str:
    """Words of a file, each once, as a note quotes them: as many as a person reads."""
    unique = [*dict.fromkeys(names)]
    more = len(unique) - MAX_QUOTED
    words = ", ".join(map(shown, unique[:MAX_QUOTED]))
    return f"{words} and {more:,} more" if more > 0 else words


def validated(tree: Tree, shape: type[Shape]) -> Shape:
    """The values of a tree in their shape; raises InvalidDocument with every fault, where the file has it."""
    try:
        return shape.model_validate(tree.data)
    except ValidationError as error:
        raise InvalidDocument(sorted(_faults(error, tree), key=lambda fault: fault.line or 0)) from error


def _faults(error: ValidationError, tree: Tree) -> Iterator[Fault]:
    details = error.errors(include_url=False)
    for detail in details[:MAX_FAULTS]:
        yield tree.fault(*_said(detail), suggestion=_suggestion(detail))
    if (more := len(details) - MAX_FAULTS) > 0:
        yield tree.fault(f"And {more:,} more faults.", details[MAX_FAULTS]["loc"])


def _said(detail: ErrorDetails) -> tuple[str, tuple[int | str, ...]]:
    """What is wrong, in words, and where."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    path = detail["loc"][:-1] if detail["loc"][-1:] == ("[key]",) else detail["loc"]
    if kind == "missing":
        return f"The key {shown(path[-1])} is missing here.", path
    if kind in _NEEDED:
        return f"{_NEEDED[kind]} is needed here, not {shown(value)}.", path
    if kind == "literal_error":
        return f"{shown(value)} is not known here; there are {context['expected']}.", path
    if kind in {"too_long", "string_too_long"}:
        noun = "characters" if kind == "string_too_long" else "items"
        return f"At most {context['max_length']:,} {noun} are allowed here.", path
    if kind in {"too_short", "string_too_short"}:
        return "This is empty.", path
    return (detail["msg"] if kind == "sentence" else f"{shown(value)} is no value for this place."), path


def _suggestion(detail: ErrorDetails) -> str | None:
    value, options = detail["input"], str(detail.get("ctx", {}).get("expected"))
    if detail["type"] != "literal_error" or not isinstance(value, str):
        return None
    known = [word.strip("' ") for word in options.replace(" or ", ", ").split(",")]
    return next(iter(suggestions([value], known)[value]), None)
