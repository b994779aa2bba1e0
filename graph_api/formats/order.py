"""Topics of a file without sections of its own, in an order in which they can be learned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Slug, Topic


def rounds(topics: Iterable[Topic]) -> Mapping[Slug, int]:
    """The round in which each topic can be learned at the earliest, from 0.

    Those that are out of reach share the round after all others; whoever imports them is told why.
    """
    graph = PrerequisiteGraph.build(topics)
    found = graph.rounds()
    last = int(found.max(initial=0)) + 1
    return {
        slug: last if earliest < 0 else int(earliest)
        for slug, earliest in zip(graph.slugs, found, strict=True)
    }
