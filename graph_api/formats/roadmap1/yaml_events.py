"""YAML text -> events with their lines: the core schema of YAML 1.2, without anchors, aliases and tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from graph_api.formats.roadmap1.tree import Event, broken

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_CONSTANTS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,18}")
_BASED: Final = re.compile(r"0o[0-7]{1,15}|0x[0-9a-fA-F]{1,15}")
_DECIMAL: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_HINTS: Final = {
    "mapping values are not allowed": 'Text that holds ": " needs quotes, and the keys of one mapping start '
    "in one column.",
    "cannot start any token": "Indent with spaces, never with tabs, and put text in quotes that starts with "
    "one of @ ` % & * !.",
    "could not find expected ':'": 'Every key needs a colon and a space after it, as in "title: Go".',
    "did not find expected key": "The keys of one mapping start in one column.",
    "did not find expected '-' indicator": "The items of one list start in one column, each with a dash.",
    "found unexpected end of stream": "A quote or a bracket is opened and never closed.",
    "unknown escape character": "In double quotes a backslash starts an escape; use single quotes for text "
    "with backslashes.",
}


def yaml_events(text: str, *, name: str) -> Iterator[Event]:
    """The events of one YAML document; raises InvalidDocument where the text is not one, or not plain."""
    if found := _UNPRINTABLE.search(text):
        message = f"The file holds U+{ord(found.group()):04X}, which is no part of a text."
        raise broken(message, name=name, line=text.count("\n", 0, found.start()) + 1)
    try:
        yield from _events(text, name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "it cannot be read"
        hint = next((f" {hint}" for sign, hint in _HINTS.items() if sign in problem), "")
        line = mark.line + 1 if mark else None
        raise broken(f"This is not valid YAML: {problem}.{hint}", name=name, line=line) from error
    except yaml.YAMLError as error:
        raise broken(f"This is not valid YAML: {error}.", name=name) from error


def _events(text: str, name: str) -> Iterator[Event]:
    documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if type(event) is yaml.ScalarEvent and event.anchor is None and event.tag is None:
            # Most are of this sort, and a file may hold very many.
            yield Event("scalar", line, event.value if event.style else resolved(event.value), event.value)
            continue
        if refusal := _refusal(event):
            raise broken(refusal, name=name, line=line)
        match event:
            case yaml.MappingStartEvent():
                yield Event("mapping", line)
            case yaml.SequenceStartEvent():
                yield Event("list", line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                yield Event("end", line)
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise broken(
                        "A second document starts here; one file is one roadmap.", name=name, line=line
                    )


def _refusal(event: yaml.Event) -> str | None:
    """Why the event is refused: a few lines with aliases can stand for billions of values."""
    if isinstance(event, yaml.AliasEvent):
        return f"Aliases are not allowed in a roadmap file; write out what *{event.anchor} stands for."
    if (anchor := getattr(event, "anchor", None)) is not None:
        return f"Anchors are not allowed in a roadmap file; leave &{anchor} out."
    if getattr(event, "tag", None) is not None:
        return "Tags are not allowed in a roadmap file; leave out the word that starts with !."
    return None


def resolved(text: str) -> str | int | float | bool | None:
    """What unquoted text means by the core schema of YAML 1.2, in which `no` and dates are text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0].isalpha():
        return text
    if _WHOLE.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return float(text.replace(".", "", 1)) if _INFINITE.fullmatch(text) else text
