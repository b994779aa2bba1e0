"""The inner fringe: which topics of a knowledge state can be taken away and leave a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph_api.knowledge.graph.rows import Mask, indices

if TYPE_CHECKING:
    from graph_api.knowledge.graph import PrerequisiteGraph


def inner_fringe(graph: PrerequisiteGraph, state: Mask) -> Mask:
    """The topics x of a consistent `state` for which state - x is consistent as well; O(edges) without loops.

    A topic stays in when some known topic's group has no known member to spare and it is one of them.
    Without loops this is all there is to it. In a loop topics may seem to hold each other up when what
    really held them up is gone; this is tried for each topic that `_suspects` leaves.
    """
    members = graph.members
    tight = state[graph.topic] & (members.count(state) == graph.need)
    free = state & ~graph.mask_of(members.gather(indices(tight)))
    looped = graph.looped & state
    if (free & graph.mask_of(graph.prerequisites.gather(indices(looped)))).any():
        suspects = free & _suspects(graph, state)
        free &= ~_fatal(graph, state, looped, suspects)
    return free


def _suspects(graph: PrerequisiteGraph, state: Mask) -> Mask:
    """The topics without which the state can perhaps not be learned in the order tried here.

    The order is by component, as topics lead to lower ones, and within one by rounds: every topic comes
    after enough members of each of its groups. Where none of these is one too many, each is a suspect;
    without a topic that is none, all others can be learned in the same order.
    """
    members, owners = graph.members, graph.topic[graph.members.owners()]
    rounds = graph.rounds(within=state)
    apart = graph.component[members.values] != graph.component[owners]
    before = state[members.values] & (apart | (rounds[members.values] < rounds[owners]))
    tight = state[graph.topic] & (members.sums(before) == graph.need)
    return graph.mask_of(members.values[before & tight[members.owners()]])


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
