"""How far someone has come in a roadmap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph
    from graph_api.knowledge.graph.rows import Mask
    from graph_api.knowledge.model import Roadmap


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `topics` with `hours` altogether, `known_topics` with `known_hours` are known."""

    known_topics: int
    topics: int
    known_hours: float
    hours: float


@dataclass(frozen=True, slots=True)
class Progress:
    """The required and the optional topics of a roadmap, apart; each topic counts once."""

    required: Tally
    optional: Tally


def progress(graph: PrerequisiteGraph, known: Mask, roadmap: Roadmap) -> Progress:
    """The progress in a roadmap; placements of topics that are not in the graph are passed over."""
    required, optional = graph.placements(roadmap)
    return Progress(_tally(graph, known, required), _tally(graph, known, optional))


def _tally(graph: PrerequisiteGraph, known: Mask, topics: Mask) -> Tally:
    done = topics & known
    return Tally(
        int(done.sum()),
        int(topics.sum()),
        float(graph.hours[done].sum()),
        float(graph.hours[topics].sum()),
    )
