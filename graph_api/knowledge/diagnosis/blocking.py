"""Blocking sets: the irreducible reasons why topics cannot be learned.

A blocking set is a non-empty set of topics of which each has a group that cannot be met by topics
outside of the set, even if all of those were known; and no proper subset of it is such a set. Nobody
can learn any topic of one. (In logic programming: a minimal non-empty unfounded set; Van Gelder, Ross &
Schlipf, The well-founded semantics for general logic programs, J. ACM 38 (1991).)

A group of m known-by-name members that needs k is blocked by m - k + 1 of its members; this number is
called its `cut` here. A cut of 1 is a plain prerequisite in effect. With a cut of 0 or less (unknown
names) the topic is a blocking set by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from graph_api.knowledge.diagnosis.part import Part
from graph_api.knowledge.graph.order import components, loops
from graph_api.knowledge.graph.rows import Indices, Mask, indices

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph

_ENTRIES_LOOKED_AT: Final = 1_000_000
"""After so many memberships no further sets are sought inside parts that gave one; a few seconds' work."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocking:
    """Why the topics of `unlearnable` are so.

    unlearnable  (n,) topics out of reach
    dangling     topics with a group that too few known names are left in, ascending
    sets         disjoint blocking sets of the others, each in the order of its loop if it is one
    downstream   (n,) unlearnable topics in none of these: they wait for some of them
    """

    unlearnable: Mask
    dangling: Indices
    sets: tuple[tuple[int, ...], ...]
    downstream: Mask


def blocking(graph: PrerequisiteGraph, known: Mask | None = None) -> Blocking:
    """The blocking sets of a graph in which `known` topics count as known.

    One for every independent cause: each strongly connected part of what is out of reach gives one, as
    far as it blocks itself; these are then taken as mended and the rest is looked through again, so that
    with all named sets known everything could be learned. O(edges) for each time, plus the search inside
    each part; in a huge tangle this ends after _ENTRIES_LOOKED_AT, and what is left comes up once the
    first sets are mended. A topic that is its own prerequisite is a set of one.
    """
    learnable = graph.learnable(known)
    unlearnable = ~learnable
    dangling = unlearnable & (graph.groups.sums(graph.need > graph.members.sizes()) > 0)
    selfish = unlearnable & ~dangling & _own_prerequisites(graph)
    sets: list[tuple[int, ...]] = [(topic,) for topic in indices(selfish).tolist()]
    looked = 0
    learnable = graph.learnable(learnable | dangling | selfish)
    while not learnable.all() and looked < _ENTRIES_LOOKED_AT:
        rest = graph.settled(learnable[graph.members.values])
        found = [part.irreducible() for part in _causes(rest)]
        learnable = graph.learnable(learnable | _mask(graph, found))
        sets, looked = sets + found, looked + len(rest.members.values)
    downstream = unlearnable & ~dangling & ~_mask(graph, sets)
    return Blocking(unlearnable, indices(dangling), tuple(sorted(sets, key=min)), downstream)


def _mask(graph: PrerequisiteGraph, sets: Iterable[tuple[int, ...]]) -> Mask:
    return graph.mask_of_all(chain.from_iterable(sets))


def _own_prerequisites(graph: PrerequisiteGraph) -> Mask:
    """(n,) the topics that are themselves a member without which one of their groups cannot be met."""
    owners = graph.members.owners()
    own = graph.topic[owners] == graph.members.values
    indispensable = (graph.need == graph.members.sizes())[owners]
    return graph.mask_of(graph.members.values[own & indispensable])


def _causes(rest: PrerequisiteGraph) -> tuple[Part, ...]:
    """Disjoint parts that block themselves and hold no smaller strongly connected ones that do.

    Every blocking set is strongly connected (otherwise a part of it that leads nowhere else would do), so
    it lies within one component of what is out of reach. With all other components taken as known, what
    stays out of reach is what that component blocks by itself. Repeated until nothing more falls away.
    """
    while True:
        component = components(rest.prerequisites)
        across = component[rest.topic[rest.members.owners()]] != component[rest.members.values]
        reached = rest.settled(across).learnable()
        if not across.any() and reached[rest.members.values].sum() == 0:
            return tuple(Part.of(rest, topics) for topics in loops(rest.prerequisites, component))
        rest = rest.settled(across | reached[rest.members.values])
