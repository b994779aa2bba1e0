"""The inner fringe: which topics of a knowledge state can be taken away and leave a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph_api.knowledge.rows import Mask, indices

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph


def inner_fringe(graph: PrerequisiteGraph, state: Mask) -> Mask:
    """The topics x of a consistent `state` for which state - x is consistent as well; O(edges) without loops.

    A topic stays in when some known topic's group has no known member to spare and it is one of them.
    Without loops this is all there is to it. In a loop topics may seem to hold each other up when what
    really held them up is gone; this is tried for each topic that a looped one may rest on.
    """
    members = graph.members
    tight = state[graph.topic] & (members.count(state) == graph.need)
    held = graph.mask_of(members.gather(indices(tight)))
    free = state & ~held
    looped = graph.looped & state
    suspect = free & graph.mask_of(graph.prerequisites.gather(indices(looped)))
    if suspect.any():
        free &= ~_fatal(graph, state, looped, suspect)
    return free


def _fatal(graph: PrerequisiteGraph, state: Mask, looped: Mask, suspects: Mask) -> Mask:
    """The suspects without which some topic of a loop cannot be learned any more; one search each.

    Only looped topics have to be tried: all others rest on them and on each other in an order.
    """
    outside = state & ~looped
    loops = graph.settled((outside & ~suspects)[graph.members.values])
    fatal = graph.mask_of_all(())
    for number in indices(suspects).tolist():
        known, within = outside & suspects, looped.copy()
        known[number] = within[number] = False
        fatal[number] = not loops.learnable(known, within)[within].all()
    return fatal
