"""What is known of an operation while it runs: whoever does a part of its work adds to it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Self

from graph_api.telemetry.metrics import LONGEST_NAME, Metrics

if TYPE_CHECKING:
    from types import TracebackType

    from graph_api.telemetry.traces import OperationSpan, Traces

log = logging.getLogger(__name__)

HASH_DIGITS: Final = 16
_DATABASE: Final = frozenset({"UNAVAILABLE", "TIMEOUT", "STORE_ERROR", "DATABASE_ACCESS", "MIGRATION"})
_NOTHING: Final[AbstractContextManager[None]] = nullcontext()


@dataclass(slots=True, eq=False)
class RequestId:
    """What a client and our log call a request. Tasks that outlive it do not speak for it."""

    text: str
    ended: bool = False


REQUEST: ContextVar[RequestId | None] = ContextVar("request", default=None)
_CURRENT: ContextVar[Activity | None] = ContextVar("activity", default=None)


def request_id() -> str | None:
    """The id of the request that this code works for."""
    request = REQUEST.get()
    return None if request is None or request.ended else request.text


def current() -> Activity | None:
    """The operation that this code works for; None for what no operation waits for."""
    activity = _CURRENT.get()
    return None if activity is None or activity.ended else activity


@dataclass(slots=True, eq=False, kw_only=True)
class Activity:
    """An operation from its text to its last answer.

    Never its variables, and of whoever asks nothing but the roles. `answer`, `document` and `structure` are
    "hit" or "miss", None where nobody has looked; `cost` is the static one, None where it was not computed.
    """

    metrics: Metrics
    query: str
    transport: str
    roles: tuple[str, ...] = ()
    span: OperationSpan | None = None
    name: str | None = None
    kind: str | None = None
    cost: float | None = None
    answer: str | None = None
    document: str | None = None
    structure: str | None = None
    statements: int = 0
    batches: int = 0
    repeats: int = 0
    answers: int = 0
    refused: bool = False
    ended: bool = False
    codes: set[str] = field(default_factory=set)
    began: float = field(default_factory=time.perf_counter)
    _before: Token[Activity | None] | None = None
    _within: AbstractContextManager[None] | None = None

    @property
    def traces(self) -> Traces | None:
        """Where spans below this one go."""
        return None if self.span is None else self.span.traces

    def enter(self) -> None:
        """Let what follows in this task, and in those it makes, work for this operation."""
        _CURRENT.set(self)
        if self.span is not None:
            self.span.enter()

    def __enter__(self) -> Self:
        """Work for this operation."""
        self._before = _CURRENT.set(self)
        if self.span is not None:
            self._within = self.span.entered()
            self._within.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """End it."""
        if error is not None:
            self.refused = True
            cancelled = isinstance(error, asyncio.CancelledError)
            self.codes.add("CANCELLED" if cancelled else str(getattr(error, "code", "INTERNAL")))
        try:
            if self._within is not None:
                self._within.__exit__(kind, error, where)
        finally:
            if self._before is not None:
                _CURRENT.reset(self._before)
            self.end()

    def answered(self, body: Mapping[str, Any], *, executed: bool) -> None:
        """Note an answer. What was refused is counted here, unless it is raised."""
        self.answers += 1
        codes = {str(error["extensions"]["code"]) for error in body.get("errors", ())}
        self.codes |= codes
        if not executed:
            self.refused = True
            self.metrics.refused(codes)
            return
        for code in codes:
            self.metrics.errors.labels(code).inc()

    def again(self, name: str | None, cost: float) -> None:
        """Note that a kept answer to a query is given."""
        self.name, self.kind, self.cost = name, "query", cost
        self.answer = "hit"
        self.answers += 1

    @property
    def outcome(self) -> str:
        """ok, user_error, unavailable, internal, refused or cancelled: what an alert asks for."""
        if "INTERNAL" in self.codes:
            return "internal"
        if "CANCELLED" in self.codes:
            return "cancelled"
        if self.codes & _DATABASE:
            return "unavailable"
        if self.refused:
            return "refused"
        return "user_error" if self.codes else "ok"

    def end(self) -> None:
        """Tell what is known of it, once."""
        if self.ended:
            return
        self.ended = True
        seconds = time.perf_counter() - self.began
        lasting = self.kind == "subscription"
        self.metrics.operation(self.name, self.kind, self.outcome, seconds=None if lasting else seconds)
        if self.cost is not None:
            self.metrics.cost.observe(self.cost)
        if log.isEnabledFor(logging.INFO):
            self._tell(seconds)
        if self.span is not None:
            self.span.end(self.name, self.kind, self.outcome)

    def _tell(self, seconds: float) -> None:
        """Log it, without the place in the code: to find that out takes as long as all the rest."""
        told = self._told(seconds)
        log.handle(log.makeRecord(log.name, logging.INFO, __file__, 0, "operation", (), None, extra=told))

    def _told(self, seconds: float) -> dict[str, object]:
        return {
            "operation": None if self.name is None else self.name[:LONGEST_NAME],
            "type": self.kind,
            "hash": sha256(self.query.encode(errors="surrogatepass")).hexdigest()[:HASH_DIGITS],
            "transport": self.transport,
            "outcome": self.outcome,
            "codes": sorted(self.codes),
            "roles": list(self.roles),
            "ms": round(seconds * 1000, 2),
            "cost": self.cost,
            "statements": self.statements,
            "batches": self.batches,
            "repeats": self.repeats,
            "answers": self.answers,
            "answer": self.answer,
            "document": self.document,
            "structure": self.structure,
            **({} if self.span is None else {"trace_id": self.span.trace_id}),
        }


@contextmanager
def loading(loader: str, keys: int) -> Iterator[None]:
    """A loader reads this many keys at once."""
    activity = current()
    if activity is None:
        yield
        return
    activity.batches += 1
    activity.metrics.batches.labels(loader).observe(keys)
    traces = activity.traces
    with _NOTHING if traces is None else traces.span(f"load {loader}", {"graph_api.loader.keys": keys}):
        yield


def document_found(*, hit: bool) -> None:
    """A document was parsed already, or not."""
    if (activity := current()) is not None:
        activity.document = "hit" if hit else "miss"
        activity.metrics.documents.count(hit=hit)


def structure_found(*, hit: bool) -> None:
    """The structure was in memory, or had to be looked for in the database."""
    if (activity := current()) is not None:
        activity.structure = "hit" if hit and activity.structure != "miss" else "miss"
        activity.metrics.structures.count(hit=hit)


def entities_found(*, known: int, read: int) -> None:
    """So many things said of nodes were in memory, and so many had to be read."""
    if (activity := current()) is not None:
        activity.metrics.entities.count(hit=True, times=known)
        activity.metrics.entities.count(hit=False, times=read)


def parts_found(*, known: int, made: int) -> None:
    """So many parts of an answer were in memory, and so many had to be made."""
    if (activity := current()) is not None and (known or made):
        activity.metrics.parts.count(hit=True, times=known)
        activity.metrics.parts.count(hit=False, times=made)


def repeated() -> None:
    """A query is executed again because a write came in between."""
    if (activity := current()) is not None:
        activity.repeats += 1
        activity.metrics.repeats.inc()


def operation_known(name: str | None, kind: str) -> None:
    """What the operation is called and of which kind it is, valid or not."""
    if (activity := current()) is not None:
        activity.name, activity.kind = name, kind


def costs(cost: float) -> None:
    """The static cost of the operation."""
    if (activity := current()) is not None:
        activity.cost = cost
