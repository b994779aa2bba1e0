"""Which fields follow an edge of the graph: what they give is read along with what they are asked of."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Final, Literal, Protocol, TypeAlias

from graph_api.store.reach import Reach

FOLLOWS: Final = "follows"

EdgeKind: TypeAlias = Literal[
    "placed",
    "requirements",
    "prerequisites",
    "dependents",
    "recommendations",
    "resources",
    "placements",
    "outlines",
]
"""The kinds of `Reach`."""


def follows(edge: EdgeKind) -> Mapping[str, EdgeKind]:
    """The metadata of a field that follows an edge of this kind; the executor counts them."""
    return {FOLLOWS: edge}


class Looks(Hashable, Protocol):
    """How far an operation looks, as the executor has counted it: one for all of its requests."""

    @property
    def most(self) -> Mapping[str, int]:
        """The most edges of each kind on any way into it."""

    @property
    def within(self) -> Mapping[str, Mapping[str, int]]:
        """The same of what is selected within fields that follow an edge of a kind."""


@lru_cache(maxsize=1024)
def reach_of(looks: Looks) -> Reach:
    """How far an operation is read along."""
    return Reach.of(looks.most, looks.within)
