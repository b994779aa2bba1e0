"""Topics as a Mermaid flowchart."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from graph_api.formats.picture import COLOURS, PATH_COLOUR, Node, Picture, one_line, picture

if TYPE_CHECKING:
    from graph_api.knowledge.model import Slug, Topic

# Quotes end a label, # and & begin a reference, < and > are HTML, the rest is Markdown or mathematics to
# Mermaid; so is what begins like a list, "1." or "-".
_SPECIAL: Final = re.compile(r"[\"#&<>`\\*_~$|\[\]{};%]|^[-+]|^\d(?=\d*[.)])")


def mermaid(
    topics: Iterable[Topic],
    *,
    states: Mapping[Slug, str] | None = None,
    on_path: Collection[Slug] = (),
    optional: Collection[Slug] = (),
) -> str:
    """A `flowchart` of the topics, arrows from what is learned before to what is learned after.

    States are colours (see `picture.COLOURS`), the path has thick blue borders, optional topics dashed
    ones; a choice is a small diamond, a recommendation a dotted arrow. Equal input, equal text.
    """
    drawn = picture(topics, states=states, on_path=on_path, optional=optional)
    # Slugs can be words of Mermaid's own ("end", "style"), numbers cannot.
    name = {node.slug: f"t{number}" for number, node in enumerate(drawn.nodes)}
    lines = ["flowchart LR"]
    lines += (f'  {name[node.slug]}["{_escaped(node.title)}"]' for node in drawn.nodes)
    for number, join in enumerate(drawn.joins):
        lines.append(f'  g{number}{{"{join.label}"}}')
        lines += (f"  {name[member]} --- g{number}" for member in join.of)
        lines.append(f"  g{number} --> {name[join.topic]}")
    lines += (f"  {name[before]} --> {name[after]}" for before, after in drawn.required)
    lines += (f"  {name[before]} -.-> {name[after]}" for before, after in drawn.recommended)
    return "\n".join([*lines, *_classes(drawn, name), ""])


def _escaped(text: str) -> str:
    """The text for a quoted label; blank text as one space, as Mermaid has no empty label."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", one_line(text)) or " "


def _classes(drawn: Picture, name: Mapping[Slug, str]) -> Iterator[str]:
    for title, style, has in _looks():
        members = [name[node.slug] for node in drawn.nodes if has(node)]
        if members:
            yield f"  classDef {title} {style}"
            yield f"  class {','.join(members)} {title}"


def _looks() -> Iterator[tuple[str, str, Callable[[Node], bool]]]:
    for state, (fill, border) in COLOURS.items():
        style = f"fill:{fill},stroke:{border},color:#1b1b1b"
        yield state.lower(), style, lambda node, state=state: node.state == state  # type: ignore[misc] # mypy cannot type the bound default
    yield "onPath", f"stroke:{PATH_COLOUR},stroke-width:3px", lambda node: node.on_path
    yield "optional", "stroke-dasharray:5 4", lambda node: node.optional
    yield "elsewhere", "color:#607d8b", lambda node: not node.known_here
