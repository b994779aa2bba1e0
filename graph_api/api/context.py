"""What every resolver can reach: the loaders of its request and what the process keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import strawberry

from graph_api.api.rate_limit import Spending
from graph_api.api.viewer import Role, Viewer
from graph_api.errors import Forbidden, Unauthenticated
from graph_api.loaders import Loaders
from graph_api.store.entries import EntryReader
from graph_api.store.feed import Feed
from graph_api.store.learners import LearnerState, LearnerStore
from graph_api.store.past import Archive
from graph_api.store.reader import GraphReader
from graph_api.store.session import Database
from graph_api.store.snapshot import Snapshot, undisturbed
from graph_api.store.structure import Structure, StructureCache
from graph_api.store.time_reader import TimeReader
from graph_api.store.writer import GraphWriter

T = TypeVar("T")


@dataclass
class Context:
    """One request's way to the graph. `asker` is None when nobody has said who asks.

    `personal` tells whether anything has asked for the viewer: an answer may depend on it then.
    `caller` is whoever is charged for the request, and `spending` what it was charged, if it was.
    """

    database: Database
    structures: StructureCache
    solvers: Executor
    writer: GraphWriter
    learners: LearnerStore
    feed: Feed
    archive: Archive
    asker: Viewer | None = None
    caller: str = ""
    spending: Spending | None = None
    personal: bool = field(default=False, init=False)

    @property
    def viewer(self) -> Viewer | None:
        """Who asks."""
        self.personal = True
        return self.asker

    def require(self, role: Role) -> Viewer:
        """The viewer, who may do what needs this role. Raises Unauthenticated or Forbidden."""
        viewer = self.viewer
        if viewer is None:
            raise Unauthenticated("This needs a token: send it as Authorization: Bearer <token>.")
        if not viewer.may(role):
            raise Forbidden(f"This needs the role {role.value}.")
        return viewer

    def renew(self) -> None:
        """Forget what was read, and tell subscribers: this request has just written."""
        for kept in ("snapshot", "reader", "entries", "time", "load", "_learner"):
            self.__dict__.pop(kept, None)
        self.feed.notify()

    @cached_property
    def load(self) -> Loaders:
        """The loaders of this request."""
        return Loaders(self.time)

    @cached_property
    def time(self) -> TimeReader:
        """The graph of now and of old revisions."""
        return TimeReader(self.reader, self.archive, self.entries)

    @cached_property
    def entries(self) -> EntryReader:
        """The history."""
        return EntryReader(self.snapshot)

    @cached_property
    def reader(self) -> GraphReader:
        """The graph of now, for what no loader reads."""
        return GraphReader(self.snapshot)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The database, as of one revision for the whole request."""
        return Snapshot(self.database, self.structures, at_least=self.feed.revision)

    async def holds(self) -> bool:
        """Whether all that this request has read is of one revision."""
        return await self.snapshot.holds()

    def again(self) -> Context:
        """The same request, which has not read anything yet."""
        return replace(self)

    async def alone(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns while nobody can write."""

        async def locked(snapshot: Snapshot) -> T:
            self.snapshot = snapshot
            return await work()

        return await undisturbed(self.database, self.structures, locked)

    async def compute(self, work: Callable[[], T]) -> T:
        """What `work` returns, computed off the event loop by one of a bounded number of threads."""
        return await asyncio.get_running_loop().run_in_executor(self.solvers, work)

    async def structure(self, *, at: int | None = None) -> Structure:
        """The structure of what rests on what, of one revision for the whole request, or of an old one.

        Raises as `Archive.at` does for an old one.
        """
        if at is not None:
            return (await self.time.past(at)).past.structure
        return await self.snapshot.structure()

    async def learner(self) -> LearnerState:
        """What the viewer has recorded, read once a request. Raises Unauthenticated or Forbidden."""
        self.require(Role.LEARNER)
        return await asyncio.shield(self._learner)

    @cached_property
    def _learner(self) -> asyncio.Task[LearnerState]:
        return asyncio.create_task(self.learners.read(self.require(Role.LEARNER).id))


if TYPE_CHECKING:
    Info: TypeAlias = strawberry.Info[Context, None]
else:
    Info = strawberry.Info
