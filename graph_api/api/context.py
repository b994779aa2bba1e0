"""What every resolver can reach: the loaders of its request and what the process keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import strawberry

from graph_api.api.viewer import Role, Viewer
from graph_api.errors import Forbidden, Unauthenticated
from graph_api.loaders import Loaders
from graph_api.store.reader import GraphReader
from graph_api.store.structure import Structure, StructureCache

T = TypeVar("T")


@dataclass
class Context:
    """One request's way to the graph. `viewer` is None when nobody has said who asks."""

    reader: GraphReader
    structures: StructureCache
    solvers: Executor
    viewer: Viewer | None = None

    def require(self, role: Role) -> Viewer:
        """The viewer, who may do what needs this role. Raises Unauthenticated or Forbidden."""
        if self.viewer is None:
            raise Unauthenticated("This needs a token: send it as Authorization: Bearer <token>.")
        if not self.viewer.may(role):
            raise Forbidden(f"This needs the role {role.value}.")
        return self.viewer

    @cached_property
    def load(self) -> Loaders:
        """The loaders of this request."""
        return Loaders(self.reader)

    async def compute(self, work: Callable[[], T]) -> T:
        """What `work` returns, computed off the event loop by one of a bounded number of threads."""
        return await asyncio.get_running_loop().run_in_executor(self.solvers, work)

    async def structure(self) -> Structure:
        """The structure of what rests on what: one and the same revision for the whole request."""
        return await asyncio.shield(self._structure)

    @cached_property
    def _structure(self) -> asyncio.Task[Structure]:
        return asyncio.create_task(self.structures.current())


if TYPE_CHECKING:
    Info: TypeAlias = strawberry.Info[Context, None]
else:
    Info = strawberry.Info
