"""A file's bytes -> its tree, by whichever of YAML and JSON they are."""

from __future__ import annotations

import codecs
from typing import Final

from graph_api.formats.roadmap1.json_events import json_events
from graph_api.formats.roadmap1.tree import Tree, broken, grow
from graph_api.formats.roadmap1.yaml_events import yaml_events

MAX_BYTES: Final = 32 * 1024 * 1024


def read(data: bytes, *, name: str, max_bytes: int) -> Tree:
    """The tree of a file. Raises InvalidDocument with one fault where there is none to be had."""
    text = text_of(data, name=name, max_bytes=max_bytes)
    events = json_events if _is_json(text, name) else yaml_events
    return grow(events(text, name=name), name=name)


def text_of(data: bytes, *, name: str, max_bytes: int = MAX_BYTES) -> str:
    """The text of a file; raises InvalidDocument where it is too large or not in UTF-8."""
    if len(data) > max_bytes:
        raise broken(f"The file is larger than {max_bytes:,} bytes.", name=name)
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise broken("The file is not in UTF-8; save it in that encoding.", name=name, line=line) from error


def _is_json(text: str, name: str) -> bool:
    """By the name; where that says nothing, by how JSON of ours always starts."""
    suffix = name.lower().rpartition(".")[2]
    if suffix in {"json", "yaml", "yml"}:
        return suffix == "json"
    return text.lstrip(" \t\r\n")[:1] in {"{", "["}
