"""Values -> YAML, always the same for the same values: block style, and lists of plain words on one line.

PyYAML's two emitters differ from each other and escape emoji, so what we write would depend on the machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from graph_api.formats.roadmap1.yaml_events import resolved

Scalar: TypeAlias = str | int | float | bool
Data: TypeAlias = "Scalar | Sequence[Data] | Mapping[str, Data]"

WIDTH: Final = 100

_PLAIN: Final = re.compile(r"[^\W_](?:[^\n\t:#]|:(?=[^\s])|(?<=[^\s])#)*")
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_ESCAPED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_OLD_YAML: Final = re.compile(
    r"(?:yes|no|on|off|y|n|true|false|null)|[-+.0-9][-+.0-9_:exobTZ]*", re.IGNORECASE
)
"""What readers of YAML 1.1 take for booleans, dates, numbers and times; it is quoted for their sake."""


def yaml_text(data: Mapping[str, Data]) -> str:
    """The YAML of a mapping; keys must be plain words."""
    return "".join(f"{line}\n" for line in _mapping(data, 0))


def _mapping(data: Mapping[str, Data], indent: int) -> Iterator[str]:
    for key, value in data.items():
        yield from _entry(f"{' ' * indent}{key}:", value, indent + 2)


def _entry(head: str, value: Data, indent: int) -> Iterator[str]:
    """`head` with its value behind it, or below it at `indent`."""
    if isinstance(value, str):
        yield from _text(head, value, indent)
    elif isinstance(value, Mapping):
        yield head
        yield from _mapping(value, indent)
    elif isinstance(value, Sequence):
        yield from _list(head, value, indent)
    else:
        yield f"{head} {_number(value)}"


def _list(head: str, items: Sequence[Data], indent: int) -> Iterator[str]:
    if all(isinstance(item, str) and _is_word(item) for item in items):
        line = f"{head} [{', '.join(map(str, items))}]"
        if len(line) <= WIDTH:
            yield line
            return
    yield head
    for item in items:
        yield from _item(item, indent)


def _item(item: Data, indent: int) -> Iterator[str]:
    dash = f"{' ' * indent}-"
    if not isinstance(item, Mapping):
        yield from _entry(dash, item, indent + 2)
        return
    first, *rest = _mapping(item, indent + 2)
    yield f"{dash} {first.lstrip(' ')}"
    yield from rest


def _number(value: float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if float(value).is_integer():
        return str(int(value))
    digits, *exponent = repr(value).split("e")
    # To readers of YAML 1.1 a number without a point and with an exponent is text.
    return "e".join((digits if "." in digits or not exponent else f"{digits}.0", *exponent))


def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None and not _OLD_YAML.fullmatch(text)


def _text(head: str, text: str, indent: int) -> Iterator[str]:
    line = f"{head} {text}"
    if _is_plain(text) and len(line) <= WIDTH:
        yield line
    elif "\n" in text and _is_block(text):
        yield f"{head} {'|' if text.endswith(chr(10)) else '|-'}"
        yield from (line and f"{' ' * indent}{line}" for line in text.removesuffix("\n").split("\n"))
    elif len(line) > WIDTH and "\n" not in text and " " in text and _is_block(text):
        yield f"{head} >-"
        yield from (f"{' ' * indent}{line}" for line in _folded(text, WIDTH - indent))
    else:
        yield f"{head} {_quoted(text)}"


def _is_plain(text: str) -> bool:
    if not _PLAIN.fullmatch(text) or text != text.strip() or _ESCAPED.search(text):
        return False
    return not _OLD_YAML.fullmatch(text) and isinstance(resolved(text), str)


def _is_block(text: str) -> bool:
    """Whether a block says it exactly: no space where nobody can see it, no break that is none of ours."""
    if _ESCAPED.search(text) or text.endswith("\n\n") or "\t" in text:
        return False
    lines = text.removesuffix("\n").split("\n")
    return bool(lines[0]) and lines[0][0] != " " and all(line == line.rstrip() for line in lines)


def _folded(text: str, width: int) -> Iterator[str]:
    """Lines whose breaks stand for single spaces between words; longer runs of spaces stay inside a line."""
    line = ""
    for word in re.split(r"(?<=\S) (?=\S)", text):
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)
