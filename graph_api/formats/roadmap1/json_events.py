"""JSON text -> events with their lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from graph_api.formats.roadmap1.tree import MAX_VALUES, Event, broken

_TOKEN: Final = re.compile(r'[ \t\r\n]++|[{}\[\],:]|"(?:[^"\\]++|\\.)*+"|[^ \t\r\n{}\[\],:"]++')
_STRING: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""With or without its end: to look for one from each quote of text that has none would take for ever."""
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_NO_JSON: Final = ("NaN", "Infinity")  # which Python reads all the same
_LONGEST_WHOLE: Final = 18


def json_events(text: str, *, name: str, max_values: int = MAX_VALUES) -> Iterator[Event]:
    """The events of one JSON value; raises InvalidDocument where the text is not JSON, or too much of it."""
    if values_of(text, max_values) > max_values:
        raise broken(f"The file holds more than {max_values:,} values.", name=name)
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise broken(f"This is not valid JSON: {error.msg}.", name=name, line=error.lineno) from error
    except RecursionError:
        pass  # whoever takes the events meets the depth limit before anything that is not valid
    return _events(text, name)


def values_of(text: str, limit: int) -> int:
    """How many values, keys and ends JSON text has at most, counted no further than `limit`.

    That costs a small part of the time and the memory of reading them.
    """
    bare, strings = _STRING.subn("", text, count=limit + 1)
    if strings > limit:
        return strings
    return 1 + sum(bare.count(sign) for sign in ",:") + 2 * sum(bare.count(sign) for sign in "{[")


def _events(text: str, name: str) -> Iterator[Event]:
    """The events of text that is known to be JSON: commas and colons say nothing new."""
    line = 1
    for match in _TOKEN.finditer(text):
        token = match.group()
        match token[0]:
            case " " | "\t" | "\r" | "\n":
                line += token.count("\n")
            case "{":
                yield Event("mapping", line)
            case "[":
                yield Event("list", line)
            case "}" | "]":
                yield Event("end", line)
            case "," | ":":
                pass
            case '"':
                value = json.loads(token) if "\\" in token else token[1:-1]
                yield Event("scalar", line, value, value)
            case _ if token.endswith(_NO_JSON):
                raise broken(f"This is not valid JSON: it has no {token}.", name=name, line=line)
            case _:
                yield Event("scalar", line, _value(token), token)


def _value(token: str) -> int | float | bool | None:
    if token in _CONSTANTS:
        return _CONSTANTS[token]
    whole = token.removeprefix("-").isdigit() and len(token) <= _LONGEST_WHOLE
    return int(token) if whole else float(token)
