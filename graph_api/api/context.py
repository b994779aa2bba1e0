"""What every resolver can reach: the loaders of its request and what the process keeps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import strawberry

from graph_api.loaders import Loaders
from graph_api.store.reader import GraphReader
from graph_api.store.structure import Structure, StructureCache


@dataclass
class Context:
    """One request's way to the graph."""

    reader: GraphReader
    structures: StructureCache

    @cached_property
    def load(self) -> Loaders:
        """The loaders of this request."""
        return Loaders(self.reader)

    async def structure(self) -> Structure:
        """The structure of what rests on what."""
        return await self.structures.current()


if TYPE_CHECKING:
    Info: TypeAlias = strawberry.Info[Context, None]
else:
    Info = strawberry.Info
