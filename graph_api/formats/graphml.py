"""Topics and what they rest on as GraphML, for programs that draw and measure graphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Final, TypeAlias

from graph_api.formats.losses import Part, extent, left_out
from graph_api.formats.reading import Note
from graph_api.knowledge.model import Roadmap, Slug, Topic

_KEYS: Final = (
    ("graph", "title", "string"),
    ("graph", "summary", "string"),
    ("graph", "language", "string"),
    ("node", "title", "string"),
    ("node", "summary", "string"),
    ("node", "hours", "double"),
    ("node", "tags", "string"),
    ("node", "section", "string"),
    ("node", "optional", "boolean"),
    ("edge", "kind", "string"),
    ("edge", "group", "int"),
    ("edge", "need", "int"),
    ("edge", "reason", "string"),
)
"""(for, name, type) of each piece of data; the id of its key is `for-name`."""

_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns'
    ' http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">'
)
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, not even as a reference."""

_INSTEAD: Final = "\ufffd"

_SAID: Final[tuple[Part, ...]] = (
    "heading",
    "section",
    "optional",
    "title",
    "summary",
    "hours",
    "tag",
    "reason",
)

Data: TypeAlias = str | int | float | bool | None


def dump(roadmap: Roadmap, topics: Mapping[Slug, Topic]) -> bytes:
    """A directed graph of all that the roadmap places or rests on, from what is learned before to after.

    Edges of one topic with the same `group` are one group, of which `need` are needed; an edge without a
    group is needed itself. Equal input, equal bytes.
    """
    lines = [_HEAD]
    lines += (
        f'  <key id="{of}-{name}" for="{of}" attr.name="{name}" attr.type="{sort}"/>'
        for of, name, sort in _KEYS
    )
    lines.append(f'  <graph id="{_text(roadmap.slug)}" edgedefault="directed">')
    heading = {"title": roadmap.title, "summary": roadmap.summary, "language": roadmap.language}
    lines += (f"    {each}" for each in _data("graph", heading))
    lines += _nodes(roadmap, topics)
    lines += _edges(extent(roadmap, topics))
    return "\n".join([*lines, "  </graph>", "</graphml>", ""]).encode()


def losses(roadmap: Roadmap, topics: Mapping[Slug, Topic]) -> tuple[Note, ...]:
    """What the GraphML file does not say of this roadmap, or says otherwise."""
    notes = [*left_out("A GraphML file has no lists within a topic", roadmap, topics, said=_SAID)]
    if roadmap.sections:
        message = "Of sections a GraphML file has the slugs; their titles, summaries and order are left out."
        notes.append(Note("section", message))
    texts = [
        roadmap.title,
        roadmap.summary,
        *(text for topic in extent(roadmap, topics) for text in _texts(topic)),
    ]
    if count := sum(_NO_XML.search(text) is not None for text in texts):
        message = f"Characters that XML cannot hold are replaced by U+FFFD in this many texts: {count:,}."
        notes.append(Note("characters", message))
    return tuple(notes)


def _texts(topic: Topic) -> Iterator[str]:
    """The texts of a topic that stand in the file."""
    yield from (topic.title, topic.summary)
    yield from (group.reason for group in topic.requires)
    yield from (each.reason for each in topic.recommends)


def _nodes(roadmap: Roadmap, topics: Mapping[Slug, Topic]) -> Iterator[str]:
    held = extent(roadmap, topics)
    optional = dict(roadmap.placed())
    section = {placed.topic: each.slug for each in roadmap.sections for placed in each.placements}
    for topic in held:
        data: dict[str, Data] = {
            "title": topic.title,
            "summary": topic.summary,
            "hours": topic.hours,
            "tags": ",".join(topic.tags),
            "section": section.get(topic.slug),
            "optional": optional.get(topic.slug),
        }
        yield from _element(f'node id="{_text(topic.slug)}"', _data("node", data))
    # An edge may lead from a topic that was not handed over.
    for slug in sorted({before for before, _ in _ends(held)} - {topic.slug for topic in held}):
        yield from _element(f'node id="{_text(slug)}"', ())


def _ends(topics: Iterable[Topic]) -> Iterator[tuple[Slug, Slug]]:
    for topic in topics:
        yield from ((member, topic.slug) for group in topic.requires for member in group.of)
        yield from ((each.topic, topic.slug) for each in topic.recommends)


def _edges(topics: Iterable[Topic]) -> Iterator[str]:
    for topic in topics:
        for number, group in enumerate(topic.requires, 1):
            label: dict[str, Data] = {} if group.plain else {"group": number, "need": group.need}
            for member in group.of:
                data = {"kind": "requires", **label, "reason": group.reason}
                yield from _element(_edge(member, topic.slug), _data("edge", data))
        for each in topic.recommends:
            data = {"kind": "recommends", "reason": each.reason}
            yield from _element(_edge(each.topic, topic.slug), _data("edge", data))


def _edge(before: Slug, after: Slug) -> str:
    return f'edge source="{_text(before)}" target="{_text(after)}"'


def _element(head: str, data: Iterable[str]) -> Iterator[str]:
    inner = [f"      {each}" for each in data]
    yield from (f"    <{head}>", *inner, f"    </{head.partition(' ')[0]}>") if inner else (f"    <{head}/>",)


def _data(of: str, values: Mapping[str, Data]) -> Iterator[str]:
    for name, value in values.items():
        if value is None or value == "":
            continue
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield f'<data key="{of}-{name}">{_text(text)}</data>'


def _text(text: str) -> str:
    # A reader of XML takes a carriage return for a line feed, unless it is a reference.
    return escape(_NO_XML.sub(_INSTEAD, text)).replace("\r", "&#13;")
