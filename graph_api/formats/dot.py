"""Topics as a Graphviz picture (the DOT language)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from graph_api.formats.picture import COLOURS, PATH_COLOUR, Node, one_line, picture

if TYPE_CHECKING:
    from graph_api.knowledge.model import Slug, Topic


def dot(
    topics: Iterable[Topic],
    *,
    states: Mapping[Slug, str] | None = None,
    on_path: Collection[Slug] = (),
    optional: Collection[Slug] = (),
) -> str:
    """A `digraph` of the topics, arrows from what is learned before to what is learned after.

    States are colours (see `picture.COLOURS`), the path has thick blue borders, optional topics dashed
    ones; a choice is a small diamond, a recommendation a dotted arrow. Equal input, equal text.
    """
    drawn = picture(topics, states=states, on_path=on_path, optional=optional)
    lines = [
        "digraph roadmap {",
        "  rankdir=LR;",
        '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="sans-serif"];',
    ]
    lines += (f"  {_quoted(node.slug)} [{_attributes(node)}];" for node in drawn.nodes)
    for number, join in enumerate(drawn.joins):
        # A blank cannot stand in a slug, so no topic has this name.
        name = _quoted(f"{join.topic} {number}")
        lines.append(f"  {name} [{_joined(join.label)}];")
        lines += (f"  {_quoted(member)} -> {name} [arrowhead=none];" for member in join.of)
        lines.append(f"  {name} -> {_quoted(join.topic)};")
    lines += (f"  {_quoted(before)} -> {_quoted(after)};" for before, after in drawn.required)
    lines += (
        f"  {_quoted(before)} -> {_quoted(after)} [style=dotted, constraint=false];"
        for before, after in drawn.recommended
    )
    return "\n".join([*lines, "}", ""])


def _attributes(node: Node) -> str:
    return ", ".join(f"{name}={_quoted(value)}" for name, value in _pairs(node))


def _pairs(node: Node) -> Iterator[tuple[str, str]]:
    # Graphviz reads character references in labels.
    yield "label", one_line(node.title).replace("&", "&amp;")
    if colours := COLOURS.get(node.state or ""):
        fill, border = colours
        yield "fillcolor", fill
        yield "color", PATH_COLOUR if node.on_path else border
    elif node.on_path:
        yield "color", PATH_COLOUR
    if node.on_path:
        yield "penwidth", "3"
    if node.optional:
        yield "style", "rounded,filled,dashed"
    if not node.known_here:
        yield "fontcolor", "#607d8b"


def _joined(label: str) -> str:
    return f'shape=diamond, style="filled", label={_quoted(label)}, width="0.3", height="0.3", fontsize="9"'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
