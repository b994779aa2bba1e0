"""What is kept beside a document, or a part of it, for as long as that is."""

from __future__ import annotations

import weakref
from typing import Generic, TypeVar

from graphql import Node

T = TypeVar("T")


class Beside(Generic[T]):
    """Values by the identity of nodes: nodes are equal when they say the same, and slow to compare."""

    def __init__(self) -> None:
        self._kept: dict[int, T] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, node: Node) -> T | None:
        """What is kept beside this very node."""
        return self._kept.get(id(node))

    def keep(self, node: Node, value: T) -> None:
        """Keep a value beside it, in the place of the one before."""
        if id(node) not in self._kept:
            weakref.finalize(node, self._kept.pop, id(node), None).atexit = False
        self._kept[id(node)] = value
