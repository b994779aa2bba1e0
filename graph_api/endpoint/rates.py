"""How much a caller may ask for: a token bucket for each, from which an operation takes what it costs.

The bucket is metered as the generic cell rate algorithm does it: exact, and one number for each caller.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import math
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeGuard

from starlette.requests import HTTPConnection
from strawberry.extensions import SchemaExtension
from throttled.asyncio import MemoryStore, RateLimitResult, RedisStore, per_min
from throttled.asyncio.rate_limiter import GCRARateLimiter
from throttled.exceptions import StoreUnavailableError

from graph_api.endpoint.documents import cost_of
from graph_api.endpoint.tokens import Identity
from graph_api.errors import ConfigurationError, RoadmapError

log = logging.getLogger(__name__)

CALLERS: Final = 100_000
"""So many are remembered in memory; whoever was quiet for longest is forgotten first."""

REDIS_SECONDS: Final = 0.25
REST_SECONDS: Final = 5.0
"""So long Redis is left alone after it failed."""

_PREFIX: Final = "roadmap-graph-api"
_ADDRESSES: Final = 1_000
_NETWORK: Final = 64
"""Bits of an IPv6 address that one customer has."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What an operation took from its caller's bucket of `limit` points: `cost`, and `remaining` are left.

    An empty bucket fills in `window` seconds; this one is full again after `reset_after` seconds, which is
    at `resets_at`, in seconds since 1970.
    """

    limit: int
    remaining: int
    cost: int
    window: float
    reset_after: float
    resets_at: float

    def headers(self) -> dict[str, str]:
        """The headers of draft-ietf-httpapi-ratelimit-headers-10."""
        return {
            "ratelimit": f'"default";r={self.remaining};t={math.ceil(self.reset_after)}',
            "ratelimit-policy": f'"default";q={self.limit};w={math.ceil(self.window)}',
        }


class RateLimited(RoadmapError):
    """The caller's bucket does not hold what the operation costs; it will after `retry_after` seconds."""

    code = "RATE_LIMITED"

    def __init__(self, spending: Spending, retry_after: float) -> None:
        self.spending = spending
        self.retry_after = max(1, math.ceil(retry_after))
        super().__init__(
            f"This costs {spending.cost}, and {spending.remaining} of {spending.limit} points are left;"
            f" try again in {self.retry_after} s."
        )

    @property
    def details(self) -> Mapping[str, object]:
        """The seconds to wait."""
        return {"retryAfter": self.retry_after}


class Rates:
    """The buckets of all callers: `per_minute` points flow into each, which holds `burst` at the most.

    With an address of a Redis they are shared with all processes that use it; while it is away, each
    process keeps its own. Used as a context manager, by one event loop.
    """

    def __init__(self, per_minute: int, *, burst: int | None = None, redis: str | None = None) -> None:
        """Raises ConfigurationError when the client of Redis is not installed."""
        self._quota = per_min(per_minute, burst=burst or per_minute)
        self._redis = redis
        self._here = self._limiter(MemoryStore(options={"MAX_SIZE": CALLERS}))
        self._shared: GCRARateLimiter | None = None
        self._store: RedisStore | None = None
        self._failed = False
        self._rest_until = 0.0
        if redis is not None and find_spec("redis") is None:
            raise ConfigurationError("REDIS_URL needs the extra: pip install roadmap-graph-api[redis].")

    async def __aenter__(self) -> Self:
        if self._redis is not None:
            # redis would try again with pauses that are longer than anybody waits for a limit
            options = {"SOCKET_TIMEOUT": REDIS_SECONDS, "SOCKET_CONNECT_TIMEOUT": REDIS_SECONDS}
            self._store = RedisStore(server=self._redis, options=options)
            self._shared = self._limiter(self._store)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._store is not None:
            client: Any = self._store._backend.get_client()  # noqa: SLF001 - it has no close of its own
            await client.aclose(close_connection_pool=True)
        self._shared = self._store = None

    async def take(self, caller: str, cost: int) -> Spending:
        """Take what an operation costs; one that costs more than a bucket holds takes a full one.

        Raises RateLimited, and takes nothing, when there is not enough.
        """
        cost = min(max(1, cost), self._quota.burst)
        result = await self._limit(caller, cost)
        state = result.state
        spending = Spending(
            limit=state.limit,
            remaining=state.remaining,
            cost=cost,
            window=self._quota.burst * self._quota.emission_interval,
            reset_after=state.reset_after,
            resets_at=time.time() + state.reset_after,
        )
        if result.limited:
            raise RateLimited(spending, state.retry_after)
        return spending

    async def _limit(self, caller: str, cost: int) -> RateLimitResult:
        if self._shared is None or time.monotonic() < self._rest_until:
            return await self._here.limit(caller, cost)
        from redis.exceptions import RedisError

        try:
            async with asyncio.timeout(2 * REDIS_SECONDS):
                result = await self._shared.limit(caller, cost)
        except (RedisError, OSError, StoreUnavailableError) as error:
            self._rest_until = time.monotonic() + REST_SECONDS
            if not self._failed:
                kind = type(error.__cause__ or error).__name__
                log.warning("Redis cannot be used (%s): each process keeps its own rate limits.", kind)
            self._failed = True
            return await self._here.limit(caller, cost)
        if self._failed:
            log.warning("Redis can be used again: rate limits are shared.")
            self._failed = False
        return result

    def _limiter(self, store: MemoryStore | RedisStore) -> GCRARateLimiter:
        return GCRARateLimiter(self._quota, store, key_prefix=_PREFIX)


class Charged(Protocol):
    """A context that knows who asks, and is told what it was charged."""

    caller: str
    spending: Spending | None


def is_charged(context: object) -> TypeGuard[Charged]:
    """Whether a context is one of these."""
    return hasattr(context, "caller") and hasattr(context, "spending")


class Charge(SchemaExtension):
    """Takes what an operation costs before it is executed; of a subscription only its beginning costs."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates

    async def on_execute(self) -> AsyncIterator[None]:
        """Take it, or raise RateLimited."""
        context = self.execution_context.context
        if is_charged(context):
            priced = cost_of(self.execution_context)
            cost = 1 if priced is None else priced.requested
            context.spending = await self._rates.take(context.caller, cost)
        yield


def caller(connection: HTTPConnection, identity: Identity | None) -> str:
    """Who is charged: the subject of the token, or the address; of an IPv6 address its network.

    The address is that of the connection, or what a trusted proxy has said in its place.
    """
    if identity is not None:
        return f"token:{sha256(identity.subject.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return f"address:{_network(connection.client.host if connection.client else '')}"


@lru_cache(maxsize=_ADDRESSES)
def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), _NETWORK), strict=False))
