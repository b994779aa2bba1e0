"""Which fields follow an edge of the graph: what they give is read along with what they are asked of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

FOLLOWS: Final = "follows"

EdgeKind: TypeAlias = Literal["placed", "requirements", "prerequisites", "dependents"]
"""The kinds of `Reach`."""


def follows(edge: EdgeKind) -> Mapping[str, EdgeKind]:
    """The metadata of a field that follows an edge of this kind; the executor counts them."""
    return {FOLLOWS: edge}
