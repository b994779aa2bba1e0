"""The formats that a roadmap can be written in, each with what it leaves out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from graph_api.formats import edges, graphml, roadmap1
from graph_api.formats.dot import dot
from graph_api.formats.losses import Part, extent, left_out
from graph_api.formats.mermaid import mermaid

if TYPE_CHECKING:
    from graph_api.formats.reading import Note
    from graph_api.knowledge.model import Roadmap, Slug, Topic

Format: TypeAlias = Literal["roadmap/1", "mermaid", "dot", "graphml", "csv"]

_DRAWN: Final[tuple[Part, ...]] = ("title", "optional")


def written(
    roadmap: Roadmap,
    topics: Mapping[Slug, Topic],
    *,
    format: Format,  # noqa: A002 - what it is to whoever asks
) -> tuple[bytes, tuple[Note, ...]]:
    """The roadmap with all that it rests on as a file, and notes on what that does not say."""
    write, lost = _FORMATS[format]
    return write(roadmap, topics), lost(roadmap, topics)


def _mermaid(roadmap: Roadmap, topics: Mapping[Slug, Topic]) -> bytes:
    return mermaid(extent(roadmap, topics), optional=_optional(roadmap)).encode()


def _dot(roadmap: Roadmap, topics: Mapping[Slug, Topic]) -> bytes:
    return dot(extent(roadmap, topics), optional=_optional(roadmap)).encode()


def _optional(roadmap: Roadmap) -> set[Slug]:
    return {slug for slug, optional in roadmap.placed() if optional}


def _mermaid_losses(roadmap: Roadmap, topics: Mapping[Slug, Topic]) -> tuple[Note, ...]:
    fact = "A Mermaid picture shows titles and arrows, and no slugs"
    return tuple(left_out(fact, roadmap, topics, said=_DRAWN))


def _dot_losses(roadmap: Roadmap, topics: Mapping[Slug, Topic]) -> tuple[Note, ...]:
    return tuple(left_out("A DOT picture shows titles and arrows", roadmap, topics, said=_DRAWN))


def _nothing(_: Roadmap, __: Mapping[Slug, Topic]) -> tuple[Note, ...]:
    return ()


_Write: TypeAlias = "Callable[[Roadmap, Mapping[Slug, Topic]], bytes]"
_Lost: TypeAlias = "Callable[[Roadmap, Mapping[Slug, Topic]], tuple[Note, ...]]"

_FORMATS: Final[Mapping[Format, tuple[_Write, _Lost]]] = {
    "roadmap/1": (roadmap1.dump, _nothing),
    "mermaid": (_mermaid, _mermaid_losses),
    "dot": (_dot, _dot_losses),
    "graphml": (graphml.dump, graphml.losses),
    "csv": (edges.dump, edges.losses),
}
