"""Answers kept for whoever asks the same again: as bytes, for as long as what they were made of stays.

Only answers to queries without errors that looked at nobody's identity are kept, so they are everybody's.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, Protocol, TypeGuard

from graph_api.endpoint.revision import REVISION, Revisions
from graph_api.endpoint.told import knows

LARGEST_KEY: Final = 16_384
PATIENCE: Final = 5.0
"""Seconds after which who waits for the clock, or for another's execution, executes for itself."""

_TAG_BYTES: Final = 12
_OVERHEAD: Final = 500
_A_NODE: Final = 8


class Shared(Protocol):
    """A context that knows what an answer depends on."""

    @property
    def revision(self) -> int | None:
        """The revision that it was made from."""

    @property
    def era(self) -> object:
        """The era of that revision, see `Revisions`."""

    @property
    def uses(self) -> frozenset[str] | None:
        """The ids of the nodes that it was made of; None when it depends on more than these."""

    @property
    def personal(self) -> bool:
        """Whether it may depend on who asks."""


def is_shared(context: object) -> TypeGuard[Shared]:
    """Whether a context is one of these."""
    return knows(context, "revision", "era", "uses", "personal")


@dataclass(slots=True, eq=False, kw_only=True)
class Answer:
    """An answer without its revision, which follows `head`; `revision` is the last it was known to fit.

    `uses` are the ids of the nodes it was made of, None for more than these; a set of them often took as much
    memory as the rest.
    `named` says that it answers a trusted document by its id; `name` and `cost` are those of the operation.
    """

    head: bytes
    revision: int
    era: object
    uses: tuple[str, ...] | None
    query: str
    name: str | None
    cost: int
    named: bool
    _tag: str | None = None

    @classmethod
    def of(cls, body: bytes, revision: int, **known: Any) -> Answer | None:
        """The answer with these bytes, if they end with the revision, as `stamped` has it."""
        end = b"%d}}" % revision
        if not body.endswith(b'"%s":%s' % (REVISION.encode(), end)):
            return None
        head = body[: -len(end)]
        return cls(head=head, revision=revision, **known)

    @property
    def tag(self) -> str:
        """Its entity tag, whichever the revision: few clients ask for it."""
        if self._tag is None:
            self._tag = f'W/"{blake2b(self.head, digest_size=_TAG_BYTES).hexdigest()}"'
        return self._tag

    def body(self) -> bytes:
        """The answer in bytes."""
        return b"%s%d}}" % (self.head, self.revision)

    def fits(self, now: int, revisions: Revisions) -> bool:
        """Whether it is what would be answered at this revision too."""
        if self.era is not revisions.era:
            return False
        if self.revision == now:
            return True
        if self.uses is None or not revisions.unchanged(self.uses, since=self.revision):
            return False
        self.revision = now
        return True

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.head) + len(self.query) + _A_NODE * len(self.uses or ()) + _OVERHEAD


class Answers:
    """The last answers, by the bytes of their requests, of `capacity` bytes at the most; with 0 none."""

    def __init__(self, capacity: int = 0) -> None:
        self._capacity = capacity
        self._held = 0
        self._kept: OrderedDict[bytes, Answer] = OrderedDict()
        self._renewals: dict[bytes, asyncio.Future[None]] = {}

    @property
    def held(self) -> int:
        """About how many bytes they take."""
        return self._held

    async def find(self, key: bytes, revisions: Revisions) -> Answer | None:
        """The answer of now to a request. One that somebody is renewing is waited for.

        Raises what a look for the revision raises; None when that takes longer than PATIENCE.
        """
        answer = self._kept.get(key)
        if answer is None:
            return None
        known = revisions.known()
        if known is not None and answer.fits(known, revisions):
            self._kept.move_to_end(key)
            return answer
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._find(key, revisions)
        except TimeoutError:
            return None

    async def _find(self, key: bytes, revisions: Revisions) -> Answer | None:
        now = await revisions.now()
        answer = self._kept.get(key)
        if answer is None:
            return None
        if not answer.fits(now, revisions):
            if (renewal := self._renewals.get(key)) is None:
                return None
            await asyncio.shield(renewal)
            answer = self._kept.get(key)
            if answer is None or not answer.fits(await revisions.now(), revisions):
                return None
        self._kept.move_to_end(key)
        return answer

    @contextmanager
    def renewing(self, key: bytes) -> Iterator[None]:
        """Let those who ask the same wait for the answer, if there was one that could be kept before."""
        if key not in self._kept or key in self._renewals:
            yield
            return
        renewal = self._renewals[key] = asyncio.get_running_loop().create_future()
        try:
            yield
        finally:
            del self._renewals[key]
            renewal.set_result(None)

    def keep(self, key: bytes, answer: Answer) -> None:
        """Keep an answer, and drop those that nobody has asked for longest."""
        self.forget(key)
        if len(key) > LARGEST_KEY or answer.size + len(key) > self._capacity:
            return
        self._kept[key] = answer
        self._held += answer.size + len(key)
        while self._held > self._capacity:
            self.forget(next(iter(self._kept)))

    def forget(self, key: bytes) -> None:
        """Keep it no longer."""
        if (answer := self._kept.pop(key, None)) is not None:
            self._held -= answer.size + len(key)
