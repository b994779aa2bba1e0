"""Memberships: the edges of a prerequisite graph, side by side, in an order in which all can be handed on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graph_api.knowledge.graph.rows import Indices, Mask, Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Memberships:
    """Edges side by side: the topic `owners[i]` has `members[i]` in its group `groups[i]`.

    The first `forward` of them stand in such an order that what leads to a topic comes before what leads on
    from it. The others lie in loops, and lead back.

    A group is here with all of its members or not at all.
    """

    owners: Indices
    members: Indices
    groups: Indices
    forward: int

    def __len__(self) -> int:
        return len(self.owners)

    def of(self, owners: Mask) -> Memberships:
        """Those of these topics, given as an (n,) mask."""
        kept = owners[self.owners]
        forward = int(np.count_nonzero(kept[: self.forward]))
        return Memberships(self.owners[kept], self.members[kept], self.groups[kept], forward)

    def sums(self, entries: Mask) -> Numbers:
        """For each edge how many of `entries`, which stand beside the edges, are in its group; O(groups)."""
        some = np.bincount(self.groups[entries], minlength=int(self.groups.max(initial=-1)) + 1)
        return some[self.groups]
