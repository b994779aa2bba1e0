"""What every resolver can reach: the loaders of its request and what the process keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

import strawberry

from graph_api.api.follows import Looks, reach_of
from graph_api.api.rate_limit import Spending
from graph_api.api.viewer import Role, Viewer
from graph_api.errors import Forbidden, Unauthenticated
from graph_api.loaders import Loaders
from graph_api.store.entities import Entities
from graph_api.store.entries import EntryReader
from graph_api.store.feed import Feed
from graph_api.store.learners import LearnerState, LearnerStore
from graph_api.store.past import Archive
from graph_api.store.present_reader import PresentReader
from graph_api.store.reach import NOWHERE, Reach
from graph_api.store.reader import GraphReader
from graph_api.store.session import Database
from graph_api.store.snapshot import Snapshot, undisturbed
from graph_api.store.structure import Structure
from graph_api.store.structure_cache import StructureCache
from graph_api.store.time_reader import TimeReader
from graph_api.store.writer import GraphWriter

T = TypeVar("T")


class Noted(NamedTuple):
    """What a context has noted of what an answer is made of."""

    uses: set[str]
    reads_more: bool
    unbound: bool
    personal: bool


@dataclass
class Context:
    """One request's way to the graph. `asker` is None when nobody has said who asks.

    `personal` tells whether anything has asked for the viewer: an answer may depend on it then; `unbound`
    whether it depends on more than the nodes that the loaders gave.
    `caller` is whoever is charged for the request, and `spending` what it was charged, if it was.
    """

    database: Database
    structures: StructureCache
    solvers: Executor
    writer: GraphWriter
    learners: LearnerStore
    feed: Feed
    archives: Archive
    entities: Entities
    asker: Viewer | None = None
    caller: str = ""
    spending: Spending | None = None
    personal: bool = field(default=False, init=False)
    unbound: bool = field(default=False, init=False)
    _reach: Reach = field(default=NOWHERE, init=False)

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
        for kept in ("snapshot", "reader", "entries", "present", "time", "load", "_learner"):
            self.__dict__.pop(kept, None)
        self.feed.notify()

    @cached_property
    def load(self) -> Loaders:
        """The loaders of this request."""
        return Loaders(self.time)

    @cached_property
    def time(self) -> TimeReader:
        """The graph of now and of old revisions, by key."""
        return TimeReader(self.present, self.archives, self.entries)

    @cached_property
    def present(self) -> PresentReader:
        """The graph of now, by key."""
        return PresentReader(self.snapshot, self.entities, self._reach)

    def foresee(self, looks: Looks) -> None:
        """Read along what lies so many edges of each kind further, as `Reach` names them."""
        self.present.reach = self._reach = reach_of(looks)

    @cached_property
    def entries(self) -> EntryReader:
        """The history."""
        return EntryReader(self.snapshot)

    @property
    def archive(self) -> Archive:
        """Old revisions, whole."""
        self.unbound = True
        return self.archives

    @cached_property
    def reader(self) -> GraphReader:
        """The graph of now, for what no loader reads."""
        self.unbound = True
        return GraphReader(self.snapshot)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The database, as of one revision for the whole request."""
        return Snapshot(self.database, self.structures, at_least=self.feed.revision)

    async def holds(self) -> bool:
        """Whether all that this request has read is of one revision. If so, others may use it too."""
        held = await self.snapshot.holds()
        if held and "present" in self.__dict__:
            self.present.keep()
        return held

    @property
    def revision(self) -> int | None:
        """The revision that is read; None when nothing was read and no revision was ever seen."""
        known = self.snapshot.known()
        return self.structures.seen if known is None else known.revision

    @property
    def era(self) -> object:
        """The era of that revision."""
        return self.snapshot.era

    @property
    def uses(self) -> frozenset[str] | None:
        """The ids of the nodes that the answer was made of; None when it depends on more than these."""
        return None if self.unbound or self.present.unbound else frozenset(self.present.uses)

    def stands(self) -> tuple[int, object] | None:
        """The revision and the era that all is of which is in memory; None while it is not chosen."""
        known = self.snapshot.known()
        return None if known is None else (known.revision, self.snapshot.era)

    def unchanged(self, nodes: Iterable[str], *, since: int) -> bool:
        """Whether these nodes are the same at the revision of `stands` as at that earlier one."""
        return self.snapshot.era is self.structures.era and self.structures.unchanged(nodes, since=since)

    def use(self, nodes: tuple[str, ...] | None) -> None:
        """What follows is made of these nodes, too; None for more than can be said."""
        if nodes is None:
            self.unbound = True
        else:
            self.present.uses.update(nodes)

    def watch(self) -> Noted:
        """Begin to note what is read; what was noted before, for `watched`."""
        before = Noted(self.present.uses, self.present.unbound, self.unbound, self.personal)
        self.present.uses, self.present.unbound = set(), False
        self.unbound = self.personal = False
        return before

    def watched(self, before: Noted) -> tuple[bool, tuple[str, ...] | None]:
        """Whether others may have what was made since, and the nodes it was made of; go on as before.

        They may, if it says nothing of who asks, and all of it was in memory: what this request has read may
        turn out to be of another revision.
        """
        shared = not self.personal and not self.snapshot.has_read
        uses = None if self.unbound or self.present.unbound else tuple(self.present.uses)
        before.uses.update(self.present.uses)
        self.present.uses = before.uses
        self.present.unbound |= before.reads_more
        self.unbound |= before.unbound
        self.personal |= before.personal
        return shared, uses

    def again(self) -> Context:
        """The same request, which has not read anything yet."""
        return replace(self)

    def follow(self, later: Context) -> None:
        """Be what a later context of the same request has become."""
        self.snapshot, self.present = later.snapshot, later.present
        self.unbound |= later.unbound
        self.personal |= later.personal

    async def alone(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns while nobody can write."""
        self.unbound = True

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
        self.unbound = True
        return await self.snapshot.structure() if at is None else (await self.time.past(at)).past.structure

    def structure_soon(
        self, *, at: int | None = None, of: Iterable[str] | None = None
    ) -> Structure | Awaitable[Structure]:
        """The same, without waiting where it is at hand; `of` are the only nodes that it is asked about."""
        known = self.snapshot.known() if at is None else None
        if known is None or of is None:
            self.unbound = True
        else:
            self.present.uses.update(of)
        return known or self.structure(at=at)

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
