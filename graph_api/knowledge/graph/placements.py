"""Placements: the topics of a roadmap, as numbers of a prerequisite graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph_api.knowledge.graph.rows import Indices
    from graph_api.knowledge.model import Roadmap, Slug


@dataclass(frozen=True, slots=True, eq=False)
class Placements:
    """Which topics a roadmap requires and which are optional in it, ascending; no topic is in both.

    A topic placed more than once is optional when every placement is. Names of no topic are passed over.
    """

    roadmap: Roadmap
    required: Indices
    optional: Indices

    @classmethod
    def of(cls, roadmap: Roadmap, number: Mapping[Slug, int]) -> Placements:
        """Those of a roadmap, with the number of each slug; O(placements), and a sort of them."""
        found: dict[bool, set[int]] = {False: set(), True: set()}
        for slug, optional in roadmap.placed():
            if (topic := number.get(slug)) is not None:
                found[optional].add(topic)
        required, optional_only = sorted(found[False]), sorted(found[True] - found[False])
        return cls(roadmap, np.array(required, dtype=np.int32), np.array(optional_only, dtype=np.int32))
